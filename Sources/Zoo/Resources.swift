public import LinearAlgebra

/// What a comparison may use of the machine.
public struct Resources: Sendable {
  /// The number of threads.
  public var threads: Int
  /// Of the large matrix products.
  public var precision: Precision
  /// The bytes of scratch memory that the products may take on each thread.
  public var workspace: Int
  /// Where prepared representations are kept when they are not to be in memory.
  public var spill: SpillFile?

  public init(
    threads: Int = Parallel.coreCount, precision: Precision = .double, workspace: Int = 40 << 20,
    spill: SpillFile? = nil
  ) {
    self.threads = threads
    self.precision = precision
    self.workspace = workspace
    self.spill = spill
  }
}
