import LinearAlgebra
import Metrics

/// What a reader of a score must know about a representation.
public struct RepresentationDiagnostics: Sendable, Codable, Equatable {
  public var samples: Int
  public var features: Int
  /// Features that have the same value for all samples ("dead units").
  public var constantFeatures: Int
  /// The number of singular values of the centred matrix above max(n, d) · 1.2·10⁻⁷ of the largest:
  /// the resolution of the single precision in which networks compute.
  public var rank: Int
  /// (tr K)²/‖K‖²_F of the centred Gram matrix K: the effective number of directions, between 1 and
  /// the rank; `nil` for a constant representation.
  public var participationRatio: Double?
  /// Effective rank, share of the first component, power law; `nil` for a constant representation.
  public var spectrum: SpectrumShape?
  /// By which factor debiased CKA reads too low if the features are a sample of a larger population
  /// (`UnitSampling`); `nil` where that cannot be told.
  public var attenuation: Double?
  /// The directions that each metric keeps, by the metric's name: for `svcca` the number of principal
  /// components.
  public var directions: [String: Int]

  public init(
    samples: Int, features: Int, rank: Int, constantFeatures: Int,
    participationRatio: Double? = nil, spectrum: SpectrumShape? = nil,
    attenuation: Double? = nil, directions: [String: Int] = [:]
  ) {
    self.samples = samples
    self.features = features
    self.rank = rank
    self.constantFeatures = constantFeatures
    self.participationRatio = participationRatio
    self.spectrum = spectrum
    self.attenuation = attenuation
    self.directions = directions
  }

  /// The diagnostics of one representation.
  ///
  /// - Throws: `SpillError` when its values are in a file that cannot be read.
  init(of representation: SharedRepresentation) throws {
    let (samples, features) = (representation.samples, representation.features)
    let standardized: StandardizedMatrix
    do {
      standardized = try representation.standardized()
    } catch is MetricError {
      self.init(samples: samples, features: features, rank: 0, constantFeatures: features)
      return
    }
    let gram =
      features <= samples ? try standardized.featureGram() : try standardized.sampleGram()
    let eigenvalues = ((try? SymmetricEigen.values(of: gram)) ?? []).map { max(0, $0) }
    let energy = eigenvalues.reduce(0, +)
    let resolution = Double(max(samples, features)) * Double(Float.ulpOfOne)
    let floor = resolution * resolution * (eigenvalues.first ?? 0)
    let squares = eigenvalues.reduce(0) { $0 + $1 * $1 }
    self.init(
      samples: samples, features: features, rank: eigenvalues.count { $0 > floor },
      constantFeatures: standardized.constantColumns,
      participationRatio: energy > 0 ? energy * energy / squares : nil,
      spectrum: SpectrumShape(eigenvalues: eigenvalues.filter { $0 > floor }),
      attenuation: energy > 0
        ? try UnitSampling.attenuation(
          of: standardized, squaredNorm: squares / (energy * energy)) : nil)
  }
}
