extension Dynamics {
  /// What the curves of one model say as a whole.
  public struct Summary: Sendable, Equatable {
    public var model: Int
    /// The mean over the hidden layers of ``TrainingCurve/Point/toOthers`` in the first state and
    /// in the last.
    public var first: Double
    public var last: Double
    /// How many of the hidden layers end more similar to other families than they began.
    public var rising: Int
    public var layers: Int
    /// Kendall's τ_b of depth with the mean similarity to the final state before the end: −1 when
    /// layers settle from the input upwards, 1 when from the output downwards; `nil` with fewer
    /// than three hidden layers.
    public var depthOrder: Double?
  }

  /// One a model with checkpoints, where other models can be compared with.
  public var summaries: [Summary] {
    let models = curves.map(\.model).reduce(into: [Int]()) { list, model in
      if !list.contains(model) { list.append(model) }
    }
    return models.compactMap { model in
      let mine = curves.filter { $0.model == model && !$0.isOutput }
      let ends = mine.compactMap { curve -> (Double, Double)? in
        guard let first = curve.points.first?.toOthers, let last = curve.points.last?.toOthers
        else { return nil }
        return (first, last)
      }
      guard !ends.isEmpty else { return nil }
      let settled = mine.map { curve in
        curve.points.dropLast().reduce(0) { $0 + $1.toFinal } / Double(curve.points.count - 1)
      }
      return Summary(
        model: model, first: ends.reduce(0) { $0 + $1.0 } / Double(ends.count),
        last: ends.reduce(0) { $0 + $1.1 } / Double(ends.count),
        rising: ends.count { $0.1 > $0.0 }, layers: ends.count,
        depthOrder: mine.count >= 3 ? kendallTau(mine.map(\.depth), settled) : nil)
    }
  }
}
