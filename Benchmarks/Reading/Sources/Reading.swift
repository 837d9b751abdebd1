import Foundation
import HDF5

/// Reads datasets as asked on standard input, a file and a dataset a line, separated by a tab, and
/// answers with the seconds that took, by the clock and of this process, and the sum of the numbers.
@main
enum Reading {
  static func main() throws {
    ReadingProcess.serveIfAsked()
    let reader = IsolatedReader(threads: ProcessInfo.processInfo.activeProcessorCount)
    while let line = readLine() {
      let parts = line.split(separator: "\t").map(String.init)
      guard parts.count == 2 else { continue }
      let clock = ContinuousClock()
      let start = clock.now
      let used = Self.processorSeconds
      let numbers = try reader.storedNumbers(in: parts[1], of: parts[0], rows: nil)
      let seconds = (clock.now - start) / .seconds(1)
      let processor = Self.processorSeconds - used
      let sum =
        switch numbers {
        case .single(let values): values.reduce(0.0) { $0 + Double($1) }
        case .double(let values): values.reduce(0, +)
        }
      print(seconds, processor, sum)
      fflush(nil)
    }
  }

  private static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}
