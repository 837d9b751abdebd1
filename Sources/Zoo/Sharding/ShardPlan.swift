public import Metrics

/// How the pairs of a zoo are divided over several runs.
///
/// The pairs, each representation with itself among them, form a triangle. Hilbert's curve through it
/// is cut into stretches of about equal cost, one a shard. A stretch stays within few rows and
/// columns, so that of N shards each needs about 1.7/√N of the representations (√2/√N would be the
/// least for N shards alike).
///
/// The plan depends on sizes, metrics and the number of shards alone: every run makes the same.
public struct ShardPlan: Sendable {
  /// The pairs of one shard.
  public struct Shard: Sendable, Equatable {
    /// The representations that have a part in any pair, in order.
    public let members: [Int]
    /// The number of pairs i ≤ j, each representation with itself among them where it belongs here.
    public let pairCount: Int
    fileprivate let tiles: Set<Tile>
    fileprivate let tileSide: Int

    /// Whether the pair (a, b), in either order, belongs to the shard.
    public func contains(_ a: Int, _ b: Int) -> Bool {
      tiles.contains(Tile(row: min(a, b) / tileSide, column: max(a, b) / tileSide))
    }
  }

  /// All pairs of some neighbouring representations with some others.
  struct Tile: Hashable {
    var row: Int
    var column: Int
  }

  /// As many as were asked for. Where there are fewer pairs, the last are empty.
  public let shards: [Shard]

  /// A curve through more tiles than these gains nothing, and takes long to cut.
  private static let mostTilesPerSide = 1024

  /// Divides all pairs of representations.
  ///
  /// - Parameters:
  ///   - shapes: The size of each representation.
  ///   - metrics: The metrics of the run.
  ///   - count: The number of shards, at least 1.
  /// - Complexity: O(T log T) for T tiles, at most 2²⁰.
  public init(shapes: [RepresentationShape], metrics: [any SimilarityMetric], count: Int) {
    precondition(count > 0, "\(count) shards")
    let side = max(1, (shapes.count + Self.mostTilesPerSide - 1) / Self.mostTilesPerSide)
    let ranges = stride(from: 0, to: shapes.count, by: side).map {
      $0..<min(shapes.count, $0 + side)
    }
    let tiles = HilbertCurve(covering: ranges.count).upperTriangle(size: ranges.count)
      .map { Tile(row: $0.row, column: $0.column) }
    let cost = ComparisonCost(shapes: shapes, metrics: metrics)
    let cutting = CurveCutting(
      preparations: ranges.map { range in range.reduce(0) { $0 + cost.preparations[$1] } },
      tiles: tiles.map { ($0, cost.comparing(ranges[$0.row], ranges[$0.column])) })
    let stretches = cutting.stretches(atMost: count)
    shards = (0..<count).map { index in
      let own = index < stretches.count ? tiles[stretches[index]] : []
      let rows = Set(own.flatMap { [$0.row, $0.column] })
      return Shard(
        members: rows.sorted().flatMap { ranges[$0] },
        pairCount: own.reduce(0) { sum, tile in
          let (a, b) = (ranges[tile.row].count, ranges[tile.column].count)
          return sum + (tile.row == tile.column ? a * (a + 1) / 2 : a * b)
        },
        tiles: Set(own), tileSide: side)
    }
  }
}

/// A row of tiles that is cut into stretches, the costliest of which is as cheap as can be.
private struct CurveCutting {
  /// Of each row or column of tiles: paid once in each stretch that touches it.
  let preparations: [Double]
  let tiles: [(tile: ShardPlan.Tile, cost: Double)]

  /// At most `count` neighbouring stretches of all tiles.
  ///
  /// For a limit to the cost of a stretch, filling one after the other takes the fewest. The least
  /// limit for which these are not more than `count` is found by bisection, to the last bit but four.
  func stretches(atMost count: Int) -> [Range<Int>] {
    var high = preparations.reduce(0, +) + tiles.reduce(0) { $0 + $1.cost }
    var low = high / Double(count) / 2
    while high - low > 16 * high.ulp {
      let middle = low + (high - low) / 2
      if stretches(costing: middle).count <= count { high = middle } else { low = middle }
    }
    return stretches(costing: high)
  }

  /// The fewest stretches that cost at most `limit` each; a single tile may cost more.
  private func stretches(costing limit: Double) -> [Range<Int>] {
    var stretches: [Range<Int>] = []
    // By row or column: the last stretch that touched it.
    var touched = [Int](repeating: -1, count: preparations.count)
    var (start, sum) = (0, 0.0)
    func preparing(_ tile: ShardPlan.Tile) -> Double {
      let row = touched[tile.row] == stretches.count ? 0 : preparations[tile.row]
      return tile.row == tile.column || touched[tile.column] == stretches.count
        ? row : row + preparations[tile.column]
    }
    for (index, entry) in tiles.enumerated() {
      if index > start, sum + entry.cost + preparing(entry.tile) > limit {
        stretches.append(start..<index)
        (start, sum) = (index, 0)
      }
      sum += entry.cost + preparing(entry.tile)
      touched[entry.tile.row] = stretches.count
      touched[entry.tile.column] = stretches.count
    }
    if start < tiles.count { stretches.append(start..<tiles.count) }
    return stretches
  }
}
