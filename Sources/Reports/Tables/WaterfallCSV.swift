import Universality

/// `waterfall.csv`: what is left of the similarity of families, step by step; one row a pair of
/// families, step, stage, and training. The mean over all pairs of families has no names.
struct WaterfallCSV {
  let waterfall: Waterfall

  var table: CSV {
    let numbers = ["value", "left", "part", "alone", "exchanged_within_classes", "seed_ceiling"]
    var csv = CSV(
      ["stage", "networks", "family_a", "family_b", "pairs", "step"]
        + (numbers + ["of_ceiling"]).flatMap { [$0, $0 + "_ci_low", $0 + "_ci_high"] }
        + ["intervals_cover"])
    for row in waterfall.rows {
      let estimates = [
        row.value, row.left, row.part, row.alone, row.exchanged, row.ceiling, row.ofCeiling,
      ]
      csv.append(
        [
          row.stage.rawValue, row.isTrained ? "trained" : "untrained", row.familyA ?? "",
          row.familyB ?? "", String(row.pairs), row.step.rawValue,
        ]
          + estimates.flatMap { [($0?.value).field, ($0?.low).field, ($0?.high).field] }
          + [row.coversNetworks ? "stimuli and networks" : "stimuli"])
    }
    return csv
  }
}
