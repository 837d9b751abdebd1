/// How similar networks of different families are, and what is left of it when the similarity that
/// has another explanation is taken away, step by step.
///
/// All steps are **debiased CKA** ⟨A, B⟩/(‖A‖‖B‖) of U-centred Gram matrices, and each takes away a
/// larger space of matrices by orthogonal projection: the Gram matrix of the input; those of both
/// untrained twins; all that depends on the class means. So the inner product splits into parts
/// that add up to the raw similarity (``WaterfallRow/part``), in the order of the steps; another
/// order gives other parts. ``WaterfallRow/value`` is the (partial) correlation of what is left.
///
/// Intervals are jackknife intervals at 95 %. They allow for another choice of stimuli, and for other
/// networks of the same families where each family has three or more
/// (``WaterfallRow/coversNetworks``); never for other families.
///
/// Source: partial correlations of U-centred matrices, Székely & Rizzo (2014); the input as
/// confound, Cui et al. (NeurIPS 2022).
public struct Waterfall: Sendable, Codable, Equatable {
  /// Where in the networks the layers are. One layer stands for a model, fixed beforehand; outputs
  /// are left out.
  public enum Stage: String, Sendable, Codable, CaseIterable {
    /// The first hidden layer.
    case first
    /// The hidden layer in the middle; of two the earlier.
    case middle
    /// The last hidden layer.
    case last
  }

  /// What is taken away, each on top of the ones before.
  public enum Step: String, Sendable, Codable, CaseIterable {
    /// Nothing.
    case raw
    /// The mean under a random order of the samples: exactly 0 for debiased CKA.
    case chance
    /// The similarity of both sides with the input.
    case input
    /// The similarity of both sides with the untrained twins of both.
    case twins
    /// The class means.
    case labels
  }

  /// A step that this zoo does not allow, and why.
  public struct Gap: Sendable, Codable, Equatable {
    public var step: Step
    /// A sentence.
    public var reason: String
  }

  /// First all pairs of families, then each; by stage, pair, training and step.
  public var rows: [WaterfallRow]
  /// The steps that are missing everywhere or somewhere.
  public var gaps: [Gap]
  /// Whether pairs are pairs of families; else of models, because families are not known.
  public var isAcrossFamilies: Bool
  /// The standard deviation of one debiased CKA under a random order of the samples, √(2/(n(n −
  /// 3))).
  public var chanceDeviation: Double
  /// The groups of the jackknife; 0 without intervals.
  public var jackknifeGroups: Int

  /// The rows of one ladder, in the order of the steps.
  ///
  /// `families` are both families, or `nil` for the mean over all pairs of different ones.
  public func ladder(
    _ stage: Stage, families: (String, String)? = nil, isTrained: Bool = true
  ) -> [WaterfallRow] {
    rows.filter {
      $0.stage == stage && $0.isTrained == isTrained && $0.familyA == families?.0
        && $0.familyB == families?.1
    }
  }
}

/// One step for one pair of families.
public struct WaterfallRow: Sendable, Codable, Equatable {
  public var stage: Waterfall.Stage
  /// The families in alphabetical order, equal for the seeds of one family; `nil` for the mean over
  /// all pairs of different families.
  public var familyA: String?
  public var familyB: String?
  /// Whether this is about the trained networks or their untrained twins.
  public var isTrained: Bool
  public var step: Waterfall.Step
  /// The pairs of models behind the means.
  public var pairs: Int
  /// The debiased CKA of what is left after this step: the mean over the pairs of models. `nil`
  /// where the zoo lacks what the step needs.
  public var value: Estimate?
  /// The share of the raw similarity that is left, on the scale of the raw similarity.
  public var left: Estimate?
  /// What this step took away, on the scale of the raw similarity: ``left`` of the step before
  /// minus that of this one.
  public var part: Estimate?
  /// As ``value``, but with this step alone and none before it.
  public var alone: Estimate?
  /// Of the step ``Waterfall/Step/labels``: the mean similarity when samples are exchanged within
  /// their classes, what the labels alone give.
  public var exchanged: Estimate?
  /// The geometric mean of the ``value`` of both families between their own seeds: as much
  /// agreement as two trainings of one architecture reach. `nil` where a family has one model, or
  /// does not agree with itself beyond chance.
  public var ceiling: Estimate?
  /// ``value`` as a share of ``ceiling``; may exceed 1.
  public var ofCeiling: Estimate?
  /// Whether the intervals of this row allow for other networks of the same families, as far as these
  /// vary: every family in it has three or more, and a number that cannot be had without one of the
  /// networks has no interval. Else they are about these very networks.
  public var coversNetworks = false

  init(
    stage: Waterfall.Stage, families: (String, String)?, isTrained: Bool, step: Waterfall.Step,
    pairs: Int
  ) {
    self.stage = stage
    familyA = families?.0
    familyB = families?.1
    self.isTrained = isTrained
    self.step = step
    self.pairs = pairs
  }
}
