import LinearAlgebra
import Metrics
import Synchronization

/// The representations of a run, until each is given up.
final class RepresentationStock: Sendable {
  private let entries: Mutex<[SharedRepresentation?]>

  init(_ matrices: consuming [StoredMatrix]) {
    let shared: [SharedRepresentation?] = matrices.map { SharedRepresentation($0) }
    entries = Mutex(shared)
  }

  /// - Precondition: The representation has not been given up.
  subscript(index: Int) -> SharedRepresentation {
    entries.withLock { entries in
      guard let entry = entries[index] else {
        preconditionFailure("representation \(index) is asked for after its last use")
      }
      return entry
    }
  }

  /// Frees the memory of a representation, unless somebody else holds on to it.
  func giveUp(_ index: Int) {
    entries.withLock { $0[index] = nil }
  }
}

/// One representation of a run; what several metrics need of it is computed once.
final class SharedRepresentation: RepresentationSource, Sendable {
  let stored: StoredMatrix
  private let standard = Mutex<Result<StandardizedMatrix, MetricError>?>(nil)

  init(_ stored: StoredMatrix) { self.stored = stored }

  var samples: Int { stored.rows }
  var features: Int { stored.columns }

  func matrix() throws -> Matrix { try stored.matrix() }

  func standardized() throws -> StandardizedMatrix {
    try standard.withLock { standard in
      if let standard { return try standard.get() }
      let result = try metricResult { try StandardizedMatrix(checking: stored) }
      standard = result
      return try result.get()
    }
  }
}
