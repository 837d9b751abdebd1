import Foundation
import HDF5

extension ArrayFile {
  /// The largest header of a safetensors file that is read, as its reference implementation has it.
  private static let largestHeader = 100_000_000

  private struct Tensor: Decodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// One member of the header: a tensor, or the text under `__metadata__`.
  private enum Item: Decodable {
    case tensor(Tensor)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let tensor = try? container.decode(Tensor.self) {
        self = .tensor(tensor)
      } else {
        self = .metadata(try container.decode([String: String].self))
      }
    }
  }

  /// The tensors of a safetensors file: eight bytes of length, a header in JSON, the data.
  init(safetensors file: ByteFile) throws {
    self.init(file: file)
    let head = try file.bytes(at: 0, count: 8)
    guard let length = head.littleEndian(at: 0, bytes: 8).flatMap({ Int(exactly: $0) }),
      length <= Self.largestHeader, length <= file.size - 8
    else { throw failure(nil, "the length of its safetensors header is damaged") }
    let json = try file.bytes(at: 8, count: length)
    let items: [String: Item]
    do {
      items = try JSONDecoder().decode([String: Item].self, from: Data(json))
    } catch {
      throw failure(nil, "its safetensors header is damaged", help: "copy or write the file again")
    }
    let start = 8 + length
    for (name, item) in items.sorted(by: { NaturalOrder.precedes($0.key, $1.key) }) {
      switch item {
      case .metadata(let texts):
        for (key, text) in texts { attributes[key] = .string(text) }
      case .tensor(let tensor):
        let path = "/\(name)"
        guard let type = Self.type(tensor.dtype) else {
          notes.append("\(path) is of the type \(tensor.dtype.prefix(20)): not read")
          failures.append(
            failure(path, "elements of type \(tensor.dtype.prefix(20)) cannot be read"))
          continue
        }
        guard let header = ArrayHeader(shape: tensor.shape, type: type), tensor.offsets.count == 2,
          tensor.offsets[0] >= 0, tensor.offsets[1] <= file.size - start,
          tensor.offsets[0] <= tensor.offsets[1],
          tensor.offsets[1] - tensor.offsets[0] == header.bytes
        else {
          throw failure(
            path, "its place in the file does not fit its shape \(tensor.shape)",
            help: "the file is damaged or truncated; copy or write it again")
        }
        members.append(
          Member(
            path: path, header: header, place: .stored(offset: start + tensor.offsets[0])))
      }
    }
  }

  private static func type(_ name: String) -> ArrayType? {
    switch name {
    case "F64": .double
    case "F32": .single
    case "F16": .half
    case "BF16": .small(.bfloat16)
    case "F8_E4M3": .small(.float8E4M3)
    case "F8_E5M2": .small(.float8E5M2)
    case "I8": .integer(bytes: 1, isSigned: true)
    case "U8": .integer(bytes: 1, isSigned: false)
    case "I16": .integer(bytes: 2, isSigned: true)
    case "U16": .integer(bytes: 2, isSigned: false)
    case "I32": .integer(bytes: 4, isSigned: true)
    case "U32": .integer(bytes: 4, isSigned: false)
    case "I64": .integer(bytes: 8, isSigned: true)
    case "U64": .integer(bytes: 8, isSigned: false)
    case "BOOL": .boolean
    default: nil
    }
  }
}
