import Activations
import Universality

/// The answer in a few sentences of plain text, every number from the findings.
public struct Headline: Sendable {
  /// "How universal are the features of this zoo?" in one to five sentences; names are as in the
  /// dumps and must be escaped by whoever shows them.
  public let sentences: [String]

  public init(_ content: ReportContent) {
    guard let findings = content.findings else {
      sentences = Self.withoutFindings(content)
      return
    }
    var sentences = [
      Self.opening(content, findings, families: findings.families.count), Self.chance(findings),
    ]
    if let controls = Self.controls(findings) { sentences.append(controls) }
    if let sentence = content.waterfall.flatMap({ WaterfallSentence(waterfall: $0).text }) {
      sentences.append(sentence)
    }
    if let first = Self.mostUniversal(content, findings) { sentences.append(first) }
    self.sentences = sentences.filter { !$0.isEmpty }
  }

  private static func withoutFindings(_ content: ReportContent) -> [String] {
    let zoo = content.activations
    let reason = content.reasonWithoutFindings ?? "the zoo allows no ranking"
    return [
      "The similarities of \(zoo.representations.count.counted("layer")) of "
        + "\(zoo.models.count.counted("model")) on \(zoo.countedSamples) "
        + "are below.",
      "How universal the features are cannot be said: "
        + (reason.hasSuffix(".") ? reason : reason + "."),
    ]
  }

  private static func opening(
    _ content: ReportContent, _ findings: Findings, families: Int
  ) -> String {
    let ranking = findings.ranking
    let isAcross = ranking.reference == .otherFamilies
    // A network is called trained only where the dumps or the metadata say so.
    let areTrained = ranking.models.allSatisfy {
      content.activations.models[$0.index].isTrained == true
    }
    let networks = ranking.models.count.counted(areTrained ? "trained network" : "network")
    let size =
      "\(networks), \(ranking.layers.count.counted("layer")), "
      + content.activations.countedSamples
    let population =
      isAcross
      ? "Across \(families.counted("architecture family", "architecture families")) (\(size))"
      : "Across \(size)"
    let metric = MetricName.display(findings.metric)
    guard let trained = findings.controls.first(where: { $0.family == nil })?.trained else {
      let scores = ranking.layers.map(\.score.raw.value)
      guard let least = scores.min(), let most = scores.max() else {
        return "\(population), no layer has a score."
      }
      return
        "\(population), a layer's best counterpart in another \(isAcross ? "family" : "model") has "
        + "a \(metric) between \(least.fixed(2)) and \(most.fixed(2))."
    }
    let interval =
      trained.low == nil || trained.high == nil
      ? "" : " (95 % interval for other stimuli)"
    return
      "\(population), a layer's best counterpart in another \(isAcross ? "family" : "model") has "
      + "a \(metric) of \(trained.display(2)) on average\(interval)."
  }

  /// How many of the ranked families (or models) are beyond chance.
  private static func chance(_ findings: Findings) -> String {
    let ranking = findings.ranking
    let (items, singular, plural) =
      ranking.families.isEmpty
      ? (ranking.models, "model", "models") : (ranking.families, "family", "families")
    let tested = items.compactMap { item in item.score.pValue.map { (item, $0) } }
    guard !tested.isEmpty else {
      return "The scores were not compared with chance."
    }
    guard findings.permutations >= 19 else {
      return "\(findings.permutations.counted("permutation")) cannot show p ≤ 0.05: whether the "
        + "scores are beyond chance is open."
    }
    let beyond = tested.count { $0.1 <= 0.05 }
    let what = "\(tested.count.counted(singular, plural))"
    let thresholds = tested.compactMap(\.0.score.nullThreshold)
    let level =
      thresholds.max().map {
        // Rounded up: the sentence must not say less than chance reaches.
        "; chance stays below \((max($0, 0) * 1000).rounded(.up) / 1000, 3) in 95 of 100 cases"
      } ?? ""
    switch beyond {
    case 0: return "None of the \(what) is beyond chance (every p > 0.05)\(level)."
    case tested.count where tested.count == 1:
      return "The one \(singular) is beyond chance (p ≤ 0.05)\(level)."
    case tested.count:
      let largest = tested.map(\.1).max() ?? 0.05
      let bound = largest < 0.001 ? "p < 0.001" : "p ≤ \((largest * 1000).rounded(.up) / 1000, 3)"
      let all = tested.count == 2 ? "Both \(plural)" : "All \(what)"
      return "\(all) are beyond chance (\(bound) each)\(level)."
    default:
      return "\(beyond) of \(what) \(beyond == 1 ? "is" : "are") beyond chance (p ≤ 0.05)\(level)."
    }
  }

  private static func controls(_ findings: Findings) -> String? {
    guard let all = findings.controls.first(where: { $0.family == nil }) else { return nil }
    var parts: [String] = []
    if let untrained = all.untrained {
      parts.append("untrained networks among themselves reach \(untrained.display(2))")
    }
    if let input = all.input {
      parts.append("the best match of a layer in the input itself has \(input.display(2))")
    }
    if let seeds = all.otherSeeds {
      parts.append("other seeds of the same family reach \(seeds.display(2))")
    }
    guard !parts.isEmpty else {
      return
        "The zoo has no untrained networks and no input to compare with: how much of this is "
        + "learned cannot be told."
    }
    let sentence =
      parts.count == 1
      ? parts[0] : parts.dropLast().joined(separator: ", ") + " and " + parts[parts.count - 1]
    return "For comparison, \(sentence)."
  }

  private static func mostUniversal(_ content: ReportContent, _ findings: Findings) -> String? {
    let ranking = findings.ranking
    let isFamilies = !ranking.families.isEmpty
    let items = isFamilies ? ranking.families : ranking.models
    let noun = isFamilies ? "family" : "model"
    guard items.count > 1, let first = items.min(by: { $0.rank < $1.rank }) else { return nil }
    let name =
      (isFamilies
      ? findings.families[first.index] : content.activations.models[first.index].name)
      .shortened(to: 60)
    let kind = first.score.calibrated == nil ? "score" : "calibrated score"
    if let calibrated = first.score.calibrated, calibrated.value == 0 {
      return "No \(noun) is above chance, so none leads."
    }
    let value = "\(kind) \(first.score.universality.display(2))"
    guard let range = first.rankRange else {
      return
        "The highest \(kind) is that of the \(noun) \(name), \(first.score.universality.display(2)); "
        + "without intervals it cannot be said how sure its rank is."
    }
    let rivals = items.count { ($0.rankRange?.lowerBound ?? $0.rank) == 1 }
    if range.upperBound == items.count, range.lowerBound == 1, rivals == items.count {
      return
        "The data do not tell the \(items.count) \(isFamilies ? "families" : "models") apart: each "
        + "could be the first. The highest \(kind) is that of \(name), "
        + "\(first.score.universality.display(2))."
    }
    if range.upperBound > 1 {
      return
        "The most universal \(noun) cannot be named with confidence: \(rivals) of \(items.count) "
        + "could be the first; \(name) leads with a \(value) (rank \(range.lowerBound)–"
        + "\(range.upperBound))."
    }
    // A family of one network is known by that network alone.
    let members = ranking.models.count {
      content.activations.models[$0.index].familyOrOwnName == findings.families[safe: first.index]
    }
    let caveat = isFamilies && members == 1 ? ", from one network" : ""
    return
      "The most universal \(noun) is \(name) (\(value); rank 1 of \(items.count)\(caveat))."
  }
}

extension DefaultStringInterpolation {
  fileprivate mutating func appendInterpolation(_ value: Double, _ decimals: Int) {
    appendInterpolation(value.fixed(decimals))
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}

extension ActivationSet {
  fileprivate var countedSamples: String {
    samplesArePositions
      ? sampleCount.counted("position") : sampleCount.counted("stimulus", "stimuli")
  }
}
