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
    }
  }
}
