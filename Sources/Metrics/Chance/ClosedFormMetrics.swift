// The metrics of the catalogue that are inner products of matrices over the samples, or functions of
// one: which matrix that is.

// MARK: Products of Gram matrices

extension LinearCKA: ClosedFormChanceMetric {
  /// A = XcXcᵀ/‖XcᵀXc‖. The mean is √(PR(X) PR(Y))/(n − 1) with the participation ratios PR.
  public func chanceInvariants(of prepared: Factor) throws -> ChanceInvariants {
    try ChanceInvariants(gramOf: prepared.matrix)
  }
}

extension DebiasedCKA: ClosedFormChanceMetric {
  /// A is the U-centred Gram matrix: mean 0 and variance 2/(n(n − 3)) for any two representations.
  public func chanceInvariants(of prepared: Factor) throws -> ChanceInvariants {
    try ChanceInvariants(gramOf: prepared.matrix, isUCentred: true)
  }
}

extension SpectralCKA: ClosedFormChanceMetric {
  /// A is the Gram matrix of the reweighted components.
  public func chanceInvariants(of prepared: Factor) throws -> ChanceInvariants {
    try ChanceInvariants(gramOf: prepared.matrix)
  }
}

// MARK: Products of projections

extension GCD: ClosedFormChanceMetric {
  /// A = P/√r. The mean is √(rₓ r_y)/(n − 1).
  public func chanceInvariants(of prepared: Factor) throws -> ChanceInvariants {
    try ChanceInvariants(gramOf: prepared.matrix)
      .scaled(by: 1 / Double(prepared.summary.rank).squareRoot())
  }
}

extension CCA: ClosedFormChanceMetric {
  /// Only the mean of the squares, R²_CCA, is a product of projections.
  public var hasClosedFormChance: Bool { summary == .meanRhoSquared }

  /// A = P.
  public func chanceInvariants(of prepared: Factor) throws -> ChanceInvariants {
    try ChanceInvariants(gramOf: prepared.matrix)
  }

  /// Over the smaller rank. The mean is max(rₓ, r_y)/(n − 1).
  public func chanceMoments(_ x: ChanceInvariants, _ y: ChanceInvariants) -> ChanceMoments {
    x.moments(with: y).scaled(by: 1 / min(x.trace, y.trace))
  }
}

extension SVCCA: ClosedFormChanceMetric {
  /// Only the mean of the squares is a product of projections.
  public var hasClosedFormChance: Bool { summary == .meanRhoSquared }

  /// A = P, the projection on the components kept.
  public func chanceInvariants(of prepared: Factor) throws -> ChanceInvariants {
    try ChanceInvariants(gramOf: prepared.matrix)
  }

  /// Over the smaller number of components. The mean is max(kₓ, k_y)/(n − 1).
  public func chanceMoments(_ x: ChanceInvariants, _ y: ChanceInvariants) -> ChanceMoments {
    x.moments(with: y).scaled(by: 1 / min(x.trace, y.trace))
  }
}

// MARK: Products of matrices of kernels, distances and ranks

extension RBFCKA: ClosedFormChanceMetric {
  public func chanceInvariants(of prepared: MetricVector) throws -> ChanceInvariants {
    try ChanceInvariants(
      of: prepared, packedAs: estimator == .biased ? .doubleCentered : .uCentered)
  }
}

extension DistanceCorrelation: ClosedFormChanceMetric {
  /// The moments are those of the squared distance correlation.
  public var chanceLink: ChanceLink { estimator == .biased ? .squareRoot : .identity }

  public func chanceInvariants(of prepared: MetricVector) throws -> ChanceInvariants {
    try ChanceInvariants(
      of: prepared, packedAs: estimator == .biased ? .doubleCentered : .uCentered)
  }
}

extension RSA: ClosedFormChanceMetric {
  /// A is the matrix of dissimilarities or of their ranks: the Mantel statistic. The mean is 0 but for
  /// the cosine.
  public func chanceInvariants(of prepared: MetricVector) throws -> ChanceInvariants {
    try ChanceInvariants(of: prepared, packedAs: .hollow)
  }
}

// MARK: Products of neighbour lists

extension MutualKNN: ClosedFormChanceMetric {
  /// A is the matrix of neighbours over √(n k). The mean is k/(n − 1).
  public func chanceInvariants(of prepared: NeighbourLists) throws -> ChanceInvariants {
    let count = Double(prepared.samples * prepared.count)
    return try ChanceInvariants(of: prepared).scaled(by: 1 / count.squareRoot())
  }
}
