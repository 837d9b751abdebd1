/// The interval of an accuracy over pairs of networks, when each network takes part in many pairs.
///
/// Wilson's score interval (1927) of a share p̂ of N independent trials is the set of all p with
/// |p̂ − p| ≤ z √(p (1 − p)/N); it stays inside 0 … 1 and does not shrink to a point at p̂ = 1. The m (m − 1)
/// ordered pairs of m networks are not independent: N counts the trials of m/2 pairs, as if each network
/// took part in one, and as if the layers of a pair were independent. The first errs on the wide side; the
/// second on the narrow side, where the layers of a pair hit or miss together. That the interval covers is
/// known for errors of each layer of its own, not for whole networks that fail.
enum SharedNetworks {
  /// - Parameter independent: N, above 0; not a whole number where m is odd.
  static func accuracy(hits: Double, trials: Int, independent count: Double) -> Estimate {
    precondition(trials > 0 && count > 0, "\(trials) trials, \(count) independent")
    let share = hits / Double(trials)
    // The 97.5 % point of the normal distribution.
    let z = 1.959963984540054
    let denominator = 1 + z * z / count
    let centre = (share + z * z / (2 * count)) / denominator
    let half =
      z / denominator * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    return Estimate(
      value: share, low: min(share, max(0, centre - half)), high: max(share, min(1, centre + half)))
  }
}
