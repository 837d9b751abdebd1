import Foundation
import HDF5
import Testing

@Suite struct StringTests {
  let reader = LibraryReader()
  static let texts = ["img_001", "größe", "", "日本"]

  @Test(arguments: [
    ("/variable", texts), ("/variable_ascii", ["a", "bc"]), ("/fixed", ["a", "bcd", ""]),
    ("/fixed_utf8", texts), ("/scalar", ["one"]), ("/no_text", []), ("/latin1", ["caf\u{fffd}"]),
    ("/unwritten", ["", "", ""]), ("/table", ["a", "b", "c", "d"]),
    ("/gzip", Array(repeating: texts, count: 10).flatMap { $0 }),
    ("/lzf", Array(repeating: texts, count: 10).flatMap { $0 }),
    ("/gzip_fixed", Array(repeating: ["a", "bcd"], count: 20).flatMap { $0 }),
    ("/lzf_fixed", Array(repeating: ["a", "bcd"], count: 20).flatMap { $0 }),
  ])
  func stringsAreReadWithoutPadding(path: String, expected: [String]) throws {
    #expect(try object(path, of: "strings.h5").dataset?.elementType == .string)
    #expect(try reader.strings(in: path, of: fixture("strings.h5")) == expected)
  }

  @Test func numbersAreNoStringsAndStringsNoNumbers() throws {
    let numbers = try failure {
      _ = try reader.strings(in: "/scalar", of: fixture("numbers.h5"))
    }
    #expect(numbers.reason.contains("cannot be read as strings"))
    let strings = try failure {
      _ = try reader.numbers(in: "/scalar", of: fixture("strings.h5"), rows: nil)
    }
    #expect(strings.reason.contains("cannot be read as real numbers"))
  }
}

/// A value after a way through JSON.
func decoded<Value: Codable>(_ value: Value) throws -> Value {
  try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}
