import HDF5

/// The header of the .npy format: a Python dictionary in text with the keys `descr`, `fortran_order`
/// and `shape` (NumPy Enhancement Proposal 1, versions 1.0 to 3.0).
struct NumPyHeader {
  var array: ArrayHeader
  /// The bytes before the data.
  var length: Int

  /// Why a header cannot be used.
  struct Fault: Error {
    var reason: String
    var help: String?
  }

  /// The largest header that is read.
  static let largest = 1 << 16

  /// - Parameter bytes: The beginning of the file, at least up to the end of the header.
  init(_ bytes: [UInt8]) throws(Fault) {
    guard bytes.count >= 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw Fault(reason: "no .npy header")
    }
    let width = bytes[6] == 1 ? 2 : 4
    guard (1...3).contains(bytes[6]), let size = bytes.littleEndian(at: 8, bytes: width),
      size <= UInt64(Self.largest), 8 + width + Int(size) <= bytes.count
    else { throw Fault(reason: "its .npy header is damaged") }
    length = 8 + width + Int(size)
    let text = String(decoding: bytes[8 + width..<length], as: UTF8.self)
    var literal = PythonLiteral(text)
    guard let dictionary = literal.dictionary() else {
      throw Fault(reason: "its .npy header is no dictionary")
    }
    guard case .tuple(let sizes)? = dictionary["shape"],
      case .truth(let isColumnMajor)? = dictionary["fortran_order"],
      let described = dictionary["descr"]
    else { throw Fault(reason: "its .npy header lacks the shape, order or type") }
    guard case .text(let description) = described else {
      throw Fault(
        reason: "its elements are records of several members",
        help: "save each member as an array of its own")
    }
    var shape: [Int] = []
    for size in sizes {
      guard case .number(let size) = size else { throw Fault(reason: "its shape is no shape") }
      shape.append(size)
    }
    guard let (type, isBigEndian) = try Self.type(description) else {
      throw Fault(reason: "its elements are of the type '\(description.prefix(20))'")
    }
    guard
      let array = ArrayHeader(
        shape: shape, type: type, isBigEndian: isBigEndian, isColumnMajor: isColumnMajor)
    else { throw Fault(reason: "it declares the shape \(shape), which no file can hold") }
    self.array = array
  }

  /// A type such as `<f4`, `|b1` or `<U12`.
  private static func type(_ text: String) throws(Fault) -> (ArrayType, Bool)? {
    var rest = Substring(text)
    var isBigEndian = false
    if let order = rest.first, "<>|=".contains(order) {
      isBigEndian = order == ">"
      rest.removeFirst()
    }
    guard let kind = rest.popFirst() else { return nil }
    if kind == "O" {
      throw Fault(
        reason: "it holds Python objects (a pickle), which are never read",
        help: "save it as an array of numbers: np.save(file, array.astype(\"float32\"))")
    }
    guard let size = Int(rest), size >= 0, size < 1 << 24 else { return nil }
    switch (kind, size) {
    case ("f", 2): return (.half, isBigEndian)
    case ("f", 4): return (.single, isBigEndian)
    case ("f", 8): return (.double, isBigEndian)
    case ("b", 1): return (.boolean, false)
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8):
      return (.integer(bytes: size, isSigned: true), isBigEndian)
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8):
      return (.integer(bytes: size, isSigned: false), isBigEndian)
    case ("c", 8), ("c", 16): return (.complex(bytes: size), isBigEndian)
    case ("S", 1...), ("a", 1...): return (.text(characters: size, isWide: false), false)
    case ("U", 1...): return (.text(characters: size, isWide: true), isBigEndian)
    case ("V", 1...): return (.opaque(bytes: size), false)
    default: return nil
    }
  }
}

/// The few Python literals that a .npy header is made of.
private struct PythonLiteral {
  enum Value {
    case text(String)
    case number(Int)
    case truth(Bool)
    case tuple([Value])
  }

  private var rest: Substring
  private var depth = 0

  init(_ text: String) { rest = Substring(text) }

  mutating func dictionary() -> [String: Value]? {
    guard take("{") else { return nil }
    var result: [String: Value] = [:]
    while !take("}") {
      guard case .text(let key)? = value(), take(":"), let value = value() else { return nil }
      result[key] = value
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    return result
  }

  private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func value() -> Value? {
    skipSpace()
    guard let first = rest.first, depth < 8 else { return nil }
    if first == "'" || first == "\"" {
      rest.removeFirst()
      guard let end = rest.firstIndex(of: first) else { return nil }
      let text = String(rest[..<end])
      rest = rest[rest.index(after: end)...]
      return .text(text)
    }
    if first == "(" || first == "[" {
      rest.removeFirst()
      let close: Character = first == "(" ? ")" : "]"
      depth += 1
      defer { depth -= 1 }
      var items: [Value] = []
      while !take(close) {
        guard items.count < 4096, let item = value() else { return nil }
        items.append(item)
        if !take(",") {
          guard take(close) else { return nil }
          break
        }
      }
      return .tuple(items)
    }
    for (word, truth) in [("True", true), ("False", false)] where rest.hasPrefix(word) {
      rest = rest.dropFirst(word.count)
      return .truth(truth)
    }
    let digits = rest.prefix { $0 == "-" || ($0.isASCII && $0.isNumber) }
    guard let number = Int(digits) else { return nil }
    rest = rest.dropFirst(digits.count)
    // NumPy under Python 2 wrote long integers with an L.
    if rest.first == "L" { rest.removeFirst() }
    return .number(number)
  }
}
