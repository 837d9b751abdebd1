import Universality

/// The directions that families share, for programs.
struct DirectionList: Encodable {
  struct Item: Encodable {
    var direction: Int
    var eigenvalue: Double
    var pValue: Double?
    var isShared: Bool
    var heldOutAgreement: Double
    /// Family by family, in the order of ``families``.
    var predictability: [Double?]
    var excessOverInput: Estimate?
    var excessOverUntrained: Estimate?
    var classEtaSquared: Double?
  }

  var verdict: [String]
  var families: [String]
  var nullEdge: Double
  var nullThreshold: Double?
  var permutations: Int
  var items: [Item]

  init(_ found: SharedDirections) {
    verdict = found.verdict
    families = found.families
    nullEdge = found.nullEdge
    nullThreshold = found.nullThreshold
    permutations = found.permutations
    items = found.directions.enumerated().map { place, direction in
      Item(
        direction: place + 1, eigenvalue: direction.eigenvalue, pValue: direction.pValue,
        isShared: found.nullThreshold.map { direction.eigenvalue > $0 } ?? false,
        heldOutAgreement: direction.heldOutAgreement, predictability: direction.predictability,
        excessOverInput: direction.excessOverInput,
        excessOverUntrained: direction.excessOverUntrained, classEtaSquared: direction.classShare)
    }
  }
}
