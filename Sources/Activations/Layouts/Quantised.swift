import HDF5

/// Whole numbers that stand for others: value = (stored − zero point) · scale, or as netCDF has it
/// stored · `scale_factor` + `add_offset`. The parameters are attributes or datasets beside.
extension RestatedFile {
  private static let scales = ["scale", "scales", "quant_scale", "scale_factor", "qscale"]
  private static let zeros = ["zero_point", "zero_points", "quant_zero_point", "zp", "zeros"]
  private static let offsets = ["add_offset", "offset"]

  mutating func restateQuantised() {
    var used: Set<String> = []
    for object in datasets where object.isWhole && object.shape.count >= 2 {
      func parameter(_ names: [String]) -> (values: [Double], shape: [Int], path: String?)? {
        let around = surroundings(of: object.path)
        for name in names {
          switch around[name] {
          case .reals(let list): return (list, [list.count], nil)
          case .integers(let list): return (list.map(Double.init), [list.count], nil)
          case let value?:
            if let number = value.realNumber { return ([number], [], nil) }
          case nil: break
          }
          let full = ["\(object.name)_\(name)", name]
          let beside = objects.datasets(named: full.map { $0.lowercased() }, in: object.group)
          if let dataset = beside.first(where: {
            full.contains($0.name) && $0.path != object.path
          }),
            dataset.dataset?.elementType.isNumeric == true, let list = numbers(dataset.path)
          {
            return (list, dataset.shape, dataset.path)
          }
        }
        return nil
      }
      let (scale, zero, offset) = (
        parameter(Self.scales), parameter(Self.zeros), parameter(Self.offsets)
      )
      let fill = object.attributes["_FillValue"]?.realNumber
      guard scale != nil || zero != nil else { continue }
      let lists = [scale, zero, offset].compactMap { $0 }
      guard let axis = axis(of: lists.map { ($0.values, $0.shape) }, shape: object.shape) else {
        leaveOut(
          object.path,
          "its scale or zero point has neither one entry nor one for each entry of a single axis",
          isFault: true, help: "write the numbers themselves as float16 or float32")
        continue
      }
      used.formUnion(lists.compactMap(\.path))
      replace(object, type: .float64) {
        .scaled(
          $0,
          Scaling(
            scale: scale?.values ?? [1], zero: zero?.values ?? [0], offset: offset?.values ?? [0],
            axis: axis, fill: fill))
      }
      notes.add("Quantised numbers were brought back by their scale and zero point", label(object))
    }
    absorb(used)
  }

  /// The axis along which all parameters run: that of their length, `nil` if it is open.
  private func axis(of lists: [(values: [Double], shape: [Int])], shape: [Int]) -> Int? {
    var found: Int?
    for (values, own) in lists where values.count != 1 {
      var axes = shape.indices.filter { shape[$0] == values.count }
      // (1, D) and (N, 1) say which axis they mean.
      if own.count == shape.count, let place = own.firstIndex(where: { $0 != 1 }) { axes = [place] }
      // Scales of features are the rule.
      if axes.count > 1 && shape.count > 2 { axes = axes.filter { $0 == shape.count - 1 } }
      guard axes.count == 1, shape[axes[0]] == values.count, found == nil || found == axes[0] else {
        return nil
      }
      found = axes[0]
    }
    return found ?? shape.count - 1
  }
}
