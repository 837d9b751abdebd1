import HDF5

/// Reads dumps of every format by what their first bytes say: HDF5 through another reader, the
/// formats of NumPy and of safetensors here.
struct DumpReader: FileReading {
  let hdf5: any FileReading

  func outline(of file: String) throws -> FileOutline {
    guard let arrays = try ArrayFile.recognised(file) else { return try hdf5.outline(of: file) }
    return arrays.outline
  }

  func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    guard let arrays = try ArrayFile.recognised(file) else {
      return try hdf5.storedNumbers(in: dataset, of: file, rows: rows)
    }
    return try arrays.numbers(in: dataset, rows: rows)
  }

  func externalParts(of dataset: String, in file: String) throws -> [ExternalPart] {
    try hdf5.externalParts(of: dataset, in: file)
  }

  func strings(in dataset: String, of file: String) throws -> [String] {
    guard let arrays = try ArrayFile.recognised(file) else {
      return try hdf5.strings(in: dataset, of: file)
    }
    return try arrays.strings(in: dataset)
  }
}
