import HDF5

/// bfloat16 and the formats of one byte, which writers keep as opaque bytes or as integers.
extension RestatedFile {
  mutating func restateSmallFloats() {
    for object in datasets where !object.shape.isEmpty {
      let declared = declaredFormat(of: object)
      switch object.dataset?.elementType {
      case .opaque(2):
        guard declared == nil || declared == .bfloat16 else { continue }
        decode(object, as: .bfloat16)
        if declared == nil {
          notes.add("Opaque elements of two bytes were taken for bfloat16", label(object))
        }
      case .opaque(1):
        guard let declared, declared.bytes == 1 else {
          leaveOut(
            object.path, "opaque elements of one byte, whose format the file does not tell",
            isFault: object.shape.count >= 2,
            help: "declare it, with h5py: f[\"\(object.path)\"].attrs[\"dtype\"] = "
              + "\"float8_e4m3fn\" (or \"float8_e5m2\")")
          continue
        }
        decode(object, as: declared)
      case .integer(16, signed: false) where declared == .bfloat16 && object.shape.count >= 2:
        decode(object, as: .bfloat16)
      case .integer(8, signed: false) where declared?.bytes == 1 && object.shape.count >= 2:
        if let declared { decode(object, as: declared) }
      default: continue
      }
    }
  }

  func label(_ object: ObjectOutline) -> String { "\(file.name)\(object.path)" }

  private mutating func decode(_ object: ObjectOutline, as format: SmallFloat) {
    replace(object, type: .smallFloat(format)) { .decoded($0, format) }
  }

  /// The format that an attribute of the dataset or around it names.
  private func declaredFormat(of object: ObjectOutline) -> SmallFloat? {
    let keys = ["dtype", "torch_dtype", "original_dtype", "data_type", "stored_dtype", "np_dtype"]
    let around = surroundings(of: object.path)
    for key in keys {
      guard let text = around[key]?.text?.lowercased() else { continue }
      if text.contains("bfloat16") || text.contains("bf16") { return .bfloat16 }
      if text.contains("e4m3") { return .float8E4M3 }
      if text.contains("e5m2") { return .float8E5M2 }
    }
    return nil
  }
}
