/// MATLAB shows the axes of an array in one order and stores them in the other.
extension AxisEvidence.Item {
  /// The dataset with its axes as the program that wrote it had them.
  var inWritingOrder: AxisEvidence.Item {
    guard isMATLAB else { return self }
    var item = self
    item.candidate.shape.reverse()
    item.explicit?.dims.letters.reverse()
    return item
  }
}

extension AxisEvidence.Verdict {
  /// The verdict on axes as MATLAB has them, about the dataset as it is stored.
  var inStoredOrder: AxisEvidence.Verdict {
    func reversed(_ dims: Dims) -> Dims { Dims(dims.letters.reversed()) }
    switch self {
    case .decided(let dims, let evidence):
      let isGiven = evidence.hasPrefix("--dims") || evidence.hasPrefix("attribute")
      return .decided(
        reversed(dims), evidence: isGiven ? evidence : "\(evidence); MATLAB stores axes in reverse")
    case .mismatch: return self
    case .ambiguous(let reason, let choices):
      return .ambiguous(reason: reason, choices: choices.map(reversed))
    }
  }
}
