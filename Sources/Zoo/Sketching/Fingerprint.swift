public import LinearAlgebra
import Metrics

/// A representation in a fixed number of coordinates, from which its linear and its debiased CKA with
/// any other follow as inner products.
///
/// With a the squared norms of the centred samples, X scaled so that Σ aᵢ = 1, and A the U-centred
/// Gram matrix of X (Székely & Rizzo 2014),
///
///     n(n − 3) HSIC₁(X, Y) = ⟨A, B⟩
///     ‖XᵀY‖²_F = ⟨A, B⟩ + n/(n − 2) ⟨a − ā, b − b̄⟩ + 1/(n − 1)
///
/// so that two lists of coordinates suffice: ``pairs`` for A, ``rows`` for a − ā. The mean over the
/// draws of a ``SketchDesign`` of the inner product of the pairs is exactly ⟨A, B⟩; the rows are exact
/// while N ≤ size/4, and unbiased beyond.
///
/// The coordinates are rounded to single precision (relative error 6 · 10⁻⁸ each).
public struct Fingerprint: Sendable, Equatable {
  /// wₖᵀ A wₗ for the pairs of the design, scaled so that inner products estimate ⟨A, B⟩.
  public let pairs: [Float]
  /// The transform of √(n/(n − 2)) (a − ā), scaled so that inner products estimate that of a − ā.
  public let rows: [Float]
  /// The number of features of the representation.
  public let features: Int
  /// The Frobenius norm of the centred representation.
  public let norm: Double

  public init(pairs: [Float], rows: [Float], features: Int, norm: Double) {
    self.pairs = pairs
    self.rows = rows
    self.features = features
    self.norm = norm
  }
}

extension Fingerprint {
  /// The fingerprint of a representation.
  ///
  /// - Parameters:
  ///   - representation: samples × features.
  ///   - design: The random directions.
  ///   - places: For each row the place of its sample in the common order, so that fingerprints do
  ///     not depend on the order of the rows; `nil` if the rows are in that order.
  /// - Throws: `MetricError` for input that is constant, not finite or empty.
  /// - Complexity: for n samples padded to N, d features and m pairs, d N (log₂ N + 2 max(32, 2 m/N))
  ///   operations and d · min(N, 2 m) numbers of memory. No n × n matrix is formed.
  public init(of representation: Matrix, design: SketchDesign, places: [Int]? = nil) throws {
    precondition(representation.rows == design.samples, "\(representation.rows) samples")
    precondition(places?.count ?? design.samples == design.samples, "a place for each sample")
    guard representation.columns > 0 else { throw MetricError.noFeatures }
    if let (row, column) = representation.firstNonFinite() {
      throw MetricError.notFinite(sample: row, feature: column)
    }
    let directions = SketchDirections(design)
    var exponent = representation.foreignExponent
    var rotation = RotatedSamples(
      representation.normalizedExponent(), along: directions, places: places)
    if rotation.energy < 0x1p-400 {
      // The spread may be many orders smaller than the values.
      let centered = representation.normalizedExponent().centered()
      exponent += centered.foreignExponent
      rotation = RotatedSamples(
        centered.normalizedExponent(), along: directions, places: places)
    }
    guard rotation.energy > 0 else { throw MetricError.constant }
    let norms = rotation.squaredNorms.map { $0 / rotation.energy }
    self.init(
      pairs: rotation.pairs(along: directions, norms: norms),
      rows: Self.rowCoordinates(norms, along: directions), features: representation.columns,
      norm: Double(
        sign: .plus, exponent: exponent, significand: rotation.energy.squareRoot()))
  }

  private static func rowCoordinates(_ norms: [Double], along directions: SketchDirections)
    -> [Float]
  {
    let design = directions.design
    let n = Double(norms.count)
    let deviations = zip(norms, directions.signs).map { ($0 - 1 / n) * $1 }
    let transformed = design.transformed(deviations)
    let count = design.rowCoordinateCount
    let scale = (n / (n - 2) / Double(count)).squareRoot()
    return directions.rows.prefix(count).map { Float(transformed[$0] * scale) }
  }
}

extension SketchDesign {
  /// H · `vector`, padded with zeros.
  func transformed(_ vector: [Double]) -> [Double] {
    let padding = [Double](repeating: 0, count: length - vector.count)
    return Matrix(rows: length, columns: 1, elements: vector + padding)
      .walshHadamardTransformed().elements
  }
}

extension Matrix {
  /// The power of two that `normalizedExponent()` divides by.
  fileprivate var foreignExponent: Int {
    let largest = elements.reduce(0) { max($0, abs($1)) }
    return largest == 0 || (0x1p-64...0x1p64).contains(largest) ? 0 : Int(largest.exponent)
  }
}
