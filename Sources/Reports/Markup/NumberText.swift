import Foundation

extension Double {
  /// 17 significant digits: reading the text gives the same bits.
  var exact: String { printed("%.17g") }

  /// For people: a fixed number of decimals, a true minus sign, and never `−0.00`.
  func fixed(_ decimals: Int) -> String {
    guard isFinite else { return "–" }
    let text = printed("%.\(decimals)f")
    guard text.hasPrefix("-") else { return text }
    let digits = text.dropFirst()
    return digits.allSatisfy { $0 == "0" || $0 == "." } ? String(digits) : "−" + digits
  }

  /// For drawings: at most two decimals and no superfluous zeros.
  var coordinate: String {
    guard isFinite else { return "0" }
    let hundredths = (self * 100).rounded()
    guard abs(hundredths) < 1e12 else { return "0" }
    let whole = Int(hundredths)
    let sign = whole < 0 ? "-" : ""
    let (units, rest) = abs(whole).quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(sign)\(units)" }
    if rest % 10 == 0 { return "\(sign)\(units).\(rest / 10)" }
    return "\(sign)\(units).\(rest < 10 ? "0" : "")\(rest)"
  }

  private func printed(_ format: String) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let length = withVaList([self]) { vsnprintf(start, buffer.count, format, $0) }
      return String(
        decoding: UnsafeRawBufferPointer(start: start, count: min(max(0, Int(length)), 399)),
        as: UTF8.self)
    }
  }
}

extension Int {
  /// Bytes for people.
  var byteText: String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(self)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return "\(unit == 0 ? String(self) : value.fixed(1)) \(units[unit])"
  }

  /// `1 layer`, `3 layers`.
  func counted(_ singular: String, _ plural: String? = nil) -> String {
    "\(self) \(self == 1 ? singular : plural ?? singular + "s")"
  }
}
