extension [Double] {
  /// The positions of the elements in ascending order, equal elements in the order of position.
  ///
  /// For numbers that are not negative the order is that of their bits: a radix sort, 16 bits a pass.
  ///
  /// - Precondition: no element is negative or NaN.
  /// - Complexity: O(count).
  func ascendingOrder() -> [Int32] {
    precondition(count <= Int32.max, "more elements than 32-bit positions")
    // −0 has the sign bit of a negative number; adding 0 takes it away.
    let keys = map { ($0 + 0).bitPattern }
    var order = (0..<Int32(count)).map { $0 }
    var sorted = order
    for shift in stride(from: UInt64(0), to: 64, by: 16) {
      var starts = [Int](repeating: 0, count: 1 << 16 + 1)
      for key in keys { starts[Int(key >> shift & 0xFFFF) + 1] += 1 }
      for digit in 1..<starts.count { starts[digit] += starts[digit - 1] }
      for position in order {
        let digit = Int(keys[Int(position)] >> shift & 0xFFFF)
        sorted[starts[digit]] = position
        starts[digit] += 1
      }
      swap(&order, &sorted)
    }
    return order
  }

  /// The stretches of an ascending order in which the elements are equal, as ranges of places.
  func tiedStretches(in order: [Int32]) -> [Range<Int>] {
    var stretches: [Range<Int>] = []
    var start = 0
    for place in 1...Swift.max(1, order.count)
    where place >= order.count || self[Int(order[place])] != self[Int(order[start])] {
      stretches.append(start..<Swift.min(place, order.count))
      start = place
    }
    return stretches
  }

  /// The ranks of the elements from 1, equal elements sharing the average of theirs.
  func averageRanks() -> [Double] {
    let order = ascendingOrder()
    var ranks = [Double](repeating: 0, count: count)
    for stretch in tiedStretches(in: order) {
      // Places count from 0, ranks from 1.
      let average = Double(stretch.lowerBound + stretch.upperBound + 1) / 2
      for place in stretch { ranks[Int(order[place])] = average }
    }
    return ranks
  }
}
