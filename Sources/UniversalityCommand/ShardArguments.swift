import ArgumentParser
import Foundation
import Zoo

/// Which part of a batch a run computes.
struct ShardArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compute only a part of all pairs: the I-th of N, or 'auto' for the number that Slurm or MPI "
        + "gives this process. -o names the folder for all parts of the batch (default: "
        + "universality-shards); `universality merge` puts them together.", valueName: "i/n|auto"))
  var shard: ShardChoice?

  /// Where the shards of a batch are kept without a wish.
  static let defaultFolder = "universality-shards"

  /// The part, or `nil` for all pairs.
  func number() throws -> ShardNumber? {
    switch shard {
    case nil: return nil
    case .number(let number): return number
    case .auto:
      do {
        return try ShardNumber(environment: ProcessInfo.processInfo.environment)
      } catch {
        throw ValidationError("--shard auto: \(error); say which with --shard 2/7")
      }
    }
  }

  /// A shard keeps its results in its own folder, and nowhere else.
  func check(_ cache: CacheArguments) throws {
    guard shard != nil, cache.noCache || cache.folder != nil else { return }
    throw ValidationError(
      "--shard keeps its results in its own folder; leave out "
        + (cache.noCache ? "--no-cache" : "--cache"))
  }
}

/// `2/7` or `auto`.
enum ShardChoice: ExpressibleByArgument {
  case auto
  case number(ShardNumber)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let number = ShardNumber(argument) {
      self = .number(number)
    } else {
      return nil
    }
  }
}
