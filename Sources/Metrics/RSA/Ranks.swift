extension [Double] {
  /// The positions of the elements in ascending order, equal elements in the order of position.
  ///
  /// For numbers that are not negative the order is that of their bits: a radix sort, 11 bits a pass.
  ///
  /// - Precondition: no element is negative or NaN.
  /// - Complexity: O(count).
  func ascendingOrder() -> [Int32] {
    precondition(count <= Int32.max, "more elements than 32-bit positions")
    // −0 has the sign bit of a negative number; adding 0 takes it away.
    var keys = map { ($0 + 0).bitPattern }
    var order = (0..<Int32(count)).map { $0 }
    var (sortedKeys, sortedOrder) = (keys, order)
    for shift in stride(from: UInt64(0), to: 64, by: 11) {
      var places = [Int](repeating: 0, count: 1 << 11 + 1)
      for key in keys { places[Int(key >> shift & 0x7FF) + 1] += 1 }
      for digit in 1..<places.count { places[digit] += places[digit - 1] }
      for (key, position) in zip(keys, order) {
        let digit = Int(key >> shift & 0x7FF)
        let place = places[digit]
        sortedKeys[place] = key
        sortedOrder[place] = position
        places[digit] = place + 1
      }
      swap(&keys, &sortedKeys)
      swap(&order, &sortedOrder)
    }
    return order
  }

  /// Calls `body` with each stretch of places of an ascending order that hold equal elements.
  func forEachTiedStretch(in order: [Int32], _ body: (Range<Int>) -> Void) {
    var start = 0
    while start < order.count {
      let value = self[Int(order[start])]
      var end = start + 1
      while end < order.count, self[Int(order[end])] == value { end += 1 }
      body(start..<end)
      start = end
    }
  }

  /// The ranks of the elements from 1, equal elements sharing the average of theirs.
  func averageRanks() -> [Double] {
    let order = ascendingOrder()
    var ranks = [Double](repeating: 0, count: count)
    forEachTiedStretch(in: order) { stretch in
      // Places count from 0, ranks from 1.
      let average = Double(stretch.lowerBound + stretch.upperBound + 1) / 2
      for place in stretch { ranks[Int(order[place])] = average }
    }
    return ranks
  }
}
