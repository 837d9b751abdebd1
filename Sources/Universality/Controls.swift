import Activations
import Foundation

/// The controls that stand beside the ranking: how much of an agreement is there without training,
/// is already in the input, or is reached by another seed of the same architecture.
struct Controls: Sendable {
  /// The contestants, and among them the untrained twins, as populations of their own.
  let contestants: Population
  let untrained: Population
  /// The layers of the inputs (pixels and the like).
  private let inputLayers: [Int]
  /// For each contestant, pairs of one of its layers and the same layer of its untrained twin.
  private let twinLayers: [[(layer: Int, before: Int)]]

  init(of activations: ActivationSet, contestants: Population) {
    self.contestants = contestants
    untrained = Population(of: activations, role: .untrained)
    inputLayers = activations.representations.indices.filter {
      activations.models[activations.representations[$0].model].role == .input
    }
    let twins = untrained.members
    twinLayers = contestants.members.map { member in
      guard
        let twin = twins.first(where: {
          activations.models[$0.model].isUntrainedTwin(of: activations.models[member.model])
        })
      else { return [] }
      return member.layers.compactMap { layer in
        let name = activations.representations[layer].layer
        return twin.layers.first { activations.representations[$0].layer == name }
          .map { (layer, $0) }
      }
    }
  }

  /// All layers that the ranking and its controls look at.
  var layers: [Int] { contestants.layers + untrained.layers + inputLayers }

  /// Groups of layers whose similarities are needed: each pair of lists in full.
  var neededBlocks: [(rows: [Int], columns: [Int])] {
    var needed: [(rows: [Int], columns: [Int])] = []
    let blocks = contestants.layersByBlock
    for a in blocks.indices {
      // Also within a block: the other seeds of a family are a control.
      for b in a..<blocks.count { needed.append((blocks[a], blocks[b])) }
    }
    let twins = untrained.layersByBlock
    for a in twins.indices {
      for b in twins.indices where a < b { needed.append((twins[a], twins[b])) }
    }
    if !inputLayers.isEmpty {
      for layers in blocks + twins { needed.append((layers, inputLayers)) }
    }
    for pairs in twinLayers where !pairs.isEmpty {
      needed.append((pairs.map(\.layer), pairs.map(\.before)))
    }
    return needed
  }

  /// The rows of the table: all families together, then each.
  var rowNames: [String?] {
    [nil] + (contestants.reference == .otherFamilies ? contestants.blocks : [])
  }

  /// The numbers of one row, in the order of the properties of ``ControlRow``.
  static let columnCount = 6

  /// All numbers, row by row; NaN where a control is missing.
  func measured(_ table: SimilarityTable, trained: Scores, untrained scores: Scores) -> [Double] {
    let perMember = contestants.members.indices.map { member -> [Double] in
      let mine = contestants.members[member]
      return [
        meanOverKnown(twinLayers[member].map { table[$0.layer, $0.before] }),
        meanOverKnown(mine.layers.map { bestMatch(of: $0, among: inputLayers, table) }),
        meanOverKnown(
          mine.layers.map { layer in
            meanOverKnown(
              siblings(of: member).map { bestMatch(of: layer, among: $0.layers, table) })
          }),
      ]
    }
    let untrainedInput = untrained.members.map { member in
      meanOverKnown(member.layers.map { bestMatch(of: $0, among: inputLayers, table) })
    }
    func row(block: Int) -> [Double] {
      let members = contestants.members.indices.filter { contestants.members[$0].block == block }
      func mean(_ column: Int) -> Double { meanOverKnown(members.map { perMember[$0][column] }) }
      // The twins have the same families but may lack some.
      let twinBlock = untrained.blocks.firstIndex(of: contestants.blocks[block])
      let before = twinBlock.map { twins in
        meanOverKnown(
          untrained.members.indices.filter { untrained.members[$0].block == twins }
            .map { untrainedInput[$0] })
      }
      return [
        trained.blocks[block], twinBlock.map { scores.blocks[$0] } ?? .nan,
        mean(0), mean(1), before ?? .nan, mean(2),
      ]
    }
    let rows = contestants.blocks.indices.map(row)
    var all = (0..<Self.columnCount).map { column in meanOverKnown(rows.map { $0[column] }) }
    if contestants.reference == .otherModels {
      // Here a block is a model, and twins have other names: take them all together.
      all[1] = meanOverKnown(scores.blocks)
      all[4] = meanOverKnown(untrainedInput)
    }
    return all + (rowNames.count > 1 ? rows.flatMap { $0 } : [])
  }

  /// The other models of a contestant's own family.
  private func siblings(of member: Int) -> [Population.Member] {
    guard contestants.reference == .otherFamilies else { return [] }
    return contestants.members.indices
      .filter { $0 != member && contestants.members[$0].block == contestants.members[member].block }
      .map { contestants.members[$0] }
  }

  /// For each control the number of families that have it.
  func familiesWith(_ values: [Double]) -> [(name: String, count: Int)] {
    let names = [
      "", "the score of untrained twins", "own initialisation", "the input",
      "untrained against input", "other seeds",
    ]
    let rows = 1..<max(1, rowNames.count)
    return names.indices.dropFirst().map { column in
      (names[column], rows.count { !values[$0 * Self.columnCount + column].isNaN })
    }
  }

  /// The table with its intervals.
  func rows(_ values: [Double], estimate: (Int) -> Estimate?) -> [ControlRow] {
    rowNames.enumerated().map { row, name in
      let start = row * Self.columnCount
      func cell(_ column: Int) -> Estimate? {
        values[start + column].isNaN ? nil : estimate(start + column)
      }
      return ControlRow(
        family: name, trained: cell(0), untrained: cell(1), ownInitialisation: cell(2),
        input: cell(3), untrainedInput: cell(4), otherSeeds: cell(5))
    }
  }
}

extension ModelRecord {
  /// Whether this untrained model is `trained` before training: the same family, seed and size where
  /// these are known, or a name that extends the other's.
  func isUntrainedTwin(of trained: ModelRecord) -> Bool {
    if let family, let other = trained.family, family != other { return false }
    if let seed, let other = trained.seed, seed != other { return false }
    if let parameters, let other = trained.parameters, parameters != other { return false }
    let attributesIdentify = family != nil && seed != nil && parameters != nil
    return name.extends(trained.name) || (attributesIdentify && trained.seed != nil)
  }
}

extension String {
  /// Whether this name is `other` with something around it that is no part of the same word:
  /// "mlp-s1-untrained" extends "mlp-s1", "mlp-s10-untrained" does not.
  fileprivate func extends(_ other: String) -> Bool {
    guard let place = range(of: other) else { return false }
    let before = place.lowerBound > startIndex ? self[index(before: place.lowerBound)] : "-"
    let after = place.upperBound < endIndex ? self[place.upperBound] : "-"
    return !(before.isLetter || before.isNumber) && !(after.isLetter || after.isNumber)
  }
}
