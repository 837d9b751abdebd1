import HDF5

/// The meaning of the axes of a dataset, one letter an axis: `n` samples, `c` or `d` features, `l`
/// layers, anything else a position.
struct Dims: Sendable, Equatable {
  var letters: [Character]

  init(_ letters: [Character]) { self.letters = letters }
  init(_ text: String) { letters = text.filter { $0 != " " }.map { $0 } }

  /// Such as `n c h w`.
  var text: String { letters.map(String.init).joined(separator: " ") }

  static func isFeature(_ letter: Character) -> Bool { letter == "c" || letter == "d" }
  static func isPosition(_ letter: Character) -> Bool {
    letter != "n" && letter != "l" && !isFeature(letter)
  }

  var sampleAxis: Int? { letters.firstIndex(of: "n") }
  var layerAxis: Int? { letters.firstIndex(of: "l") }

  /// What is wrong with these letters for a dataset of `rank` axes, or `nil`.
  func fault(rank: Int) -> String? {
    if letters.count != rank { return "'\(text)' names \(letters.count) axes, there are \(rank)" }
    if letters.filter({ $0 == "n" }).count != 1 { return "'\(text)' must name one sample axis n" }
    if letters.filter({ $0 == "l" }).count > 1 { return "'\(text)' names two layer axes l" }
    if !letters.contains(where: Dims.isFeature) { return "'\(text)' names no feature axis c or d" }
    return nil
  }

  func features(of shape: [Int]) -> Int { product(of: shape, where: Dims.isFeature) }
  func positions(of shape: [Int]) -> Int { product(of: shape, where: Dims.isPosition) }

  private func product(of shape: [Int], where isWanted: (Character) -> Bool) -> Int {
    zip(letters, shape).reduce(1) { isWanted($1.0) ? $0 * $1.1 : $0 }
  }

  /// The letters in an attribute such as `n c h w`, `(N, C, H, W)`, `nchw` or
  /// `["batch", "channel", "height", "width"]`, or `nil` if they do not describe `rank` axes.
  init?(attribute: AttributeValue?, rank: Int) {
    let words: [String]
    switch attribute {
    case .string(let text):
      let parts = text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }
      words =
        parts.count == 1 && parts[0].count == rank
        ? parts[0].map { String($0) }
        : parts.map { String($0) }
    case .strings(let list): words = list.map { $0.trimmed.lowercased() }
    default: return nil
    }
    self.init(words: words)
    if fault(rank: rank) != nil { return nil }
  }

  /// The letters for names of axes.
  init(words: [String]) {
    letters = words.map { word in
      switch word {
      case "n", "b", "batch", "sample", "samples", "stimulus", "stimuli", "item", "items", "image",
        "images", "presentation", "obs", "prompt", "prompts":
        "n"
      case "d", "feature", "features", "unit", "units", "neuron", "neurons", "neuroid", "hidden",
        "dim", "embedding", "hidden_dim":
        "d"
      case "c", "channel", "channels": "c"
      case "l", "layer", "layers": "l"
      case "seq", "sequence", "token", "tokens", "time", "t", "position", "positions": "t"
      case "h", "height", "row", "rows", "y": "h"
      case "w", "width", "col", "column", "columns", "x": "w"
      // A letter of its own for an axis of any other name; it must not read as n, c, d or l.
      default: word.first.map { "ncdl".contains($0) ? "p" : $0 } ?? "p"
      }
    }
  }
}
