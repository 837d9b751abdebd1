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

  /// Takes note of the bytes of a dataset.
  ///
  /// - Parameters:
  ///   - bytes: In any order; what is asked for twice counts once.
  ///   - metadata: Where pieces of the structure of the file begin.
  /// - Throws: ``Conflict`` if they belong to another one or to the structure; then nothing is noted.
  mutating func claim(
    _ bytes: [Range<Int>], for owner: String, metadata: [Int] = []
  ) throws(Conflict) {
    let runs = Self.joined(bytes)
    for place in metadata {
      // The last run that begins at or before the place.
      let index = runs.partitioned { $0.lowerBound > place } - 1
      if index >= 0, runs[index].contains(place) { throw Conflict(owner: owner, other: nil) }
    }
    for run in runs {
      var index = claims.partitioned { $0.bytes.upperBound > run.lowerBound }
      while index < claims.count, claims[index].bytes.lowerBound < run.upperBound {
        guard claims[index].owner == owner else {
          throw Conflict(owner: owner, other: claims[index].owner)
        }
        index += 1
      }
    }
    let own = claims.filter { $0.owner == owner }.map(\.bytes)
    claims.removeAll { $0.owner == owner }
    claims += Self.joined(own + runs).map { Claim(bytes: $0, owner: owner) }
    claims.sort { $0.bytes.lowerBound < $1.bytes.lowerBound }
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
