public import LinearAlgebra

/// What a reader of a score must know about a representation.
public struct RepresentationDiagnostics: Sendable, Codable, Equatable {
  public var samples: Int
  public var features: Int
  /// Features that have the same value for all samples ("dead units").
  public var constantFeatures: Int
  /// (tr K)²/‖K‖²_F of the centred Gram matrix K: the effective number of directions, between 1 and
  /// the rank; `nil` for a constant representation.
  public var participationRatio: Double?
  /// The directions that each metric keeps, by the metric's name: for `svcca` the number of principal
  /// components.
  public var directions: [String: Int]

  public init(
    samples: Int, features: Int, constantFeatures: Int, participationRatio: Double? = nil,
    directions: [String: Int] = [:]
  ) {
    self.samples = samples
    self.features = features
    self.constantFeatures = constantFeatures
    self.participationRatio = participationRatio
    self.directions = directions
  }

  /// The diagnostics of one matrix of samples × features.
  public init(of matrix: Matrix) {
    let centered = matrix.normalizedExponent().centered().normalizedExponent()
    var energies = [Double](repeating: 0, count: centered.columns)
    for row in 0..<centered.rows {
      for (column, value) in centered.row(row).enumerated() { energies[column] += value * value }
    }
    let energy = energies.reduce(0, +)
    let gram = centered.columns <= centered.rows ? centered.featureGram() : centered.sampleGram()
    let gramEnergy = gram.squaredFrobeniusNorm()
    self.init(
      samples: matrix.rows, features: matrix.columns,
      constantFeatures: energies.count { $0 == 0 },
      participationRatio: gramEnergy > 0 ? energy * energy / gramEnergy : nil)
  }
}
