import LinearAlgebra

/// The k nearest neighbours of every sample.
public struct NeighbourLists: Sendable {
  /// The number of samples and of neighbours of each.
  public let samples: Int
  public let count: Int
  /// The neighbours of sample 0, then of sample 1, …, each list in ascending order of number.
  let neighbours: [Int32]
  /// The place of each of them among the neighbours by nearness: 1 is the nearest.
  let ranks: [Int32]

  /// The lists by one matrix product per tile of samples and a selection per sample.
  ///
  /// Candidates at the same distance up to rounding – copies of a sample, quantised activations – are put
  /// in an order by a hash of that distance and of the numbers of both samples: the same in every run,
  /// but unrelated in two representations that tie at different distances, so that ties alone cause no
  /// agreement.
  ///
  /// - Throws: as ``NeighbourRule/points(of:)``.
  /// - Complexity: O(n² d + n² + n k log k).
  init(of representation: Matrix, by rule: NeighbourRule) throws {
    let distances = SquaredDistances(between: try rule.points(of: representation))
    samples = representation.rows
    count = rule.count
    var neighbours: [Int32] = []
    var ranks: [Int32] = []
    neighbours.reserveCapacity(samples * count)
    ranks.reserveCapacity(samples * count)
    for tile in distances.tiles {
      let block = distances.distances(of: tile)
      for sample in tile {
        let nearest = nearestCandidates(
          to: sample, among: block.row(sample - tile.lowerBound), count: count)
        for (rank, candidate) in nearest.enumerated().sorted(by: { $0.1 < $1.1 }) {
          neighbours.append(candidate)
          ranks.append(Int32(rank + 1))
        }
      }
    }
    self.neighbours = neighbours
    self.ranks = ranks
  }

  /// The neighbours of a sample in ascending order of number.
  func neighbours(of sample: Int) -> ArraySlice<Int32> {
    neighbours[sample * count..<(sample + 1) * count]
  }

  /// Whether `candidate` is among the neighbours of `sample`.
  func contains(_ candidate: Int, among sample: Int) -> Bool {
    place(of: candidate, among: sample) != nil
  }

  /// Where in the lists `candidate` is as a neighbour of `sample`.
  func place(of candidate: Int, among sample: Int) -> Int? {
    var (low, high) = (sample * count, (sample + 1) * count)
    while low < high {
      let middle = (low + high) / 2
      if neighbours[middle] < candidate { low = middle + 1 } else { high = middle }
    }
    let isFound = low < (sample + 1) * count && neighbours[low] == candidate
    return isFound ? low : nil
  }

  /// Calls `body` with the places, here and in `other`, of every neighbour that a sample has in both.
  func forEachShared(
    of sample: Int, with other: NeighbourLists, _ body: (_ here: Int, _ there: Int) -> Void
  ) {
    var (here, there) = (sample * count, sample * other.count)
    let (end, otherEnd) = (here + count, there + other.count)
    while here < end, there < otherEnd {
      let (mine, its) = (neighbours[here], other.neighbours[there])
      if mine == its { body(here, there) }
      if mine <= its { here += 1 }
      if its <= mine { there += 1 }
    }
  }

  /// The number of neighbours that a sample has in both.
  func sharedCount(of sample: Int, with other: NeighbourLists) -> Int {
    var shared = 0
    forEachShared(of: sample, with: other) { _, _ in shared += 1 }
    return shared
  }

  /// The mean of `value` over the samples of two representations.
  func mean(with other: NeighbourLists, _ value: (_ sample: Int) throws -> Double) throws -> Double
  {
    guard samples == other.samples else {
      throw MetricError.sampleCountsDiffer(samples, other.samples)
    }
    var sum = 0.0
    for sample in 0..<samples { sum += try value(sample) }
    return sum / Double(samples)
  }
}

/// Sample `number`, which may become a neighbour of `sample`.
private struct Candidate: Comparable {
  let distance: Double
  let number: Int32
  let sample: Int32

  static func < (a: Candidate, b: Candidate) -> Bool {
    if a.distance != b.distance { return a.distance < b.distance }
    let (first, second) = (a.tieBreak, b.tieBreak)
    return first != second ? first < second : a.number < b.number
  }

  private var tieBreak: UInt64 {
    let pair = UInt64(sample) << 32 | UInt64(number)
    var generator = SeededGenerator(seed: distance.bitPattern, stream: pair)
    return generator.next()
  }
}

/// The nearest `count` candidates, nearest first, without the sample itself.
///
/// Candidates nearer than the k-th so far collect in a buffer; when it has 2k it is sorted and cut.
private func nearestCandidates(
  to sample: Int, among distances: ArraySlice<Double>, count: Int
) -> [Int32] {
  var nearest: [Candidate] = []
  nearest.reserveCapacity(2 * count)
  var farthestKept: Candidate?
  for (number, distance) in distances.enumerated() where number != sample {
    let candidate = Candidate(
      distance: distance.roundedForOrder, number: Int32(number), sample: Int32(sample))
    if let farthestKept, farthestKept < candidate { continue }
    nearest.append(candidate)
    if nearest.count == 2 * count {
      nearest.sort()
      nearest.removeLast(count)
      farthestKept = nearest.last
    }
  }
  return nearest.sorted().prefix(count).map(\.number)
}
