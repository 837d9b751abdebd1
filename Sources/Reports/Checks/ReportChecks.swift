import Activations
public import Universality

/// What stands beside the ranking so that nobody reads more into it than the data say.
public struct ReportChecks: Sendable {
  /// The ranking made again from changed inputs, or `nil` where that is impossible.
  public var audit: RankingAudit?
  /// What single samples and directions carry, or `nil` where it is not known.
  public var influence: Influence?
  /// What a reader must know about single layers.
  public var cautions: [Caution]
  /// Universality against accuracy and size, or `nil` without a ranking.
  public var trends: UniversalityTrends?
  /// What the comparison of all pairs noted, each a sentence.
  public var notes: [String]

  public init(
    audit: RankingAudit? = nil, influence: Influence? = nil, cautions: [Caution] = [],
    trends: UniversalityTrends? = nil, notes: [String] = []
  ) {
    self.audit = audit
    self.influence = influence
    self.cautions = cautions
    self.trends = trends
    self.notes = notes
  }

  /// Whether there is nothing to tell.
  var isEmpty: Bool {
    audit == nil && influence == nil && cautions.isEmpty && notes.isEmpty
  }
}

extension RankingAudit {
  /// The grades of a level by the index of the items; those without one are missing.
  func grades(_ level: RankingAgreement.Level) -> [Int: StabilityGrade] {
    ranks.reduce(into: [:]) { if $1.level == level, let grade = $1.grade { $0[$1.index] = grade } }
  }
}

extension ReportContent {
  /// All checks in sentences, as the page shows them.
  public var checkSentences: [String] {
    ChecksInWords(content: self).all
  }
}

extension ActivationSet {
  /// The id of a sample, or the number of its row, from 1.
  func sampleName(_ row: Int) -> String {
    guard let ids = sampleIDs, ids.indices.contains(row) else { return "row \(row + 1)" }
    return ids[row]
  }
}
