import Activations
import Foundation
import LinearAlgebra
import Metrics
import Store
import Zoo

extension Run {
  /// What earlier runs have left in a folder. A cache that cannot be used is a warning, and there is
  /// none.
  ///
  /// Whoever asks holds the ledger while comparing, but nobody holds `activations` for it: values are
  /// given up one by one as they are used for the last time.
  func ledger(
    in folder: String?, _ activations: ActivationSet, _ metrics: [any SimilarityMetric]
  ) throws -> OpenLedger? {
    guard let folder, let store = openStore(in: folder) else { return nil }
    let terminal = terminal
    do {
      let digests = try PairLedger.digests(of: activations, threads: threads) {
        terminal.report($0)
      }
      let ledger = try PairLedger(
        store, digests: digests, metrics: metrics, precision: arguments.precision.rawValue,
        implementation: Self.implementation)
      report(ledger, metrics)
      return OpenLedger(ledger: ledger, store: store)
    } catch let failure as StoreFailure {
      warn(failure)
      store.close()
      return nil
    } catch {
      store.close()
      throw error
    }
  }

  /// Writes what is left to write and closes the store.
  func close(_ open: OpenLedger?) {
    guard let open else { return }
    if let failure = open.ledger.finish() { warn(failure) }
    open.store.close()
  }

  private func openStore(in folder: String) -> PairStore? {
    do {
      let store = try PairStore(folder: folder)
      for note in store.notes { terminal.warning("the cache starts anew: \(note)") }
      return store
    } catch {
      warn(error)
      return nil
    }
  }

  private func warn(_ failure: StoreFailure) {
    terminal.warning("results are not kept: \(failure)\n  help: \(failure.help)")
  }

  private func report(_ ledger: PairLedger, _ metrics: [any SimilarityMetric]) {
    let known = metrics.map { ledger.known($0) }
    let (found, open) = known.reduce((0, 0)) { ($0.0 + $1.knownCount, $0.1 + $1.unknownCount) }
    guard found > 0 else { return }
    terminal.note("\(found) of \(found + open) results are known from earlier runs")
  }

  /// What decides about the last bits of a result beside the metric: this build of the program and
  /// the kernels of the BLAS library. Results of another build are computed anew, because nobody
  /// can know which of them a change has touched.
  private static let implementation: String = {
    let build = Bundle.main.executablePath.flatMap { ContentDigest(ofFile: $0)?.description }
    let blas = "\(BLASLibrary.configuration) (\(BLASLibrary.coreType))"
    return "universality \(UniversalityTool.version), build \(build ?? "unknown"), \(blas)"
  }()
}

/// A ledger with the store that it writes to.
struct OpenLedger {
  let ledger: PairLedger
  let store: PairStore
}
