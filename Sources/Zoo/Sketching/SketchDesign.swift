/// Which random directions a fingerprint looks along: a function of the number of samples, the size
/// and the seed alone.
///
/// The centred Gram matrix A of a representation (n × n) is turned into the basis of the N rows
/// wₖ = Hₖ D: H the Walsh–Hadamard matrix of the smallest power of two N ≥ n, D a random sign for
/// each sample. A fingerprint holds wₖᵀ A wₗ for ``pairCount`` pairs k ≠ l, drawn so that each row
/// occurs equally often, or at most once.
///
/// Nothing else enters, neither the representation nor others beside it nor the machine: fingerprints
/// made at different times and places can be compared.
public struct SketchDesign: Sendable, Equatable {
  /// The number of samples n.
  public let samples: Int
  /// The most pairs that a fingerprint holds: a power of two.
  public let size: Int
  public let seed: UInt64

  /// The sizes that can be asked for: powers of two in this range.
  public static let sizes = 256...1 << 20
  /// The size unless another is asked for: a standard error below 1/√16,384 ≈ 0.008.
  public static let defaultSize = 1 << 14
  /// The fewest samples: the debiased estimate divides by n − 3.
  public static let fewestSamples = 4

  /// The length N of the transform: the smallest power of two that is not below ``samples``.
  let length: Int
  let pairing: Pairing

  /// Which of the rows, in their random order, make pairs.
  enum Pairing: Equatable {
    /// Each row with so many that follow it, around the end.
    case ring(reach: Int)
    /// Rows 0 and 1, 2 and 3, and so on: where there are fewer pairs than rows.
    case disjoint
  }

  /// - Precondition: at least ``fewestSamples`` samples; `size` is a power of two in ``sizes``.
  public init(samples: Int, size: Int = SketchDesign.defaultSize, seed: UInt64 = 0) {
    precondition(samples >= Self.fewestSamples, "\(samples) samples")
    precondition(Self.allows(size: size), "\(size) is no size of a sketch")
    self.samples = samples
    self.size = size
    self.seed = seed
    var length = 4
    while length < samples { length *= 2 }
    self.length = length
    // A reach of half the length would name every pair of opposite rows twice.
    pairing =
      size >= length ? .ring(reach: min(size / length, length / 2 - 1)) : .disjoint
  }

  /// Whether fingerprints of this size exist.
  public static func allows(size: Int) -> Bool {
    sizes.contains(size) && size & (size - 1) == 0
  }

  /// The number of rows of the transform that are used.
  var rowCount: Int {
    switch pairing {
    case .ring: length
    case .disjoint: 2 * size
    }
  }

  /// The number of pairs in a fingerprint, at most ``size``.
  public var pairCount: Int {
    switch pairing {
    case .ring(let reach): reach * length
    case .disjoint: size
    }
  }

  /// The number of coordinates that stand for the norms of the samples.
  public var rowCoordinateCount: Int { min(length, size / 4) }

  /// The share of the N(N + 1)/2 coordinates of a symmetric matrix that the pairs leave out: the
  /// finite-population factor of their variance.
  var pairsLeftOut: Double {
    max(0, 1 - 2 * Double(pairCount) / (Double(length) * Double(length + 1)))
  }

  /// The share of the coordinates of the sample norms that is left out.
  var rowCoordinatesLeftOut: Double { 1 - Double(rowCoordinateCount) / Double(length) }

  /// What makes the expected sum of products over the pairs ⟨A, B⟩.
  ///
  /// A pair of samples i ≠ j has the weight Σ (2 + 2 H₍ₖ⊕ₗ₎,₍ᵢ⊕ⱼ₎) over the pairs of rows, and H averages to
  /// −1/(N − 1) over random k ≠ l.
  var pairScale: Double {
    1 / (Double(pairCount) * Double(length - 2) / Double(length - 1)).squareRoot()
  }
}
