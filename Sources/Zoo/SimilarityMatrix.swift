/// The similarities of all pairs of representations under one metric.
///
/// A cell holds a value or the reason why there is none; it never holds NaN.
public struct SimilarityMatrix: Sendable, Equatable {
  /// A value, or the reason why there is none.
  public enum Cell: Sendable, Equatable {
    case value(Double)
    case missing(reason: String)

    /// The value, if there is one.
    public var value: Double? {
      if case .value(let value) = self { value } else { nil }
    }

    /// The reason why there is no value, if there is none.
    public var reason: String? {
      if case .missing(let reason) = self { reason } else { nil }
    }
  }

  /// The metric's full name with the parameters that differ from the defaults, such as
  /// `svcca:variance=0.9`.
  public let metric: String
  /// Centring, estimator, truncation, range and direction, in a line.
  public let conventions: String
  /// The number of representations.
  public let count: Int
  /// Whether cell (i, j) always equals cell (j, i).
  public let isSymmetric: Bool
  /// Whether larger values mean less similar.
  public let isDistance: Bool
  private var cells: [Cell]
  /// The standard errors of the upper triangle of an estimated matrix, row by row, with −1 where the
  /// value is exact or missing; `nil` when no value is an estimate.
  private var standardErrors: [Float]?

  /// An empty matrix: every cell is missing, for the reason given.
  public init(
    metric: String, conventions: String, count: Int, isSymmetric: Bool = true,
    isDistance: Bool = false, reason: String = "not computed"
  ) {
    self.metric = metric
    self.conventions = conventions
    self.count = count
    self.isSymmetric = isSymmetric
    self.isDistance = isDistance
    cells = Array(repeating: .missing(reason: reason), count: count * count)
  }

  /// The similarity of representations `a` and `b`.
  public subscript(a: Int, b: Int) -> Cell {
    get { cells[a * count + b] }
    set {
      cells[a * count + b] = newValue
      if isSymmetric { cells[b * count + a] = newValue }
      storeStandardError(-1, at: a, b)
    }
  }

  /// Whether values may be estimates from fingerprints.
  public var hasEstimates: Bool { standardErrors != nil }

  /// The standard error of a value that is an estimate; `nil` for exact and missing values.
  public func standardError(_ a: Int, _ b: Int) -> Double? {
    guard let error = standardErrors?[triangle(a, b)], error >= 0 else { return nil }
    return Double(error)
  }

  /// Stores an estimate with its standard error. Cells that are set otherwise are exact.
  ///
  /// - Precondition: The matrix is symmetric.
  public mutating func store(_ estimate: SketchedValue, at a: Int, _ b: Int) {
    precondition(isSymmetric, "an estimate in a matrix that is not symmetric")
    self[a, b] = .value(estimate.value)
    if standardErrors == nil {
      standardErrors = Array(repeating: -1, count: count * (count + 1) / 2)
    }
    storeStandardError(Float(estimate.standardError), at: a, b)
  }

  private mutating func storeStandardError(_ error: Float, at a: Int, _ b: Int) {
    let place = triangle(a, b)
    standardErrors?[place] = error
  }

  /// The place of a pair in the upper triangle, row by row.
  private func triangle(_ a: Int, _ b: Int) -> Int {
    let (row, column) = (min(a, b), max(a, b))
    return row * (2 * count - row - 1) / 2 + column
  }
}
