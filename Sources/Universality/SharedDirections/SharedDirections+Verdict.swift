extension SharedDirections {
  /// What was found, in sentences that can be quoted.
  public var verdict: [String] {
    guard let nullThreshold else {
      return [
        "\(spectrum.count { $0 > nullEdge }) eigenvalues exceed the analytic edge of chance; with "
          + "fewer than 19 permutations no direction is called shared."
      ]
    }
    guard !shared.isEmpty else {
      return [
        "No direction is shared between families beyond chance: the largest eigenvalue is "
          + "\((spectrum.first ?? 0).twoDecimals), the 95 % point of chance \(nullThreshold.twoDecimals)."
      ]
    }
    return [sharedSentence(nullThreshold), controlSentence, labelSentence].compactMap { $0 }
  }

  private func sharedSentence(_ threshold: Double) -> String {
    let all = spectrum.count { $0 > threshold }
    var sentence =
      "\(counted(all)) shared between families beyond chance (eigenvalues from "
      + "\(spectrum[0].twoDecimals) to \(spectrum[all - 1].twoDecimals), 95 % point of chance "
      + "\(threshold.twoDecimals))"
    guard families.count >= 3 else {
      return sentence + "; with two families none can be left out, so none is called universal."
    }
    let examined = all > directions.count ? " of the first \(directions.count)" : ""
    sentence += "; \(universal.count)\(examined) predicted on held-out samples in every family "
    return sentence + "left out, and so universal."
  }

  private var controlSentence: String? {
    guard !universal.isEmpty else { return nil }
    func beyond(_ excess: (SharedDirection) -> Estimate?) -> String? {
      let known = universal.compactMap { excess($0)?.low }
      return known.isEmpty ? nil : "\(known.count { $0 > 0 })"
    }
    let input = beyond(\.excessOverInput).map { "\($0) better than from the input" }
    let untrained = beyond(\.excessOverUntrained).map { "\($0) better than from untrained twins" }
    let parts = [input, untrained].compactMap { $0 }
    guard !parts.isEmpty else {
      return "The zoo has neither input nor untrained twins to hold the universal directions "
        + "against."
    }
    var sentence = "Of the universal directions, families predict " + parts.joined(separator: ", ")
    if parts.count == 2 {
      let both = universal.count {
        ($0.excessOverInput?.low ?? 0) > 0 && ($0.excessOverUntrained?.low ?? 0) > 0
      }
      sentence += ", \(both) better than from both"
    }
    return sentence + " (95 % intervals over families)."
  }

  private var labelSentence: String? {
    guard let labelDirections else { return nil }
    guard labelDirections > 0 else {
      return "Labels account for none of them: reordered within classes, families share nothing "
        + "beyond chance."
    }
    let all = spectrum.count { $0 > (nullThreshold ?? 1) }
    let carried = directions.prefix(labelDirections).compactMap(\.classShare)
    var sentence =
      "Labels alone would give \(labelDirections): that many remain when samples are reordered "
      + "within their classes"
    if let low = carried.min(), let high = carried.max() {
      sentence +=
        carried.count == 1
        ? ", and classes explain \(low.twoDecimals) of the variance of the first"
        : ", and classes explain \(low.twoDecimals) to \(high.twoDecimals) of the variance of the first "
          + "\(carried.count)"
    }
    let rest = max(0, all - labelDirections)
    return sentence + "; \(counted(rest)) shared beyond the labels."
  }

  private func counted(_ count: Int) -> String {
    count == 1 ? "1 direction is" : "\(count) directions are"
  }
}

extension Double {
  /// For sentences: two decimals and a true minus sign.
  var twoDecimals: String {
    let hundredths = Int((self * 100).rounded())
    let (units, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    return "\(hundredths < 0 ? "−" : "")\(units).\(rest < 10 ? "0" : "")\(rest)"
  }
}
