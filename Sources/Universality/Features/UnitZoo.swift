import Activations
import LinearAlgebra
import Zoo

/// The units of the hidden layers of some models.
///
/// Units have numbers, from 0: model by model, block by block.
struct UnitZoo: Sendable {
  /// A block of units and its number, which chooses its rotations.
  struct Piece: Sendable {
    var number: Int
    var block: UnitBlock
  }

  let population: Population
  /// For each model its blocks.
  let pieces: [[Piece]]
  /// For each model the number of its first unit.
  let starts: [Int]
  let unitCount: Int

  /// Outputs are left out: what their units mean is given by the task.
  ///
  /// - Parameter firstNumber: The number of the first block.
  /// - Throws: `SpillError`.
  init(
    _ population: Population, of activations: ActivationSet, halves: SampleHalves, threads: Int,
    firstNumber: Int = 0
  ) throws {
    let made = try Parallel.map(count: population.members.count, threads: threads) { member in
      try Self.hiddenLayers(of: population.members[member], in: activations).flatMap { layer in
        try UnitBlock.blocks(
          of: activations.representations[layer].values, layer: layer, halves: halves)
      }
    }
    var number = firstNumber
    let pieces = made.map { blocks in
      blocks.map { block in
        defer { number += 1 }
        return Piece(number: number, block: block)
      }
    }
    self.init(population, pieces: pieces)
  }

  private init(_ population: Population, pieces: [[Piece]]) {
    self.population = population
    self.pieces = pieces
    var (starts, count) = ([Int](), 0)
    for model in pieces {
      starts.append(count)
      count += model.reduce(0) { $0 + $1.block.features.count }
    }
    self.starts = starts
    unitCount = count
  }

  static func hiddenLayers(of member: Population.Member, in activations: ActivationSet) -> [Int] {
    member.layers.filter { !activations.representations[$0].isOutput }
  }

  /// Where each unit is.
  var units: [(member: Int, layer: Int, feature: Int, varies: Bool)] {
    pieces.indices.flatMap { member in
      pieces[member].flatMap { piece in
        piece.block.features.enumerated().map { place, feature in
          (member, piece.block.layer, feature, piece.block.varies(place))
        }
      }
    }
  }

  /// The models of a family that have units.
  func members(ofFamily family: Int) -> [Int] {
    pieces.indices.filter { population.members[$0].block == family && !pieces[$0].isEmpty }
  }

  /// The same zoo with the units of each block rotated.
  ///
  /// - Throws: `DecompositionError`, `SpillError`.
  func rotated(stream: UInt64, seed: UInt64, threads: Int) throws -> UnitZoo {
    let turned = try Parallel.map(count: pieces.count, threads: threads) { member in
      try pieces[member].map { piece in
        var generator = SeededGenerator(seed: seed, stream: stream + UInt64(piece.number))
        return Piece(number: piece.number, block: try piece.block.rotated(using: &generator))
      }
    }
    return UnitZoo(population, pieces: turned)
  }
}

/// Neighbouring blocks side by side, of about as many columns as a block may have: products of small
/// layers are too small to be fast.
struct UnitPanel: Sendable {
  /// The number of the first unit.
  let start: Int
  let blocks: [UnitBlock]

  var width: Int { blocks.reduce(0) { $0 + $1.features.count } }

  /// The units of one model.
  static func panels(of pieces: [UnitZoo.Piece], startingAt first: Int) -> [UnitPanel] {
    var panels: [UnitPanel] = []
    var (start, blocks, width) = (first, [UnitBlock](), 0)
    for piece in pieces {
      let count = piece.block.features.count
      if width > 0, width + count > UnitBlock.width {
        panels.append(UnitPanel(start: start, blocks: blocks))
        (start, blocks, width) = (start + width, [], 0)
      }
      blocks.append(piece.block)
      width += count
    }
    if width > 0 { panels.append(UnitPanel(start: start, blocks: blocks)) }
    return panels
  }
}
