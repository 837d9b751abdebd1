import Foundation
import HDF5
import Testing

/// Estimates and fingerprints by the built command.
@Suite struct FingerprintCommandTests {
  /// The lines of a CSV without its header, cut at commas.
  private func rows(_ text: String) -> [[Substring]] {
    text.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }

  @Test func estimatesStandBesideTheirStandardErrors() throws {
    let zoo = BuiltCommand.digitsZoo + "/*-s0.h5"
    let exact = try BuiltCommand.run(
      "compare", zoo, "--metric", "cka-debiased", "--metric", "cka", "--quiet")
    let estimated = try BuiltCommand.run("compare", zoo, "--approximate", "--quiet")
    let refined = try BuiltCommand.run("compare", zoo, "--approximate", "--refine", "--quiet")
    #expect(estimated.exitCode == 0 && refined.exitCode == 0, "\(estimated.errors)")
    #expect(
      estimated.output.hasPrefix(
        "metric,model_a,layer_a,model_b,layer_b,n,value,reason,standard_error\n"))
    var (covered, count, exactly) = (0, 0, 0)
    for (row, (truth, better)) in zip(
      rows(estimated.output), zip(rows(exact.output), rows(refined.output)))
    {
      #expect(row.prefix(6) == truth.prefix(6))
      let (value, error) = (try #require(Double(row[6])), try #require(Double(row[8])))
      let expected = try #require(Double(truth[6]))
      count += 1
      if abs(value - expected) <= 1.96 * error { covered += 1 }
      if better[8].isEmpty {
        exactly += 1
        #expect(abs(try #require(Double(better[6])) - expected) <= 1e-12)
      } else {
        #expect(better[6] == row[6])
      }
    }
    #expect(count == rows(exact.output).count && count > 500)
    // Estimates of one seed are not independent of each other.
    #expect((0.9...1).contains(Double(covered) / Double(count)), "\(covered) of \(count)")
    #expect(exactly > 0 && exactly < count)
  }

  @Test func filesOfTwoPlacesAreComparedWithoutTheActivations() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    for family in ["cnn", "mlp"] {
      let outcome = try BuiltCommand.run(
        "fingerprint", BuiltCommand.digitsZoo + "/\(family)-s0.h5", "-o", path("\(family).h5"),
        "--sketch-size", "1024", "--quiet")
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let apart = try BuiltCommand.run("compare", path("cnn.h5"), path("mlp.h5"), "--quiet")
    let together = try BuiltCommand.run(
      "compare", BuiltCommand.digitsZoo + "/cnn-s0.h5", BuiltCommand.digitsZoo + "/mlp-s0.h5",
      "--approximate", "--sketch-size", "1024", "--quiet")
    #expect(apart.exitCode == 0, "\(apart.errors)")
    #expect(apart.output == together.output)
    // Among dumps such a file is said to be what it is.
    let inspected = try BuiltCommand.run("inspect", path("cnn.h5"))
    #expect(inspected.exitCode == 4 && inspected.errors.contains("fingerprints of layers"))
    let mixed = try BuiltCommand.run("compare", path("cnn.h5"), BuiltCommand.digitsZoo)
    #expect(mixed.exitCode == 4 && mixed.errors.contains("help: make fingerprints of the dumps"))
    let other = try BuiltCommand.run(
      "fingerprint", BuiltCommand.digitsZoo + "/mlp-s0.h5", "-o", path("other.h5"),
      "--sketch-size", "2048", "--quiet")
    #expect(other.exitCode == 0)
    let refused = try BuiltCommand.run("compare", path("cnn.h5"), path("other.h5"))
    #expect(refused.exitCode == 4 && refused.errors.contains("different seeds or sizes"))
  }

  @Test func arraysCarryTheStandardErrorsToo() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let zoo = BuiltCommand.digitsZoo + "/mlp-s0.h5"
    let json = try BuiltCommand.run("compare", zoo, "--approximate", "--json", "--quiet")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let metric = try #require((object["metrics"] as? [[String: Any]])?.first)
    #expect((metric["conventions"] as? String)?.contains("estimated from fingerprints") == true)
    let errors = try #require(metric["standard_error"] as? [[Any]])
    #expect(errors[0][0] is NSNull && errors.count == 5)
    let error = try #require(errors[0][1] as? Double)
    #expect((0.0001...0.01).contains(error))
    let path = folder.appendingPathComponent("similarities.nc").path
    #expect(try BuiltCommand.run("compare", zoo, "--approximate", "-o", path).exitCode == 0)
    let values = try LibraryReader().numbers(in: "/standard_error", of: path, rows: nil)
    #expect(values.count == 50 && values[0].isNaN && values[1] == error)
  }

  @Test func optionsThatDoNotFitAreUsageErrors() throws {
    let zoo = BuiltCommand.digitsZoo + "/mlp-s0.h5"
    for arguments in [
      ["--refine"], ["--sketch-size", "1024"], ["--approximate", "--sketch-size", "1000"],
      ["--approximate", "--metric", "svcca"],
    ] {
      let outcome = try BuiltCommand.run(["compare", zoo] + arguments)
      #expect(outcome.exitCode == 64, "\(arguments): \(outcome.errors)")
    }
    #expect(try BuiltCommand.run("fingerprint", zoo, "-o", "x.csv").exitCode == 64)
  }
}
