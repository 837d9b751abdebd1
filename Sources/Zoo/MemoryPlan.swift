import LinearAlgebra
public import Metrics

/// How much memory a comparison takes, and how it is kept within a budget.
///
/// Three things are weighed: the values themselves, which can move to a temporary file and be read
/// back block by block; what metrics keep of each representation, which can move there too; and the
/// scratch memory of each thread, which can be made smaller down to a limit. The figures are upper
/// bounds from the sizes alone; how many components SVCCA will keep, for one, nobody knows yet.
public struct MemoryPlan: Sendable, Equatable {
  /// The bytes that the process takes at most, about.
  public let bytes: Int
  public let threads: Int
  /// The scratch memory for the products of each thread.
  public let workspace: Int
  /// Whether values and what is kept of them move to a temporary file.
  public let spills: Bool

  /// The cheapest plan that fits the budget.
  ///
  /// - Parameters:
  ///   - shapes: Of all representations.
  ///   - metrics: The metrics of the run.
  ///   - threads: The most threads to use.
  ///   - budget: In bytes.
  /// - Throws: ``MemoryShortage`` when there is none.
  public init(
    shapes: [RepresentationShape], metrics: [any SimilarityMetric], threads: Int, budget: Int
  ) throws(MemoryShortage) {
    let need = MemoryNeed(shapes: shapes, metrics: metrics)
    let workspaces = stride(from: 40, through: MemoryNeed.leastWorkspace >> 20, by: -2)
      .map { $0 << 20 }
    for spills in [false, true] {
      for threads in stride(from: threads, through: 1, by: -1) {
        for workspace in workspaces {
          let bytes = need.bytes(spills: spills, threads: threads, workspace: workspace)
          guard bytes <= budget else { continue }
          self.bytes = bytes
          self.threads = threads
          self.workspace = workspace
          self.spills = spills
          return
        }
      }
    }
    throw MemoryShortage(
      usual: need.bytes(spills: false, threads: threads, workspace: 40 << 20),
      smallest: need.bytes(spills: true, threads: 1, workspace: MemoryNeed.leastWorkspace))
  }
}

/// No plan fits the budget.
public struct MemoryShortage: Error, Sendable, Equatable {
  /// What the run would take without a budget.
  public let usual: Int
  /// The smallest budget that would do.
  public let smallest: Int
}

/// The size of a representation.
public struct RepresentationShape: Sendable, Equatable {
  public var samples: Int
  public var features: Int
  /// The bytes of an element as it is held: 4 or 8.
  public var elementBytes: Int
  /// Whether it comes about by pooling, for which all of it is in memory once.
  public var isPooled: Bool

  public init(samples: Int, features: Int, elementBytes: Int, isPooled: Bool) {
    self.samples = samples
    self.features = features
    self.elementBytes = elementBytes
    self.isPooled = isPooled
  }

  var elements: Int { samples * features }
  var bytes: Int { elements * elementBytes }
}

/// The terms of the sum.
private struct MemoryNeed {
  /// Below this the products become slow.
  static let leastWorkspace = 4 << 20
  /// The program with its libraries, and what each thread takes of its own (buffers of BLAS, blocks on
  /// their way from a file), measured.
  private static let program = 56_000_000
  private static let thread = 16_000_000

  /// Values of all representations.
  let values: Int
  /// Matrices of results, and those that they are computed from.
  let results: Int
  /// The most that a metric keeps of all representations at one time.
  let kept: Int
  /// The most that a thread needs for one representation while reading or preparing it.
  let working: Int
  /// The rows of one representation that a thread reads from a file at a time.
  let rowsFromFile: Int
  /// The scratch memory that Gram tiles need at least.
  let tiles: Int

  init(shapes: [RepresentationShape], metrics: [any SimilarityMetric]) {
    let count = shapes.count
    values = shapes.reduce(0) { $0 + $1.bytes }
    // A cell of a result takes 24 bytes; linear kernels need four matrices of numbers and a sum for
    // each chunk of tiles.
    let chunks = min(64, max(8, (1 << 23) / max(1, count * count)))
    let linear = metrics.contains { $0 is any CenteredProductMetric }
    // One product of vectors has up to 32 such sums.
    let vectors = metrics.contains { $0 is any VectorMetric }
    results =
      count * count
      * (24 * metrics.count + (linear ? 8 * (4 + chunks) : 0) + (vectors ? 8 * 34 : 0))
      + (linear ? shapes.reduce(0) { $0 + 16 * $1.samples } : 0)
    // Rows of a file come whole, however few of their columns are wanted.
    rowsFromFile = shapes.map { min($0.samples, 1024) * $0.features * $0.elementBytes }.max() ?? 0
    tiles = linear ? count * 64 * 64 * 8 : 0
    var (kept, working) = (0, shapes.map(Self.reading).max() ?? 0)
    for metric in metrics where !(metric is any CenteredProductMetric) {
      kept = max(kept, shapes.reduce(0) { $0 + Self.kept($1, by: metric) })
      working = max(working, shapes.map { Self.preparing($0, for: metric) }.max() ?? 0)
    }
    self.kept = kept
    self.working = working
  }

  func bytes(spills: Bool, threads: Int, workspace: Int) -> Int {
    // Values are given up as the last metric prepares them.
    let held = spills ? 0 : max(values, kept) + min(values, kept) / 4
    return Self.program + results + held
      + threads
      * (Self.thread + max(working, max(workspace, tiles) + (spills ? rowsFromFile : 0)))
  }

  /// A block of a file, or all of what is pooled.
  private static func reading(_ shape: RepresentationShape) -> Int {
    shape.isPooled ? 12 * shape.elements + (64 << 20) : min(shape.bytes, 16 << 20)
  }

  private static func kept(_ shape: RepresentationShape, by metric: any SimilarityMetric) -> Int {
    switch metric {
    case is any FactorMetric: 8 * shape.samples * min(shape.samples, shape.features)
    case is any VectorMetric: 4 * shape.samples * shape.samples
    default: 8 * shape.elements
    }
  }

  private static func preparing(
    _ shape: RepresentationShape, for metric: any SimilarityMetric
  ) -> Int {
    let side = min(shape.samples, shape.features)
    switch metric {
    // The Gram matrix, its eigenvectors and their scratch memory; the basis.
    case is any StandardizedMetric:
      return 8 * (4 * side * side + 2 * shape.samples * side) + 16 * 512 * shape.features
    default: return 8 * (4 * shape.elements + 3 * shape.samples * shape.samples)
    }
  }
}
