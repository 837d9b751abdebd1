import LinearAlgebra
import Metrics

@testable import Zoo

/// Representations with planted similarities: part of each is common to all.
struct SketchedZoo: Sendable, CustomStringConvertible {
  var name: String
  var matrices: [Matrix]

  var description: String { name }

  /// - Parameters:
  ///   - directions: How many directions carry the variance, with decreasing shares.
  ///   - tail: The spread of the logarithm of the size of a sample: above 0 some samples stand out.
  init(
    _ name: String, samples: Int, features: [Int], directions: Int, tail: Double = 0, seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    let common = generator.gaussianMatrix(rows: samples, columns: directions)
    let sizes = (0..<samples).map { _ in exponential(tail * generator.gaussian()) }
    self.name = name
    matrices = features.map { width in
      let own = generator.gaussianMatrix(rows: samples, columns: directions)
      let mixed = Matrix(rows: samples, columns: directions) { row, column in
        let share = 1 / Double(1 + 3 * column / directions)
        return (common[row, column] + own[row, column]) * share * sizes[row]
      }
      return mixed.times(generator.gaussianMatrix(rows: directions, columns: width))
    }
  }

  /// The exact values, by definition.
  func exact(_ metric: SketchedMetric) throws -> [[Double]] {
    let metric = metric.exact
    return try matrices.map { x in try matrices.map { try metric.similarity(x, $0) } }
  }

  func fingerprints(_ design: SketchDesign) -> [Result<Fingerprint, MissingFingerprint>] {
    matrices.map { matrix in
      Result { try Fingerprint(of: matrix, design: design) }
        .mapError { MissingFingerprint(reason: "\($0)") }
    }
  }

  /// Narrow and wide, few and many directions, samples that stand out, more features than samples.
  static let all = [
    SketchedZoo(
      "many directions", samples: 200, features: [40, 64, 30, 40], directions: 30, seed: 1),
    SketchedZoo(
      "three directions", samples: 250, features: [8, 64, 30, 9], directions: 3, seed: 2),
    SketchedZoo("one direction", samples: 128, features: [4, 7, 1, 2], directions: 1, seed: 3),
    SketchedZoo(
      "samples that stand out", samples: 240, features: [20, 30, 20], directions: 5, tail: 1,
      seed: 4),
    SketchedZoo("n < d", samples: 60, features: [500, 700, 400], directions: 50, seed: 5),
    SketchedZoo("n ≫ d", samples: 1500, features: [5, 9, 12], directions: 8, seed: 6),
  ]
}

private func exponential(_ x: Double) -> Double {
  var (sum, term) = (1.0, 1.0)
  for index in 1...60 {
    term *= x / Double(index)
    sum += term
  }
  return max(sum, 1e-3)
}
