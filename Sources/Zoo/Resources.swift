public import LinearAlgebra

/// What a comparison may use of the machine.
public struct Resources: Sendable, Equatable {
  /// The number of threads.
  public var threads: Int
  /// Of the large matrix products.
  public var precision: Precision
  /// The bytes of scratch memory that the products may take on each thread.
  public var workspace: Int

  public init(
    threads: Int = Parallel.coreCount, precision: Precision = .double, workspace: Int = 40 << 20
  ) {
    self.threads = threads
    self.precision = precision
    self.workspace = workspace
  }
}
