import ArgumentParser

@main
struct UniversalityCommand: AsyncParsableCommand {
  func run() async throws {}
}
