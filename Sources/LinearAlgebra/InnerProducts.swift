import COpenBLAS

/// The inner products of all pairs of vectors, by symmetric products over stretches of their elements.
///
/// - Parameters:
///   - vectors: One column each, of equal length; one that is `nil` has the product 0 with all.
///   - threads: The number of threads.
///   - finished: Told after each piece of work.
/// - Returns: the symmetric matrix of products. The bits do not depend on the number of threads.
/// - Throws: ``SpillError`` when a vector is in a file that cannot be read.
/// - Complexity: O(P² L) for P vectors of length L.
public func innerProducts(
  of vectors: [StoredMatrix?], threads: Int = Parallel.coreCount,
  finished: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
) throws -> Matrix {
  let length = vectors.lazy.compactMap { $0?.rows }.max() ?? 0
  precondition(
    vectors.allSatisfy { $0.map { $0.columns == 1 && $0.rows == length } ?? true },
    "the vectors differ in length")
  let count = vectors.count
  // A stretch of all vectors in 16 MB, so that they are read once, and at least 16 of them.
  let stretch = max(1, min((1 << 21) / max(1, count), (length + 15) / 16))
  let starts = Array(stride(from: 0, to: length, by: stretch))
  // A sum of P × P for each of a few chunks; which stretches belong to one depends on sizes alone.
  let chunks = min(starts.count, mostChunks)
  let sums = try Parallel.map(
    count: chunks, threads: threads, finished: counter(finished, total: chunks)
  ) { chunk in
    let block = Workspace<Double>(count * stretch)
    return try Matrix(rows: count, columns: count) { result in
      for index in stride(from: chunk, to: starts.count, by: chunks) {
        let range = starts[index]..<min(length, starts[index] + stretch)
        try gather(vectors, range, into: block.start)
        Double.syrk(
          CblasNoTrans, size: count, inner: range.count, scale: 1, block.start,
          leadingA: range.count, adding: index > chunk, to: result, leadingC: count)
      }
    }
  }
  return symmetricSum(of: sums, size: count)
}

/// The sum, in order, of square matrices of which only the upper triangles count, made symmetric.
func symmetricSum(of parts: [Matrix], size: Int) -> Matrix {
  var total = Matrix(rows: size, columns: size)
  for part in parts {
    for index in total.elements.indices { total.elements[index] += part.elements[index] }
  }
  total.mirrorUpperTriangle()
  return total
}

/// Enough to keep many cores busy.
private let mostChunks = 32

/// Some elements of all vectors, vector after vector.
private func gather(
  _ vectors: [StoredMatrix?], _ range: Range<Int>, into block: UnsafeMutablePointer<Double>
) throws {
  for (row, vector) in vectors.enumerated() {
    let target = block + row * range.count
    guard let vector else {
      target.update(repeating: 0, count: range.count)
      continue
    }
    try vector.withRows(range) { source in
      for index in 0..<range.count { target[index] = source[index] }
    }
  }
}
