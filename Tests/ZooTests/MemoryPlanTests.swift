import Metrics
import Testing
import Zoo

@Suite struct MemoryPlanTests {
  private let shapes = Array(
    repeating: RepresentationShape(
      samples: 5000, features: 768, elementBytes: 4, isPooled: false), count: 200)
  private let metrics: [any SimilarityMetric] = [LinearCKA(), DebiasedCKA()]

  @Test func withoutALimitEverythingStaysInMemory() throws {
    let plan = try MemoryPlan(shapes: shapes, metrics: metrics, threads: 4, budget: .max)
    #expect(!plan.spills && plan.threads == 4)
    let values = 200 * 5000 * 768 * 4
    #expect(plan.bytes > values && plan.bytes <= values / 4 * 5)
  }

  /// The larger the budget, the better the plan; none takes more than it may.
  @Test func plansKeepWithinTheBudget() throws {
    var workspace = 0
    for megabytes in [150, 333, 800, 2000, 5000] {
      let plan = try MemoryPlan(
        shapes: shapes, metrics: metrics, threads: 2, budget: megabytes * 1_000_000)
      #expect(plan.bytes <= megabytes * 1_000_000)
      #expect(plan.spills == (megabytes < 3100))
      #expect(plan.workspace * plan.threads >= workspace)
      workspace = plan.workspace * plan.threads
    }
  }

  @Test func theSmallestBudgetThatIsNamedWouldDo() throws {
    do {
      _ = try MemoryPlan(shapes: shapes, metrics: metrics, threads: 2, budget: 10_000_000)
      Issue.record("10 MB were enough")
    } catch {
      #expect(error.smallest < error.usual)
      let plan = try MemoryPlan(
        shapes: shapes, metrics: metrics, threads: 2, budget: error.smallest)
      #expect(plan.spills && plan.threads == 1 && plan.bytes == error.smallest)
      #expect(throws: MemoryShortage.self) {
        try MemoryPlan(
          shapes: shapes, metrics: metrics, threads: 2, budget: error.smallest - 1)
      }
    }
  }

  /// A dissimilarity matrix of 50,000 samples takes 10 GB, in memory or not.
  @Test func metricsOfAllPairsOfSamplesNeedTheirRoom() {
    let tall = [
      RepresentationShape(samples: 50_000, features: 64, elementBytes: 4, isPooled: false)
    ]
    #expect(throws: MemoryShortage.self) {
      try MemoryPlan(shapes: tall, metrics: [RSA()], threads: 1, budget: 8_000_000_000)
    }
  }
}
