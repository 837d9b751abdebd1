public import Activations
import LinearAlgebra
public import Zoo

/// Whether a metric recognises layers: in two networks of one architecture, trained from different
/// seeds, is the layer most similar to a layer the one at the same place?
///
/// For each ordered pair of models of a family, each hidden layer of the first whose name the second has
/// too is one **trial**: a hit when, of all hidden layers of the second, the one of the same name is the
/// most similar. Layers that tie for the first place share the hit. Of a metric that is not symmetric the
/// mean of both orders counts. The same is asked of untrained networks, where it tells what the
/// architecture gives before anything is learned.
///
/// - Source: Kornblith, Norouzi, Lee & Hinton (ICML 2019), section 6.1 and table 2.
public struct LayerIdentification: Sendable, Codable, Equatable {
  public var metric: String
  /// Trained networks before untrained ones; in each, all families together before every one.
  public var rows: [Row]

  /// The networks of one family, or of all.
  public struct Row: Sendable, Codable, Equatable {
    /// Whether the networks are trained.
    public var isTrained: Bool
    /// `nil` for all families together.
    public var family: String?
    /// The networks that take part.
    public var models: Int
    public var trials: Int
    /// The trials that hit; ties make fractions.
    public var hits: Double
    /// The share of hits, with a 95 % interval for other seeds: Wilson's, for as many independent trials
    /// as if each network took part in one pair only and its layers were independent.
    public var accuracy: Estimate
    /// What guessing gives: the mean of 1/(number of layers to choose from).
    public var chance: Double
    /// What chance stays below in 95 of 100 cases, when the layers of each network change names;
    /// `nil` with fewer than 19 permutations.
    public var nullThreshold: Double?
    /// The probability of as many hits by chance (add-one permutation p).
    public var pValue: Double?
  }

  /// Asks every family of at least two models with layers of the same names.
  ///
  /// `matrix` is a similarity or distance of all representations of `activations`; `permutations` counts the
  /// random orders of the names of layers within each network, 0 for no p.
  ///
  /// - Returns: `nil` when there is no trial.
  /// - Complexity: O(m² L (L + permutations)) for the m models of a family with L layers each.
  public init?(
    of activations: ActivationSet, _ matrix: SimilarityMatrix, permutations: Int, seed: UInt64
  ) {
    metric = matrix.metric
    rows = [ModelRecord.Role.contestant, .untrained].flatMap { role in
      let groups = IdentificationGroup.all(of: activations, role: role, matrix)
      return Self.rows(of: groups, role: role, permutations: permutations, seed: seed)
    }
    if rows.isEmpty { return nil }
  }

  private static func rows(
    of groups: [IdentificationGroup], role: ModelRecord.Role, permutations: Int, seed: UInt64
  ) -> [Row] {
    guard !groups.isEmpty else { return [] }
    let observed = groups.map { $0.hits(names: $0.names) }
    let draws = (0..<permutations).map { draw -> [Double] in
      var generator = SeededGenerator(seed: seed, stream: RandomStream.layerNames + UInt64(draw))
      return groups.map { $0.hits(names: $0.shuffledNames(using: &generator)) }
    }
    func row(_ family: String?, _ chosen: Range<Int>) -> Row {
      Row(
        isTrained: role == .contestant, family: family, groups: groups[chosen],
        hits: observed[chosen].reduce(0, +), null: draws.map { $0[chosen].reduce(0, +) })
    }
    return [row(nil, groups.indices)]
      + groups.indices.map { row(groups[$0].family, $0..<$0 + 1) }
  }
}

extension LayerIdentification.Row {
  fileprivate init(
    isTrained: Bool, family: String?, groups: ArraySlice<IdentificationGroup>, hits: Double,
    null: [Double]
  ) {
    self.isTrained = isTrained
    self.family = family
    self.hits = hits
    let trials = groups.reduce(0) { $0 + $1.trials.count }
    self.trials = trials
    models = groups.reduce(0) { $0 + $1.names.count }
    chance =
      groups.reduce(0) { sum, group in
        group.trials.reduce(sum) { $0 + 1 / Double($1.candidates) }
      } / Double(trials)
    accuracy = SharedNetworks.accuracy(
      hits: hits, trials: trials,
      independent: groups.reduce(0) { $0 + $1.independentTrials })
    guard !null.isEmpty else { return }
    // Sums of fractions.
    let reached = null.count { $0 >= hits - 1e-9 }
    pValue = Double(reached + 1) / Double(null.count + 1)
    guard null.count >= PermutationNull.fewest else { return }
    let combined = (null + [hits]).sorted()
    let position = Int((0.95 * Double(combined.count) - 1e-9).rounded(.up))
    nullThreshold = combined[position - 1] / Double(trials)
  }
}

extension RandomStream {
  static let layerNames: UInt64 = 26 << 32
}
