import Foundation
import Reports
import Synchronization
import Zoo

/// What goes to standard error: progress, notes, warnings and errors.
final class Terminal: Sendable {
  private let isQuiet: Bool
  private let usesColor: Bool
  private let isInteractive: Bool
  private let state = Mutex(State())

  private struct State {
    var stage = ""
    var stageStart = Date.distantPast
    var lastDrawn = Date.distantPast
    var hasBar = false
  }

  init(isQuiet: Bool = false, color: ColorChoice = .auto) {
    let environment = ProcessInfo.processInfo.environment
    self.isQuiet = isQuiet
    isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    switch color {
    case .always: usesColor = true
    case .never: usesColor = false
    // https://no-color.org: any non-empty value.
    case .auto: usesColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }
  }

  /// Draws a bar with the time left on a terminal; elsewhere a plain line when a stage begins and
  /// every ten seconds.
  func report(_ progress: WorkProgress) {
    guard !isQuiet else { return }
    state.withLock { state in
      let now = Date()
      let isNew = state.stage != progress.stage
      if isNew {
        state.stage = progress.stage
        state.stageStart = now
        state.lastDrawn = .distantPast
      }
      let isLast = progress.done >= progress.total
      let pause = isInteractive ? 0.1 : 10
      guard now.timeIntervalSince(state.lastDrawn) >= pause || (isInteractive && isLast) else {
        return
      }
      state.lastDrawn = now
      if isInteractive {
        write("\r\u{1B}[K" + bar(progress, since: state.stageStart, now: now))
        state.hasBar = true
        if isLast {
          write("\r\u{1B}[K")
          state.hasBar = false
        }
      } else {
        write(
          isNew
            ? "\(progress.stage) (\(progress.total)) …\n"
            : "\(progress.stage): \(progress.done) of \(progress.total)\n")
      }
    }
  }

  private func bar(_ progress: WorkProgress, since start: Date, now: Date) -> String {
    let share = Double(progress.done) / Double(max(1, progress.total))
    let width = 24
    let filled = Int((share * Double(width)).rounded(.down))
    let drawn =
      String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    var text = "\(progress.stage.padding(toLength: 26, withPad: " ", startingAt: 0)) \(drawn) "
    text += "\(progress.done)/\(progress.total)"
    let elapsed = now.timeIntervalSince(start)
    if progress.done > 0, progress.done < progress.total, elapsed > 1 {
      let left = elapsed * Double(progress.total - progress.done) / Double(progress.done)
      text += "  \(Self.duration(left)) left"
    }
    return text
  }

  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<60: "\(Int(seconds.rounded(.up))) s"
    case ..<3600: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    default: "\(Int(seconds) / 3600) h \(Int(seconds) % 3600 / 60) min"
    }
  }

  /// A line that a user should read, unless she asked for quiet.
  func note(_ text: String) {
    guard !isQuiet else { return }
    line(styled("note", "36") + ": " + text.visible())
  }

  /// Something was left out or is doubtful. Printed even when quiet.
  func warning(_ text: String) { line(styled("warning", "33") + ": " + text) }

  func error(_ text: String, help: String?) {
    line(styled("error", "31;1") + ": " + text)
    if let help { line("  help: " + help) }
  }

  /// A text of several lines as it is.
  func plain(_ text: String) { line(text) }

  private func line(_ text: String) {
    state.withLock { state in
      if state.hasBar { write("\r\u{1B}[K") }
      state.hasBar = false
      write(Self.visible(text) + "\n")
    }
  }

  private func styled(_ text: String, _ code: String) -> String {
    usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private func write(_ text: String) {
    // A message that cannot be shown must not end a run of hours.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// The text with everything that a terminal would obey shown instead (`String.visible()`); our own
  /// colour codes and line breaks stay.
  static func visible(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let escape = rest.firstIndex(of: "\u{1B}") {
      let code = ownColorCode(rest[escape...].unicodeScalars)
      result += String(rest[..<escape]).visible(keepingLineBreaks: true)
      result += code ?? "\u{1B}".visible()
      rest = rest[escape...].dropFirst(code?.count ?? 1)
    }
    return result + String(rest).visible(keepingLineBreaks: true)
  }

  private static func ownColorCode(_ scalars: Substring.UnicodeScalarView.SubSequence) -> String? {
    for code in ["\u{1B}[36m", "\u{1B}[33m", "\u{1B}[31;1m", "\u{1B}[0m"]
    where scalars.starts(with: code.unicodeScalars) { return code }
    return nil
  }
}
