import HDF5

/// MATLAB 7.3: every dataset has an attribute `MATLAB_class`, and axes in reverse order. Vectors are
/// matrices of one row or column, text is characters of 16 bits, cells point into `/#refs#`.
extension RestatedFile {
  var isMATLAB: Bool { objects.contains { $0.attributes["MATLAB_class"] != nil } }

  mutating func restateMATLAB() {
    guard isMATLAB else { return }
    absorb(
      objects.map(\.path).filter { path in
        ["/#refs#", "/#subsystem#"].contains { path == $0 || path.hasPrefix($0 + "/") }
      })
    for object in datasets {
      guard let type = object.attributes["MATLAB_class"]?.text else { continue }
      if object.attributes["MATLAB_empty"]?.truth == true {
        leaveOut(object.path, "empty")
      } else if type == "char" {
        restateCharacters(object)
      } else if type == "cell" {
        restateCell(object)
      } else if object.shape.count == 2, object.shape.contains(1), isListByName(object) {
        let count = object.shape.reduce(1, *)
        replace(object, shape: [count], type: .integer(bits: 64, signed: true)) { .same($0) }
      }
    }
    for group in groups { restateSparseMATLAB(group) }
  }

  private func isListByName(_ object: ObjectOutline) -> Bool {
    SampleListName.isLabels(object.name)
      || (SampleListName.rank(object.name, isText: false) ?? 9) <= 1
  }

  /// A matrix of characters, one row a text; in the file its columns are the texts.
  private mutating func restateCharacters(_ object: ObjectOutline) {
    guard object.shape.count == 2, let codes = numbers(object.path) else { return }
    let (length, count) = (object.shape[0], object.shape[1])
    let words = (0..<count).map { text in
      let units = (0..<length).map { UInt16(exactly: codes[$0 * count + text]) ?? 0xfffd }
      return String(decoding: units, as: UTF16.self).trimmed
    }
    if count == 1 {
      if object.group == "/", let root = objects.first,
        root.attributes[object.name] == nil
      {
        objects.updateFirst { $0.attributes[object.name] = .string(words[0]) }
      }
      leaveOut(object.path, "text, not a layer")
      return
    }
    replace(object, shape: [count], type: .string) { _ in .words(words) }
  }

  /// A cell array, which may hold one text an entry.
  private mutating func restateCell(_ object: ObjectOutline) {
    guard object.shape.count == 2, object.shape.contains(1),
      let words = try? reader.strings(in: object.path, of: file.path)
    else {
      leaveOut(
        object.path, "a cell array of something else than texts",
        isFault: isListByName(object), help: "save layers and ids as arrays of their own")
      return
    }
    replace(object, shape: [words.count], type: .string) { _ in .words(words) }
  }

  /// A sparse matrix, whose columns are compressed; its shape is that of MATLAB.
  private mutating func restateSparseMATLAB(_ group: ObjectOutline) {
    guard let rows = group.attributes["MATLAB_sparse"]?.wholeNumber else { return }
    let parts = datasets(in: group.path)
    guard let data = parts.first(where: { $0.name == "data" }),
      let indices = parts.first(where: { $0.name == "ir" }),
      let pointers = parts.first(where: { $0.name == "jc" })
    else { return }
    restateSparse(
      group, values: data, indices: indices, pointers: pointers, rows: rows,
      columns: (pointers.shape.first ?? 1) - 1, isByColumn: true, evidence: "MATLAB's sparse matrix"
    )
  }
}
