import Activations
public import HDF5
import LinearAlgebra
import Zoo

extension FingerprintFile {
  /// Whether a file says of itself that it holds fingerprints.
  ///
  /// - Throws: `FileFailure` if it cannot be opened.
  public static func isFingerprintFile(
    _ path: String, reader: any FileReading = LibraryReader()
  ) throws -> Bool {
    let root = try reader.outline(of: path).objects.first { $0.path == "/" }
    return root?.attributes["format"] == .string(format)
  }

  /// Reads a file of fingerprints.
  ///
  /// - Throws: `FileFailure` if it cannot be read, has another format version, or contradicts itself.
  public init(from path: String, reader: any FileReading = LibraryReader()) throws {
    let contents = try Contents(path: path, reader: reader)
    self.init(try contents.set(), version: try contents.text("version"))
  }

  /// A file with its attributes, checked while it is read.
  private struct Contents {
    let path: String
    let reader: any FileReading
    let attributes: [String: AttributeValue]

    init(path: String, reader: any FileReading) throws {
      self.path = path
      self.reader = reader
      attributes = try reader.outline(of: path).objects.first { $0.path == "/" }?.attributes ?? [:]
      guard attributes["format"] == .string(FingerprintFile.format) else {
        throw failure("no file of fingerprints", help: "make one: `universality fingerprint`")
      }
      let version = try whole("format_version")
      guard version == FingerprintFile.formatVersion else {
        throw failure(
          "format version \(version); this program reads version \(FingerprintFile.formatVersion)",
          help: "make the fingerprints again with this version")
      }
    }

    func failure(_ reason: String, object: String? = nil, help: String? = nil) -> FileFailure {
      FileFailure(
        file: path, object: object, reason: reason,
        help: help ?? "the file is damaged or was changed; make the fingerprints again")
    }

    func text(_ name: String) throws -> String {
      guard case .string(let text)? = attributes[name] else {
        throw failure("the attribute \(name) is missing or no text")
      }
      return text
    }

    func whole(_ name: String) throws -> Int {
      guard case .integer(let number)? = attributes[name] else {
        throw failure("the attribute \(name) is missing or no whole number")
      }
      return number
    }

    func design() throws -> SketchDesign {
      let (samples, size) = (try whole("samples"), try whole("sketch_size"))
      guard (SketchDesign.fewestSamples...1 << 32).contains(samples) else {
        throw failure("\(samples) samples")
      }
      guard SketchDesign.allows(size: size) else { throw failure("a sketch size of \(size)") }
      guard let seed = UInt64(try text("seed")) else {
        throw failure("the attribute seed is no whole number from 0")
      }
      return SketchDesign(samples: samples, size: size, seed: seed)
    }

    func texts(_ name: String, count: Int? = nil) throws -> [String] {
      let texts = try reader.strings(in: "/" + name, of: path)
      try check(texts.count, count, name)
      return texts
    }

    func reals(_ name: String, count: Int) throws -> [Double] {
      let numbers = try reader.numbers(in: "/" + name, of: path, rows: nil)
      try check(numbers.count, count, name)
      return numbers
    }

    func wholes(_ name: String, count: Int, in range: Range<Int>) throws -> [Int] {
      try reals(name, count: count).map { number in
        guard let whole = Int(exactly: number), range.contains(whole) else {
          throw failure("\(number) is out of range", object: "/" + name)
        }
        return whole
      }
    }

    private func check(_ found: Int, _ expected: Int?, _ name: String) throws {
      guard found == expected ?? found else {
        throw failure("\(found) values where \(expected ?? 0) belong", object: "/" + name)
      }
    }

    func set() throws -> FingerprintSet {
      let design = try design()
      let models = try models()
      let layers = try representations(models: models.count)
      let isJoined = try whole("joined_on_ids") == 1
      let activations = ActivationSet(
        models: models, representations: layers,
        alignment: isJoined
          ? .joined(onIDsOf: path, samples: design.samples, dropped: [:])
          : .positional(samples: design.samples))
      return FingerprintSet(
        activations: activations,
        fingerprints: try fingerprints(design: design, count: layers.count), design: design,
        sampleDigest: try text("sample_digest"))
    }

    private func models() throws -> [ModelRecord] {
      let names = try texts("model")
      let families = try texts("family", count: names.count)
      let roles = try texts("role", count: names.count)
      let trained = try wholes("trained", count: names.count, in: -1..<2)
      return try names.indices.map { index in
        guard let role = ModelRecord.Role(rawValue: roles[index]) else {
          throw failure("no role is called “\(roles[index])”", object: "/role")
        }
        return ModelRecord(
          name: names[index], family: families[index].isEmpty ? nil : families[index],
          isTrained: trained[index] < 0 ? nil : trained[index] == 1, role: role, source: path)
      }
    }

    private func representations(models: Int) throws -> [Representation] {
      let names = try texts("layer")
      let count = names.count
      let orders = try wholes("order", count: count, in: 0..<1 << 32)
      let depths = try reals("depth", count: count)
      let outputs = try wholes("is_output", count: count, in: 0..<2)
      let owners = try wholes("model_of_layer", count: count, in: 0..<models)
      return names.indices.map { index in
        Representation(
          matrix: Matrix(rows: 0, columns: 0), model: owners[index], layer: names[index],
          order: orders[index], depth: depths[index], isOutput: outputs[index] == 1,
          source: .init(
            file: path, dataset: "/pairs", shape: [], dims: "", evidence: "a fingerprint",
            pooling: "none", elementType: "fingerprint"))
      }
    }

    private func fingerprints(
      design: SketchDesign, count: Int
    ) throws -> [Result<Fingerprint, MissingFingerprint>] {
      let (pairCount, rowCount) = (design.pairCount, design.rowCoordinateCount)
      let pairs = try reals("pairs", count: count * pairCount)
      let rows = try reals("rows", count: count * rowCount)
      let features = try wholes("features", count: count, in: 0..<1 << 48)
      let norms = try reals("norm", count: count)
      let reasons = try texts("reason", count: count)
      return try reasons.indices.map { index in
        guard reasons[index].isEmpty else {
          return .failure(MissingFingerprint(reason: reasons[index]))
        }
        let fingerprint = Fingerprint(
          pairs: pairs[index * pairCount..<(index + 1) * pairCount].map(Float.init),
          rows: rows[index * rowCount..<(index + 1) * rowCount].map(Float.init),
          features: features[index], norm: norms[index])
        guard (fingerprint.pairs + fingerprint.rows).allSatisfy(\.isFinite) else {
          throw failure("the fingerprint of layer \(index) is not finite", object: "/pairs")
        }
        return .success(fingerprint)
      }
    }
  }
}
