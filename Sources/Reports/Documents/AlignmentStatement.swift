import Activations

extension ActivationSet.Alignment {
  /// How rows of different files were brought together, a sentence for readers of the results.
  var statement: String {
    switch self {
    case .joined(let file, let samples, let dropped):
      let lost = dropped.values.reduce(0, +)
      let loss =
        lost == 0
        ? "no row was without a partner"
        : "\(lost.counted("row")) without a partner in \(dropped.values.count { $0 > 0 }.counted("file")) were left out"
      return
        "Rows were joined on the sample ids of \(file): \(samples.counted("sample")) in common; \(loss)."
    case .positional(let samples):
      return
        "The dumps carry no sample ids: row i is taken to be the same stimulus in every file "
        + "(\(samples.counted("row"))). If the files were written in different orders, every number "
        + "here is meaningless."
    }
  }

  var isPositional: Bool {
    if case .positional = self { true } else { false }
  }
}
