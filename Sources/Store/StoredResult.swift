/// What came out of the comparison of two representations.
public enum StoredResult: Sendable, Equatable {
  case value(Double)
  /// There is no value, and why.
  case missing(reason: String)
}

/// How a result was computed: what must agree before a result found earlier can stand for one
/// computed now.
public struct Procedure: Sendable, Hashable {
  /// The metric's full name with the parameters that differ from the defaults.
  public var metric: String
  /// Centring, estimator, truncation, range and direction, in a line.
  public var conventions: String
  /// `double` or `single`.
  public var precision: String
  /// Whatever else decides about bits: the version of the program, the kernels of the BLAS library.
  public var implementation: String

  public init(metric: String, conventions: String, precision: String, implementation: String) {
    self.metric = metric
    self.conventions = conventions
    self.precision = precision
    self.implementation = implementation
  }
}
