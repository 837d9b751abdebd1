import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@Suite struct AllPairsTests {
  private func zoo(_ matrices: [Matrix]) -> ActivationSet {
    ActivationSet(
      models: [ModelRecord(name: "m")],
      representations: matrices.enumerated().map { index, matrix in
        Representation(
          matrix: matrix, model: 0, layer: "l\(index)", order: index, depth: 0,
          source: .init(
            file: "m.h5", dataset: "/l\(index)", shape: [matrix.rows, matrix.columns], dims: "n d",
            evidence: "test", pooling: "none", elementType: "float64"))
      },
      alignment: .positional(samples: matrices.first?.rows ?? 0))
  }

  private func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return generator.gaussianMatrix(rows: rows, columns: columns)
  }

  private var metrics: [any SimilarityMetric] {
    [
      LinearCKA(), DebiasedCKA(), SVCCA(), CCA(), GCD(), GULP(lambda: 0.1), Procrustes(),
      ShapeMetric(alpha: 0.5), SpectralCKA(), EigenspaceOverlap(),
    ]
  }

  /// The batch route against its definition, narrow and wide layers mixed, one stack and many.
  @Test func theFastRouteAgreesWithComparePairByPair() throws {
    let matrices = [3, 90, 17, 2100, 1, 8].enumerated().map { random(30, $1, UInt64($0)) }
    let comparison = try ZooComparison(of: zoo(matrices), metrics: metrics)
    for (metric, matrix) in zip(metrics, comparison.matrices) {
      for a in matrices.indices {
        for b in matrices.indices {
          let expected = try metric.similarity(matrices[a], matrices[b])
          let value = try #require(matrix[a, b].value)
          #expect(abs(value - expected) <= 1e-12, "\(metric.name) \(a) \(b)")
        }
      }
    }
  }

  /// 40 samples and 12,000 features take the route by samples.
  @Test func theRouteBySamplesAgreesWithComparePairByPair() throws {
    let matrices = (0..<6).map { random(40, 2000, UInt64($0)) }
    let comparison = try ZooComparison(of: zoo(matrices), metrics: metrics)
    #expect(comparison.routes["cka-debiased"] == "cross-products by samples")
    for (metric, matrix) in zip(metrics, comparison.matrices) {
      let value = try #require(matrix[1, 4].value)
      #expect(abs(value - (try metric.similarity(matrices[1], matrices[4]))) <= 1e-12)
    }
  }

  /// 12 and 20 directions of 29; 15 of two layers together are one too many.
  @Test func saturatedPairsAreCounted() throws {
    let comparison = try ZooComparison(
      of: zoo([random(30, 12, 0), random(30, 20, 1), random(30, 15, 2)]),
      metrics: [CCA(), SVCCA(components: 5), Procrustes()])
    #expect(comparison.notes.count == 1)
    #expect(comparison.notes[0].hasPrefix("cca is saturated for 2 of 3 pairs"))
  }

  /// Layers of trained networks, narrow and wide: see the documentation for what was measured.
  @Test func singlePrecisionStaysWithin1e5OfDouble() throws {
    let matrices = [3, 90, 17, 210, 8].enumerated().map { index, width in
      // Correlated features far from zero.
      let mixing = random(width, width, UInt64(100 + index))
      let raw = random(400, width, UInt64(index)).times(mixing)
      return Matrix(
        rows: 400, columns: width, elements: raw.elements.map { $0 * 1e3 + 1e4 })
    }
    let metrics = metrics + [RSA(), DistanceCorrelation()]
    let exact = try ZooComparison(of: zoo(matrices), metrics: metrics)
    let single = try ZooComparison(
      of: zoo(matrices), metrics: metrics, resources: Resources(precision: .single))
    var hasDifference = false
    for (x, y) in zip(exact.matrices, single.matrices) {
      for a in matrices.indices {
        for b in matrices.indices {
          let error = abs(try #require(x[a, b].value) - (try #require(y[a, b].value)))
          #expect(error <= 1e-5, "\(x.metric) \(a) \(b)")
          if error > 0 { hasDifference = true }
        }
      }
    }
    #expect(hasDifference)
  }

  /// Far more features than samples: next to nothing is left without bias, and single precision would
  /// be off by 10⁻³. Copies of a layer are exactly 1.
  @Test func singlePrecisionIsNotTrustedWhereLittleIsLeft() throws {
    let matrices = [random(60, 20_000, 0), random(60, 20_000, 1)]
    let metrics: [any SimilarityMetric] = [DebiasedCKA(), LinearCKA()]
    let exact = try ZooComparison(of: zoo(matrices), metrics: metrics)
    let single = try ZooComparison(
      of: zoo(matrices), metrics: metrics, resources: Resources(precision: .single))
    for (x, y) in zip(exact.matrices, single.matrices) {
      let (a, b) = (try #require(x[0, 1].value), try #require(y[0, 1].value))
      #expect(abs(a - b) <= 1e-5)
    }
    #expect(single.routes["cka"]?.hasSuffix("in double precision") == true)
    let copies = try ZooComparison(
      of: zoo([random(500, 60, 0), random(500, 60, 0)]),
      metrics: [LinearCKA(), DebiasedCKA(), Procrustes(), SVCCA()],
      resources: Resources(precision: .single))
    for matrix in copies.matrices { #expect(matrix[0, 1].value == 1) }
  }

  /// Values in a temporary file, little scratch memory: the same numbers.
  @Test func valuesInAFileGiveTheSameNumbers() throws {
    let matrices = [30, 90, 17].enumerated().map { random(300, $1, UInt64($0)) }
    let inMemory = try ZooComparison(of: zoo(matrices), metrics: metrics)
    let file = try SpillFile()
    var spilled = zoo(matrices)
    for index in matrices.indices {
      spilled.representations[index].values = try StoredMatrix(matrices[index]).spilled(to: file)
    }
    let comparison = try ZooComparison(
      emptying: &spilled, metrics: metrics,
      resources: Resources(workspace: 1 << 18, spill: file))
    #expect(spilled.representations.allSatisfy { $0.values.rows == 0 })
    for (x, y) in zip(inMemory.matrices, comparison.matrices) {
      for a in matrices.indices {
        for b in matrices.indices {
          let (p, q) = (try #require(x[a, b].value), try #require(y[a, b].value))
          #expect(abs(p - q) <= 1e-13)
        }
      }
    }
  }

  @Test func oneBadLayerDoesNotSpoilTheOthers() throws {
    var withNaN = random(30, 4, 9)
    withNaN[3, 2] = .nan
    let matrices = [
      random(30, 4, 1), Matrix(rows: 30, columns: 4, repeating: 0.7), random(30, 5, 2), withNaN,
    ]
    let comparison = try ZooComparison(of: zoo(matrices), metrics: metrics)
    for matrix in comparison.matrices {
      #expect(matrix[0, 2].value != nil)
      #expect(matrix[0, 1].reason == "constant: all samples have the same activations")
      #expect(matrix[1, 1].reason != nil)
      #expect(matrix[2, 3].reason == "not finite at sample 3, feature 2")
    }
    #expect(comparison.diagnostics[1].constantFeatures == 4)
    #expect(comparison.diagnostics[1].participationRatio == nil)
    #expect(comparison.diagnostics[0].directions["svcca"] != nil)
  }

  @Test func theNumberOfThreadsChangesNoBit() throws {
    let matrices = (0..<9).map { random(40, 3 + 5 * $0, UInt64($0)) }
    let one = try ZooComparison(
      of: zoo(matrices), metrics: metrics, resources: Resources(threads: 1))
    let many = try ZooComparison(
      of: zoo(matrices), metrics: metrics, resources: Resources(threads: 7))
    #expect(one.matrices == many.matrices)
  }

  @Test func aZooWithoutRepresentationsGivesEmptyMatrices() throws {
    let comparison = try ZooComparison(of: zoo([]), metrics: metrics)
    #expect(comparison.matrices.map(\.count) == metrics.map { _ in 0 })
  }
}
