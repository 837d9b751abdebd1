extension String {
  /// The string with every character that cannot be seen, or that changes how its neighbours are
  /// read, written as `\u{…}`: controls, bidirectional overrides and marks, invisible spaces,
  /// separators, tags and noncharacters.
  ///
  /// Names in dumps are data; a terminal is a machine that they could program, and a page can be read
  /// in another order than it is written.
  ///
  /// - Parameter keepingLineBreaks: Whether line feeds stay: in texts of ours, not in names.
  public func visible(keepingLineBreaks: Bool = false) -> String {
    func isHidden(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isDeceptive && !(keepingLineBreaks && scalar == "\n")
    }
    guard unicodeScalars.contains(where: isHidden) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if isHidden(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The string in at most `width` columns: the middle is left out, because the ends of names
  /// such as `resnet18-seed2/layer4.1.conv2` tell them apart. An empty name is said to be empty.
  func shortened(to width: Int) -> String {
    guard !isEmpty else { return "(empty)" }
    let text = visible()
    guard text.displayWidth > width else { return text }
    let tail = width / 3
    var head = ""
    var columns = 0
    for character in text {
      let next = character.displayWidth
      if columns + next > width - tail - 1 { break }
      columns += next
      head.append(character)
    }
    var end = ""
    columns = 0
    for character in text.reversed() {
      let next = character.displayWidth
      if columns + next > tail { break }
      columns += next
      end.append(character)
    }
    return head + "…" + String(end.reversed())
  }

  /// The columns of a fixed-width screen that the string takes: wide East Asian characters and
  /// emoji count twice.
  public var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}

extension Character {
  /// Marks beyond the eighth on one character count as well, so that no pile of accents escapes
  /// the shortening.
  fileprivate var displayWidth: Int {
    let first = unicodeScalars.first?.value ?? 0
    let isWide =
      (0x1100...0x115F).contains(first) || (0x2E80...0xA4CF).contains(first)
      || (0xAC00...0xD7A3).contains(first) || (0xF900...0xFAFF).contains(first)
      || (0xFE30...0xFE6F).contains(first) || (0xFF00...0xFF60).contains(first)
      || (0x1F300...0x1FAFF).contains(first) || (0x20000...0x3FFFD).contains(first)
    return (isWide ? 2 : 1) + max(0, unicodeScalars.count - 8)
  }
}

extension Unicode.Scalar {
  fileprivate var isDeceptive: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F: true  // controls
    case 0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F: true  // invisible, direction marks
    case 0x2028...0x202E, 0x2060...0x206F: true  // separators, overrides, isolates
    case 0xFEFF, 0xFFF9...0xFFFB: true  // byte order mark, annotations
    case 0xE0000...0xE0FFF: true  // tags
    default: properties.isNoncharacterCodePoint
    }
  }
}
