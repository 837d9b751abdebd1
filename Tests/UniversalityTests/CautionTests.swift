import Activations
import LinearAlgebra
import Metrics
import Testing
import Zoo

@testable import Universality

@Suite struct CautionTests {
  private func zoo(_ matrices: [Matrix]) -> ActivationSet {
    ActivationSet(
      models: [ModelRecord(name: "m", family: "f")],
      representations: matrices.enumerated().map { index, matrix in
        Representation(
          matrix: matrix, model: 0, layer: "l\(index)", order: index, depth: 0,
          source: .init(
            file: "m.h5", dataset: "/l\(index)", shape: [matrix.rows, matrix.columns], dims: "n d",
            evidence: "test", pooling: "none", elementType: "float64"))
      }, alignment: .positional(samples: matrices[0].rows))
  }

  @Test func eachRegimeIsToldForTheLayersConcerned() throws {
    var generator = SeededGenerator(seed: 1)
    let latent = generator.gaussianMatrix(rows: 40, columns: 2)
    let redundant = latent.times(generator.gaussianMatrix(rows: 2, columns: 20))
    let matrices = [
      redundant,  // 20 features of 2 directions: any half would do
      generator.gaussianMatrix(rows: 40, columns: 3),  // nothing in common
      generator.gaussianMatrix(rows: 40, columns: 60),  // more features than samples
      Matrix(rows: 40, columns: 2, repeating: 1),
      generator.gaussianMatrix(rows: 40, columns: 25),
    ]
    let zoo = zoo(matrices)
    let metrics: [any SimilarityMetric] = [DebiasedCKA(), CCA()]
    let comparison = try ZooComparison(of: zoo, metrics: metrics)
    let cautions = Caution.all(
      of: zoo, diagnostics: comparison.diagnostics, influence: nil, metrics: metrics)
    func layers(_ kind: Caution.Kind) -> [Int] {
      cautions.filter { $0.kind == kind }.map(\.layer)
    }
    #expect(layers(.moreFeaturesThanSamples) == [2])
    #expect(layers(.constant) == [3])
    // 39 + 3, 39 + 2 and 39 + 25 directions are more than 39; 25 + 3 are not.
    #expect(layers(.saturated) == [0, 1, 2, 4])
    let wide = cautions.first { $0.kind == .saturated && $0.layer == 2 }
    #expect(wide?.value == 3 && wide?.metric == "cca")
    #expect(!layers(.narrow).contains(0))
    #expect(comparison.notes.count == 1)
  }

  /// Debiased CKA is the corrected one times the factors of both sides.
  @Test func theFactorsOfNarrowLayersAreThoseOfTheCorrectedMetric() throws {
    var generator = SeededGenerator(seed: 2)
    let latent = generator.gaussianMatrix(rows: 60, columns: 3)
    func layer(_ width: Int) -> Matrix {
      let signal = latent.times(generator.gaussianMatrix(rows: 3, columns: width))
      let noise = generator.gaussianMatrix(rows: 60, columns: width)
      return Matrix(rows: 60, columns: width) { signal[$0, $1] + 0.7 * noise[$0, $1] }
    }
    let (x, y) = (layer(5), layer(9))
    let zoo = zoo([x, y])
    let factors = try ZooComparison(of: zoo, metrics: [DebiasedCKA()]).diagnostics.map {
      try #require($0.attenuation)
    }
    #expect(factors[0] < 1 && factors[1] < 1)
    let corrected = try DependentColumnsCKA().similarity(x, y)
    let debiased = try DebiasedCKA().similarity(x, y)
    #expect(abs(corrected * factors[0] * factors[1] - debiased) <= 1e-12)
  }
}
