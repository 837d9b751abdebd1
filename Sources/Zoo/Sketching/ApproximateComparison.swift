public import LinearAlgebra
import Metrics

/// Linear and debiased CKA of all pairs of representations, estimated from their fingerprints with a
/// standard error each.
///
/// An estimate is the cosine of two fingerprints f and g. With both scaled to unit length its error is,
/// to first order, Σ ψ over the coordinates with
///
///     ψ = f g − ρ (f² + g²)/2,    ρ the estimate.
///
/// Every row of the orthogonal transform occurs in equally many pairs. So what of the ψ belongs to
/// single rows adds up to a constant, what is left is uncorrelated, and
///
///     se² = (1 − share of the coordinates that is used) · Σ ψ²,
///
/// (Where there are fewer pairs than half the rows, no two pairs share a row, and the same follows.)
/// That is about (1 − ρ²)²/m for m pairs, whatever the spectra of the representations are. Where one
/// or two directions carry nearly everything, Σ ψ² still contains the part that cancels, and the
/// standard error is too large, by a fifth at most as measured.
///
/// ⟨A, B⟩ itself is estimated without bias; the cosine has a bias near −ρ(1 − ρ²)/(2m), which is
/// 2√m times smaller than the standard error.
public struct ApproximateComparison: Sendable {
  /// The estimates, with ``SimilarityMatrix/standardError(_:_:)``.
  public var matrices: [SimilarityMatrix]

  /// - Parameters:
  ///   - fingerprints: One a representation, or why it has none; all of the same design.
  ///   - design: Their design.
  ///   - metrics: The metrics, one matrix each.
  ///   - threads: The number of threads; no bit depends on it.
  ///   - progress: Told how far the comparison is.
  /// - Complexity: four products of P × m by m × P for P representations with m coordinates.
  public init(
    of fingerprints: [Result<Fingerprint, MissingFingerprint>], design: SketchDesign,
    metrics: [SketchedMetric], threads: Int = Parallel.coreCount,
    progress: ProgressReceiver? = nil
  ) throws {
    let tiles = FingerprintTiles(fingerprints.compactMap { try? $0.get() }, design: design)
    let selves = try tiles.selfMoments(threads: threads)
    // The place of each representation among those with a fingerprint.
    var usable = 0
    let places = fingerprints.map { fingerprint in
      fingerprint.map { _ in
        usable += 1
        return usable - 1
      }
    }
    matrices = metrics.map { metric in
      var matrix = SimilarityMatrix(
        metric: metric.rawValue,
        conventions: metric.exact.conventions
          + "; estimated from fingerprints of \(design.pairCount) pairs, seed \(design.seed)",
        count: fingerprints.count)
      let checked = places.map { place in
        place.flatMap { metric.check(selves[$0], design: design) }
      }
      matrix.storeReasons(checked)
      return matrix
    }
    let indices = places.indices.filter { (try? places[$0].get()) != nil }
    let counter = progressCounter(
      progress, stage: "comparing (fingerprints)", total: tiles.ranges.count)
    for (line, rows) in tiles.ranges.enumerated() {
      let blocks = try Parallel.map(count: tiles.ranges.count - line, threads: threads) {
        tiles.estimates(rows, tiles.ranges[line + $0], metrics: metrics, selves: selves)
      }
      for (columns, block) in zip(tiles.ranges[line...], blocks) {
        for (metric, estimates) in block.enumerated() {
          for (index, estimate) in estimates.enumerated() {
            let a = indices[rows.lowerBound + index / columns.count]
            let b = indices[columns.lowerBound + index % columns.count]
            guard a <= b, matrices[metric][a, b].reason == Self.pending else { continue }
            if a == b {
              matrices[metric][a, a] = .value(1)
            } else {
              matrices[metric].store(estimate, at: a, b)
            }
          }
        }
      }
      counter?(line + 1)
    }
  }

  fileprivate static let pending = "not computed"
}

extension SimilarityMatrix {
  /// The first of two reasons stands, as in an exact comparison.
  fileprivate mutating func storeReasons(_ checked: [Result<Void, MissingFingerprint>]) {
    for (a, result) in checked.enumerated() {
      guard case .failure(let error) = result else { continue }
      for b in checked.indices {
        if b < a, case .failure = checked[b] { continue }
        self[a, b] = .missing(reason: error.reason)
      }
    }
  }
}
