import Activations
import LinearAlgebra
import Testing

@testable import Universality

/// Predictions of single units: against the formula, against planted truth and by chance.
@Suite struct PredictabilityTests {
  private static let halves = SampleHalves(samples: 60, seed: 0)

  /// y on the fitted and on the held-out samples, about the fitted mean.
  private func target(_ column: [Double], _ halves: SampleHalves) -> SplitTargets {
    let fitted = halves.fitted.map { column[$0] }
    let mean = fitted.reduce(0, +) / Double(fitted.count)
    return SplitTargets(
      fitted: Matrix(rows: fitted.count, columns: 1, elements: fitted.map { $0 - mean }),
      heldOut: Matrix(
        rows: halves.heldOut.count, columns: 1,
        elements: halves.heldOut.map { column[$0] - mean }))
  }

  /// Solves A x = b by elimination with pivots.
  private func solved(_ a: Matrix, _ b: [Double]) -> [Double] {
    var (rows, right) = ((0..<a.rows).map { Array(a.row($0)) }, b)
    for column in 0..<a.rows {
      let pivot =
        (column..<a.rows).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      right.swapAt(column, pivot)
      for row in column + 1..<max(column + 1, a.rows) {
        let factor = rows[row][column] / rows[column][column]
        for other in column..<a.rows { rows[row][other] -= factor * rows[column][other] }
        right[row] -= factor * right[column]
      }
    }
    var x = right
    for row in (0..<a.rows).reversed() {
      for other in row + 1..<max(row + 1, a.rows) { x[row] -= rows[row][other] * x[other] }
      x[row] /= rows[row][row]
    }
    return x
  }

  @Test func theRidgeFollowsItsFormula() throws {
    var generator = SeededGenerator(seed: 3)
    let x = generator.gaussianMatrix(rows: 60, columns: 5)
    let noise = generator.gaussianMatrix(rows: 60, columns: 1)
    let y = (0..<60).map { x[$0, 0] - 2 * x[$0, 3] + noise[$0, 0] + 4 }
    let target = target(y, Self.halves)
    let ridge = try #require(try LayerRidge(StoredMatrix(x), halves: Self.halves))
    let found = ridge.predictions(of: target)[0]

    let fitted = x.selectingRows(Self.halves.fitted)
    let centered = fitted.centered()
    let means = (0..<5).map { fitted[0, $0] - centered[0, $0] }
    let heldOut = Matrix(rows: 30, columns: 5) { x[Self.halves.heldOut[$0], $1] - means[$1] }
    let gram = centered.featureGram()
    let largest = try SymmetricEigen.values(of: gram)[0]
    let candidates = (-8...1).map { exponent -> (error: Double, r2: Double) in
      var penalty = largest
      for _ in 0..<abs(exponent) { penalty = exponent < 0 ? penalty / 10 : penalty * 10 }
      let regularized = Matrix(rows: 5, columns: 5) { gram[$0, $1] + ($0 == $1 ? penalty : 0) }
      let weights = solved(regularized, centered.transposeTimes(target.fitted).elements)
      let trace = (0..<5).reduce(0) { $0 + solved(regularized, Array(gram.row($1)))[$1] }
      func residual(_ design: Matrix, _ values: Matrix) -> Double {
        (0..<design.rows).reduce(0) { sum, row in
          let left = values[row, 0] - dot(Array(design.row(row)), weights)
          return sum + left * left
        }
      }
      let freedom = 29 - trace
      return (
        residual(centered, target.fitted) / (freedom * freedom),
        1 - residual(heldOut, target.heldOut) / target.heldOut.squaredFrobeniusNorm()
      )
    }
    let best = try #require(candidates.min { $0.error < $1.error })
    #expect(abs(found.error - best.error) <= 1e-10 * best.error)
    #expect(abs(found.r2 - best.r2) <= 1e-10 && found.r2 > 0.6)
  }

  @Test func wideLayersAreDecomposedByTheirSamplesWithTheSameResult() throws {
    var generator = SeededGenerator(seed: 4)
    let x = generator.gaussianMatrix(rows: 60, columns: 7)
    let wide = Matrix(rows: 60, columns: 700) { $1 % 100 == 0 ? x[$0, $1 / 100] : 3 }
    let targets = target((0..<60).map { x[$0, 2] + x[$0, 5] * x[$0, 5] }, Self.halves)
    let narrow = try #require(try LayerRidge(StoredMatrix(x), halves: Self.halves))
    let other = try #require(try LayerRidge(StoredMatrix(wide), halves: Self.halves))
    let (a, b) = (narrow.predictions(of: targets)[0], other.predictions(of: targets)[0])
    #expect(abs(a.r2 - b.r2) <= 1e-9 && abs(a.error - b.error) <= 1e-9 * a.error)
    for constant in [Matrix(rows: 60, columns: 3, repeating: 2), Matrix(rows: 60, columns: 90)] {
      #expect(try LayerRidge(StoredMatrix(constant), halves: Self.halves) == nil)
    }
  }

  @Test func targetsOfBlocksAreTheUnitsThemselves() throws {
    var generator = SeededGenerator(seed: 9)
    let values = generator.gaussianMatrix(rows: 60, columns: 3)
    let block = try UnitBlock.blocks(
      of: StoredMatrix(values), layer: 0, halves: Self.halves)[0]
    let targets = try SplitTargets([block])
    for unit in 0..<3 {
      let expected = target((0..<60).map { values[$0, unit] }, Self.halves)
      let norm = expected.fitted.squaredFrobeniusNorm().squareRoot()
      for row in 0..<30 {
        #expect(abs(targets.fitted[row, unit] * norm - expected.fitted[row, 0]) <= 1e-5)
        #expect(abs(targets.heldOut[row, unit] * norm - expected.heldOut[row, 0]) <= 1e-5)
      }
    }
  }

  @Test func plantedUnitsArePredictedBeyondTheirControls() throws {
    let planted = try PlantedUnits(seed: 6, signalsInInput: 4).zoo()
    let found = try FeatureUniversality(of: planted.activations, seed: 2, threads: 2)
    let chance = try #require(found.predictabilityByChance)
    #expect(chance < 0.1)
    for score in found.scores {
      let predicted = try #require(score.predictability)
      let signal = planted.places[score.layer].firstIndex(of: score.feature)
      // Family b alone has two seeds.
      #expect((predicted.otherSeeds != nil) == [1, 2].contains(score.layer))
      guard let signal else {
        #expect(predicted.r2.value < 0.3)
        continue
      }
      #expect(predicted.r2.value > 0.8 && predicted.qValue <= 0.05)
      #expect((predicted.excessOverUntrained?.value ?? .nan) > 0.8)
      let beyondInput = try #require(predicted.excessOverInput).value
      #expect(signal < 4 ? abs(beyondInput) < 0.1 : beyondInput > 0.8)
      #expect(score.untrained != nil)
      if [1, 2].contains(score.layer) {
        #expect((score.betweenSeeds?.universality ?? .nan) > 0.2)
        #expect((predicted.otherSeeds ?? .nan) > 0.8)
      }
    }
    #expect(
      found.comparisons.map(\.kind) == [.trained, .untrained, .trainedSeeds, .untrainedSeeds])
    #expect(found.comparisons[0].found >= 40 && found.comparisons[1].found <= 4)
    #expect(found.comparisons[0].units == 135 && found.comparisons[2].units == 68)
  }

  /// Rotated layers still predict each other: no unit stands out, but every one is predictable.
  @Test func rotationsLeaveNoUnitExcessButKeepPredictability() throws {
    let zoo = try PlantedUnits(
      widths: [20, 20, 20, 20], planted: 20, seed: 8, isRotated: true
    ).zoo().activations
    let found = try FeatureUniversality(of: zoo, seed: 1, threads: 2)
    #expect(found.universal.count <= 4)
    #expect(abs(found.comparisons[0].mean.value) <= 0.05)
    for score in found.scores { #expect((score.predictability?.r2.value ?? .nan) > 0.8) }
  }

  /// Zoos without any relation: the share of p ≤ 0.05 among the units of 30 zoos is between 3 and 7 %.
  @Test func unrelatedUnitsAreFoundPredictableAtTheNominalRate() throws {
    let pValues = try Parallel.map(count: 30, threads: 2) { index -> [Double] in
      let zoo = try PlantedUnits(
        planted: 0, samples: 120, seed: UInt64(700 + index)
      ).zoo().activations
      return try FeatureUniversality(
        of: zoo, rotations: 3, seed: UInt64(index), threads: 1
      ).scores.map { $0.predictability?.pValue ?? .nan }
    }.flatMap { $0 }
    #expect(pValues.count == 30 * 135)
    let rate = Double(pValues.count { $0 <= 0.05 }) / Double(pValues.count)
    #expect(rate >= 0.03 && rate <= 0.07, "\(rate)")
  }

  @Test func withTwoFamiliesThereIsAMeanAndNoInterval() throws {
    #expect(Estimate.mean(over: []) == nil)
    #expect(Estimate.mean(over: [0.25, 0.75]) == Estimate(value: 0.5))
    let three = try #require(Estimate.mean(over: [0, 0.5, 1]))
    // t₀.₉₇₅ with two degrees of freedom is 4.302653; the standard error 0.5/√3.
    let reach = 4.302653 * 0.5 / 3.0.squareRoot()
    #expect(abs((three.low ?? .nan) - (0.5 - reach)) <= 1e-6)
  }
}
