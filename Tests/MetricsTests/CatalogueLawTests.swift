import LinearAlgebra
import MetricLaws
import Metrics
import Testing

/// The laws, over the whole catalogue with default and other parameters.
@Suite struct CatalogueLawTests {
  static let specifications =
    MetricCatalogue.entries.map(\.name)
    + ["svcca:variance=0.8", "svcca:summary=mean-rho-squared"]
    + [
      "svcca:components=3", "svcca:components=5,summary=mean-rho-squared",
      "cca:summary=mean-rho-squared", "cca:tolerance=0.3", "gcd:tolerance=0.3",
      "pwcca:tolerance=0.3", "cka-rbf:bandwidth=0.5", "cka-rbf:median=all",
      "cka-rbf:bandwidth=0.5,median=all,estimator=debiased", "cka-minibatch:batch=10",
      "procrustes:output=distance", "procrustes:output=squared-distance",
      "procrustes:output=angle", "shape:alpha=0.0", "shape:alpha=0.5", "shape:alpha=0.5,scale=raw",
      "shape:alpha=0.0,scale=raw", "distance-correlation:estimator=bias-corrected",
      "gulp:lambda=0.1", "gulp:output=squared-distance",
      "gulp:lambda=0.01,output=squared-distance", "cka-spectral:power=0.0",
      "cka-spectral:power=1.0", "cka-spectral:ridge=0.1", "uniformity-difference:t=0.1",
      "rsa:dissimilarity=euclidean", "rsa:dissimilarity=squared-euclidean,comparison=pearson",
      "rsa:dissimilarity=cosine,comparison=cosine", "rsa:comparison=kendall",
      "mutual-knn:k=5,neighbours=euclidean", "mutual-knn:centred=true", "mutual-knn:clamp=0.95",
      "jaccard-knn:k=5,centred=true", "cknna:k=5,centred=true", "cknna:epsilon=1e-06",
      "cycle-knn:k=3",
      "rank-similarity:neighbours=euclidean", "second-order-cosine:entries=distance",
      "matching-hard:absolute=true", "matching-semi:symmetric=true",
      "matching-semi:absolute=true", "matching-soft:absolute=true",
      "ridge-predictivity:summary=pearson", "ridge-predictivity:folds=3,seed=none,lambda=2.0",
    ]

  @Test(arguments: specifications)
  func everyMetricKeepsItsPromises(_ specification: String) throws {
    let metric = try MetricCatalogue.metric(specification)
    #expect(lawViolations(of: metric).map(\.description) == [])
  }

  @Test(arguments: specifications)
  func theNameOfAMetricRecreatesIt(_ specification: String) throws {
    let metric = try MetricCatalogue.metric(specification)
    #expect(metric.name == specification)
    #expect(try MetricCatalogue.metric(metric.name).conventions == metric.conventions)
  }

  @Test(arguments: specifications)
  func scaleAndOffsetDoNoHarm(_ specification: String) throws {
    let metric = try MetricCatalogue.metric(specification)
    let fixture = GoldenFixture.a
    let value = try metric.similarity(fixture.x, fixture.y)
    for scale in [1e-25, 1e25, 1e-300, 1e300] where metric.invariances.contains(.isotropicScaling) {
      let scaled = try metric.similarity(fixture.x.scaled(by: scale), fixture.y)
      #expect(agree(scaled, value, within: 1e-12), "scale \(scale)")
    }
    guard metric.invariances.contains(.translation) else { return }
    let shifted = Matrix(rows: fixture.x.rows, columns: fixture.x.columns) {
      fixture.x[$0, $1] + 1e6
    }
    // The offset itself costs ε · 10⁶ = 2 · 10⁻¹⁰ of each element before we see it.
    #expect(agree(try metric.similarity(shifted, fixture.y), value, within: 1e-9))
  }

  @Test func brokenPromisesAreReported() {
    let laws = Set(lawViolations(of: Careless()).map(\.law))
    #expect(laws.contains("is symmetric"))
    #expect(laws.contains("is invariant to translation"))
    #expect(laws.contains("is not invariant to zero padding (undeclared)"))
    #expect(laws.contains("ends with a MetricError for input with NaN"))
    #expect(laws.contains("depends on which sample is which"))
  }

  @Test func unknownSpecificationsSayWhatIsKnown() {
    #expect(
      throws: MetricSpecificationError.unknownMetric(
        "ckaa", known: MetricCatalogue.entries.map(\.name))
    ) {
      try MetricCatalogue.metric("ckaa")
    }
    #expect(throws: MetricSpecificationError.self) { try MetricCatalogue.metric("cka:bandwidth=1") }
    #expect(throws: MetricSpecificationError.self) { try MetricCatalogue.metric("svcca:variance") }
    for bad in ["0", "1.5", "nan", "-1", "x"] {
      #expect(throws: MetricSpecificationError.self) {
        try MetricCatalogue.metric("svcca:variance=\(bad)")
      }
    }
  }
}

/// A metric as one finds them: uncentred, asymmetric, silent about NaN, and boasting.
private struct Careless: SimilarityMetric {
  let name = "careless"
  let conventions = "none"
  let invariances: Set<Invariance> = [.translation]
  let range = 0.0...1.0

  func prepare(_ representation: Matrix) -> Matrix { representation }

  func compare(_ x: Matrix, _ y: Matrix) -> Double {
    let ratio = x.squaredFrobeniusNorm() / y.squaredFrobeniusNorm()
    return ratio / (1 + ratio)
  }
}
