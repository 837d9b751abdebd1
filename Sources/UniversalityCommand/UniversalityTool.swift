import ArgumentParser
import Foundation
import HDF5

/// Where the program begins: as the command, or as the process that reads files for it.
@main
enum Program {
  static func main() {
    ReadingProcess.serveIfAsked()
    do {
      var command = try UniversalityTool.parseAsRoot()
      do {
        try command.run()
      } catch let error as ValidationError {
        throw UsageFailure(error, of: type(of: command))
      }
    } catch let failure as UsageFailure {
      Terminal(color: .never).plain(failure.text)
      exit(Exit.usage)
    } catch {
      UniversalityTool.exit(withError: error)
    }
  }
}

/// An error of usage that a command has found while it ran, with the usage of that command.
private struct UsageFailure: Error {
  let text: String

  init(_ error: ValidationError, of command: any ParsableCommand.Type) {
    let name = "universality \(command.configuration.commandName ?? "")"
    text = """
      Error: \(error.message)
      Usage: \(UniversalityTool.usageString(for: command))
        See '\(name) --help' for more information.
      """
  }
}

/// `universality PATH…`: from activation dumps to a ranking of what is universal.
struct UniversalityTool: ParsableCommand {
  /// The version of the toolkit, as in the change log.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "universality",
    abstract: "How universal are the features that networks learn?",
    discussion: """
      Reads dumps of the activations of many networks on the same stimuli, compares all pairs
      of layers, and ranks layers, models and architecture families by how much of what they learned
      is found in other families – against chance, with intervals, beside untrained controls.

      Examples:
        universality dumps/                        report on all dumps in a folder
        universality dumps/*.h5 -o my-report       the same, to another folder
        universality inspect dumps/                what is in the dumps, and how it is read
        universality compare dumps/ -o pairs.csv   similarity matrices only
        universality report dumps/ --metric svcca:variance=0.95 --select '*/conv*'
        universality fingerprint dumps/ -o ours.h5   to be compared without the activations
        universality features dumps/               single features, the most universal first
        universality merge shards/ -o my-report    the parts of a batch (--shard) together
        universality metrics                       the metrics and their conventions
        universality snippet pytorch               code that writes a good dump

      PATH is a file, a folder (searched recursively), a glob, or @list.txt.

      Exit codes: 0 done · 1 internal error · 2 done, but some inputs were skipped · 3 ambiguous
      layout, the message prints the flag to add · 4 nothing usable, or skipped inputs under --strict
      · 5 out of memory or disk · 64 usage · 130/143 interrupted.
      """,
    version: version,
    subcommands: [
      ReportCommand.self, CompareCommand.self, InspectCommand.self, MetricsCommand.self,
      SnippetCommand.self, FingerprintCommand.self, FeaturesCommand.self, MergeCommand.self,
    ],
    defaultSubcommand: ReportCommand.self)
}
