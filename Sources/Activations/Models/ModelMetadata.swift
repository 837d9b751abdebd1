import HDF5

extension ModelRecord {
  /// What attributes (or the cells of a metadata table in their place) say about a model.
  ///
  /// - Parameters:
  ///   - baseName: The name as found, which may tell a step or that the model is untrained.
  ///   - usesArchitectureAsFamily: Whether `architecture` or `arch` stand for the family because no
  ///     model of the run has one.
  ///   - notes: Receives what was inferred and what could not be understood.
  init(
    name: String, baseName: String, attributes: Attributes, usesArchitectureAsFamily: Bool,
    source: String,
    notes: inout NoteBook
  ) {
    self.init(name: name, source: source)
    family = attributes["family", "architecture_family"]?.text
    if family == nil && usesArchitectureAsFamily {
      family = attributes["architecture", "arch"]?.text
    }
    if let value = attributes["trained"] {
      isTrained = value.truth
      if isTrained == nil {
        notes.add("Attribute 'trained' is neither true nor false and was left out", name)
      }
    }
    func number<Value>(
      _ value: AttributeValue?, _ what: String, _ convert: (AttributeValue) -> Value?
    ) -> Value? {
      guard let value else { return nil }
      if let number = convert(value) { return number }
      notes.add("Values that are no numbers and were left out", "\(name): \(what) \(value.words)")
      return nil
    }
    step = number(attributes["step", "global_step"], "step") { $0.wholeNumber }
    seed = number(attributes["seed"], "seed") { $0.wholeNumber }
    parameters = number(
      attributes["parameters", "n_params", "num_parameters"], "parameters"
    ) { $0.wholeNumber }
    accuracy = number(
      attributes["accuracy", "test_accuracy", "val_accuracy"], "accuracy"
    ) { $0.realNumber }
    if let value = accuracy, value > 1, value <= 100 {
      accuracy = value / 100
      notes.add("Accuracies above 1 were taken for percentages", name)
    } else if let value = accuracy, value < 0 || value > 100 {
      accuracy = nil
      notes.add("Accuracies that are no fractions were left out", name)
    }
    objective = attributes["objective", "training_objective"]?.text
    checkpointOf = attributes["checkpoint_of"]?.text
    if isTrained == nil && ModelRecord.soundsUntrained(baseName) {
      isTrained = false
      notes.add("Taken for untrained because of the name", name)
    }
    if step == nil { step = ModelRecord.step(in: baseName)?.step }
    let variant = attributes["variant"]?.text?.lowercased()
    let declared = attributes["role"]?.text?.lowercased()
    if let declared, Role(rawValue: declared) == nil {
      notes.add("Role '\(declared)' is unknown and was left out", name)
    }
    if let declared, let role = Role(rawValue: declared) {
      self.role = role
    } else if isTrained == false {
      role = .untrained
    } else if checkpointOf != nil || variant == "checkpoint" {
      role = .checkpoint
    } else if attributes["shuffled_labels"]?.truth == true {
      role = .control
      notes.add("Trained on shuffled labels and used as a control", name)
    }
  }

  /// Whether a name says that the weights are those of initialisation.
  static func soundsUntrained(_ name: String) -> Bool {
    let words = name.lowercased().split { !$0.isLetter }
    guard let last = words.last else { return false }
    if [
      "untrained", "init", "random", "initialised", "initialized", "initialisation",
      "initialization", "randinit", "randominit",
    ].contains(last) {
      return true
    }
    return false
  }

  /// The training step at the end of a name such as `cnn_step200`, and the name without it.
  static func step(in name: String) -> (step: Int, rest: String)? {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, let step = Int(name.suffix(digits)) else { return nil }
    var rest = name.dropLast(digits)
    if let last = rest.last, "=_- ".contains(last) { rest = rest.dropLast() }
    guard rest.lowercased().hasSuffix("step") else { return nil }
    rest = rest.dropLast(4)
    while let last = rest.last, "_-./ ".contains(last) { rest = rest.dropLast() }
    return (step, String(rest))
  }
}

/// Finds the networks of which others are earlier states.
enum CheckpointSearch {
  /// Marks as checkpoints the trained models for which a later state is in the run: same family,
  /// seed and parameters, a higher step, and a name that begins this one's or equals it without the
  /// step. Names the final state where it is not known yet.
  ///
  /// - Parameter baseNames: The names before collisions were resolved.
  static func mark(_ models: inout [ModelRecord], baseNames: [String]) {
    for index in models.indices
    where models[index].isTrained != false
      && [.contestant, .checkpoint].contains(models[index].role)
    {
      let model = models[index]
      guard model.checkpointOf == nil, let step = model.step else { continue }
      let bare = ModelRecord.step(in: baseNames[index])?.rest ?? baseNames[index]
      let later = models.indices.filter { other in
        let candidate = models[other]
        let name = baseNames[other]
        return other != index && candidate.isTrained != false
          && candidate.family == model.family && candidate.seed == model.seed
          && candidate.parameters == model.parameters && (candidate.step ?? -1) > step
          && (name == bare || baseNames[index].hasPrefix(name)
            || ModelRecord.step(in: name)?.rest == bare)
      }
      let final = later.max {
        (models[$0].step ?? 0, models[$1].name) < (models[$1].step ?? 0, models[$0].name)
      }
      guard let final else { continue }
      models[index].role = .checkpoint
      models[index].checkpointOf = models[final].name
    }
  }
}

/// Makes names of models unique.
enum NameCollisions {
  /// The names, with the file in brackets behind those that occur more than once: its stem, or as
  /// much of the path as tells the files apart.
  static func resolved(_ names: [String], files: [FoundFile], notes: inout NoteBook) -> [String] {
    var groups: [String: [Int]] = [:]
    for (index, name) in names.enumerated() { groups[name, default: []].append(index) }
    var result = names
    for (name, members) in groups.sorted(by: { NaturalOrder.precedes($0.key, $1.key) })
    where members.count > 1 {
      notes.add(
        "Models of the same name were told apart by their files", "\(name) (\(members.count) times)"
      )
      let paths = members.map { files[$0].path.split(separator: "/").map(String.init) }
      var labels = members.map { files[$0].stem }
      var depth = 1
      while Set(labels).count < labels.count && depth <= (paths.map(\.count).max() ?? 0) {
        labels = paths.map { $0.suffix(depth).joined(separator: "/") }
        depth += 1
      }
      let counts = labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      for (position, member) in members.enumerated() {
        let suffix = counts[labels[position]] == 1 ? "" : " #\(position + 1)"
        result[member] = "\(name) (\(labels[position]))\(suffix)"
      }
    }
    return result
  }
}
