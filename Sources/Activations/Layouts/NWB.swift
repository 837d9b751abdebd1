import HDF5

/// Neurodata Without Borders: groups say what they are in `neurodata_type`. The first axis of a time
/// series is time, which is no axis of stimuli; a table has one entry an item.
extension RestatedFile {
  mutating func restateNWB() {
    guard rootAttributes["neurodata_type"] != nil || rootAttributes["nwb_version"] != nil else {
      return
    }
    if object("/specifications") != nil {
      absorb(objects.map(\.path).filter { $0.hasPrefix("/specifications") })
    }
    for object in datasets
    where isFloatMatrix(object) || (object.isWhole && object.shape.count >= 2) {
      let times = ["timestamps", "starting_time"]
      guard object.name == "data",
        objects.datasets(named: times, in: object.group).contains(where: {
          times.contains($0.name)
        })
      else { continue }
      convert(object)
      let letters: [Character] = ["n", "d"] + "xyzuv".prefix(max(0, object.shape.count - 2))
      open[object.path] = OpenAxes(
        reason: "axis 0 of \(object.shape.map(String.init).joined(separator: " × ")) is time, not "
          + "stimuli (\(self.object(object.group)?.attributes["neurodata_type"]?.text ?? "a series"))",
        choices: [Dims(letters)])
    }
  }

  /// Applies `conversion`, `offset` and the factors of single channels.
  private mutating func convert(_ object: ObjectOutline) {
    let factor = object.attributes["conversion"]?.realNumber ?? 1
    let offset = object.attributes["offset"]?.realNumber ?? 0
    let beside = objects.datasets(named: ["channel_conversion"], in: object.group)
      .first { $0.name == "channel_conversion" }
    let channels = beside.flatMap { numbers($0.path) }
    guard factor != 1 || offset != 0 || channels != nil else { return }
    guard channels == nil || channels?.count == object.shape[1] else {
      leaveOut(
        object.path, "its channel_conversion does not have one factor a channel", isFault: true)
      return
    }
    let scale = channels.map { $0.map { $0 * factor } } ?? [factor]
    replace(object, type: .float64) {
      .scaled($0, Scaling(scale: scale, zero: [0], offset: [offset], axis: 1))
    }
    notes.add("Conversion factors of NWB were applied", label(object))
  }
}
