import LinearAlgebra

/// The spectra that remain when nothing is shared between blocks: the samples of each block (a family)
/// are reordered together, so that what its models have in common stays and what blocks have in common
/// is destroyed.
struct DirectionNull: Sendable {
  /// For every draw the leading eigenvalues, in descending order.
  let spectra: [[Double]]

  /// - Parameters:
  ///   - stacks: For each block its weighted bases side by side (``GeneralizedCCA/stack(_:weights:)``).
  ///   - classes: Samples are reordered among those of their class alone; `nil` for all samples.
  ///   - kept: How many eigenvalues of each draw to keep.
  /// - Throws: `DecompositionError`.
  init(
    stacks: [Matrix], classes: [Int]?, draws: Int, keeping kept: Int, seed: UInt64, threads: Int
  ) throws {
    let samples = stacks.first?.rows ?? 0
    let strata = Self.strata(of: classes, samples: samples)
    let stream = classes == nil ? RandomStream.directionNull : RandomStream.withinClassNull
    spectra = try Parallel.map(count: draws, threads: threads) { draw in
      var generator = SeededGenerator(seed: seed, stream: stream + UInt64(draw))
      let reordered = stacks.map { stack in
        stack.selectingRows(Self.order(strata, samples: samples, using: &generator))
      }
      return Array(
        try GeneralizedCCA.spectrum(ofStack: .sideBySide(reordered)).prefix(kept))
    }
  }

  /// The 95 % point of the largest eigenvalue, `nil` with fewer than 19 draws: no smaller number of
  /// draws has one.
  var threshold: Double? {
    guard spectra.count >= 19 else { return nil }
    let place = Int((0.95 * Double(spectra.count + 1)).rounded(.up)) - 1
    return spectra.compactMap(\.first).sorted()[min(place, spectra.count - 1)]
  }

  /// (1 + draws whose largest eigenvalue is as large) / (1 + draws).
  func pValue(of eigenvalue: Double) -> Double {
    Double(1 + spectra.count { ($0.first ?? 0) >= eigenvalue }) / Double(1 + spectra.count)
  }

  /// The mean spectrum.
  var mean: [Double] {
    let length = spectra.map(\.count).min() ?? 0
    return (0..<length).map { place in
      spectra.reduce(0) { $0 + $1[place] } / Double(spectra.count)
    }
  }

  private static func strata(of classes: [Int]?, samples: Int) -> [[Int]] {
    guard let classes else { return [Array(0..<samples)] }
    let members = Dictionary(grouping: 0..<samples) { classes[$0] }
    return members.keys.sorted().compactMap { members[$0] }
  }

  private static func order(
    _ strata: [[Int]], samples: Int, using generator: inout SeededGenerator
  ) -> [Int] {
    var order = [Int](repeating: 0, count: samples)
    for stratum in strata {
      for (place, target) in zip(stratum, generator.permutation(of: stratum.count)) {
        order[place] = stratum[target]
      }
    }
    return order
  }
}

extension RandomStream {
  static let sampleHalves: UInt64 = 5 << 32
  static let directionNull: UInt64 = 6 << 32
  static let withinClassNull: UInt64 = 7 << 32
}
