import Universality

/// Where the similarity of different families comes from, in one sentence: the parts of the last
/// hidden layers' debiased CKA, which add up to it.
struct WaterfallSentence {
  let waterfall: Waterfall

  /// `nil` where nothing could be taken away, or there is no similarity to take apart.
  var text: String? {
    let ladder = waterfall.ladder(.last)
    guard let raw = ladder.first?.left, (raw.low ?? raw.value) > 0 else { return nil }
    let parts = ladder.compactMap { row in
      Self.explanation(row.step).flatMap { words in
        row.part.map { (amount: Self.text($0), words: words) }
      }
    }
    guard !parts.isEmpty, let last = ladder.last, let left = last.left else { return nil }
    let others = waterfall.isAcrossFamilies ? "families" : "models"
    return
      "Of the debiased CKA of \(raw.display(2)) between the last hidden layers of different "
      + "\(others), in this order, \(Self.list(parts)); \(rest(ladder, left, raw))"
  }

  /// The first of the parts has the verb of all: "0.3 goes with the input, 0.1 with the classes".
  private static func list(_ parts: [(amount: String, words: String)]) -> String {
    parts.enumerated().map { index, part in
      "\(part.amount) \(index == 0 ? "goes " : "")\(part.words)"
    }.joined(separator: ", ")
  }

  private static func explanation(_ step: Waterfall.Step) -> String? {
    switch step {
    case .raw, .chance: nil
    case .input: "with the input"
    case .twins: "with what their untrained twins have"
    case .labels: "with the classes"
    }
  }

  /// What is left, and what it may be called.
  private func rest(_ ladder: [WaterfallRow], _ left: Estimate, _ raw: Estimate) -> String {
    let steps = Set(ladder.map(\.step))
    let amount = "\(Self.text(left)) (\((100 * left.value / raw.value).fixed(0)) %)"
    if let low = left.low, let high = left.high, low <= 0, high >= 0 {
      return "what is left, \(amount), cannot be told from nothing."
    }
    if left.value < 0 { return "what is left, \(amount), is a disagreement." }
    let lacking = [
      (Waterfall.Step.input, "input"), (.twins, "untrained twins"), (.labels, "labels"),
    ].filter { !steps.contains($0.0) }.map(\.1)
    guard lacking.isEmpty else {
      return "\(amount) is left. The zoo has no \(lacking.joined(separator: ", no ")) "
        + "to take it apart further."
    }
    return "\(amount) is left beyond all three" + agreement(ladder.last) + untrained + "."
  }

  /// How well networks agree on what is left, however little it is.
  private func agreement(_ row: WaterfallRow?) -> String {
    guard let value = row?.value else { return "" }
    let share = row?.ofCeiling.map {
      ", \(Self.percent($0)) of what seeds of one family reach there"
    }
    return " (there the debiased CKA is \(value.display(2))\(share ?? ""))"
  }

  /// What is left may be called learned only as far as untrained networks agree less on what is left of
  /// them. What is left itself cannot be compared, as each is a share of another similarity.
  private var untrained: String {
    guard let row = waterfall.ladder(.last, isTrained: false).last, row.step == .labels,
      let value = row.value
    else { return "" }
    // Intervals that meet do not show a difference.
    let trained = waterfall.ladder(.last).last?.value
    let isLess = (value.high ?? value.value) < (trained?.low ?? trained?.value ?? .nan)
    return "; between untrained twins, beyond input and classes, the debiased CKA is "
      + Self.text(value)
      + (isLess
        ? "" : "; the intervals overlap, so that this does not show that what is left is learned")
  }

  /// `63 % [57, 69]`.
  private static func percent(_ share: Estimate) -> String {
    let value = "\((100 * share.value).fixed(0)) %"
    guard let low = share.low, let high = share.high else { return value }
    return "\(value) [\((100 * low).fixed(0)), \((100 * high).fixed(0))]"
  }

  /// Small parts with a digit more.
  private static func text(_ part: Estimate) -> String {
    part.display(abs(part.value) < 0.05 ? 3 : 2)
  }
}
