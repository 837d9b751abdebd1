import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why rows that were moved out of memory cannot be kept or read back.
public struct SpillError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, where, and the system's reason.
  public let description: String
  /// Whether the disk is full.
  public let isOutOfSpace: Bool
}

/// A temporary file for matrices that do not fit in memory.
///
/// It has no name: the space is free again when the last matrix in it is gone, or when the process
/// ends in whatever way.
public final class SpillFile: Sendable {
  private let descriptor: Int32
  /// Where the next matrix goes.
  private let end = Atomic<Int>(0)
  /// The folder the file was made in.
  public let folder: String

  /// - Parameter folder: Where the file is made; it should be a disk, not a file system in memory.
  /// - Throws: ``SpillError`` when no file can be made there.
  public init(in folder: String = SpillFile.defaultFolder) throws {
    self.folder = folder
    var template = Array("\(folder)/.universality-spill-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Self.failure("make a temporary file in \(folder)") }
    unlink(template)
  }

  deinit { close(descriptor) }

  /// `$TMPDIR`, else `/var/tmp`, which unlike `/tmp` is on a disk everywhere.
  public static var defaultFolder: String {
    ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
  }

  /// A stretch of the file that nobody else will write to.
  fileprivate func reserve(bytes: Int) -> Int {
    end.wrappingAdd(bytes, ordering: .relaxed).oldValue
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("write to a temporary file in \(folder)") }
      done += count
    }
  }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("read a temporary file in \(folder)") }
      done += count
    }
  }

  private static func failure(_ what: String) -> SpillError {
    let code = errno
    return SpillError(
      description: "cannot \(what): \(String(cString: strerror(code)))",
      isOutOfSpace: code == ENOSPC || code == EDQUOT)
  }
}

/// Rows of a matrix in a ``SpillFile``.
struct FileRows: Sendable {
  let file: SpillFile
  /// Where the first row of the file begins.
  let offset: Int
  let isSingle: Bool
  /// The row of the file that each row of the matrix is; `nil` if row i is row i.
  var order: [Int]?

  func selecting(_ indices: [Int]) -> FileRows {
    var selected = self
    selected.order = order.map { order in indices.map { order[$0] } } ?? indices
    return selected
  }

  func withRows<Result>(
    _ range: Range<Int>, columns: Int, _ body: (StoredMatrix.Rows) throws -> Result
  ) throws -> Result {
    isSingle
      ? try read(range, columns: columns) { try body(.single($0)) }
      : try read(range, columns: columns) { try body(.double($0)) }
  }

  private func read<Element, Result>(
    _ range: Range<Int>, columns: Int, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    let rowBytes = columns * MemoryLayout<Element>.stride
    let buffer = UnsafeMutablePointer<Element>.allocate(capacity: max(1, range.count * columns))
    defer { buffer.deallocate() }
    let bytes = UnsafeMutableRawPointer(buffer)
    // Runs of rows that follow each other in the file are read at once.
    var row = range.lowerBound
    while row < range.upperBound {
      let first = order?[row] ?? row
      var end = row + 1
      while end < range.upperBound, (order?[end] ?? end) == first + end - row { end += 1 }
      try file.read(
        into: UnsafeMutableRawBufferPointer(
          start: bytes + (row - range.lowerBound) * rowBytes, count: (end - row) * rowBytes),
        at: offset + first * rowBytes)
      row = end
    }
    return try body(UnsafeBufferPointer(start: buffer, count: range.count * columns))
  }
}

/// Moves a matrix, block of rows by block of rows, into a ``SpillFile``.
public struct SpillWriter {
  private let file: SpillFile
  private let offset: Int
  private let rows: Int
  private let columns: Int
  private var isSingle = true
  private var written = 0

  /// Reserves the room for a matrix of this shape.
  public init(to file: SpillFile, rows: Int, columns: Int) {
    self.file = file
    self.rows = rows
    self.columns = columns
    offset = file.reserve(bytes: rows * columns * MemoryLayout<Double>.stride)
  }

  /// Writes the next rows.
  ///
  /// - Precondition: All blocks have the same precision and no more rows than there is room for.
  /// - Throws: ``SpillError``.
  public mutating func append(_ block: StoredMatrix) throws {
    precondition(block.columns == columns && written + block.rows <= rows, "the block does not fit")
    if written == 0 { isSingle = block.isSingle }
    precondition(block.isSingle == isSingle, "blocks of different precision")
    let place = offset + written * columns * (isSingle ? 4 : 8)
    try block.withRows(0..<block.rows) { source in
      switch source {
      case .single(let values): try file.write(UnsafeRawBufferPointer(values), at: place)
      case .double(let values): try file.write(UnsafeRawBufferPointer(values), at: place)
      }
    }
    written += block.rows
  }

  /// The matrix that was written.
  ///
  /// - Precondition: All rows were.
  public func finished() -> StoredMatrix {
    precondition(written == rows, "\(written) of \(rows) rows were written")
    return StoredMatrix(
      rows: rows, columns: columns,
      storage: .file(FileRows(file: file, offset: offset, isSingle: isSingle)))
  }
}

extension StoredMatrix {
  /// The matrix with its numbers moved to `file`.
  ///
  /// - Throws: ``SpillError``.
  public func spilled(to file: SpillFile) throws -> StoredMatrix {
    var writer = SpillWriter(to: file, rows: rows, columns: columns)
    try writer.append(self)
    return writer.finished()
  }
}
