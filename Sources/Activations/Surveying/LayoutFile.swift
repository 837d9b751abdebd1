import Foundation
import HDF5
import Yams

/// The decisions of the reader, frozen: what `layout.yaml` holds.
///
/// Replaying it reads the same datasets under the same names with the same axes, whatever the
/// evidence would say now. `pooling`, `ids`, `join` and `missing` come from the file where the
/// options do not say otherwise than by default.
struct LayoutFile: Codable, Equatable {
  struct Layer: Codable, Equatable {
    var file: String
    var dataset: String
    var slice: Int?
    var model: String
    var layer: String
    var order: Int
    /// In decimal, so that it reads back as the same number.
    var depth: String
    var output: Bool
    var dims: String
    var evidence: String
    var shape: [Int]
    var ids: String?
    var labels: String?
  }

  /// A model record whose accuracy is decimal text, for the same reason.
  struct Model: Codable, Equatable {
    var record: ModelRecord
    var accuracy: String?

    init(_ record: ModelRecord) {
      self.record = record
      self.record.accuracy = nil
      accuracy = record.accuracy.map { "\($0)" }
    }

    var restored: ModelRecord {
      var record = record
      record.accuracy = accuracy.flatMap { Double($0) }
      return record
    }
  }

  static let currentVersion = 1

  var version = LayoutFile.currentVersion
  var pooling: Pooling
  var join: Join
  var missing: MissingValuePolicy
  var ids: String
  /// The `--dims` of the run, without which rows of varying length could not be read again.
  var rules: [DimsRule]?
  var models: [Model]
  var layers: [Layer]

  /// Reads a file.
  ///
  /// - Throws: ``ReadingError/badOption(option:reason:help:)`` if it is no layout of this version.
  init(file: String) throws {
    guard let data = FileManager.default.contents(atPath: file),
      let text = String(validating: data, as: UTF8.self)
    else {
      throw ReadingError.badOption(
        option: "--layout", reason: "\(file) cannot be read",
        help: "name a layout.yaml that `universality inspect --write-layout` wrote")
    }
    do {
      self = try YAMLDecoder().decode(LayoutFile.self, from: text)
    } catch {
      throw ReadingError.badOption(
        option: "--layout", reason: "\(file) is no layout: \(Self.complaint(error))",
        help: "write it anew with `universality inspect --write-layout`")
    }
    guard version == LayoutFile.currentVersion else {
      throw ReadingError.badOption(
        option: "--layout",
        reason: "\(file) has version \(version), not \(LayoutFile.currentVersion)",
        help: "write it anew with `universality inspect --write-layout`")
    }
  }

  init(_ survey: Survey) {
    pooling = survey.options.pooling
    join = survey.options.join
    missing = survey.options.missing
    ids =
      switch survey.options.ids {
      case .found: "found"
      case .positional: "positional"
      case .dataset(let path): path.hasPrefix("/") ? path : "/" + path
      }
    rules = survey.options.dims.isEmpty ? nil : survey.options.dims
    models = survey.models.map { Model($0) }
    layers = survey.layers.map { layer in
      Layer(
        file: survey.files[layer.file].path, dataset: layer.dataset, slice: layer.slice,
        model: survey.models[layer.model].name, layer: layer.name, order: layer.order,
        depth: "\(layer.depth)", output: layer.isOutput, dims: layer.dims,
        evidence: layer.evidence, shape: layer.shape, ids: layer.ids, labels: layer.labels)
    }
  }

  /// What is wrong with a file, in a few words.
  private static func complaint(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "" : "in " + path.map(\.stringValue).joined(separator: "/") + " "
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath))there is no '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(place(context.codingPath))there is a value of another kind than expected"
    default: return "it is not valid YAML"
    }
  }

  func yaml() throws -> String {
    let encoder = YAMLEncoder()
    encoder.options.allowUnicode = true
    encoder.options.width = -1
    return try encoder.encode(self)
  }

  /// Fills in what the options leave at its default.
  func apply(to options: inout ReadingOptions) {
    let standard = ReadingOptions()
    if options.pooling == standard.pooling { options.pooling = pooling }
    if options.join == standard.join { options.join = join }
    if options.missing == standard.missing { options.missing = missing }
    if options.dims.isEmpty { options.dims = rules ?? [] }
    if options.ids == standard.ids {
      switch ids {
      case "found": options.ids = .found
      case "positional": options.ids = .positional
      default: options.ids = .dataset(ids)
      }
    }
  }
}

extension Survey {
  /// Every decision of the reader as YAML; ``ReadingOptions/layout`` replays it exactly.
  public func layoutYAML() throws -> String { try LayoutFile(self).yaml() }
}

extension SurveyBuilder {
  /// The layers as a layout file says. Datasets that it does not mention are left out.
  mutating func replay(_ layout: LayoutFile) -> [Survey.Layer] {
    models = layout.models.map(\.restored)
    let modelIndex = Dictionary(
      models.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [Survey.Layer] = []
    let wanted = Dictionary(grouping: layout.layers, by: \.file)
    var used: Set<String> = []
    for (index, content) in contents.enumerated() {
      let named = wanted.keys.filter { $0 == content.file.path }
      let alike = wanted.keys.filter { FoundFile(path: $0, bytes: 0).name == content.file.name }
      guard let key = named.first ?? (alike.count == 1 ? alike.first : nil), !used.contains(key)
      else {
        if !content.candidates.isEmpty {
          skipped.append(
            SkippedInput(
              file: content.file.path, reason: "not in the layout file",
              help: "write the layout anew with `universality inspect --write-layout`"))
        }
        continue
      }
      used.insert(key)
      let candidates = Dictionary(
        content.candidates.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
      for frozen in wanted[key] ?? [] {
        let dims = Dims(frozen.dims)
        guard let candidate = candidates[frozen.dataset],
          dims.fault(rank: candidate.rank) == nil, let model = modelIndex[frozen.model],
          dims.layerAxis.map({
            (frozen.slice ?? -1) >= 0 && (frozen.slice ?? 0) < candidate.shape[$0]
          })
            ?? true
        else {
          skipped.append(
            SkippedInput(
              file: content.file.path, object: frozen.dataset,
              reason: "the layout file wants it with the axes '\(frozen.dims)'; there is no such",
              help: "write the layout anew with `universality inspect --write-layout`"))
          continue
        }
        result.append(
          layer(
            frozen, candidate, dims, model: model, file: index, depth: Double(frozen.depth) ?? 1))
      }
    }
    for missing in wanted.keys.filter({ !used.contains($0) }).sorted(by: NaturalOrder.precedes) {
      notes.add("Files of the layout that are not in the run", missing)
    }
    return result
  }

  private mutating func layer(
    _ frozen: LayoutFile.Layer, _ candidate: Candidate, _ dims: Dims, model: Int, file: Int,
    depth: Double
  ) -> Survey.Layer {
    let shape = candidate.shape
    let samples = dims.sampleAxis.map { shape[$0] } ?? 0
    let positional = options.ids == .positional
    let ids = frozen.ids.flatMap { path in listed(path, in: file) }.map { positional ? [] : [$0] }
    let source = rowSources.index(
      file: file, label: files[file].name, count: samples,
      ids: (ids ?? []).filter { $0.length == samples },
      labels: frozen.labels.flatMap { path in listed(path, in: file) }
        .flatMap { $0.length == samples ? $0 : nil },
      path: files[file].path, reader: reader, skipped: &skipped)
    return Survey.Layer(
      file: file, dataset: frozen.dataset, slice: frozen.slice, model: model, name: frozen.layer,
      order: frozen.order, depth: depth, isOutput: frozen.output, shape: shape, dims: frozen.dims,
      evidence: frozen.evidence,
      features: dims.features(of: shape)
        * (options.pooling == .flatten ? dims.positions(of: shape) : 1),
      samples: samples, positions: dims.positions(of: shape), ids: source.ids,
      labels: source.labels, storage: candidate.outline, rows: source.index)
  }

  /// A list of ids or labels by its path.
  private func listed(_ path: String, in file: Int) -> SampleList? {
    (contents[file].ids + contents[file].labels).first { $0.path == path }
      ?? contents[file].otherLists.first { $0.path == path }
  }
}
