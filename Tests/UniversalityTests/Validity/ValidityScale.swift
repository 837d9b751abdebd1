import Foundation

/// How much the validity studies draw: enough to see a fault in some seconds, or with `VALIDITY=full` in the
/// environment enough to tell 4 from 6 % in some minutes. The full run prints its figures.
enum ValidityScale {
  static let isFull = ProcessInfo.processInfo.environment["VALIDITY"] == "full"

  static func draws(_ some: Int, full: Int) -> Int { isFull ? full : some }

  /// Half the width of the range that a rate of `expected` in `count` independent draws keeps in all but
  /// one of 15,000 cases.
  static func slack(_ expected: Double, _ count: Int) -> Double {
    4 * (expected * (1 - expected) / Double(count)).squareRoot()
  }

  static func report(_ line: String) {
    if isFull { print("validity: \(line)") }
  }
}
