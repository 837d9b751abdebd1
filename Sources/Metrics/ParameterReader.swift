/// The parameters in a metric specification, read as what they are.
struct ParameterReader {
  let metric: String
  let values: [String: String]

  /// The case whose raw value is given, or `fallback` when the parameter is not.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ parameter: String, default fallback: Choice
  ) throws -> Choice where Choice.RawValue == String {
    guard let text = values[parameter] else { return fallback }
    guard let choice = Choice(rawValue: text) else {
      throw refusal(
        text, parameter, allowed: Choice.allCases.map(\.rawValue).joined(separator: " | "))
    }
    return choice
  }

  func flag(_ parameter: String, default fallback: Bool) throws -> Bool {
    guard let text = values[parameter] else { return fallback }
    guard let flag = Bool(text) else { throw refusal(text, parameter, allowed: "true | false") }
    return flag
  }

  func integer(_ parameter: String, default fallback: Int, atLeast least: Int) throws -> Int {
    guard let text = values[parameter] else { return fallback }
    guard let number = Int(text), number >= least else {
      throw refusal(text, parameter, allowed: "a whole number of at least \(least)")
    }
    return number
  }

  /// The number given, or `nil` when the parameter is not.
  ///
  /// - Parameter allowed: The condition in words, as the list of metrics shows it.
  func number(
    _ parameter: String, allowed: String, where isAllowed: (Double) -> Bool
  ) throws -> Double? {
    guard let text = values[parameter] else { return nil }
    guard let number = Double(text), isAllowed(number) else {
      throw refusal(text, parameter, allowed: allowed)
    }
    return number
  }

  func refusal(_ text: String, _ parameter: String, allowed: String) -> MetricSpecificationError {
    .badValue(text, parameter: parameter, metric: metric, allowed: allowed)
  }
}

/// The specification that recreates a metric: its name and what differs from the defaults.
func specification(
  _ metric: String, _ parameters: [(name: String, value: String, default: String)]
) -> String {
  let changed = parameters.filter { $0.value != $0.default }.map { "\($0.name)=\($0.value)" }
  return changed.isEmpty ? metric : "\(metric):" + changed.joined(separator: ",")
}
