/// The universality scores of a population under one similarity table: NaN where there is none.
///
/// - **Layer**: for each other block the mean, over its models, of the best match among the model's
///   layers; then the mean over the blocks.
/// - **Model**: the mean over its layers.
/// - **Block** (family): the mean over its models.
struct Scores: Sendable, Equatable {
  /// Member by member, layer by layer, as in ``Population/layers``.
  var layers: [Double] = []
  /// One a member.
  var models: [Double] = []
  /// One a block.
  var blocks: [Double] = []

  /// - Parameter substitutes: For layers without a score, what enters the means in its place: the
  ///   scores from all samples when `table` is from some of them. The means of a replicate must be
  ///   over the layers that the estimate is over.
  init(of population: Population, _ table: SimilarityTable, substitutes: [Double]? = nil) {
    for member in population.members {
      let scores = member.layers.map { layer in
        meanOverKnown(
          population.blocks.indices.filter { $0 != member.block }.map { block in
            meanOverKnown(
              population.members.filter { $0.block == block }.map {
                bestMatch(of: layer, among: $0.layers, table)
              })
          })
      }
      let start = layers.count
      layers += scores
      models.append(
        meanOverKnown(
          scores.enumerated().map { index, score in
            score.isNaN ? substitutes?[start + index] ?? .nan : score
          }))
    }
    blocks = population.blocks.indices.map { block in
      meanOverKnown(
        zip(population.members, models).filter { $0.0.block == block }.map(\.1))
    }
  }

  /// All scores in a row: layers, models, blocks.
  var flattened: [Double] { layers + models + blocks }
}

/// The largest similarity of a layer with any of `candidates`, NaN when none has a value.
func bestMatch(of layer: Int, among candidates: [Int], _ table: SimilarityTable) -> Double {
  candidates.reduce(Double.nan) { best, candidate in
    let value = table[layer, candidate]
    return value.isNaN ? best : best.isNaN ? value : max(best, value)
  }
}

/// The mean of the values that are not NaN; NaN when all are.
func meanOverKnown(_ values: [Double]) -> Double {
  var sum = 0.0
  var count = 0
  for value in values where !value.isNaN {
    sum += value
    count += 1
  }
  return count == 0 ? .nan : sum / Double(count)
}
