import Foundation
import Reports
import Testing

/// Pages to look at: set `REPORT_SAMPLES` to a folder.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["REPORT_SAMPLES"] != nil))
struct PageSamples {
  @Test func aPageToLookAt() throws {
    let folder = ProcessInfo.processInfo.environment["REPORT_SAMPLES"] ?? ""
    var odd = SyntheticZoo()
    odd.layerNames = NastyText.all
    odd.modelNames = Array(NastyText.all.reversed())
    odd.isPositional = true
    var single = SyntheticZoo(families: ["mlp"], seeds: 2)
    single.hasUntrained = false
    single.hasInput = false
    var many = SyntheticZoo(
      families: (1...11).map { "family\($0)" }, seeds: 6, layers: 6)
    many.missing = true
    var huge = SyntheticZoo(families: (1...15).map { "f\($0)" }, seeds: 8, layers: 9)
    huge.hasUntrained = true
    var none = SyntheticZoo().content
    none.findings = nil
    none.reasonWithoutFindings = "there is one model only"
    for (name, content) in [
      ("plain", SyntheticZoo().content), ("odd", odd.content), ("single", single.content),
      ("many", many.content), ("huge", huge.content), ("none", none),
    ] {
      let started = ContinuousClock.now
      let files = try Report(content).write(to: folder + "/" + name)
      print(name, files.count, ContinuousClock.now - started)
    }
  }
}
