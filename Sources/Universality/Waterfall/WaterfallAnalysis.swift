public import Activations
import LinearAlgebra
import Metrics
public import Zoo

extension Waterfall {
  /// The waterfall of a zoo, or `nil` where it has none: fewer than two families (or models where
  /// families are not known) with hidden layers, or fewer than four samples.
  ///
  /// - Parameters:
  ///   - activations: The zoo, with its values.
  ///   - options: The groups of the jackknife, seed and threads.
  ///   - progress: Called as the work goes on, from any thread.
  /// - Throws: `SpillError` when values are in a file that cannot be read.
  /// - Complexity: for n samples, P layers in use (at most three a model and as many of its twin)
  ///   with D features (at most n each) and G groups, O(n² (D + P²) + G P² n C) with C classes.
  public init?(
    of activations: ActivationSet, options: AnalysisOptions, progress: ProgressReceiver? = nil
  ) throws {
    let sites = WaterfallSites(of: activations)
    guard activations.sampleCount >= DebiasedCKA().fewestSamples,
      let last = sites.stages.last, Set(last.sites.map(\.block)).count >= 2
    else { return nil }
    let analysis = try WaterfallAnalysis(activations, sites, options, progress)
    self = try analysis.waterfall()
  }
}

/// One run: factors, products, the numbers of every replicate.
private struct WaterfallAnalysis: Sendable {
  let activations: ActivationSet
  let sites: WaterfallSites
  let options: AnalysisOptions
  let groupCount: Int
  let labels: ClassLabels?
  /// The layers in use that have no similarity, with the reason.
  let faults: [String]
  let ladders: WaterfallLadders
  /// First of all samples, then without each group.
  let products: [WaterfallProducts]

  init(
    _ activations: ActivationSet, _ sites: WaterfallSites, _ options: AnalysisOptions,
    _ progress: ProgressReceiver?
  ) throws {
    self.activations = activations
    self.sites = sites
    self.options = options
    let samples = activations.sampleCount
    groupCount =
      activations.samplesArePositions
      ? 0 : Jackknife.groupCount(samples: samples, requested: options.resamples)
    labels = ClassLabels(activations.labels, samples: samples)
    let factors = try Parallel.map(count: sites.layers.count, threads: options.threads) { place in
      try metricResult {
        try DebiasedCKA().prepare(activations.representations[sites.layers[place]].matrix()).matrix
      }
    }
    faults = zip(sites.layers, factors).compactMap { layer, factor in
      guard case .failure(let error) = factor else { return nil }
      let representation = activations.representations[layer]
      return "\(activations.models[representation.model].name)/\(representation.layer): \(error)"
    }
    // A layer without a similarity keeps its place: its products are 0, and no value comes of them.
    let usable = factors.map {
      (try? $0.get()) ?? Matrix(rows: samples, columns: 1)
    }
    let sums = try LeaveOutProducts(
      factors: usable,
      groups: Jackknife.groups(samples: samples, count: groupCount, seed: options.seed),
      groupCount: max(1, groupCount), threads: options.threads)
    let one = [Int](repeating: 0, count: samples)
    let classes = labels
    products = try Parallel.map(
      count: sums.replicateCount + 1, threads: options.threads,
      finished: progressCounter(
        progress, stage: "taking similarity apart", total: sums.replicateCount + 1)
    ) { index in
      let leftOut = index == 0 ? nil : index - 1
      let whole = sums.products(classes: one, classCount: 1, leavingOut: leftOut)
      let within = classes.map {
        sums.products(classes: $0.classes, classCount: $0.count, leavingOut: leftOut)
      }
      return WaterfallProducts(whole: whole.centered, within: within)
    }
    ladders = WaterfallLadders(
      sites: sites, rounding: Double(samples) * Double.ulpOfOne,
      chance: Self.chanceDeviation(samples: samples))
  }

  /// √(2/(n(n − 3))): exact for debiased CKA, whatever the representations.
  private static func chanceDeviation(samples: Int) -> Double {
    let n = Double(samples)
    return (2 / (n * (n - 3))).squareRoot()
  }

  func waterfall() throws -> Waterfall {
    let ladders = ladders
    let products = products
    let measured = try Parallel.map(count: products.count, threads: options.threads) {
      ladders.measured(products[$0])
    }
    let jackknife = Jackknife(replicates: Array(measured.dropFirst()))
    let networks = NetworkJackknife(
      population: sites.population, replicates: ladders.measuredWithoutModels(products[0]))
    return Waterfall(
      rows: ladders.rows(measured[0], jackknife, networks), gaps: gaps,
      isAcrossFamilies: sites.population.reference == .otherFamilies,
      chanceDeviation: Self.chanceDeviation(samples: activations.sampleCount),
      jackknifeGroups: groupCount)
  }

  private var gaps: [Waterfall.Gap] {
    var gaps = faults.map { fault in
      Waterfall.Gap(step: .raw, reason: "No similarity with \(fault); its means are missing.")
    }
    if sites.inputs.isEmpty {
      gaps.append(
        .init(step: .input, reason: "The input is not in the zoo: nothing is taken away for it."))
    }
    if let first = sites.withoutTwin.first {
      let count = sites.withoutTwin.count
      gaps.append(
        .init(
          step: .twins,
          reason: "No untrained twin is known for \(first)"
            + (count > 1 ? " and \(count - 1) more" : "")
            + ": what untrained networks share is taken away only between models that have twins."))
    }
    if labels == nil {
      gaps.append(
        .init(
          step: .labels,
          reason: activations.labels == nil
            ? "The dumps carry no labels: nothing is taken away for the classes."
            : "The labels make fewer than two classes, or classes of fewer than "
              + "\(ClassLabels.fewestInClass) samples on average: nothing is taken away for them."))
    }
    return gaps
  }
}

/// The classes of the samples, counted from 0.
struct ClassLabels: Sendable {
  /// As many as a debiased similarity needs.
  static let fewestInClass = 4

  let classes: [Int]
  let count: Int

  /// `nil` for fewer than two classes or fewer than ``fewestInClass`` samples in each on average.
  init?(_ labels: [Int]?, samples: Int) {
    guard let labels, labels.count == samples else { return nil }
    let names = Set(labels).sorted()
    guard names.count >= 2, names.count * Self.fewestInClass <= samples else { return nil }
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    classes = labels.map { places[$0] ?? 0 }
    count = names.count
  }
}
