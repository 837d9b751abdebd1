import COpenBLAS

/// The precision of the large matrix products of a run.
///
/// Values from products in single precision are rounded to multiples of 2⁻²⁰: what lies below is noise,
/// and values that are equal by their nature, such as those of saturated metrics, come out equal.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// Everything in float64.
  case double
  /// The large products of similarities in float32; means, norms, sums over tiles and decompositions in float64.
  case single

  /// A value from products in this precision, without the digits that mean nothing.
  public func rounded(_ value: Double) -> Double {
    self == .double ? value : (value * 0x1p20).rounded() * 0x1p-20
  }
}

/// `Double` or `Float`, as an element of the large products.
protocol BLASScalar: BinaryFloatingPoint, Sendable {
  static func gemm(
    _ transposeA: CBLAS_TRANSPOSE, _ transposeB: CBLAS_TRANSPOSE, rows: Int, columns: Int,
    inner: Int, _ a: UnsafePointer<Self>?, leadingA: Int, _ b: UnsafePointer<Self>?, leadingB: Int,
    adding: Bool, to c: UnsafeMutablePointer<Self>, leadingC: Int)

  /// The upper triangle of A·Aᵀ or, transposed, AᵀA.
  static func syrk(
    _ transpose: CBLAS_TRANSPOSE, size: Int, inner: Int, scale: Self, _ a: UnsafePointer<Self>?,
    leadingA: Int, adding: Bool, to c: UnsafeMutablePointer<Self>, leadingC: Int)

  /// (x − mean − rest) · scale, row by row.
  static func center(
    _ x: StoredMatrix.Rows, offset: Int, leading: Int, rows: Int, columns: Int,
    mean: UnsafePointer<Double>, rest: UnsafePointer<Double>, scale: Double,
    into target: UnsafeMutablePointer<Self>, stride: Int)
}

extension Double: BLASScalar {
  static func gemm(
    _ transposeA: CBLAS_TRANSPOSE, _ transposeB: CBLAS_TRANSPOSE, rows: Int, columns: Int,
    inner: Int, _ a: UnsafePointer<Double>?, leadingA: Int, _ b: UnsafePointer<Double>?,
    leadingB: Int, adding: Bool, to c: UnsafeMutablePointer<Double>, leadingC: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA, transposeB, blasInt(rows), blasInt(columns), blasInt(inner), 1, a,
      blasInt(leadingA), b, blasInt(leadingB), adding ? 1 : 0, c, blasInt(leadingC))
  }

  static func syrk(
    _ transpose: CBLAS_TRANSPOSE, size: Int, inner: Int, scale: Double, _ a: UnsafePointer<Double>?,
    leadingA: Int, adding: Bool, to c: UnsafeMutablePointer<Double>, leadingC: Int
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, transpose, blasInt(size), blasInt(inner), scale, a,
      blasInt(leadingA), adding ? 1 : 0, c, blasInt(leadingC))
  }

  static func center(
    _ x: StoredMatrix.Rows, offset: Int, leading: Int, rows: Int, columns: Int,
    mean: UnsafePointer<Double>, rest: UnsafePointer<Double>, scale: Double,
    into target: UnsafeMutablePointer<Double>, stride: Int
  ) {
    switch x {
    case .single(let x):
      ub_center_float_to_double(
        x.baseAddress.map { $0 + offset }, leading, rows, columns, mean, rest, scale, target, stride
      )
    case .double(let x):
      ub_center_double_to_double(
        x.baseAddress.map { $0 + offset }, leading, rows, columns, mean, rest, scale, target, stride
      )
    }
  }
}

extension Float: BLASScalar {
  static func gemm(
    _ transposeA: CBLAS_TRANSPOSE, _ transposeB: CBLAS_TRANSPOSE, rows: Int, columns: Int,
    inner: Int, _ a: UnsafePointer<Float>?, leadingA: Int, _ b: UnsafePointer<Float>?,
    leadingB: Int, adding: Bool, to c: UnsafeMutablePointer<Float>, leadingC: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA, transposeB, blasInt(rows), blasInt(columns), blasInt(inner), 1, a,
      blasInt(leadingA), b, blasInt(leadingB), adding ? 1 : 0, c, blasInt(leadingC))
  }

  static func syrk(
    _ transpose: CBLAS_TRANSPOSE, size: Int, inner: Int, scale: Float, _ a: UnsafePointer<Float>?,
    leadingA: Int, adding: Bool, to c: UnsafeMutablePointer<Float>, leadingC: Int
  ) {
    cblas_ssyrk(
      CblasRowMajor, CblasUpper, transpose, blasInt(size), blasInt(inner), scale, a,
      blasInt(leadingA), adding ? 1 : 0, c, blasInt(leadingC))
  }

  static func center(
    _ x: StoredMatrix.Rows, offset: Int, leading: Int, rows: Int, columns: Int,
    mean: UnsafePointer<Double>, rest: UnsafePointer<Double>, scale: Double,
    into target: UnsafeMutablePointer<Float>, stride: Int
  ) {
    switch x {
    case .single(let x):
      ub_center_float_to_float(
        x.baseAddress.map { $0 + offset }, leading, rows, columns, mean, rest, scale, target, stride
      )
    case .double(let x):
      ub_center_double_to_float(
        x.baseAddress.map { $0 + offset }, leading, rows, columns, mean, rest, scale, target, stride
      )
    }
  }
}
