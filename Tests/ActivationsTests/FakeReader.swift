import Foundation
import HDF5

@testable import Activations

/// A dataset that exists in memory alone.
struct FakeDataset: Sendable {
  var shape: [Int]?
  var type = ElementType.float32
  var numbers: [Double]?
  var strings: [String]?
  var attributes: [String: AttributeValue] = [:]
  var storage = DatasetOutline.Storage.contiguous
  var isTracked = false
  var failure: String?

  static func ids(_ values: [String]) -> FakeDataset {
    FakeDataset(shape: [values.count], type: .string, strings: values)
  }

  static func whole(_ values: [Int]) -> FakeDataset {
    FakeDataset(
      shape: [values.count], type: .integer(bits: 64, signed: true),
      numbers: values.map(Double.init))
  }

  static func floats(_ shape: Int..., attributes: [String: AttributeValue] = [:]) -> FakeDataset {
    FakeDataset(shape: shape, attributes: attributes)
  }

  /// Values that share a signal over the first axis, so that rows in the same order can be told.
  func values(salt: Int) -> [Double] {
    if let numbers { return numbers }
    let shape = shape ?? []
    let columns = shape.dropFirst().reduce(1, *)
    var values: [Double] = []
    for row in 0..<(shape.first ?? 0) {
      let first = sin(Double(row * row + 3 * row) * 1.7)
      let second = cos(Double(row) * 0.9 + Double(row * row % 7))
      for column in 0..<columns {
        let noise = Double((row * 31 + column * 17 + salt) % 13)
        values.append(
          first * Double(1 + (column + salt) % 5) + second * Double((column * 3 + salt) % 4)
            + 0.01 * noise)
      }
    }
    return values
  }
}

/// A file that exists in memory alone.
struct FakeFile: Sendable {
  var path: String
  var attributes: [String: [String: AttributeValue]] = [:]
  var datasets: [(path: String, dataset: FakeDataset)] = []
  var failure: String?

  init(_ path: String) { self.path = path }

  init(_ path: String, _ datasets: KeyValuePairs<String, FakeDataset>) {
    self.path = path
    self.datasets = datasets.map { ($0.key, $0.value) }
  }

  init(
    _ path: String, _ attributes: [String: AttributeValue],
    _ datasets: KeyValuePairs<String, FakeDataset>
  ) {
    self.init(path, datasets)
    self.attributes["/"] = attributes
  }

  init(
    _ path: String, groups: [String: [String: AttributeValue]],
    _ datasets: KeyValuePairs<String, FakeDataset>
  ) {
    self.init(path, datasets)
    attributes = groups
  }
}

struct FakeReader: FileReading {
  var files: [String: FakeFile]

  func outline(of file: String) throws -> FileOutline {
    guard let fake = files[file] else { throw FileFailure(file: file, reason: "no such file") }
    if let failure = fake.failure { throw FileFailure(file: file, reason: failure) }
    var objects = [ObjectOutline(path: "/", attributes: fake.attributes["/"] ?? [:], dataset: nil)]
    var seen: Set<String> = ["/"]
    for (path, item) in fake.datasets {
      var group = ""
      for component in path.split(separator: "/").dropLast() {
        group += "/\(component)"
        guard seen.insert(group).inserted else { continue }
        objects.append(
          ObjectOutline(path: group, attributes: fake.attributes[group] ?? [:], dataset: nil))
      }
      objects.append(
        ObjectOutline(
          path: path, attributes: item.attributes,
          dataset: DatasetOutline(
            shape: item.shape, elementType: item.type, storage: item.storage),
          inCreationOrder: item.isTracked))
    }
    return FileOutline(file: file, objects: objects, notes: [])
  }

  private func dataset(_ path: String, _ file: String) throws -> FakeDataset {
    guard let item = files[file]?.datasets.first(where: { $0.path == path })?.dataset else {
      throw FileFailure(file: file, object: path, reason: "no such dataset")
    }
    if let failure = item.failure {
      throw FileFailure(file: file, object: path, reason: failure, help: "copy it again")
    }
    return item
  }

  func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    let item = try self.dataset(dataset, file)
    let salt = dataset.unicodeScalars.reduce(0) { $0 + Int($1.value) }
    let values = item.values(salt: salt)
    guard let rows else { return .double(values) }
    let size = values.count / max(1, item.shape?.first ?? 1)
    return .double(Array(values[rows.lowerBound * size..<rows.upperBound * size]))
  }

  func strings(in dataset: String, of file: String) throws -> [String] {
    try self.dataset(dataset, file).strings ?? []
  }
}

/// A survey of files in memory, and the reader to load it with.
func survey(
  _ files: FakeFile..., options: ReadingOptions = ReadingOptions()
) throws -> (survey: Survey, reader: FakeReader) {
  let reader = FakeReader(
    files: Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) }))
  let found = files.map { FoundFile(path: $0.path, bytes: $0.path.count) }
  return (try Survey.of(files: found, options: options, reader: reader), reader)
}

/// The set that files in memory make.
func load(_ files: FakeFile..., options: ReadingOptions = ReadingOptions()) throws -> ActivationSet
{
  let reader = FakeReader(
    files: Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) }))
  let found = files.map { FoundFile(path: $0.path, bytes: $0.path.count) }
  return try Survey.of(files: found, options: options, reader: reader).load(reader: reader)
}

extension Survey {
  /// Such as `["model/layer": "n d"]`.
  var dimsByLayer: [String: String] {
    Dictionary(
      layers.map { ("\(models[$0.model].name)/\($0.name)", $0.dims) },
      uniquingKeysWith: { a, _ in a })
  }
}

extension [SkippedInput] {
  /// The reason why an object (or file) was skipped.
  func reason(_ place: String) -> String? {
    first { $0.object == place || ($0.object == nil && $0.file == place) }?.reason
  }
}

/// `prefix_000`, `prefix_001`, …
func names(_ count: Int, _ prefix: String = "s") -> [String] {
  (0..<count).map { "\(prefix)_\($0)" }
}
