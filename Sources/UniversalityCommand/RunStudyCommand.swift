import ArgumentParser
import Foundation
import Reports

/// A study from its file: one or more reports, of which some results are kept.
struct RunStudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "A study from its file: the options of report, written down.",
    discussion: """
      The file names a question, the runs that answer it (the study itself and
      its controls) with the options of `universality report` by the same names,
      and the tables and figures to keep. They appear in results/ and figures/
      beside the file, all at once, in place of those of the last time; nothing
      else is touched. Paths in the file are relative to its folder. Running it
      again gives the same bytes.

        question: Which architecture's features are most universal?
        dumps: ../../datasets/digits-zoo
        runs:
          study:
            results: [families.csv]
            figures: [ranking-families]
          negative-control:
            shuffle: all
            results: [families.csv]

      Examples:
        universality run Analyses/most-universal-architecture/analysis.yaml
        universality run my-study/analysis.yaml --dry-run    the runs as commands
      """)

  @Argument(
    help: ArgumentHelp("The file of the study, usually analysis.yaml.", valueName: "analysis.yaml"))
  var file: String

  @OptionGroup(title: "Running") var running: RunArguments

  func run() throws {
    let terminal = Terminal(isQuiet: running.settings.quiet, color: running.settings.color)
    try withExitCode(terminal) {
      let study = try StudyFile(path: file)
      let commands = try study.runs.map(command)
      let folder = try enterFolder()
      if running.dryRun { return try printPlans(study, commands) }
      return try run(study, commands, in: folder, terminal)
    }
  }

  /// A run of the study as the command that it stands for.
  private func command(for run: StudyFile.Run) throws -> ReportCommand {
    do {
      var command = try ReportCommand.parse(run.arguments)
      let precision = command.running.precision
      command.running = running
      if run.settings.contains(where: { $0.option == "precision" }) {
        command.running.precision = precision
      }
      _ = try command.metrics()
      _ = try command.reading.options()
      return command
    } catch {
      throw Failure(
        "\(file): run '\(run.name)': \(ReportCommand.message(for: error).visible())",
        help: "universality report --help lists the options and their values",
        exitCode: Exit.usage)
    }
  }

  /// Makes the folder of the study the current one, as `cd` would: paths in the file mean the same
  /// wherever the command is started, and so do those that results hold.
  private func enterFolder() throws -> String {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
    guard FileManager.default.changeCurrentDirectoryPath(folder) else {
      throw Failure(
        "the folder \(folder) cannot be entered", help: "check its permissions",
        exitCode: Exit.unusable)
    }
    return folder
  }

  private func run(
    _ study: StudyFile, _ commands: [ReportCommand], in path: String, _ terminal: Terminal
  ) throws -> Int32 {
    let folder = try OutputFolder(path)
    defer { folder.release() }
    let output = try StudyOutput(in: folder)
    var summary = StudySummary(question: study.question)
    var exitCode = Exit.done
    for (index, (run, command)) in zip(study.runs, commands).enumerated() {
      terminal.note("run '\(run.name)', \(index + 1) of \(study.runs.count)")
      let content = try inRun(run) { try self.content(of: command) }
      try asWritingFailure { try output.keep(content, of: run) }
      summary.runs.append(.init(run.name, content))
      exitCode = max(exitCode, command.exitCode(of: content))
    }
    summary.files = try asWritingFailure {
      try output.publish(study, version: UniversalityTool.version)
    }
    try printResult(running.json ? try encodedJSON(summary) : Terminal.visible(summary.text))
    return exitCode
  }

  private func content(of command: ReportCommand) throws -> ReportContent {
    let (metrics, ranking) = try command.metrics()
    var run = Run(reading: command.reading, arguments: command.running.settings)
    let survey = try run.survey()
    try run.checkMemory(survey, metrics: metrics)
    return try command.content(&run, survey, metrics, rankedBy: ranking, cache: nil)
  }

  /// For each run the command that gives the whole report, and what it would do.
  private func printPlans(_ study: StudyFile, _ commands: [ReportCommand]) throws -> Int32 {
    var exitCode = Exit.done
    try printResult(
      Terminal.visible("# in \(FileManager.default.currentDirectoryPath.visible())\n"))
    for (run, command) in zip(study.runs, commands) {
      let (metrics, _) = try command.metrics()
      var analysis = Run(reading: command.reading, arguments: command.running.settings)
      let survey = try inRun(run) { try analysis.survey() }
      let plan = analysis.plan(
        survey, metrics: metrics, permutations: command.permutations,
        memory: analysis.memoryForRanking(survey, metrics: metrics))
      try printResult(Terminal.visible("# \(run.name)\n\(run.command.visible())\n\(plan)\n"))
      exitCode = max(exitCode, analysis.exitCode(skipped: survey.skipped))
    }
    return exitCode
  }

  /// Says in which run something went wrong.
  private func inRun<Result>(_ run: StudyFile.Run, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      var failure = Failure(error)
      failure.message = "run '\(run.name)': \(failure.message)"
      throw failure
    }
  }
}

extension ReportCommand {
  /// 0, or what skipped inputs are worth.
  fileprivate func exitCode(of content: ReportContent) -> Int32 {
    Run(reading: reading, arguments: running.settings).exitCode(
      skipped: content.activations.skipped)
  }
}

/// What a study ends with, for people and for programs.
struct StudySummary: Encodable {
  struct Item: Encodable {
    var name: String
    var summary: ReportSummary

    init(_ name: String, _ content: ReportContent) {
      self.name = name
      summary = ReportSummary(content, page: nil)
    }
  }

  let schema = 1
  var question: String
  var runs: [Item] = []
  /// Relative to the folder of the study.
  var files: [String] = []

  init(question: String) { self.question = question }

  var text: String {
    var lines = [question, ""]
    for run in runs {
      lines.append("\(run.name):")
      lines += run.summary.headline.map { "  " + $0 }
      lines.append("")
    }
    return (lines + files).joined(separator: "\n")
  }
}
