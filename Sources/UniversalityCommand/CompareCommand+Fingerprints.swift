import Activations
import ArgumentParser
import Foundation
import HDF5
import Reports
import Zoo

extension Run {
  /// Estimates from fingerprints of a zoo, refined where asked for.
  mutating func approximation(
    of activations: ActivationSet, _ metrics: [SketchedMetric], _ wishes: ApproximationArguments
  ) throws -> ApproximateComparison {
    let set = try fingerprints(of: activations, wishes.sketch)
    var comparison = try estimates(from: set, metrics)
    guard wishes.refine else { return comparison }
    let (threads, terminal) = (threads, terminal)
    let models = activations.representations.map(\.model)
    try stopwatch.measure("refine") {
      for (metric, matrix) in zip(metrics, comparison.matrices) {
        let pairs = matrix.bestMatchCandidates(models: models)
        let total = matrix.count * (matrix.count - 1) / 2
        terminal.note(
          "\(metric.rawValue): \(pairs.count) of \(total) pairs can be a best match and are computed "
            + "exactly")
        try comparison.recompute(pairs, metric: metric, of: activations, threads: threads) {
          terminal.report($0)
        }
      }
    }
    return comparison
  }

  /// All pairs of a set of fingerprints.
  mutating func estimates(
    from set: FingerprintSet, _ metrics: [SketchedMetric]
  ) throws -> ApproximateComparison {
    let (threads, terminal) = (threads, terminal)
    return try stopwatch.measure("compare") {
      try set.compared(by: metrics, threads: threads) { terminal.report($0) }
    }
  }

  /// The fingerprints behind the paths, if these are files of fingerprints; `nil` for dumps.
  ///
  /// - Throws: ``Failure`` if only some are, or if they cannot be compared.
  func fingerprintInput() throws -> FingerprintSet? {
    let paths = reading?.paths ?? []
    let files = paths.filter { Self.isFile($0) }
    guard let first = files.first, (try? FingerprintFile.isFingerprintFile(first)) == true else {
      return nil
    }
    for path in paths {
      guard Self.isFile(path), try FingerprintFile.isFingerprintFile(path) else {
        throw Failure(
          "\(first) holds fingerprints, \(path) does not",
          help: "make fingerprints of the dumps first: universality fingerprint \(path) -o FILE.h5",
          exitCode: Exit.unusable)
      }
    }
    let sets = try paths.map { (name: $0, set: try FingerprintFile(from: $0).set) }
    do {
      return try FingerprintSet.joined(sets)
    } catch {
      throw Failure(error.description, help: error.help, exitCode: Exit.unusable)
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}

extension CompareCommand {
  /// Compares files of fingerprints.
  func runOnFingerprints(_ set: FingerprintSet, _ run: inout Run) throws -> ReportContent {
    if approximation.refine {
      throw ValidationError("--refine needs the activations; fingerprints alone do not suffice")
    }
    guard reading.select.isEmpty, reading.exclude.isEmpty else {
      throw ValidationError(
        "--select and --exclude choose layers when fingerprints are made, not afterwards")
    }
    let comparison = try run.estimates(from: set, try ApproximationArguments.metrics(metric))
    return ReportContent(
      activations: set.activations, matrices: comparison.matrices, findings: nil,
      reasonWithoutFindings: "compare makes no ranking",
      run: run.record(seed: set.design.seed, options: [:], layout: ""))
  }
}
