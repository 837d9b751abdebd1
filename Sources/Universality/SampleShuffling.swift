public import Activations
import LinearAlgebra

/// A negative control for every number of a report: the samples of each model in an order of its own, so
/// that no two models saw the same stimulus in the same row.
public enum SampleShuffling: String, Sendable, Codable, CaseIterable {
  /// The samples stay as they are.
  case none
  /// Nothing is left that models could share.
  case all
  /// Only among samples of the same class: the classes are left, and nothing else.
  case withinClasses = "within-classes"

  /// What a reader of the results must know, a sentence; `nil` for ``none``.
  public var warning: String? {
    switch self {
    case .none: nil
    case .all:
      "A negative control: the samples of each model were put in a random order of their own "
        + "(--shuffle all). No similarity between models in this report is one of the networks."
    case .withinClasses:
      "A negative control: the samples of each model were put in a random order of their own within "
        + "each class (--shuffle within-classes). Similarities between models in this report are those "
        + "of the classes alone."
    }
  }
}

/// Samples cannot be shuffled within classes, because the dumps have no labels.
public struct LabelsMissing: Error, Sendable, Equatable, CustomStringConvertible {
  public let description =
    "the dumps have no labels, so that samples cannot be shuffled within classes"

  public init() {}
}

extension ActivationSet {
  /// The same zoo with the samples of each model in a random order; labels and ids stay in their rows.
  ///
  /// The layers of one model share its order, so that what a network is in itself does not change.
  ///
  /// - Throws: ``LabelsMissing`` for ``SampleShuffling/withinClasses`` without labels.
  /// - Complexity: O(n d) memory and time for all features d together.
  public func shuffled(
    _ shuffling: SampleShuffling, seed: UInt64
  ) throws(LabelsMissing) -> ActivationSet {
    guard shuffling != .none else { return self }
    let classes: [Int]
    switch shuffling {
    case .none, .all: classes = Array(repeating: 0, count: sampleCount)
    case .withinClasses:
      guard let labels else { throw LabelsMissing() }
      classes = labels
    }
    let members = Dictionary(grouping: classes.indices) { classes[$0] }
      .sorted { $0.key < $1.key }.map(\.value)
    let orders = models.indices.map { model in
      Self.order(of: members, count: sampleCount, seed: seed, model: model)
    }
    var result = self
    for index in representations.indices {
      result.representations[index].values = representations[index].values.selectingRows(
        orders[representations[index].model])
    }
    return result
  }

  /// For each row the sample that comes there.
  private static func order(
    of members: [[Int]], count: Int, seed: UInt64, model: Int
  ) -> [Int] {
    var generator = SeededGenerator(
      seed: seed, stream: RandomStream.sampleShuffling + UInt64(model))
    var order = Array(0..<count)
    for rows in members {
      for (row, place) in zip(rows, generator.permutation(of: rows.count)) {
        order[row] = rows[place]
      }
    }
    return order
  }
}

extension RandomStream {
  static let sampleShuffling: UInt64 = 27 << 32
}
