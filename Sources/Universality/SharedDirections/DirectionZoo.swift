import Activations
import LinearAlgebra

/// One layer a model, truncated on one half of the samples and read off the other.
struct DirectionZoo: Sendable {
  struct Member: Sendable {
    /// The index in the activation set.
    var layer: Int
    var model: Int
    /// The place of its family in ``blocks``.
    var block: Int
    var truncated: TruncatedRepresentation
  }

  var members: [Member]
  /// The names of the families that have members.
  var blocks: [String]

  /// The last hidden layer of each model of `population`; layers that are constant on the samples
  /// fitted are left out.
  init(
    _ population: Population, of activations: ActivationSet, halves: SampleHalves, limit: Int,
    threads: Int
  ) throws {
    let layers = population.members.map { Self.lastHidden(of: $0.layers, in: activations) }
    let truncated = try Parallel.map(count: layers.count, threads: threads) { index in
      try layers[index].flatMap { layer in
        try TruncatedRepresentation(
          activations.representations[layer].matrix(), fitting: halves.fitted,
          heldOut: halves.heldOut, limit: limit)
      }
    }
    let usable = population.members.indices.filter { truncated[$0] != nil }
    let kept = Set(usable.map { population.members[$0].block }).sorted()
    blocks = kept.map { population.blocks[$0] }
    members = usable.compactMap { index in
      guard let layer = layers[index], let truncated = truncated[index],
        let block = kept.firstIndex(of: population.members[index].block)
      else { return nil }
      return Member(
        layer: layer, model: population.members[index].model, block: block, truncated: truncated)
    }.sorted { ($0.block, $0.model) < ($1.block, $1.model) }
  }

  static func lastHidden(of layers: [Int], in activations: ActivationSet) -> Int? {
    layers.filter { !activations.representations[$0].isOutput }
      .max { activations.representations[$0].order < activations.representations[$1].order }
  }

  /// Every family has one vote, shared equally by its models.
  var weights: [Double] {
    members.map { member in
      1 / Double(blocks.count * members.count { $0.block == member.block })
    }
  }

  /// For each family its weighted bases side by side.
  var stacks: [Matrix] {
    let weights = weights
    return blocks.indices.map { block in
      let mine = members.indices.filter { members[$0].block == block }
      return GeneralizedCCA.stack(
        mine.map { members[$0].truncated.basis }, weights: mine.map { weights[$0] })
    }
  }

  /// All families but one.
  func without(block: Int) -> DirectionZoo {
    var rest = self
    rest.blocks.remove(at: block)
    rest.members = members.filter { $0.block != block }.map { member in
      var member = member
      if member.block > block { member.block -= 1 }
      return member
    }
    return rest
  }

  func fit(limit: Int) throws -> GeneralizedCCA {
    try GeneralizedCCA(
      bases: members.map(\.truncated.basis), weights: weights, limit: limit)
  }

  /// For each member the directions as read off the held-out samples: samples × directions.
  func readouts(of fit: GeneralizedCCA) -> [Matrix] {
    members.map { member in
      member.truncated.heldOutScores.times(
        member.truncated.basis.transposeTimes(fit.directions.transposed()))
    }
  }

  /// The weighted mean of the read-outs: samples × directions.
  func consensus(of readouts: [Matrix]) -> Matrix {
    let weights = weights
    return Matrix(rows: readouts.first?.rows ?? 0, columns: readouts.first?.columns ?? 0) {
      row, column in
      readouts.indices.reduce(0) { $0 + weights[$1] * readouts[$1][row, column] }
    }
  }
}

/// Two disjoint random halves of the samples.
struct SampleHalves: Sendable {
  let fitted: [Int]
  let heldOut: [Int]

  /// The most samples of a half. Eigenvalues cost O(samples³) and there are some hundred draws of them;
  /// with 2,000 samples the standard error of a correlation is 0.02.
  static let limit = 2000

  init(samples: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: RandomStream.sampleHalves)
    let order = generator.permutation(of: samples).prefix(2 * Self.limit)
    fitted = order.prefix(order.count / 2).sorted()
    heldOut = order.dropFirst(order.count / 2).sorted()
  }
}
