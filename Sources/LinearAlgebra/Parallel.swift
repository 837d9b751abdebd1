import COpenBLAS
import Dispatch
import Synchronization

/// How work is spread over the cores: one task a core, one BLAS thread a task.
///
/// Many medium-sized products run faster this way than with BLAS threads, which spin while they
/// wait; and the bits of a result cannot depend on the number of threads, because each item is
/// computed by one thread in one order.
public enum Parallel {
  /// The number of cores that are online.
  public static let coreCount: Int = {
    let count = Int(openblas_get_num_procs())
    return max(1, count)
  }()

  /// Applies `body` to 0..<`count` on `threads` threads and returns the results in order.
  ///
  /// Items are handed out one at a time, so that long and short ones balance. After a failure no new
  /// items are started, and the error of the first failed item (by index among those run) is thrown.
  ///
  /// - Parameters:
  ///   - count: The number of items.
  ///   - threads: The most threads to use.
  ///   - finished: Called after each item, from any thread, with the number of items done.
  ///   - body: Computes item i. It is called once for each item, from any thread.
  public static func map<Result: Sendable>(
    count: Int, threads: Int = coreCount, finished: (@Sendable (Int) -> Void)? = nil,
    _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    limitBLASThreads
    let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: count))
    let next = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    let failed = Atomic<Bool>(false)
    withoutActuallyEscaping(body) { body in
      DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
        while !failed.load(ordering: .relaxed) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          let result = Swift.Result { try body(index) }
          if case .failure = result { failed.store(true, ordering: .relaxed) }
          results.withLock { $0[index] = result }
          finished?(done.wrappingAdd(1, ordering: .relaxed).newValue)
        }
      }
    }
    return try results.withLock { stored in
      for case .failure(let error)? in stored { throw error }
      return try stored.compactMap { try $0?.get() }
    }
  }

  /// Evaluated once: tells BLAS to use the calling thread alone.
  static let limitBLASThreads: Void = openblas_set_num_threads(1)
}

/// What computes the products: name of the library, its kernels and threads.
public enum BLASLibrary {
  /// The name of the kernels in use, such as `SkylakeX`: bits may differ between them.
  public static var coreType: String {
    openblas_get_corename().map { String(cString: $0) } ?? "unknown"
  }

  /// The version and the build options in the library's words.
  public static var configuration: String {
    openblas_get_config().map { String(cString: $0) } ?? "unknown"
  }
}
