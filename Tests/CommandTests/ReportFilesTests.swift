import Foundation
import Testing

/// What `universality report` leaves behind, on the sample zoo.
@Suite struct ReportFilesTests {
  private func file(_ name: String) throws -> String {
    try String(
      contentsOf: BuiltCommand.report.get().folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func rows(_ name: String) throws -> [[String: String]] {
    let lines = try file(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  @Test func theRunSucceedsAndEndsWithThePathOfThePage() throws {
    let (folder, outcome) = try BuiltCommand.report.get()
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.hasSuffix("Report: \(folder.path)/report.html\n"))
    #expect(outcome.output.contains("6 architecture families (18 trained networks"))
  }

  @Test func allFilesOfTheContractAreThereAndNoTemporaryOnes() throws {
    let folder = try BuiltCommand.report.get().folder
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      names == [
        ".cache", "audit.csv", "calibration.csv", "cautions.csv", "dynamics.csv", "families.csv",
        "family_statistics.csv", "feature_cards.csv", "features.csv", "figures", "influence.csv",
        "layer_identification.csv", "layers.csv", "layout.yaml", "models.csv", "pairs.csv",
        "ranking_agreement.csv", "regularities.csv", "report.html", "results.nc", "run.json",
        "trend.csv", "waterfall.csv",
      ])
    let figures = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/figures")
    let drawn = figures.filter { $0.hasSuffix(".svg") }.map { $0.dropLast(4) }
    #expect(drawn.count >= 5)
    #expect(drawn.allSatisfy { figures.contains($0 + ".csv") })
  }

  @Test func pairsAreCompleteAndInRange() throws {
    let rows = try rows("pairs.csv")
    // 229 layers, unordered pairs, three metrics.
    #expect(rows.count == 3 * 229 * 228 / 2)
    for row in rows {
      let value = try #require(Double(row["value"] ?? ""), "\(row)")
      #expect(value > -0.1 && value <= 1)
      #expect(row["reason"] == "")
      #expect(row["n"] == "500")
    }
    #expect(Set(rows.compactMap { $0["metric"] }) == ["cka-debiased", "cka", "svcca"])
  }

  @Test func onlyTrainedFinalModelsAreRanked() throws {
    let models = try rows("models.csv").compactMap { $0["model"] }
    #expect(models.count == 18)
    #expect(!models.contains { $0.contains("untrained") || $0.contains("step") || $0 == "pixels" })
    #expect(try rows("families.csv").compactMap { $0["rank"] } == ["1", "2", "3", "4", "5", "6"])
    for row in try rows("layers.csv") {
      let p = try #require(Double(row["p_value"] ?? ""))
      #expect(p >= 1.0 / 40 - 1e-12 && p <= 1)
      let value = try #require(Double(row["universality"] ?? ""))
      let low = try #require(Double(row["ci_low"] ?? ""))
      let high = try #require(Double(row["ci_high"] ?? ""))
      #expect(low <= value && value <= high)
    }
  }

  /// The steps of the waterfall, with its numbers of all families formed anew from those of the pairs.
  @Test func theWaterfallHasAllStepsForAllPairsOfFamilies() throws {
    let rows = try rows("waterfall.csv")
    let last = rows.filter { $0["stage"] == "last" && $0["networks"] == "trained" }
    #expect(last.count == 5 * (1 + 15 + 6))
    var parts = 0.0
    for step in ["raw", "chance", "input", "twins", "labels"] {
      let mine = last.filter { $0["step"] == step }
      let all = try #require(mine.first { $0["family_a"] == "" })
      let pairs = mine.filter { $0["family_a"] != "" && $0["family_a"] != $0["family_b"] }
      #expect(pairs.count == 15 && pairs.allSatisfy { $0["pairs"] == "9" })
      let mean = pairs.reduce(0) { $0 + (Double($1["value"] ?? "") ?? .nan) } / 15
      #expect(abs(mean - (Double(all["value"] ?? "") ?? .nan)) <= 1e-12)
      if step != "raw" { parts += Double(all["part"] ?? "") ?? .nan }
      if step == "labels" {
        let raw = try #require(last.first { $0["step"] == "raw" && $0["family_a"] == "" })
        let sum = parts + (Double(all["left"] ?? "") ?? .nan)
        #expect(abs(sum - (Double(raw["value"] ?? "") ?? .nan)) <= 1e-12)
      }
    }
  }

  /// Nothing is called learned without how well untrained networks agree on what is left of them.
  @Test func theHeadlineTakesTheSimilarityApart() throws {
    let last = try rows("waterfall.csv").filter {
      $0["stage"] == "last" && $0["family_a"] == "" && $0["step"] == "labels"
    }
    let page = try file("report.html")
    #expect(page.contains("is left beyond all three"))
    let untrained = try #require(last.first { $0["networks"] == "untrained" })
    let value = try #require(Double(untrained["value"] ?? ""))
    #expect(abs(value) < 0.05)
    #expect(
      page.contains(
        "between untrained twins, beyond input and classes, the debiased CKA is "
          + String(format: "%.3f", value)))
    // Trained networks agree on it at about 0.2: the difference is clear.
    #expect(!page.contains("does not show that what is left is learned"))
  }

  /// The end of each curve is the layer itself, with the score that the ranking gives it.
  @Test func trainingEndsWithTheRankedLayers() throws {
    let rows = try rows("dynamics.csv")
    #expect(Set(rows.compactMap { $0["model"] }) == ["cnn-s0"])
    let ranked = try self.rows("layers.csv").filter { $0["model"] == "cnn-s0" }
    let ends = rows.filter { $0["state"] == "cnn-s0" }
    #expect(ends.count == ranked.count && rows.count == 7 * ends.count)
    for end in ends {
      #expect(abs((Double(end["to_final"] ?? "") ?? .nan) - 1) <= 1e-9)
      let raw = ranked.first { $0["layer"] == end["layer"] }?["raw"]
      #expect(
        abs((Double(end["to_others"] ?? "") ?? .nan) - (Double(raw ?? "") ?? .nan)) <= 1e-12)
    }
  }

  /// τ of the families formed anew from the scores in families.csv.
  @Test func theAgreementOfMetricsFollowsFromTheScores() throws {
    let agreements = try rows("ranking_agreement.csv")
    // Three pairs of metrics for families, models and layers.
    #expect(agreements.count == 9)
    let families = try rows("families.csv")
    let scores = try families.map { row in
      (try #require(Double(row["raw"] ?? "")), try #require(Double(row["score_cka"] ?? "")))
    }
    var balance = 0
    for a in scores.indices {
      for b in 0..<a {
        balance += (scores[a].0 < scores[b].0) == (scores[a].1 < scores[b].1) ? 1 : -1
      }
    }
    let row = agreements.first {
      $0["level"] == "families" && $0["metric_a"] == "cka-debiased" && $0["metric_b"] == "cka"
    }
    #expect(abs((Double(row?["tau_b"] ?? "") ?? .nan) - Double(balance) / 15) <= 1e-12)
  }

  /// The accuracy of one family under one metric, formed anew from pairs.csv.
  @Test func layerIdentificationFollowsFromThePairs() throws {
    let rows = try rows("layer_identification.csv")
    // Three metrics; trained and untrained; six families and all.
    #expect(rows.count == 3 * 2 * 7)
    var values: [String: [String: Double]] = [:]
    for row in try self.rows("pairs.csv") where row["metric"] == "cka-debiased" {
      for (a, b) in [("a", "b"), ("b", "a")] {
        let place = (row["model_" + a] ?? "") + "/" + (row["layer_" + a] ?? "")
        let other = (row["model_" + b] ?? "") + "/" + (row["layer_" + b] ?? "")
        values[place, default: [:]][other] = Double(row["value"] ?? "")
      }
    }
    let layers = ["gru1", "gru2", "dense1", "dense2"]
    var hits = 0
    for model in 0..<3 {
      for other in 0..<3 where other != model {
        for layer in layers {
          let candidates = layers.max {
            (values["gru-s\(model)/\(layer)"]?["gru-s\(other)/\($0)"] ?? .nan)
              < (values["gru-s\(model)/\(layer)"]?["gru-s\(other)/\($1)"] ?? .nan)
          }
          if candidates == layer { hits += 1 }
        }
      }
    }
    let row = try #require(
      rows.first {
        $0["metric"] == "cka-debiased" && $0["networks"] == "trained" && $0["family"] == "gru"
      })
    #expect(row["trials"] == "24" && Double(row["hits"] ?? "") == Double(hits))
    #expect(Double(row["chance"] ?? "") == 0.25)
    let low = try #require(Double(row["ci_low"] ?? ""))
    #expect(low <= Double(hits) / 24 && low >= 0)
  }

  @Test func everyLayerHasTheShapeOfItsSpectrum() throws {
    let rows = try rows("regularities.csv")
    #expect(rows.count == 229)
    for row in rows {
      let rank = try #require(Double(row["rank"] ?? ""), "\(row)")
      let ratio = try #require(Double(row["participation_ratio"] ?? ""), "\(row)")
      let effective = try #require(Double(row["effective_rank"] ?? ""), "\(row)")
      let top = try #require(Double(row["top_component_share"] ?? ""), "\(row)")
      // Rényi entropies fall with their order: of order 0, 1, 2, ∞.
      #expect(rank * (1 + 1e-9) >= effective && effective * (1 + 1e-9) >= ratio)
      #expect(ratio * (1 + 1e-6) >= 1 / top)
    }
  }

  /// The score of the first ranked layer, formed anew from pairs.csv by its definition.
  @Test func theScoreOfALayerFollowsFromThePairs() throws {
    let top = try #require(try rows("layers.csv").first)
    let (model, layer) = (try #require(top["model"]), try #require(top["layer"]))
    func family(_ model: String) -> String { String(model.prefix { $0 != "-" }) }
    var best: [String: Double] = [:]
    for row in try rows("pairs.csv") where row["metric"] == "cka-debiased" {
      for (a, b) in [("a", "b"), ("b", "a")]
      where row["model_" + a] == model && row["layer_" + a] == layer {
        let partner = row["model_" + b] ?? ""
        let isRanked =
          !partner.contains("untrained") && !partner.contains("step") && partner != "pixels"
        guard isRanked, family(partner) != family(model), let value = Double(row["value"] ?? "")
        else { continue }
        best[partner] = max(best[partner] ?? -1, value)
      }
    }
    #expect(best.count == 15)
    let byFamily = Dictionary(grouping: best.keys, by: family).mapValues { models in
      models.reduce(0) { $0 + (best[$1] ?? .nan) } / Double(models.count)
    }
    let score = byFamily.values.reduce(0, +) / Double(byFamily.count)
    #expect(abs(score - (Double(top["raw"] ?? "") ?? .nan)) <= 1e-12)
  }

  @Test func theRecordOfTheRunIsComplete() throws {
    let record = try #require(
      try JSONSerialization.jsonObject(with: Data(file("run.json").utf8)) as? [String: Any])
    #expect(record["schema"] as? Int == 1)
    #expect((record["inputs"] as? [[String: Any]])?.count == 42)
    let digest = (record["inputs"] as? [[String: Any]])?.first?["sha256"] as? String
    #expect(digest?.count == 64)
    #expect((record["representations"] as? [Any])?.count == 229)
    #expect((record["peak_memory_bytes"] as? Int ?? 0) > 1_000_000)
    #expect((record["command"] as? [String])?.first == "universality")
  }

  /// The same input gives the same bytes, whatever the number of threads.
  @Test func resultsAreReproducibleToTheByte() throws {
    let zoo = try BuiltCommand.zooCopy(["mlp-s0.h5", "cnn-s0.h5", "gru-s0.h5", "input.h5"])
    defer { try? FileManager.default.removeItem(at: zoo) }
    var contents: [[String: Data]] = []
    for threads in ["1", "3"] {
      let folder = zoo.appendingPathComponent("report-\(threads)")
      let outcome = try BuiltCommand.run(
        "report", zoo.path + "/*.h5", "-o", folder.path, "--permutations", "19", "--bootstrap",
        "10",
        "--threads", threads)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      var files: [String: Data] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
        files[name] = FileManager.default.contents(
          atPath: folder.appendingPathComponent(name).path)
      }
      contents.append(files)
    }
    for (name, data) in contents[0]
    where !["run.json", "report.html"].contains(name) && !name.hasSuffix("figures")
      && !name.hasPrefix(".cache")
    {
      #expect(contents[1][name] == data, "\(name)")
    }
  }
}
