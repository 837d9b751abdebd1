import Foundation
import Reports

/// The time per stage and the peak memory of a run, for `run.json`.
struct Stopwatch {
  let started = Date()
  private(set) var stages: [RunRecord.Stage] = []

  /// Runs a stage and remembers how long it took.
  mutating func measure<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    defer {
      let elapsed = ContinuousClock.now - start
      stages.append(
        .init(
          name: name,
          seconds: Double(elapsed.components.seconds)
            + Double(elapsed.components.attoseconds) * 1e-18))
    }
    return try body()
  }

  /// The largest resident memory of the process so far, in bytes.
  static var peakMemory: Int? {
    var usage = rusage()
    #if os(Linux)
      guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
      return usage.ru_maxrss * 1024
    #else
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return nil }
      return usage.ru_maxrss
    #endif
  }

  /// The memory that other programs leave, in bytes.
  static var availableMemory: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let digits = line.filter(\.isNumber)
      return Int(digits).map { $0 * 1024 }
    }
    return nil
  }
}
