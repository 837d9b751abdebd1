import HDF5

/// AnnData (.h5ad): a matrix `X` of observations × variables, dense or sparse, and embeddings of the
/// observations in `obsm`. Its `layers` are other versions of `X`, not layers of a network.
extension RestatedFile {
  mutating func restateAnnData() {
    let isAnnData =
      rootAttributes["encoding-type"]?.text == "anndata"
      || (object("/obs")?.attributes["_index"] != nil && object("/var") != nil)
    guard isAnnData else { return }
    let elsewhere = [
      "layers": "another version of X, not a layer of a network", "varm": "about variables",
      "varp": "about pairs of variables", "obsp": "about pairs of observations",
      "uns": "unstructured annotation", "raw": "X before it was filtered",
    ]
    for (name, reason) in elsewhere.sorted(by: { $0.key < $1.key }) where object("/\(name)") != nil
    {
      if objects.contains(where: { $0.path.hasPrefix("/\(name)/") }) {
        leaveOut("/\(name)", reason)
      } else {
        absorb(["/\(name)"])
      }
    }
    let index = object("/obs")?.attributes["_index"]?.text ?? "_index"
    let ids = object("/obs/\(index)").flatMap {
      $0.isText ? strings($0.path) : wholeNumbers($0.path).map { $0.map { "\($0)" } }
    }
    absorb(objects.map(\.path).filter { $0.hasPrefix("/obs/") || $0.hasPrefix("/var/") })
    for group in groups {
      let type = group.attributes["encoding-type"]?.text ?? ""
      guard type == "csr_matrix" || type == "csc_matrix",
        case .integers(let shape)? = group.attributes["shape"] ?? group.attributes["h5sparse_shape"],
        shape.count == 2, let values = object("\(group.path)/data"),
        let indices = object("\(group.path)/indices"),
        let pointers = object("\(group.path)/indptr")
      else { continue }
      restateSparse(
        group, values: values, indices: indices, pointers: pointers, rows: shape[0],
        columns: shape[1], isByColumn: type == "csc_matrix",
        evidence: "AnnData: observations × variables")
    }
    for object in datasets where axes[object.path] == nil && isFloatMatrix(object) {
      axes[object.path] = Axes(
        dims: Dims(["n", "d"] + "xyz".prefix(object.shape.count - 2)),
        evidence: "AnnData: observations × variables")
    }
    if let ids { addIDs(ids) }
  }
}
