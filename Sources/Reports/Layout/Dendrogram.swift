/// Average-linkage hierarchical clustering (UPGMA; Sokal & Michener 1958), for the order of a heat
/// map.
///
/// Of equally distant pairs the one with the smallest indices is joined first, and the cluster
/// with the smallest index comes first in the order: the result depends on nothing but the
/// distances. Time O(n³) at worst, memory O(n²).
struct Dendrogram: Equatable {
  /// A join of two clusters. Clusters 0 ..< n are the leaves; join k makes cluster n + k.
  struct Join: Equatable {
    var left: Int
    var right: Int
    var height: Double
  }

  let count: Int
  private(set) var joins: [Join] = []

  /// - Parameter distance: symmetric; asked once for each pair a < b.
  init(count: Int, distance: (Int, Int) -> Double) {
    self.count = count
    guard count > 1 else { return }
    var distances = Array(repeating: 0.0, count: count * count)
    for a in 0..<count {
      for b in a + 1..<count {
        let value = distance(a, b)
        distances[a * count + b] = value
        distances[b * count + a] = value
      }
    }
    var cluster = Array(0..<count)
    var size = Array(repeating: 1.0, count: count)
    var alive = Array(0..<count)
    while alive.count > 1 {
      var best = (a: alive[0], b: alive[1], distance: Double.infinity)
      for (position, a) in alive.enumerated() {
        for b in alive[(position + 1)...] where distances[a * count + b] < best.distance {
          best = (a, b, distances[a * count + b])
        }
      }
      // Rows keep the smaller leaf of their cluster, so `a` is the one to come first.
      let (a, b) = (best.a, best.b)
      for other in alive where other != a && other != b {
        let mean =
          (size[a] * distances[a * count + other] + size[b] * distances[b * count + other])
          / (size[a] + size[b])
        distances[a * count + other] = mean
        distances[other * count + a] = mean
      }
      joins.append(Join(left: cluster[a], right: cluster[b], height: best.distance))
      cluster[a] = count + joins.count - 1
      size[a] += size[b]
      alive.removeAll { $0 == b }
    }
  }

  /// The leaves from left to right.
  var order: [Int] {
    guard count > 1 else { return Array(0..<count) }
    var order: [Int] = []
    var pending = [count + joins.count - 1]
    while let cluster = pending.popLast() {
      if cluster < count {
        order.append(cluster)
      } else {
        let join = joins[cluster - count]
        pending.append(join.right)
        pending.append(join.left)
      }
    }
    return order
  }
}
