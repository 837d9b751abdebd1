import HDF5

/// Stacks of layers in one dataset: names of axes, numbers of layers, and what the shape of chunks
/// says about the order in which they were written.
extension RestatedFile {
  mutating func restateStacks() {
    for object in datasets where isFloatMatrix(object) && object.shape.count >= 3 {
      if let dims = namedAxes(of: object), sliceNumbers[object.path] == nil,
        let numbers = layerNumbers(beside: object, letters: dims, shape: object.shape)
      {
        sliceNumbers[object.path] = numbers
      }
      if axes[object.path] == nil && namedAxes(of: object) == nil { readChunks(of: object) }
    }
  }

  /// The numbers in `layer_indices` or the like, if there is one for each entry of the layer axis.
  func layerNumbers(beside object: ObjectOutline, letters: Dims, shape: [Int]) -> [Int]? {
    guard let axis = letters.layerAxis else { return nil }
    let names = [
      "layer_indices", "layer_index", "layer_ids", "layers", "layer_idx", "layer_numbers",
    ]
    let list = objects.datasets(named: names, in: object.group).first {
      $0.isWhole && $0.shape == [shape[axis]]
    }
    guard let numbers = list.flatMap({ wholeNumbers($0.path) }), Set(numbers).count == numbers.count
    else { return nil }
    return numbers
  }

  /// A dataset (a, n, d) that grows along axis 1 by chunks (a, 1, d) was written sample by sample,
  /// each with all entries of axis 0: layers. Labels of that length bear it out.
  private mutating func readChunks(of object: ObjectOutline) {
    guard object.shape.count == 3, let dataset = object.dataset,
      case .chunked(let chunk) = dataset.storage, chunk.count == 3, dataset.maximumShape.count == 3,
      dataset.maximumShape[1] == nil, dataset.maximumShape[0] != nil, chunk[1] == 1,
      chunk[0] == object.shape[0], object.shape[0] > 1
    else { return }
    let lists = objects.lists(in: object.group).filter {
      ($0.isText || $0.isWhole)
        && (SampleListName.isLabels($0.name)
          || SampleListName.rank($0.name, isText: $0.isText) != nil)
    }
    guard lists.allSatisfy({ $0.shape[0] == object.shape[1] }) else { return }
    axes[object.path] = Axes(
      dims: Dims("l n d"),
      evidence: "axis 1 grows, one sample with all entries of axis 0 at a time; assumed: these are "
        + "layers")
  }
}
