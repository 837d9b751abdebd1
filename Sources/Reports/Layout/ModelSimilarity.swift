import Zoo

/// The similarity of two models, for display: what a layer of one finds in the other.
///
/// s(A → B) is the mean, over the layers of A, of the best match among the layers of B; shown is
/// the mean of s(A → B) and s(B → A). Missing cells are passed over. This is a picture of the
/// similarity matrix; the ranking has its own scores.
struct ModelSimilarity {
  let count: Int
  private var cells: [SimilarityMatrix.Cell]

  init(_ matrix: SimilarityMatrix, outline: ZooOutline) {
    count = outline.models.count
    cells = Array(repeating: .missing(reason: "no layer in common"), count: count * count)
    for a in 0..<count {
      for b in a..<count {
        let there = Self.bestMatches(of: a, in: b, matrix, outline)
        let back = Self.bestMatches(of: b, in: a, matrix, outline)
        let cell: SimilarityMatrix.Cell
        if let there = there.value, let back = back.value {
          cell = .value((there + back) / 2)
        } else {
          cell = there.value == nil ? there : back
        }
        cells[a * count + b] = cell
        cells[b * count + a] = cell
      }
    }
  }

  subscript(a: Int, b: Int) -> SimilarityMatrix.Cell { cells[a * count + b] }

  private static func bestMatches(
    of a: Int, in b: Int, _ matrix: SimilarityMatrix, _ outline: ZooOutline
  ) -> SimilarityMatrix.Cell {
    var sum = 0.0
    var matched = 0
    var reason: String?
    for layer in outline.layers(of: a) {
      var best: Double?
      for other in outline.layers(of: b) {
        switch matrix[layer, other] {
        case .value(let value) where value.isFinite: best = max(best ?? value, value)
        case .value: break
        case .missing(let why): reason = reason ?? why
        }
      }
      if let best {
        sum += best
        matched += 1
      }
    }
    guard matched > 0 else { return .missing(reason: reason ?? "no layers") }
    return .value(sum / Double(matched))
  }
}
