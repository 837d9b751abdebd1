/// A unit against the rotations of what it is matched with.
///
/// With r_f the correlation with the best match in family f and b_fl the same under rotation l:
///
///     universality = median_f (r_f − b̄_f),   null_l = median_f (b_fl − b̄_f)
struct RotationContrast: Sendable {
  /// For each family r_f, then b_f1, b_f2, …
  private let families: [[Double]]
  let correlation: Double
  let baseline: Double
  let universality: Double
  /// In standard deviations of the null; `nil` where that does not vary.
  let z: Double?
  /// z, but for the error of the mean of the rotations.
  let t: Double?

  /// - Parameter families: At least one, each with at least two rotations.
  init(families: [[Double]]) {
    self.families = families
    let baselines = families.map { family in
      family.dropFirst().reduce(0, +) / Double(family.count - 1)
    }
    correlation = families.map { $0[0] }.median
    baseline = baselines.median
    universality = zip(families, baselines).map { $0[0] - $1 }.median
    let null = (1..<families[0].count).map { rotation in
      zip(families, baselines).map { $0[rotation] - $1 }.median
    }
    let count = Double(null.count)
    let mean = null.reduce(0, +) / count
    let variance = null.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    z = variance > 0 ? (universality - mean) / variance.squareRoot() : nil
    t = z.map { $0 / (1 + 1 / count).squareRoot() }
  }

  /// What a rotation would get were it the layer itself, and the other rotations its baseline.
  func exchanged(with rotation: Int) -> RotationContrast {
    RotationContrast(
      families: families.map { family in
        [family[rotation]]
          + family.indices.dropFirst().filter { $0 != rotation }.map { family[$0] }
      })
  }

  var rotations: Int { families[0].count - 1 }
}

/// The distribution of ``RotationContrast/t`` when units are no better matched than rotated ones.
///
/// Best matches are maxima, and t of so few rotations is not Student's. Therefore each rotation takes
/// the place of the layer in turn, against the others, and the t of all units and rotations are pooled.
/// They have one rotation less, and so slightly heavier tails: p errs upwards.
struct RotationNull: Sendable {
  private let sorted: [Double]

  /// The most units whose rotations are pooled, evenly spread: with ten rotations p goes down to 10⁻⁵.
  private static let mostUnits = 10_000

  init(_ contrasts: [RotationContrast]) {
    let step = max(1, contrasts.count / Self.mostUnits)
    sorted = stride(from: 0, to: contrasts.count, by: step).flatMap { unit in
      (1...contrasts[unit].rotations).compactMap { contrasts[unit].exchanged(with: $0).t }
    }.sorted()
  }

  /// (1 + pooled t as large) / (1 + pooled t).
  func pValue(_ t: Double) -> Double {
    PooledNull.pValue(of: t, in: sorted)
  }
}

extension [Double] {
  fileprivate var median: Double {
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
