/// The seam between the library that parses untrusted files and the rest of the program.
///
/// Nothing above this protocol sees a handle, a pointer or a type of libhdf5: requests and answers
/// are plain `Codable` values, so that the work behind them can be done in this process
/// (``LibraryReader``) or in a separate one that may crash without taking the program with it.
public protocol FileReading: Sendable {
  /// What the file holds, without its data.
  ///
  /// - Throws: ``FileFailure`` when the file cannot be opened or is no HDF5 file. A damaged object
  ///   inside a file that opens does not throw: it is listed with the reason.
  func outline(of file: String) throws -> FileOutline

  /// The numbers of one dataset, in C order, in the narrowest type that holds them exactly.
  ///
  /// Opaque elements of one or two bytes come as their bit patterns. Rows of varying length come one
  /// after the other, each preceded by its number of entries.
  ///
  /// - Parameters:
  ///   - dataset: The path of the dataset inside the file.
  ///   - file: The path of the file.
  ///   - rows: The range along the first axis to read, or `nil` for all.
  /// - Throws: ``FileFailure`` that names file, dataset and cause.
  func storedNumbers(in dataset: String, of file: String, rows: Range<Int>?) throws -> Numbers

  /// The strings of one dataset, in C order.
  func strings(in dataset: String, of file: String) throws -> [String]

  /// Where the numbers of a dataset with external storage lie: names of other files, which are not
  /// opened.
  func externalParts(of dataset: String, in file: String) throws -> [ExternalPart]
}

extension FileReading {
  public func externalParts(of dataset: String, in file: String) throws -> [ExternalPart] {
    throw FileFailure(file: file, object: dataset, reason: "it has no numbers in other files")
  }
}

extension FileReading {
  /// The numbers of one dataset, in C order, converted to `Double`.
  public func numbers(in dataset: String, of file: String, rows: Range<Int>?) throws -> [Double] {
    try storedNumbers(in: dataset, of: file, rows: rows).doubles
  }
}

/// Numbers as a file holds them, in the narrower of two types that is exact for all of them.
public enum Numbers: Sendable, Equatable {
  /// From half and single precision, and from integers of up to 16 bits.
  case single([Float])
  /// From everything else.
  case double([Double])

  public var count: Int {
    switch self {
    case .single(let values): values.count
    case .double(let values): values.count
    }
  }

  /// The numbers in double precision; the same numbers.
  public var doubles: [Double] {
    switch self {
    case .single(let values): values.map(Double.init)
    case .double(let values): values
    }
  }
}

/// What a file holds, without its data.
public struct FileOutline: Sendable, Codable, Equatable {
  /// The path the file was opened at.
  public var file: String
  /// All objects in depth-first order, beginning with the root group `/`. Siblings come in the
  /// order of their creation where the file tracks it, else in the library's (byte) order.
  public var objects: [ObjectOutline]
  /// What was seen and not followed or not understood, each a sentence: soft and external links,
  /// second hard links to one object, what lies beyond a limit.
  public var notes: [String]
  /// The objects that are there and cannot be read, or not all of them: each is damaged, or written
  /// in a way that the library does not know.
  public var faults: [FileFailure]
  /// The soft and external links, none of which was followed.
  public var links: [LinkOutline]

  public init(
    file: String, objects: [ObjectOutline], notes: [String], faults: [FileFailure] = [],
    links: [LinkOutline] = []
  ) {
    self.file = file
    self.objects = objects
    self.notes = notes
    self.faults = faults
    self.links = links
  }
}

/// A group or a dataset, as found in a file.
public struct ObjectOutline: Sendable, Codable, Equatable {
  /// The absolute path inside the file, such as `/layers/conv1`.
  public var path: String
  /// The attributes by name. Those that cannot be read are ``AttributeValue/unreadable(_:)``.
  public var attributes: [String: AttributeValue]
  /// Shape and storage if this is a dataset, `nil` if it is a group.
  public var dataset: DatasetOutline?
  /// Whether the order among its siblings is that of creation (tracked by the file).
  public var inCreationOrder: Bool

  public init(
    path: String, attributes: [String: AttributeValue], dataset: DatasetOutline?,
    inCreationOrder: Bool = false
  ) {
    self.path = path
    self.attributes = attributes
    self.dataset = dataset
    self.inCreationOrder = inCreationOrder
  }
}

/// Shape, element type and storage of a dataset.
public struct DatasetOutline: Sendable, Codable, Equatable {
  /// The sizes of the axes; empty for a scalar, `nil` for a null dataspace.
  public var shape: [Int]?
  /// The largest sizes the axes may grow to (`nil` entries are unlimited).
  public var maximumShape: [Int?]
  public var elementType: ElementType
  public var isBigEndian: Bool
  public var storage: Storage
  /// The filters in the order in which they were applied when writing.
  public var filters: [Filter]
  /// The bytes that the data occupy in the file.
  public var storedBytes: Int

  public enum Storage: Sendable, Codable, Equatable {
    case contiguous, compact
    case chunked([Int])
    /// Raw data in other files. Never read.
    case external
    /// A mosaic of other datasets. Never read.
    case virtual
  }

  public struct Filter: Sendable, Codable, Equatable {
    public var id: Int
    public var name: String

    public init(id: Int, name: String) {
      self.id = id
      self.name = name
    }
  }

  public init(
    shape: [Int]?, maximumShape: [Int?] = [], elementType: ElementType, isBigEndian: Bool = false,
    storage: Storage = .contiguous, filters: [Filter] = [], storedBytes: Int = 0
  ) {
    self.shape = shape
    self.maximumShape = maximumShape
    self.elementType = elementType
    self.isBigEndian = isBigEndian
    self.storage = storage
    self.filters = filters
    self.storedBytes = storedBytes
  }
}

extension DatasetOutline {
  /// Whether the shape needs more bytes than what the file stores can be: such data are never read.
  /// What was never written holds a fill value and may be declared up to 64 MiB.
  public var declaresTooMuch: Bool {
    let bytes =
      switch elementType {
      case .float16: 2
      case .float32: 4
      case .float64: 8
      case .integer(let bits, _): max(1, bits / 8)
      default: 1
      }
    guard let declared = Caps.product((shape ?? []).filter { $0 > 0 } + [max(8, bytes)]) else {
      return true
    }
    return declared / max(8, bytes) * bytes > Caps.declaredBytes
      && declared / max(8, bytes) * bytes / Caps.expansion > storedBytes
  }
}

/// What an element of a dataset is.
public enum ElementType: Sendable, Codable, Equatable {
  case float16, float32, float64
  /// Another format of one or two bytes, by its fields.
  case smallFloat(SmallFloat)
  /// Another floating-point format, with its size in bits.
  case otherFloat(bits: Int)
  case integer(bits: Int, signed: Bool)
  /// An enumeration with the members FALSE and TRUE, as h5py writes booleans.
  case boolean
  case string
  /// A compound with the members r and i, as h5py writes complex numbers.
  case complex
  case compound
  case variableLength
  case opaque(bytes: Int)
  /// Anything else, in the library's words.
  case other(String)

  /// Whether the elements are real numbers that ``FileReading/storedNumbers(in:of:rows:)`` can deliver.
  public var isNumeric: Bool {
    switch self {
    case .float16, .float32, .float64, .smallFloat, .integer, .boolean: true
    default: false
    }
  }

  /// Whether the elements are opaque and delivered as bit patterns.
  var isBitPattern: Bool {
    if case .opaque(let bytes) = self { bytes == 1 || bytes == 2 } else { false }
  }

  /// Whether single precision holds every number of this type exactly.
  public var fitsSinglePrecision: Bool {
    switch self {
    case .float16, .float32, .smallFloat, .boolean: true
    // As their bit patterns.
    case .opaque(let bytes): bytes <= 2
    case .integer(let bits, _): bits <= 16
    default: false
    }
  }

  /// Whether the elements are floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .float32, .float64, .smallFloat, .otherFloat: true
    default: false
    }
  }
}

/// The value of an attribute.
public enum AttributeValue: Sendable, Codable, Equatable {
  case string(String)
  case integer(Int)
  case real(Double)
  case boolean(Bool)
  case strings([String])
  case integers([Int])
  case reals([Double])
  /// An attribute that exists but cannot be turned into one of the above, with the reason.
  case unreadable(String)
}

/// Why a file or an object in it cannot be read: which, and what is wrong.
public struct FileFailure: Error, Sendable, Codable, Equatable, CustomStringConvertible {
  /// The path of the file.
  public var file: String
  /// The path of the object inside the file, if it is about one.
  public var object: String?
  /// What is wrong, in a sentence that a researcher understands.
  public var reason: String
  /// The library's own words, outermost call first, if it said anything.
  public var detail: String?
  /// What to do about it.
  public var help: String?

  public init(
    file: String, object: String? = nil, reason: String, detail: String? = nil, help: String? = nil
  ) {
    self.file = file
    self.object = object
    self.reason = reason
    self.detail = detail
    self.help = help
  }

  public var description: String {
    var text = file
    if let object { text += ": \(object)" }
    text += ": \(reason)"
    if let detail { text += " (\(detail))" }
    return text
  }
}
