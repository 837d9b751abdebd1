import LinearAlgebra
import Metrics

/// One layer as linear kernels see it, and what is left of it without one sample, in closed form, or without
/// its first principal component.
///
/// With X centred, aᵢ = ‖xᵢ‖², K = XXᵀ and n′ = n − 1, leaving sample i out moves the mean by −xᵢ/n′, so
/// that for two layers with C = XᵀY and K, L, a, b
///
///     ‖C₋ᵢ‖² = ‖C‖² − 2 (n/n′) Pᵢ + (n/n′)² aᵢbᵢ,             Pᵢ = xᵢᵀ C yᵢ = Σⱼ KᵢⱼLᵢⱼ
///     Σ a′b′ = Σ_{j≠i} (aⱼ + 2Kᵢⱼ/n′ + aᵢ/n′²) (bⱼ + 2Lᵢⱼ/n′ + bᵢ/n′²),   Σ a′ = Σ a − (n/n′) aᵢ
///
/// and the sum over j needs nothing but Pᵢ, Σⱼ aⱼLᵢⱼ = (Y Yᵀa)ᵢ and Σⱼ bⱼKᵢⱼ. Where one sample has nearly all
/// energy these differences cancel, and the products are formed from the other samples. The first principal
/// component is always taken from the matrix itself.
struct LeftOutProducts: Sendable {
  /// Samples × features, centred, of unit norm; at most as many features as samples.
  private let matrix: Matrix
  private let rowNorms: [Double]
  /// With itself: the product of all samples, without each, and without the first component.
  private let whole: CenteredProduct
  private let withoutSamples: [CenteredProduct]
  private let withoutComponent: CenteredProduct?
  /// The first component: the scores of the samples (n × 1) and its direction (1 × d), of unit norm.
  private let component: (scores: Matrix, direction: Matrix)

  /// With E of the energy left, the closed form is off by about ε/E²: less than 10⁻⁷ above this.
  private static let leastEnergy = 1e-4

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
    component = (matrix.times(leading.vectors.transposed()), leading.vectors)
    // What is left after the first component must be more than its rounding error.
    if 1 - leading.values[0] > Double(factor.rows) * Double.ulpOfOne {
      let rest = Self.deflated(matrix, component)
      withoutComponent = Self.product(rest, rest)
    } else {
      withoutComponent = nil
    }
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
    return Self.similarity(
      Self.product(Self.deflated(matrix, component), other.matrix), withoutComponent, other.whole,
      metric, samples: rowNorms.count)
  }

  /// What is left of a matrix without one of its components.
  private static func deflated(
    _ matrix: Matrix, _ component: (scores: Matrix, direction: Matrix)
  ) -> Matrix {
    Matrix(rows: matrix.rows, columns: matrix.columns) {
      matrix[$0, $1] - component.scores[$0, 0] * component.direction[0, $1]
    }
  }

  /// The product of two centred matrices, in the scale of unit norms.
  private static func product(_ x: Matrix, _ y: Matrix) -> CenteredProduct {
    let (a, b) = (x.squaredRowNorms(), y.squaredRowNorms())
    return normalized(
      squaredNorm: x.transposeTimes(y).squaredFrobeniusNorm(), rowProduct: dot(a, b),
      energies: a.reduce(0, +) * b.reduce(0, +))
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
      let (ofX, ofY) = (1 - ratio * a[i], 1 - ratio * b[i])
      // No more than one sample of a layer has so much of its energy.
      if min(ofX, ofY) < leastEnergy { return product(x, y, withoutSample: i, min(ofX, ofY)) }
      let left = squaredNorm - 2 * ratio * products[i] + ratio * ratio * ab
      // The sum over the other samples, multiplied out; Σ_{j≠i} Kᵢⱼ = −aᵢ.
      var rowProduct = rows - ab
      rowProduct += 2 / rest * (ofA[i] + ofB[i] - 2 * ab)
      rowProduct += 4 / (rest * rest) * (products[i] - ab)
      rowProduct += (b[i] * (1 - a[i]) + a[i] * (1 - b[i])) / (rest * rest)
      rowProduct += (-4 + 1) * ab / (rest * rest * rest)
      return normalized(squaredNorm: left, rowProduct: rowProduct, energies: ofX * ofY)
    }
  }

  /// The same for one sample, from the others; not finite where only rounding errors are left.
  ///
  /// - Parameter energy: The smaller one of the energies left.
  private static func product(
    _ x: Matrix, _ y: Matrix, withoutSample sample: Int, _ energy: Double
  ) -> CenteredProduct {
    guard energy > Double(x.rows) * Double.ulpOfOne else {
      return CenteredProduct(squaredNorm: .nan, rowProduct: .nan)
    }
    let kept = (0..<x.rows).filter { $0 != sample }
    return product(x.selectingRows(kept).centered(), y.selectingRows(kept).centered())
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
