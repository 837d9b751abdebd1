import HDF5
import Universality

extension ResultsNetCDF {
  /// The directions that families share: how strong, against what, and how much each sample has of them.
  func addDirections(to file: inout ResultFile) {
    guard let found = content.sharedDirections, !found.directions.isEmpty else { return }
    file.dimensions += [
      .init("direction", length: found.directions.count),
      .init("eigenvalue", length: found.spectrum.count),
      .init("direction_family", length: found.families.count),
    ]
    file.variables += Self.levels(found) + Self.spectra(found) + Self.directions(found)
    addScores(of: found, to: &file)
  }

  private static func variable(
    _ name: String, over dimensions: [String], _ values: [Double], _ meaning: String
  ) -> ResultFile.Variable {
    .init(name, over: dimensions, .real(values), attributes: ["long_name": .string(meaning)])
  }

  private static func levels(_ found: SharedDirections) -> [ResultFile.Variable] {
    [
      variable(
        "direction_null_edge", over: [], [found.nullEdge],
        "largest eigenvalue of unrelated families, analytic, for many samples"),
      variable(
        "direction_null_threshold", over: [], [found.nullThreshold ?? .nan],
        "95 % point of the largest eigenvalue by permutation; NaN without"),
    ]
  }

  private static func spectra(_ found: SharedDirections) -> [ResultFile.Variable] {
    func padded(_ values: [Double]?) -> [Double] {
      found.spectrum.indices.map { place in
        values.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? .nan
      }
    }
    return [
      variable(
        "universality_spectrum", over: ["eigenvalue"], found.spectrum,
        "share of the variance of a direction that families explain on average, fitted"),
      variable(
        "untrained_spectrum", over: ["eigenvalue"], padded(found.untrainedSpectrum),
        "the same of the untrained networks"),
      variable(
        "within_class_spectrum", over: ["eigenvalue"], padded(found.withinClassSpectrum),
        "mean of the same with samples reordered within classes: what labels alone give"),
    ]
  }

  private static func directions(_ found: SharedDirections) -> [ResultFile.Variable] {
    let directions = found.directions
    func column(
      _ name: String, _ meaning: String, _ value: (SharedDirection) -> Double?
    ) -> ResultFile.Variable {
      variable(
        "direction_" + name, over: ["direction"], directions.map { value($0) ?? .nan }, meaning)
    }
    return [
      .init("direction", over: ["direction"], .integer(Array(1...directions.count))),
      .init("direction_family", over: ["direction_family"], .text(found.families)),
      column("eigenvalue", "share of its variance that families explain on average, fitted") {
        $0.eigenvalue
      },
      column("p_value", "probability of a largest eigenvalue as large by chance") { $0.pValue },
      column("held_out_agreement", "mean correlation of read-outs of different families") {
        $0.heldOutAgreement
      },
      column("class_eta_squared", "share of its variance between classes, held out") {
        $0.classShare
      },
      column("excess_over_input", "R2 of families left out beyond that of the input") {
        $0.excessOverInput?.value
      },
      column("excess_over_input_ci_low", "lower end of its 95 % interval") {
        $0.excessOverInput?.low
      },
      column("excess_over_input_ci_high", "upper end of its 95 % interval") {
        $0.excessOverInput?.high
      },
      column("excess_over_untrained", "R2 of families left out beyond untrained twins") {
        $0.excessOverUntrained?.value
      },
      column("excess_over_untrained_ci_low", "lower end of its 95 % interval") {
        $0.excessOverUntrained?.low
      },
      column("excess_over_untrained_ci_high", "upper end of its 95 % interval") {
        $0.excessOverUntrained?.high
      },
      variable(
        "direction_predictability", over: ["direction", "direction_family"],
        directions.flatMap { direction in
          found.families.indices.map { family in
            direction.predictability.indices.contains(family)
              ? direction.predictability[family] ?? .nan : .nan
          }
        }, "R2 at which a family predicts the direction of this rank that the others share"),
    ]
  }

  /// The scores of the samples, by id where there are ids.
  private func addScores(of found: SharedDirections, to file: inout ResultFile) {
    let count = content.activations.sampleCount
    guard !found.heldOutIndices.isEmpty else { return }
    var halves = Array(repeating: -1, count: count)
    for sample in found.fittedIndices { halves[sample] = 0 }
    for sample in found.heldOutIndices { halves[sample] = 1 }
    var scores = Array(repeating: Double.nan, count: found.directions.count * count)
    for (place, direction) in found.directions.enumerated() {
      for (sample, score) in zip(found.fittedIndices, direction.fittedScores) {
        scores[place * count + sample] = score
      }
      for (sample, score) in zip(found.heldOutIndices, direction.heldOutScores) {
        scores[place * count + sample] = score
      }
    }
    file.dimensions.append(.init("sample", length: count))
    let ids = content.activations.sampleIDs
    file.variables += [
      .init(
        "sample", over: ["sample"], ids.map { .text($0) } ?? .integer(Array(0..<count)),
        attributes: ["long_name": .string(ids == nil ? "row, from 0" : "sample id")]),
      .init(
        "sample_half", over: ["sample"], .integer(halves),
        attributes: [
          "flag_values": .integers([-1, 0, 1]), "flag_meanings": .string("unused fitted held_out"),
        ]),
      .init(
        "direction_score", over: ["direction", "sample"], .real(scores),
        attributes: [
          "long_name": .string(
            "mean of the read-outs of all models, families with equal weight; NaN: unused sample"),
          "coordinates": .string("sample_half"),
        ]),
    ]
    if let labels = content.activations.labels {
      file.variables.append(.init("sample_label", over: ["sample"], .integer(labels)))
    }
  }
}
