extension AxisEvidence {
  /// What the datasets of a file say together about the axes of each, counted once.
  struct Company: Sendable {
    /// The numbers of samples that axes, lists or other files establish.
    var known: Set<Int>
    /// The datasets without axes or lists of their own: how many, and how many of each first length.
    var count = 0
    var firsts: [Int: Int] = [:]
    /// The lengths of their second and of their last axes.
    var seconds: Set<Int> = []
    var lasts: Set<Int> = []
    /// Whether all of them have two axes.
    var areMatrices = true

    init(of items: [Item], established: Set<Int>) {
      known = established
      for item in items {
        let shape = item.candidate.shape
        if let axis = item.explicit?.dims.sampleAxis { known.insert(shape[axis]) }
        if let list = item.lists.first { known.insert(list.length) }
        guard item.explicit == nil && item.lists.isEmpty else { continue }
        count += 1
        firsts[shape[0], default: 0] += 1
        seconds.insert(shape[1])
        lasts.insert(shape[shape.count - 1])
        areMatrices = areMatrices && shape.count == 2
      }
    }
  }
}
