import ArgumentParser

/// Code that writes a good dump.
struct SnippetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snippet",
    abstract: "A few lines of Python that write a dump in the recommended layout.",
    discussion: "Example: universality snippet pytorch >> extract.py")

  @Argument(help: "pytorch, jax, keras or numpy.")
  var framework: Framework

  enum Framework: String, ExpressibleByArgument, CaseIterable {
    case pytorch, jax, keras, numpy
  }

  func run() { print(Self.writer + "\n\n" + framework.example) }

  /// The function that all frameworks share.
  static let writer = """
    import h5py, numpy as np

    def write_dump(path, layers, ids, labels=None, **about):
        \"\"\"layers: {name: (array, dims)} in order; dims such as 'n d', 'n c h w', 'n t d'.
        about: model, family, trained, step, accuracy, seed, parameters.\"\"\"
        with h5py.File(path, "w") as f:
            f.attrs.update(about)
            f["ids"] = np.asarray(ids, dtype=h5py.string_dtype())
            if labels is not None:
                f["labels"] = np.asarray(labels)
            for order, (name, (array, dims)) in enumerate(layers.items()):
                d = f.create_dataset(f"layers/{name}", data=array, chunks=True,
                                     compression="gzip", shuffle=True)
                d.attrs.update(order=order, dims=dims)
    """
}

extension SnippetCommand.Framework {
  fileprivate var example: String {
    switch self {
    case .pytorch:
      """
      import torch

      def dump(net, batches, path, modules, ids, **about):
          \"\"\"batches: stimuli in the order of ids. modules: {name: dims}.\"\"\"
          kept = {name: [] for name in modules}
          hooks = [net.get_submodule(name).register_forward_hook(
                       lambda _, __, out, name=name: kept[name].append(out.detach().cpu()))
                   for name in modules]
          net.eval()
          with torch.no_grad():
              for batch in batches:
                  net(batch)
          for hook in hooks:
              hook.remove()
          write_dump(path, {name: (torch.cat(kept[name]).numpy(), dims)
                            for name, dims in modules.items()}, ids, **about)

      # dump(net, (x for x, _ in loader), "resnet18-s0.h5",
      #      {"layer1": "n c h w", "layer4": "n c h w", "avgpool": "n c h w"}, ids,
      #      model="resnet18-s0", family="resnet", trained=True, seed=0, accuracy=0.93)
      """
    case .jax:
      """
      def dump(apply, variables, stimuli, path, dims, ids, **about):
          \"\"\"apply: a Flax module's apply, whose layers call self.sow('intermediates', name, x).
          dims: {name: dims}; Flax convolutions are 'n h w c'.\"\"\"
          _, state = apply(variables, stimuli, mutable=["intermediates"])
          values = state["intermediates"]
          write_dump(path, {name: (np.asarray(values[name][0]), d) for name, d in dims.items()},
                     ids, **about)

      # dump(net.apply, variables, x, "mlp-s0.h5", {"hidden1": "n d"}, ids,
      #      model="mlp-s0", family="mlp", trained=True, seed=0)
      """
    case .keras:
      """
      import keras

      def dump(net, stimuli, path, layers, ids, **about):
          \"\"\"layers: {name: dims}; Keras convolutions are 'n h w c'.\"\"\"
          probe = keras.Model(net.inputs, [net.get_layer(name).output for name in layers])
          arrays = probe.predict(stimuli)
          arrays = arrays if isinstance(arrays, list) else [arrays]
          write_dump(path, {name: (np.asarray(a), dims)
                            for (name, dims), a in zip(layers.items(), arrays)}, ids, **about)

      # dump(net, x, "cnn-s0.h5", {"conv1": "n h w c", "dense": "n d"}, ids,
      #      model="cnn-s0", family="cnn", trained=True, seed=0)
      """
    case .numpy:
      """
      # write_dump("mlp-s0.h5", {"hidden1": (h1, "n d"), "conv": (c, "n c h w")}, ids,
      #            labels, model="mlp-s0", family="mlp", trained=True, seed=0, accuracy=0.93)
      """
    }
  }
}
