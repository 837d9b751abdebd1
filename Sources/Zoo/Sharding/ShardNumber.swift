/// Which part of a batch a run computes: `2/7` is the second of seven.
public struct ShardNumber: Sendable, Hashable {
  /// From 1.
  public let index: Int
  public let count: Int

  /// - Returns: `nil` unless 1 ≤ `index` ≤ `count`.
  public init?(_ index: Int, of count: Int) {
    guard (1...max(1, count)).contains(index), count >= 1 else { return nil }
    self.index = index
    self.count = count
  }

  /// A number such as `2/7`; `nil` if the text is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else { return nil }
    self.init(index, of: count)
  }
}

extension ShardNumber: CustomStringConvertible {
  public var description: String { "\(index)/\(count)" }
}

/// The environment does not say which part of a batch a run is.
public struct ShardNumberMissing: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

extension ShardNumber {
  /// The number that a batch system gives a process in its environment: its task in a Slurm job array,
  /// its rank among the processes that `mpirun` or `srun` has started, or (both at once) its rank
  /// within its task.
  ///
  /// - Throws: ``ShardNumberMissing`` when there is no number, or one that makes no sense.
  public init(environment: [String: String]) throws(ShardNumberMissing) {
    let task = try Self.arrayTask(environment)
    let rank = try Self.rank(environment)
    guard task != nil || rank != nil else {
      throw ShardNumberMissing(
        description: "this process is neither a task of a Slurm job array nor of srun or mpirun")
    }
    let (outer, inner) = (task ?? (index: 0, count: 1), rank ?? (index: 0, count: 1))
    let (count, overflow) = outer.count.multipliedReportingOverflow(by: inner.count)
    guard !overflow, let number = Self(outer.index * inner.count + inner.index + 1, of: count)
    else {
      throw ShardNumberMissing(
        description: "task \(outer.index) of \(outer.count), rank \(inner.index) of \(inner.count) "
          + "make no sense")
    }
    self = number
  }

  /// The names of rank and size. What the starter of the processes says comes before what Slurm says
  /// about its own step: under `mpirun` in a batch job every process inherits task 0 of the job.
  private static let ranks = [
    (rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE"),
    (rank: "MV2_COMM_WORLD_RANK", size: "MV2_COMM_WORLD_SIZE"),
    (rank: "PMI_RANK", size: "PMI_SIZE"),
    (rank: "PMIX_RANK", size: "SLURM_NTASKS"),
    (rank: "SLURM_PROCID", size: "SLURM_NTASKS"),
  ]

  private static func rank(
    _ environment: [String: String]
  ) throws(ShardNumberMissing) -> (index: Int, count: Int)? {
    for name in ranks where environment[name.rank] != nil && environment[name.size] != nil {
      let rank = try number(name.rank, environment)
      let size = try number(name.size, environment)
      guard (0..<max(1, size)).contains(rank) else {
        throw ShardNumberMissing(
          description: "\(name.rank) is \(rank), but \(name.size) is \(size)")
      }
      return (rank, size)
    }
    return nil
  }

  /// Array tasks may begin anywhere and come in steps, but must be evenly spaced.
  private static func arrayTask(
    _ environment: [String: String]
  ) throws(ShardNumberMissing) -> (index: Int, count: Int)? {
    guard environment["SLURM_ARRAY_TASK_ID"] != nil else { return nil }
    let task = try number("SLURM_ARRAY_TASK_ID", environment)
    let count = try number("SLURM_ARRAY_TASK_COUNT", environment)
    let first = try number("SLURM_ARRAY_TASK_MIN", environment)
    let last = try number("SLURM_ARRAY_TASK_MAX", environment)
    let step = count > 1 ? max(1, (last - first) / (count - 1)) : 1
    guard count >= 1, (first...max(first, last)).contains(task), (task - first) % step == 0,
      first + (count - 1) * step == last
    else {
      throw ShardNumberMissing(
        description: "task \(task) of an array of \(count) from \(first) to \(last): the tasks are "
          + "not evenly spaced")
    }
    return ((task - first) / step, count)
  }

  private static func number(
    _ name: String, _ environment: [String: String]
  ) throws(ShardNumberMissing) -> Int {
    // Far above any batch, and far below what overflows.
    guard let text = environment[name], let number = Int(text), (0...1 << 30).contains(number)
    else {
      throw ShardNumberMissing(
        description: "\(name) is \(environment[name].map { "'\($0)'" } ?? "not set")")
    }
    return number
  }
}
