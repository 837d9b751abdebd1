/// The order in which people expect numbered names: `layer2` before `layer10`.
enum NaturalOrder {
  /// Whether `first` comes before `second`: runs of ASCII digits compare as numbers of any length,
  /// everything else by Unicode scalar. Equal up to leading zeros: the plain order decides, so that
  /// the order is total.
  static func precedes(_ first: String, _ second: String) -> Bool {
    let a = Array(first.unicodeScalars)
    let b = Array(second.unicodeScalars)
    var i = 0
    var j = 0
    while i < a.count && j < b.count {
      if isDigit(a[i]) && isDigit(b[j]) {
        let x = digits(in: a, from: &i)
        let y = digits(in: b, from: &j)
        if x.count != y.count { return x.count < y.count }
        for (p, q) in zip(x, y) where p != q { return p < q }
      } else {
        if a[i] != b[j] { return a[i] < b[j] }
        i += 1
        j += 1
      }
    }
    if a.count - i != b.count - j { return a.count - i < b.count - j }
    return first < second
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  /// The run of digits that starts at `index`, without leading zeros; `index` moves behind it.
  private static func digits(
    in scalars: [Unicode.Scalar], from index: inout Int
  ) -> ArraySlice<Unicode.Scalar> {
    let start = index
    while index < scalars.count && isDigit(scalars[index]) { index += 1 }
    return scalars[start..<index].drop { $0 == "0" }
  }
}
