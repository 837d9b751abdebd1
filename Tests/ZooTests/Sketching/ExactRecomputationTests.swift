import Activations
import LinearAlgebra
import Metrics
import Testing

@testable import Zoo

@Suite struct ExactRecomputationTests {
  private func matrix(_ cells: [(Int, Int, Double, Double?)], count: Int) -> SimilarityMatrix {
    var matrix = SimilarityMatrix(metric: "test", conventions: "", count: count)
    for (a, b, value, error) in cells {
      if let error {
        matrix.store(SketchedValue(value: value, standardError: error), at: a, b)
      } else {
        matrix[a, b] = .value(value)
      }
    }
    return matrix
  }

  /// Layer 0 against the layers 1, 2, 3 of another model: Φ⁻¹(1 − 0.01/3) = 2.713.
  @Test func onlyWhatReachesTheHighestLowerLimitCanBeBest() {
    let models = [0, 1, 1, 1]
    let far = matrix([(0, 1, 0.5, 0.01), (0, 2, 0.4, 0.01), (0, 3, 0.44, 0.01)], count: 4)
    #expect(far.bestMatchCandidates(models: models).filter { $0.a == 0 } != [])
    // For the layers 1 to 3 the only layer of model 0 is always the best match.
    #expect(far.bestMatchCandidates(models: models) == [.init(0, 1), .init(0, 2), .init(0, 3)])
    let models3 = [0, 0, 1, 1, 1]
    let cells = [
      (0, 2, 0.5, 0.01), (0, 3, 0.4, 0.01), (0, 4, 0.45, 0.01),
      (1, 2, 0.9, 0.01), (1, 3, 0.9, 0.01), (1, 4, 0.9, 0.01),
    ].map { ($0.0, $0.1, $0.2, Optional($0.3)) }
    // 0.45 + 2.713 · 0.01 reaches 0.5 − 2.713 · 0.01; 0.4 does not, and is not the best for layer 3.
    #expect(
      matrix(cells, count: 5).bestMatchCandidates(models: models3)
        == [.init(0, 2), .init(0, 4), .init(1, 2), .init(1, 3), .init(1, 4)])
    // Exact values have no margin.
    let exact = matrix(cells.map { ($0.0, $0.1, $0.2, nil) }, count: 5)
    #expect(
      exact.bestMatchCandidates(models: models3)
        == [.init(0, 2), .init(1, 2), .init(1, 3), .init(1, 4)])
  }

  @Test func missingValuesAreNoCandidates() {
    let matrix = matrix([(0, 1, 0.5, 0.01)], count: 3)
    #expect(matrix.bestMatchCandidates(models: [0, 1, 1]) == [.init(0, 1)])
  }

  @Test func quantilesOfTheNormalDistributionAreThoseOfTables() {
    #expect(abs(normalQuantile(0.975) - 1.959963984540054) <= 1e-12)
    #expect(abs(normalQuantile(0.5)) <= 1e-12)
    #expect(abs(normalQuantile(0.001) + 3.090232306167813) <= 1e-11)
  }

  /// Over many seeds the true best match is among the candidates, and after the computation it is
  /// found: all values in question are exact.
  @Test func theTrueBestMatchIsAmongTheCandidates() throws {
    let zoo = SketchedZoo(
      "models", samples: 120, features: Array(repeating: 12, count: 12), directions: 6, seed: 4)
    let models = (0..<12).map { $0 / 4 }
    let activations = ActivationSet(
      models: (0..<3).map { ModelRecord(name: "m\($0)") },
      representations: zoo.matrices.enumerated().map { index, matrix in
        Representation(
          matrix: matrix, model: index / 4, layer: "l\(index)", order: index % 4, depth: 0,
          source: .init(
            file: "m.h5", dataset: "/l", shape: [], dims: "n d", evidence: "test", pooling: "none",
            elementType: "float64"))
      },
      alignment: .positional(samples: 120))
    let exact = try zoo.exact(.debiased)
    var (missed, asked, pruned) = (0, 0, 0)
    for seed in 0..<40 as Range<UInt64> {
      var comparison = try FingerprintSet(of: activations, size: 1024, seed: seed)
        .compared(by: [.debiased])
      let candidates = comparison.matrices[0].bestMatchCandidates(models: models)
      pruned += 48 - candidates.count
      for a in 0..<12 {
        for model in 0..<3 where model != models[a] {
          let others = (0..<12).filter { models[$0] == model }
          let best = try #require(others.max { exact[a][$0] < exact[a][$1] })
          asked += 1
          if !candidates.contains(.init(a, best)) { missed += 1 }
        }
      }
      try comparison.recompute(candidates, metric: .debiased, of: activations)
      for pair in candidates {
        #expect(comparison.matrices[0].standardError(pair.a, pair.b) == nil)
        let value = try #require(comparison.matrices[0][pair.a, pair.b].value)
        #expect(abs(value - exact[pair.a][pair.b]) <= 1e-12)
      }
    }
    #expect(Double(missed) <= 0.01 * Double(asked), "\(missed) of \(asked)")
    #expect(pruned > 0)
  }
}
