import HDF5

/// A dataset that may hold the activations of one or more layers.
struct Candidate: Sendable {
  /// The path inside the file.
  var path: String
  var shape: [Int]
  var outline: DatasetOutline
  /// The attributes of the dataset.
  var attributes: Attributes
  /// The attributes of the groups around it, the inner over the outer.
  var surroundings: Attributes
  var inCreationOrder: Bool
  /// The place among the objects of the file.
  var position: Int

  /// The names from the root to the dataset.
  var components: [String] { path.split(separator: "/").map(String.init) }
  var rank: Int { shape.count }
  var kind: String? { attributes["kind", "layer_type", "type"]?.text?.lowercased() }

  /// The shape as people write it, such as `797 × 48`.
  var shapeText: String { shape.map(String.init).joined(separator: " × ") }
}

/// A one-dimensional dataset with an entry a sample: ids or labels.
struct SampleList: Sendable, Equatable {
  var path: String
  /// The path of the group that holds it, `/` for the root.
  var group: String
  var name: String
  var length: Int
  var isText: Bool
  /// Whether `--ids` names it, so that there is no doubt what it is.
  var isNamedByUser = false
}

/// What a file offers, told from its outline alone.
struct FileContents: Sendable {
  var file: FoundFile
  var rootAttributes: Attributes
  var groups: [String: Attributes]
  var candidates: [Candidate] = []
  var ids: [SampleList] = []
  var labels: [SampleList] = []
  /// Other one-dimensional datasets of text or whole numbers; `--ids` may name one.
  var otherLists: [SampleList] = []
  /// Datasets that name the axes of the datasets beside them, by group.
  var axes: [String: String] = [:]
  var skipped: [SkippedInput] = []
  var notes = NoteBook()
  /// What a layout says about the axes of datasets, by path.
  var axesByLayout: [String: RestatedFile.Axes] = [:]
  var openAxes: [String: RestatedFile.OpenAxes] = [:]
  /// For datasets with sample ids of their own the path of that list.
  var ownIDs: [String: String] = [:]
  /// The numbers by which the file calls the entries of a layer axis.
  var sliceNumbers: [String: [Int]] = [:]
  var usedRules: [[Character]] = []
  /// Whether MATLAB wrote the file: the axes appear reversed.
  var isMATLAB = false
}

/// Names of groups and datasets that say "here are layers" and are not part of a layer's name.
enum ContainerName {
  private static let names: Set<String> = [
    "layers", "activations", "features", "acts", "representations", "embeddings", "hidden_states",
  ]

  static func contains(_ name: String) -> Bool { names.contains(name.lowercased()) }
}

extension ElementType {
  /// The type in words, such as `float32` or `int16`.
  var name: String {
    switch self {
    case .float16: "float16"
    case .float32: "float32"
    case .float64: "float64"
    case .smallFloat(let format): format.rawValue
    case .otherFloat(let bits): "\(bits)-bit float"
    case .integer(let bits, let signed): "\(signed ? "int" : "uint")\(bits)"
    case .boolean: "bool"
    case .string: "string"
    case .complex: "complex"
    case .compound: "compound"
    case .variableLength: "variable-length"
    case .opaque(let bytes): "opaque (\(bytes) bytes)"
    case .other(let words): words
    }
  }

  var isWhole: Bool {
    switch self {
    case .integer, .boolean: true
    default: false
    }
  }
}

extension DatasetOutline {
  /// The element type with its byte order where it is unusual, such as `big-endian float32`.
  var typeName: String { (isBigEndian ? "big-endian " : "") + elementType.name }
}
