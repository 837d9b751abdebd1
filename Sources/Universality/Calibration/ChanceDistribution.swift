import Metrics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The distribution of one similarity when the samples of one side are in random order.
///
/// Its first three moments are exact (`ClosedFormChanceMetric`); between them it is taken to be Pearson
/// type III. That curve is continuous: where a statistic counts something (shared neighbours), half of the
/// probability of the observed count is in p (the mid-p of Lancaster, JASA 1961).
///
/// The curve is poor where one sample makes up most of a representation. Of 60 samples, one of them 30
/// times as large as the others: p ≤ 0.05 in 6 % of all orders when that is so on one side, and in 2 %
/// when on both, where the true distribution is a few separate heaps.
struct ChanceDistribution: Sendable {
  /// The share of chance that reaches the threshold.
  static let level = 0.05

  private let moments: ChanceMoments
  private let link: ChanceLink
  private let samples: Int
  /// `nil` where all orders give the same value.
  private let curve: PearsonIII?

  init(_ moments: ChanceMoments, link: ChanceLink, samples: Int) {
    self.moments = moments
    self.link = link
    self.samples = samples
    curve = moments.skewness.map(PearsonIII.init)
  }

  /// The moments of the value. They are those of the statistic, and exact, unless the value is the root
  /// of it; then they are those of the root under the curve.
  var valueMoments: (mean: Double, sd: Double, skewness: Double?) {
    guard let curve else { return (link.value(ofStatistic: moments.mean), 0, nil) }
    switch link {
    case .identity: return (moments.mean, moments.standardDeviation, moments.skewness)
    case .squareRoot:
      return curve.moments {
        link.value(ofStatistic: moments.mean + moments.standardDeviation * $0)
      }
    }
  }

  /// P(s ≥ `value`).
  ///
  /// Never below 1/n!, the share of the order that was observed, nor below the smallest number that has
  /// all its digits (2 · 10⁻³⁰⁸). What lies far out in the tail is extrapolated from three moments.
  func pValue(of value: Double) -> Double {
    guard let curve else { return 1 }
    let statistic = link.statistic(ofValue: value)
    let tail = curve.survival((statistic - moments.mean) / moments.standardDeviation)
    let fewest = exp(-lgamma(Double(samples) + 1))
    return min(1, max(tail, fewest, .leastNormalMagnitude))
  }

  /// The value that chance reaches in 5 % of all orders.
  var threshold: Double {
    guard let curve else { return link.value(ofStatistic: moments.mean) }
    return link.value(
      ofStatistic: moments.mean + moments.standardDeviation * curve.upperQuantile(Self.level))
  }
}
