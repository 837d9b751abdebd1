import HDF5

/// Files that look like dumps and hold something else.
extension RestatedFile {
  mutating func refuseOtherKinds() {
    let names = datasets.filter { $0.isFloat }.map(\.path)
    if rootAttributes["format"]?.text == "universality fingerprints" {
      refuse(
        "fingerprints of layers, not activations",
        help: "compare fingerprint files with each other: `universality compare a.h5 b.h5`")
      return
    }
    let isKeras =
      objects.contains { $0.dataset == nil && $0.attributes["weight_names"] != nil }
      || names.contains { RestatedFile.isKerasVariable($0) }
      || object("/model_weights") != nil || object("/_layer_checkpoint_dependencies") != nil
    if isKeras {
      refuse(
        "weights of a Keras model, not activations",
        help: "run the model on the stimuli and dump its layers: `universality snippet keras`")
      return
    }
    let weights = names.filter(RestatedFile.isParameter)
    if names.count >= 2 && weights.count * 5 >= names.count * 4 {
      refuse(
        "parameters of a model (\(NoteBook.abridged(weights, separator: ", "))), not activations",
        help: "run the model on the stimuli and dump its layers: `universality snippet pytorch`")
      return
    }
    let isRDM =
      rootAttributes["dissimilarity_measure"] != nil || object("/dissimilarities") != nil
      || file.name.lowercased().hasSuffix(".rdm.h5")
    if isRDM {
      refuse(
        "dissimilarities between stimuli (an RDM), not activations",
        help: "name the dump that the RDM was computed from")
      return
    }
    if file.name.lowercased().hasSuffix(".roi.h5") {
      refuse(
        "responses of brain regions (dnnbrain .roi.h5), not activations of layers",
        help: "name the .act.h5 file")
    }
  }

  /// dnnbrain: the axes of every layer are stimuli, channels, rows, columns.
  mutating func restateDNNBrain() {
    guard file.name.lowercased().hasSuffix(".act.h5") else { return }
    for object in datasets where isFloatMatrix(object) && object.shape.count == 4 {
      axes[object.path] = Axes(
        dims: Dims("n c h w"), evidence: "dnnbrain: stimuli, channels, rows, columns")
    }
  }

  /// `…/vars/0`, as Keras 3 writes variables.
  private static func isKerasVariable(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.count >= 2 && parts[parts.count - 2] == "vars"
      && parts[parts.count - 1].allSatisfy(\.isNumber)
  }

  /// Whether a name ends like that of a parameter in a state dictionary.
  private static func isParameter(_ path: String) -> Bool {
    let last = path.split { $0 == "/" || $0 == "." }.last.map(String.init) ?? ""
    return [
      "weight", "bias", "running_mean", "running_var", "kernel", "gamma", "beta", "lora_A",
      "lora_B",
      "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "moving_mean", "moving_variance",
    ].contains(last)
  }
}
