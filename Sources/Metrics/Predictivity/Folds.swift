import LinearAlgebra

/// Which samples are predicted together and which ones they are predicted from.
struct Folds: Sendable {
  /// The samples of each fold in ascending order.
  let held: [[Int]]

  /// Cuts `samples` samples into `count` folds of equal size, give or take one.
  ///
  /// - Parameter seed: Drawn at random from this seed; without one, sample i is in fold i mod `count`.
  init(samples: Int, count: Int, seed: UInt64?) {
    var order = Array(0..<samples)
    if let seed {
      var generator = SeededGenerator(seed: seed)
      order = generator.permutation(of: samples)
    }
    held = (0..<count).map { fold in
      stride(from: fold, to: samples, by: count).map { order[$0] }.sorted()
    }
  }

  /// The samples outside a fold in ascending order.
  func training(without fold: Int, of samples: Int) -> [Int] {
    let excluded = Set(held[fold])
    return (0..<samples).filter { !excluded.contains($0) }
  }
}
