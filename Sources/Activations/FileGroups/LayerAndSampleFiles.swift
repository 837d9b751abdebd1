import Foundation
import HDF5

/// One file a layer, one file a slide, one file a sample.
extension FileAssembly {
  /// `bert-layer0.hdf5`, `bert-layer1.hdf5`: the layers of one model.
  static func layerFiles(_ files: [RestatedFile], _ reader: any FileReading) -> [Group] {
    var families: [NumberedName: [(place: Int, number: Int)]] = [:]
    for index in files.indices where matrices(of: files[index]).count == 1 {
      let found = files[index].file
      let name = lastName(found.path)
      let stem = found.stem
      let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
      guard digits > 0, let number = Int(stem.suffix(digits)) else { continue }
      var rest = stem.dropLast(digits)
      while let last = rest.last, "_- ".contains(last) { rest.removeLast() }
      guard rest.lowercased().hasSuffix("layer") else { continue }
      rest = rest.dropLast(5)
      guard let last = rest.last, "_-. ".contains(last) else { continue }
      let key = NumberedName(
        folder: folder(of: found.path), prefix: String(rest.dropLast()),
        suffix: String(name.dropFirst(stem.count)))
      families[key, default: []].append((index, number))
    }
    return families.sorted { ($0.key.folder, $0.key.prefix) < ($1.key.folder, $1.key.prefix) }
      .compactMap { name, members in
        guard members.count > 1 else { return nil }
        let sorted = members.sorted { $0.number < $1.number }
        let own = sorted.map { files[$0.place] }
        guard Set(own.map { $0.rootAttributes["model", "model_id"]?.text }).count == 1 else {
          return nil
        }
        let path = [name.folder, "\(name.prefix)-layer*\(name.suffix)"]
          .filter { !$0.isEmpty }.joined(separator: "/")
        var result = layers(
          own, names: sorted.map { "layer\($0.number)" }, path: path, stem: name.prefix)
        result.notes.add(
          "Files of one layer each read as one model", "\(path) (\(own.count) files)")
        return Group(places: members.map(\.place), file: result)
      }
  }

  /// Slides of pathology (CLAM): `features` and `coords` of as many patches as each slide has. The
  /// samples are the patches, and the folder is the model.
  static func slides(_ files: [RestatedFile], _ reader: any FileReading) -> [Group] {
    var families: [String: [Int]] = [:]
    for index in files.indices {
      let names = Set(files[index].datasets.map(\.path))
      guard names == ["/features", "/coords"], let features = files[index].object("/features"),
        let coords = files[index].object("/coords"), features.shape.count == 2,
        coords.shape == [features.shape[0], 2]
      else { continue }
      families["\(folder(of: files[index].file.path))\n\(features.shape[1])", default: []]
        .append(index)
    }
    return families.sorted { $0.key < $1.key }.compactMap { _, places in
      guard places.count > 1 else { return nil }
      let members = places.map { files[$0] }
      var parent = folder(of: members[0].file.path)
      while ["h5_files", "pt_files", "feats", "features", "h5"].contains(lastName(parent)) {
        parent = folder(of: parent)
      }
      let path = [folder(of: members[0].file.path), "*.h5"].filter { !$0.isEmpty }
        .joined(separator: "/")
      var result = union(
        members, path: path, stem: parent.isEmpty ? "slides" : lastName(parent))
      var ids: [String] = []
      for member in members {
        let points =
          (try? SampleIDs.wholeNumbers(in: "/coords", of: member.file.path, reader: reader)) ?? []
        for row in 0..<points.count / 2 {
          ids.append("\(member.file.stem):\(points[2 * row]),\(points[2 * row + 1])")
        }
      }
      let sources = members.compactMap { member in
        member.object("/features").map { source($0, of: member) }
      }
      let rows = sources.reduce(0) { $0 + $1.shape[0] }
      guard let first = members[0].object("/features"), let type = first.dataset?.elementType else {
        return nil
      }
      result.add(
        "/features", shape: [rows] + first.shape.dropFirst(), type: type, .pieces(sources),
        attributes: first.attributes, like: first,
        axes: RestatedFile.Axes(dims: Dims("n d"), evidence: "patches of several slides"))
      if ids.count == rows { result.addIDs(ids) }
      result.notes.add(
        "Slides read as one model whose samples are their patches",
        "\(path) (\(members.count) slides)")
      return Group(places: places, file: result)
    }
  }

  /// One file a sample, with the same layers in all, each with a first axis of one (Net2Brain).
  static func filesOfOneSample(_ files: [RestatedFile], _ reader: any FileReading) -> [Group] {
    var families: [String: [Int]] = [:]
    for index in files.indices where files[index].members.isEmpty {
      let layers = matrices(of: files[index])
      guard !layers.isEmpty, layers.allSatisfy({ $0.shape[0] == 1 }) else { continue }
      let signature = layers.map { "\($0.path) \($0.shape)" }.sorted().joined(separator: ";")
      families["\(folder(of: files[index].file.path))\n\(signature)", default: []].append(index)
    }
    return families.sorted { $0.key < $1.key }.compactMap { _, places in
      guard places.count > 3 else { return nil }
      let members = places.map { files[$0] }
      let parent = folder(of: members[0].file.path)
      let path = [parent, "*"].filter { !$0.isEmpty }.joined(separator: "/")
      var result = union(
        members, path: path, stem: parent.isEmpty ? "samples" : lastName(parent))
      for layer in matrices(of: members[0]) {
        let sources = members.compactMap { member in
          member.object(layer.path).map { source($0, of: member) }
        }
        guard let type = layer.dataset?.elementType else { continue }
        result.add(
          layer.path, shape: [members.count] + layer.shape.dropFirst(), type: type,
          .pieces(sources), attributes: layer.attributes, like: layer)
      }
      result.addIDs(members.map(\.file.stem))
      result.notes.add(
        "Files of one sample each read as one model", "\(path) (\(members.count) files)")
      return Group(places: places, file: result)
    }
  }
}
