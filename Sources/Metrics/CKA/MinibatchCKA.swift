public import LinearAlgebra

/// Linear CKA from minibatches.
///
///     CKA(X, Y) = Σ_b HSIC₁(K_b, L_b) / √(Σ_b HSIC₁(K_b, K_b) · Σ_b HSIC₁(L_b, L_b))
///
/// over k disjoint batches of equal size: the ratio of the means, not the mean of the ratios. As HSIC₁
/// is unbiased, the expectation of each mean does not depend on the size of the batches. 1: the Gram
/// matrices agree within all batches. Chance is 0. Reproduces published minibatch values; with all
/// samples at hand ``DebiasedCKA`` has the smaller variance and is what this tends to.
///
/// The batches are contiguous, so that **the order of the samples matters**; a shorter last one is
/// dropped. With fewer samples than a batch they are one batch. The variance falls with the size of
/// the batches: use the largest that the published value to be compared with allows.
///
/// - Numerics: U-centred Gram matrices of centred batches.
/// - Complexity: O(n b d) to prepare, O(n b) per pair; n b/2 numbers are kept.
/// - Source: Nguyen, Raghu & Kornblith (ICLR 2021).
public struct MinibatchCKA: VectorMetric {
  /// The samples in a batch.
  public let batch: Int

  /// - Precondition: `batch` is at least 4.
  public init(batch: Int = 32) {
    precondition(batch >= 4, "batches of \(batch)")
    self.batch = batch
  }

  public var name: String { specification("cka-minibatch", [("batch", "\(batch)", "32")]) }
  public var conventions: String {
    "linear kernel, unbiased HSIC in contiguous batches of \(batch), shorter last batch dropped, ratio "
      + "of means; at most 1, larger is more similar, chance is 0, depends on the order of the samples"
  }
  public let invariances: Set<Invariance> = [
    .translation, .isotropicScaling, .featurePermutation, .orthogonal, .zeroPadding,
  ]
  public let range = -1.0...1.0
  public let dependsOnSampleOrder = true

  /// The U-centred Gram matrices of all batches, one after the other, scaled to unit length together.
  ///
  /// - Throws: ``MetricError/constant``, ``MetricError/notFinite(sample:feature:)``,
  ///   ``MetricError/tooFewSamples(count:needed:)`` below 4 samples,
  ///   ``MetricError/selfSimilarityNotPositive``.
  public func prepare(_ representation: Matrix) throws -> MetricVector {
    let centered = try representation.standardized(atLeast: 4)
    let batch = min(batch, centered.rows)
    var elements: [Double] = []
    var size = 0.0
    for index in 0..<centered.rows / batch {
      let samples = centered.selectingRows(index * batch..<(index + 1) * batch).centered()
      let gram = samples.sampleGram()
      let triangle = SymmetricTriangle(
        size: batch, elements: (0..<batch).flatMap { gram.row($0).dropFirst($0 + 1) })
      elements += triangle.uCentered()
      size += gram.squaredFrobeniusNorm()
    }
    return try MetricVector(
      samples: centered.rows, normalizing: elements, size: size.squareRoot())
  }

  public func value(innerProduct: Double) -> Double {
    innerProduct.clampedAgainstRounding(to: range)
  }
}

extension MetricEntry {
  static let minibatchCKA = MetricEntry(
    name: "cka-minibatch", summary: "Debiased linear CKA averaged over minibatches",
    parameters: [
      Parameter(
        name: "batch", defaultValue: "32", values: "b ≥ 4", meaning: "the samples in a batch")
    ],
    cost: "n b d once per layer, n b per pair",
    source: "Nguyen, Raghu & Kornblith 2021"
  ) { values in
    let read = ParameterReader(metric: "cka-minibatch", values: values)
    return MinibatchCKA(batch: try read.integer("batch", default: 32, atLeast: 4))
  }
}
