import Foundation
import Testing

/// What is printed.
@Suite struct OutputTests {
  @Test func helpShowsExamplesAndExitCodes() throws {
    let outcome = try BuiltCommand.run("--help")
    #expect(outcome.exitCode == 0)
    for words in ["Examples:", "universality dumps/", "Exit codes:", "inspect", "snippet"] {
      #expect(outcome.output.contains(words))
    }
    for command in ["report", "compare", "inspect", "metrics", "snippet"] {
      #expect(try BuiltCommand.run(command, "--help").exitCode == 0)
    }
  }

  @Test func completionsAreGenerated() throws {
    for shell in ["bash", "zsh", "fish"] {
      let outcome = try BuiltCommand.run("--generate-completion-script", shell)
      #expect(outcome.exitCode == 0)
      #expect(outcome.output.contains("rank-by"))
    }
  }

  @Test func theCatalogueIsListedForPeopleAndPrograms() throws {
    let text = try BuiltCommand.run("metrics").output
    #expect(text.contains("svcca") && text.contains("variance=0.99"))
    let json = try BuiltCommand.run("metrics", "--json").output
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let metrics = try #require(object["metrics"] as? [[String: Any]])
    let names = metrics.compactMap { $0["name"] as? String }
    #expect(names.prefix(3) == ["cka-debiased", "cka", "svcca"])
    #expect(Set(names).count == names.count)
    #expect(metrics.allSatisfy { ($0["conventions"] as? String)?.isEmpty == false })
  }

  @Test func inspectSaysHowEachDecisionWasMade() throws {
    let text = try BuiltCommand.run("inspect", BuiltCommand.digitsZoo, "--verbose").output
    #expect(text.contains("vit-s0"))
    #expect(text.contains("'n t d'"))
    let json = try BuiltCommand.run("inspect", BuiltCommand.digitsZoo, "--json").output
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect((object["layers"] as? [Any])?.count == 229)
  }

  @Test func theFrozenLayoutGivesTheSameNumbers() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let layout = folder.appendingPathComponent("layout.yaml").path
    let zoo = BuiltCommand.digitsZoo + "/*-s0.h5"
    #expect(try BuiltCommand.run("inspect", zoo, "--write-layout", layout).exitCode == 0)
    let fresh = try BuiltCommand.run("compare", zoo, "--quiet")
    let replayed = try BuiltCommand.run("compare", zoo, "--quiet", "--layout", layout)
    #expect(fresh.exitCode == 0 && replayed.exitCode == 0, "\(replayed.errors)")
    #expect(fresh.output == replayed.output)
    #expect(fresh.output.hasPrefix("metric,model_a,layer_a,model_b,layer_b,n,value,reason\n"))
  }

  @Test func resultsGoToStandardOutputAndNothingElseDoes() throws {
    let arguments = [
      "compare", BuiltCommand.digitsZoo + "/mlp-s0.h5", "--metric", "cka", "--quiet",
    ]
    let outcome = try BuiltCommand.run(arguments)
    #expect(outcome.errors.isEmpty)
    // Five layers: ten pairs and a header.
    #expect(outcome.output.split(separator: "\n").count == 11)
  }

  @Test func colourComesOnlyWhenAskedFor() throws {
    let path = BuiltCommand.digitsZoo + "/nothing.h5"
    #expect(!(try BuiltCommand.run("compare", path).errors.contains("\u{1B}")))
    #expect(try BuiltCommand.run("compare", path, "--color", "always").errors.contains("\u{1B}[31"))
  }
}
