import Universality

/// Learned, inductive bias or chance: the units of trained networks beside those of untrained ones, and
/// of other families beside other seeds.
struct FeatureControlsMarkup {
  let found: FeatureUniversality

  var html: HTML {
    guard !found.comparisons.isEmpty else { return .empty }
    var table = PageTable(
      caption: "Learned, inductive bias, chance",
      columns: [.init(heading: "Units of", isNumber: false)]
        + ["Units", "Mean universality", "Found at 5 %"].map { .init(heading: $0) })
    for comparison in found.comparisons {
      let mean = comparison.mean
      var text = mean.value.fixed(3)
      if let low = mean.low, let high = mean.high {
        text += " [\(low.fixed(3)), \(high.fixed(3))]"
      }
      table.rows.append([
        "\(Self.name(comparison.kind))", "\(comparison.units)", "\(text)", "\(comparison.found)",
      ])
    }
    return sentence + table.html + """
      <p>Universality of a unit: the correlation with its best match less that with randomly rotated \
      units, which is about 0 by chance. The mean over units, averaged over models, then over families, with a \
      95 % interval over families; found: units beyond rotations at a false-discovery rate of 5 % within the row. What \
      untrained networks reach is the bias of their architectures; what seeds of one family reach is \
      the ceiling to hold other families against.</p>

      """
  }

  private var sentence: HTML {
    let parts = found.comparisons.compactMap { comparison -> String? in
      let counts = "\(comparison.found) of \(comparison.units)"
      return switch comparison.kind {
      case .trained: nil
      case .untrained: "among untrained networks \(counts)"
      case .trainedSeeds: "between trained seeds of one family \(counts)"
      case .untrainedSeeds: "between untrained seeds of one family \(counts)"
      }
    }
    guard !parts.isEmpty else { return .empty }
    return "<p>By the same rule there are \(parts.joined(separator: ", ")).</p>\n"
  }

  private static func name(_ kind: FeatureComparison.Kind) -> String {
    switch kind {
    case .trained: "trained networks, with other families"
    case .untrained: "untrained networks, with other families"
    case .trainedSeeds: "trained networks, with other seeds of the family"
    case .untrainedSeeds: "untrained networks, with other seeds of the family"
    }
  }
}
