import LinearAlgebra
import Metrics

/// One layer as linear kernels see it, and what is left of it without one sample or its first principal
/// component, in closed form.
///
/// With X centred, aᵢ = ‖xᵢ‖², K = XXᵀ and n′ = n − 1, leaving sample i out moves the mean by −xᵢ/n′, so
/// that for two layers with C = XᵀY and K, L, a, b
///
///     ‖C₋ᵢ‖² = ‖C‖² − 2 (n/n′) Pᵢ + (n/n′)² aᵢbᵢ,             Pᵢ = xᵢᵀ C yᵢ = Σⱼ KᵢⱼLᵢⱼ
///     Σ a′b′ = Σ_{j≠i} (aⱼ + 2Kᵢⱼ/n′ + aᵢ/n′²) (bⱼ + 2Lᵢⱼ/n′ + bᵢ/n′²),   Σ a′ = Σ a − (n/n′) aᵢ
///
/// and the sum over j needs nothing but Pᵢ, Σⱼ aⱼLᵢⱼ = (Y Yᵀa)ᵢ and Σⱼ bⱼKᵢⱼ. Without the first principal
/// component (λ, u), ‖C‖² falls by λ‖Yᵀu‖² and aᵢ by λuᵢ².
struct LeftOutProducts: Sendable {
  /// Samples × features, centred, of unit norm; at most as many features as samples.
  private let matrix: Matrix
  private let rowNorms: [Double]
  /// With itself: the product of all samples, without each, and without the first component.
  private let whole: CenteredProduct
  private let withoutSamples: [CenteredProduct]
  private let withoutComponent: CenteredProduct?
  /// The first component: the scores of the samples u, the variance λ and the row norms without it.
  private let component: (scores: Matrix, variance: Double, rowNorms: [Double])

  /// - Parameter factor: Centred, in any scale.
  /// - Throws: `DecompositionError`.
  /// - Complexity: O(n d² + d³).
  init(_ factor: Matrix) throws {
    let norms = factor.squaredRowNorms()
    let energy = norms.reduce(0, +)
    matrix = factor.scaled(by: 1 / energy.squareRoot())
    rowNorms = norms.map { $0 / energy }
    let gram = matrix.featureGram()
    whole = CenteredProduct(
      squaredNorm: gram.squaredFrobeniusNorm(), rowProduct: dot(rowNorms, rowNorms))
    let leading = try SymmetricEigen(leadingOf: gram) { _ in 1 }
    let variance = leading.values[0]
    let scores = matrix.times(leading.vectors.transposed()).scaled(by: 1 / variance.squareRoot())
    let rest = zip(rowNorms, scores.elements).map { $0 - variance * $1 * $1 }
    component = (scores, variance, rest)
    // What is left after the first component must be more than its rounding error.
    withoutComponent =
      1 - variance > Double(factor.rows) * Double.ulpOfOne
      ? Self.normalized(
        squaredNorm: whole.squaredNorm - variance * variance, rowProduct: dot(rest, rest),
        energies: (1 - variance) * (1 - variance)) : nil
    withoutSamples = Self.withoutSamples(matrix, rowNorms, matrix, rowNorms)
  }

  /// The similarity with another layer without each sample; NaN where there is none.
  ///
  /// - Complexity: O(n dₓ d_y).
  func similaritiesWithoutSamples(
    with other: LeftOutProducts, _ metric: some CenteredProductMetric
  ) -> [Double] {
    let products = Self.withoutSamples(matrix, rowNorms, other.matrix, other.rowNorms)
    return products.indices.map { sample in
      Self.similarity(
        products[sample], withoutSamples[sample], other.withoutSamples[sample], metric,
        samples: rowNorms.count - 1)
    }
  }

  /// The similarity with another layer when this one has lost its first principal component; NaN where
  /// nothing else is in it.
  ///
  /// - Complexity: O(n dₓ d_y).
  func similarityWithoutComponent(
    with other: LeftOutProducts, _ metric: some CenteredProductMetric
  ) -> Double {
    guard let withoutComponent else { return .nan }
    let lost = component.scores.transposeTimes(other.matrix).squaredFrobeniusNorm()
    let product = Self.normalized(
      squaredNorm: matrix.transposeTimes(other.matrix).squaredFrobeniusNorm() - component.variance
        * lost,
      rowProduct: dot(component.rowNorms, other.rowNorms), energies: 1 - component.variance)
    return Self.similarity(
      product, withoutComponent, other.whole, metric, samples: rowNorms.count)
  }

  private static func similarity(
    _ xy: CenteredProduct, _ xx: CenteredProduct, _ yy: CenteredProduct,
    _ metric: some CenteredProductMetric, samples: Int
  ) -> Double {
    guard xx.squaredNorm.isFinite, yy.squaredNorm.isFinite,
      (try? metric.checkSelfProduct(xx, samples: samples)) != nil,
      (try? metric.checkSelfProduct(yy, samples: samples)) != nil
    else { return .nan }
    return (try? metric.similarity(xy, xx: xx, yy: yy, samples: samples)) ?? .nan
  }

  /// A product in the scale of representations of unit norm.
  private static func normalized(
    squaredNorm: Double, rowProduct: Double, energies: Double
  ) -> CenteredProduct {
    CenteredProduct(squaredNorm: squaredNorm / energies, rowProduct: rowProduct / energies)
  }

  /// The products of two layers without each sample, in the scale of unit norms; not finite where a side
  /// has nothing else.
  private static func withoutSamples(
    _ x: Matrix, _ a: [Double], _ y: Matrix, _ b: [Double]
  ) -> [CenteredProduct] {
    let (n, rest) = (Double(x.rows), Double(x.rows - 1))
    let cross = x.transposeTimes(y)
    let squaredNorm = cross.squaredFrobeniusNorm()
    let products = rowProducts(x.times(cross), y)
    let ofA = gramTimes(a, y)
    let ofB = gramTimes(b, x)
    let rows = dot(a, b)
    let ratio = n / rest
    return a.indices.map { i in
      let ab = a[i] * b[i]
      let energies = (1 - ratio * a[i]) * (1 - ratio * b[i])
      let left = squaredNorm - 2 * ratio * products[i] + ratio * ratio * ab
      // The sum over the other samples, multiplied out; Σ_{j≠i} Kᵢⱼ = −aᵢ.
      var rowProduct = rows - ab
      rowProduct += 2 / rest * (ofA[i] + ofB[i] - 2 * ab)
      rowProduct += 4 / (rest * rest) * (products[i] - ab)
      rowProduct += (b[i] * (1 - a[i]) + a[i] * (1 - b[i])) / (rest * rest)
      rowProduct += (-4 + 1) * ab / (rest * rest * rest)
      let floor = n * Double.ulpOfOne
      let isEmpty = 1 - ratio * a[i] <= floor || 1 - ratio * b[i] <= floor
      return normalized(
        squaredNorm: left, rowProduct: rowProduct, energies: isEmpty ? .nan : energies)
    }
  }

  /// The inner product of each row of one matrix with that of the other.
  private static func rowProducts(_ x: Matrix, _ y: Matrix) -> [Double] {
    (0..<x.rows).map { row in zip(x.row(row), y.row(row)).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// X Xᵀ v.
  private static func gramTimes(_ vector: [Double], _ x: Matrix) -> [Double] {
    x.times(x.transposeTimes(Matrix(rows: x.rows, columns: 1, elements: vector))).elements
  }
}
