public import Activations
public import Universality
public import Zoo

/// Everything a report tells.
public struct ReportContent: Sendable {
  /// The zoo: models, layers, alignment, notes. The matrices of the representations are not used
  /// and may be empty.
  public var activations: ActivationSet
  /// One matrix a metric, over the representations of ``activations``.
  public var matrices: [SimilarityMatrix]
  /// What stands beside ``matrices``: one entry a metric whose chance is known in closed form.
  public var calibrations: [CalibrationMatrix]
  /// What is said about whole families; one entry a metric that is the cosine of an angle.
  public var familyStatistics: [FamilyStatistics]
  /// The directions that families share, or `nil` where none were sought.
  public var sharedDirections: SharedDirections?
  /// Single features, or `nil` where none were scored.
  public var features: FeatureUniversality?
  /// Cards of the leading directions and units, or `nil` where none were made.
  public var cards: FeatureCards?
  /// Where the similarity of families comes from, or `nil` where the zoo does not tell.
  public var waterfall: Waterfall?
  /// Layers over training, or `nil` where the zoo holds no checkpoints.
  public var dynamics: Dynamics?
  /// Whether the metrics recognise layers; one entry a metric, none where no family has two models.
  public var layerIdentifications: [LayerIdentification]
  /// The rankings, or `nil` where the zoo allows none.
  public var findings: Findings? {
    didSet { rankingAgreements = Self.rankingAgreements(findings, matrices) }
  }
  /// Whether the similarities among ``matrices`` rank alike, by the ``findings``.
  public private(set) var rankingAgreements: [RankingAgreement]
  /// Why there are no ``findings``, a sentence.
  public var reasonWithoutFindings: String?
  /// One entry a representation, or none at all.
  public var diagnostics: [RepresentationDiagnostics]
  /// What stands beside the ranking so that nobody reads too much into it.
  public var checks = ReportChecks()
  public var run: RunRecord

  /// - Precondition: every matrix counts the representations of the zoo, and so do the calibrations
  ///   and the diagnostics, unless there are none; each calibration belongs to a matrix.
  public init(
    activations: ActivationSet, matrices: [SimilarityMatrix],
    calibrations: [CalibrationMatrix] = [], familyStatistics: [FamilyStatistics] = [],
    sharedDirections: SharedDirections? = nil, features: FeatureUniversality? = nil,
    cards: FeatureCards? = nil, waterfall: Waterfall? = nil, dynamics: Dynamics? = nil,
    layerIdentifications: [LayerIdentification] = [], findings: Findings?,
    reasonWithoutFindings: String? = nil, diagnostics: [RepresentationDiagnostics] = [],
    run: RunRecord
  ) {
    let count = activations.representations.count
    precondition(
      matrices.allSatisfy { $0.count == count },
      "the matrices count \(matrices.map(\.count)) representations, the zoo \(count)")
    precondition(
      calibrations.allSatisfy { calibration in
        calibration.count == count && matrices.contains { $0.metric == calibration.metric }
      }, "calibrations \(calibrations.map(\.metric)) of other matrices")
    precondition(
      diagnostics.isEmpty || diagnostics.count == count,
      "\(diagnostics.count) diagnostics for \(count) representations")
    self.activations = activations
    self.matrices = matrices
    self.calibrations = calibrations
    self.familyStatistics = familyStatistics
    self.sharedDirections = sharedDirections
    self.features = features
    self.cards = cards
    self.waterfall = waterfall
    self.dynamics = dynamics
    self.layerIdentifications = layerIdentifications
    self.findings = findings
    rankingAgreements = Self.rankingAgreements(findings, matrices)
    self.reasonWithoutFindings = reasonWithoutFindings
    self.diagnostics = diagnostics
    self.run = run
  }

  private static func rankingAgreements(
    _ findings: Findings?, _ matrices: [SimilarityMatrix]
  ) -> [RankingAgreement] {
    findings?.rankingAgreement(of: matrices.filter { !$0.isDistance }.map(\.metric)) ?? []
  }
}
