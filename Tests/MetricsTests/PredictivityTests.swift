import LinearAlgebra
import Metrics
import Testing

@Suite struct PredictivityTests {
  @Test func goldenValues() throws {
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    let linear = LinearPredictivity()
    #expect(agree(try linear.similarity(x, y), 0.326473571087, within: 1e-10))
    #expect(agree(try linear.similarity(y, x), 0.722857282169, within: 1e-10))
    for (summary, expected) in [
      (RidgePredictivity.Summary.r2, 0.090502427497), (.pearson, 0.365133873321),
    ] {
      let ridge = RidgePredictivity(seed: nil, penalty: 1, summary: summary)
      #expect(agree(try ridge.similarity(x, y), expected, within: 1e-10))
    }
  }

  /// A fixed penalty belongs to the units of the activations.
  @Test func fixedPenaltiesAreAbsolute() throws {
    let (x, y) = (GoldenFixture.a.x, GoldenFixture.a.y)
    let one = RidgePredictivity(penalty: 1)
    for scale in [1e-3, 3, 1e6] {
      let scaled = RidgePredictivity(penalty: scale * scale)
      let value = try one.similarity(x, y)
      #expect(agree(try scaled.similarity(x.scaled(by: scale), y), value, within: 1e-12))
    }
  }

  /// With as many directions as samples, least squares predicts everything – in-sample.
  @Test func inSampleValuesSaturateAndCrossValidatedOnesDoNot() throws {
    var generator = SeededGenerator(seed: 5)
    let x = generator.gaussianMatrix(rows: 60, columns: 80)
    let y = generator.gaussianMatrix(rows: 60, columns: 8)
    #expect(agree(try LinearPredictivity().similarity(x, y), 1, within: 1e-12))
    let ridge = try RidgePredictivity().similarity(x, y)
    #expect(ridge < 0.05 && ridge > -1)
  }

  /// What is linear is predicted; what is only correlated in one direction is not.
  @Test func linearImagesArePredicted() throws {
    var generator = SeededGenerator(seed: 6)
    let x = generator.gaussianMatrix(rows: 200, columns: 10)
    let y = x.times(generator.gaussianMatrix(rows: 10, columns: 4))
    #expect(agree(try LinearPredictivity().similarity(x, y), 1, within: 1e-12))
    #expect(try RidgePredictivity().similarity(x, y) > 0.999_999)
    #expect(try RidgePredictivity(summary: .pearson).similarity(x, y) > 0.999_999)
    #expect(try RidgePredictivity().similarity(y, x) < 0.6)
  }

  /// The coefficients from the normal equations, by an eigen-decomposition, fold by fold.
  @Test func ridgeAgreesWithTheNormalEquations() throws {
    let (x, y) = (GoldenFixture.b.x, GoldenFixture.b.y)
    let (folds, penalty) = (3, 0.5)
    var (error, total) = (0.0, 0.0)
    for fold in 0..<folds {
      let training = (0..<x.rows).filter { $0 % folds != fold }
      let (a, b) = (x.selectingRows(training), y.selectingRows(training))
      let (ac, bc) = (a.centered(), b.centered())
      let eigen = try SymmetricEigen(ac.featureGram())
      let inverse = Matrix(rows: x.columns, columns: x.columns) { i, j in
        eigen.values.indices.reduce(0) {
          $0 + eigen.vectors[$1, i] * eigen.vectors[$1, j] / (eigen.values[$1] + penalty)
        }
      }
      let coefficients = inverse.times(ac.transposeTimes(bc))
      for sample in 0..<x.rows where sample % folds == fold {
        let shifted = Matrix(rows: 1, columns: x.columns) { x[sample, $1] - a[0, $1] + ac[0, $1] }
        let predicted = shifted.times(coefficients)
        for feature in 0..<y.columns {
          let actual = y[sample, feature] - b[0, feature] + bc[0, feature]
          error += (actual - predicted[0, feature]) * (actual - predicted[0, feature])
          total += actual * actual
        }
      }
    }
    let metric = RidgePredictivity(folds: folds, seed: nil, penalty: penalty)
    #expect(agree(try metric.similarity(x, y), 1 - error / total, within: 1e-11))
  }

  @Test func specificationsAreRead() throws {
    let metric = try MetricCatalogue.metric("ridge-predictivity:seed=none,lambda=1")
    let fixture = GoldenFixture.a
    #expect(agree(try metric.similarity(fixture.x, fixture.y), 0.090502427497, within: 1e-10))
    for bad in ["seed=-1", "folds=1", "lambda=-2", "lambda=inf", "summary=r"] {
      #expect(throws: MetricSpecificationError.self) {
        try MetricCatalogue.metric("ridge-predictivity:" + bad)
      }
    }
  }
}
