/// Which bytes of a file hold the numbers of which dataset.
///
/// The first format of files has no checksums of its metadata: an address in it that was damaged leads
/// to other bytes of the same file. Most of these belong to something else, and that is noticed here.
struct ByteClaims {
  private struct Claim {
    var bytes: Range<Int>
    var owner: String
  }

  /// In ascending order and disjoint.
  private var claims: [Claim] = []
  /// Where pieces of the structure of the file begin, in ascending order.
  private var structure: [Int] = []
  /// The same for those that were noted last.
  private var recent: [Int] = []
  /// How many are searched one by one before they are sorted in.
  private static let mostRecent = 1024

  /// What two claims to the same bytes mean.
  struct Conflict: Error, Equatable {
    var owner: String
    /// The other dataset, or `nil` for the structure of the file.
    var other: String?

    var failure: LibraryFailure {
      LibraryFailure(
        reason: "its numbers are said to lie where "
          + (other.map { "those of \($0) lie" } ?? "the file keeps its structure"),
        help: "the file is damaged; write it again")
    }
  }

  /// Takes note of where pieces of the structure of the file begin.
  mutating func note(structure places: [Int]) {
    for place in places {
      let index = structure.partitioned { $0 >= place }
      if index < structure.count, structure[index] == place { continue }
      recent.append(place)
    }
    guard recent.count > Self.mostRecent else { return }
    structure = Set(structure + recent).sorted()
    recent = []
  }

  private func holdsStructure(_ bytes: Range<Int>) -> Bool {
    let index = structure.partitioned { $0 >= bytes.lowerBound }
    return index < structure.count && structure[index] < bytes.upperBound
      || recent.contains { bytes.contains($0) }
  }

  /// Takes note of the bytes of a dataset.
  ///
  /// - Parameter bytes: In any order; what is asked for twice counts once.
  /// - Throws: ``Conflict`` if they belong to another one or to the structure; then nothing is noted.
  /// - Complexity: O(n log n) for n ranges, and O(n) each for those that are new.
  mutating func claim(_ bytes: [Range<Int>], for owner: String) throws(Conflict) {
    var fresh: [Range<Int>] = []
    for run in Self.joined(bytes) {
      guard !holdsStructure(run) else { throw Conflict(owner: owner, other: nil) }
      var index = claims.partitioned { $0.bytes.upperBound > run.lowerBound }
      var start = run.lowerBound
      while index < claims.count, claims[index].bytes.lowerBound < run.upperBound {
        guard claims[index].owner == owner else {
          throw Conflict(owner: owner, other: claims[index].owner)
        }
        if start < claims[index].bytes.lowerBound {
          fresh.append(start..<claims[index].bytes.lowerBound)
        }
        start = claims[index].bytes.upperBound
        index += 1
      }
      if start < run.upperBound { fresh.append(start..<run.upperBound) }
    }
    for run in fresh {
      let index = claims.partitioned { $0.bytes.lowerBound > run.lowerBound }
      claims.insert(Claim(bytes: run, owner: owner), at: index)
    }
  }

  /// Takes note of datasets that lie in one piece each, in the place of all earlier claims.
  ///
  /// - Returns: The conflicts among them and with the structure, one an owner: of two that claim the
  ///   same bytes nobody knows which is right. What is in conflict is not noted.
  /// - Complexity: O(n log n) for n pieces.
  mutating func claim(pieces: [(owner: String, bytes: Range<Int>)]) -> [String: Conflict] {
    let sorted = pieces.filter { !$0.bytes.isEmpty }
      .sorted { $0.bytes.lowerBound < $1.bytes.lowerBound }
    var conflicts: [String: Conflict] = [:]
    // Among the pieces so far the one that reaches farthest.
    var farthest: (owner: String, end: Int) = ("", 0)
    for (owner, bytes) in sorted {
      if holdsStructure(bytes) { conflicts[owner] = Conflict(owner: owner, other: nil) }
      if bytes.lowerBound < farthest.end {
        conflicts[owner] = Conflict(owner: owner, other: farthest.owner)
        if conflicts[farthest.owner] == nil {
          conflicts[farthest.owner] = Conflict(owner: farthest.owner, other: owner)
        }
      }
      if bytes.upperBound > farthest.end { farthest = (owner, bytes.upperBound) }
    }
    claims = sorted.filter { conflicts[$0.owner] == nil }
      .map { Claim(bytes: $0.bytes, owner: $0.owner) }
    return conflicts
  }

  /// Ranges in ascending order, those that touch or overlap made one.
  private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}

extension Array {
  /// The index of the first element for which a condition holds that holds for all after it too.
  fileprivate func partitioned(by holds: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension ReadingPlan {
  /// The bytes of the file that it speaks of.
  var claimedBytes: [Range<Int>] {
    switch place {
    case .contiguous(let offset):
      guard offset >= 0, let size = Caps.product(shape + [elementBytes]), size <= Int.max - offset
      else { return [] }
      return [offset..<offset + size]
    case .chunked(let map):
      return map.entries.compactMap { entry in
        entry.bytes > 0 && entry.offset >= 0 && entry.offset <= Int.max - entry.bytes
          ? entry.offset..<entry.offset + entry.bytes : nil
      }
    case .library: return []
    }
  }
}
