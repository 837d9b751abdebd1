import Activations
import LinearAlgebra
import Testing
import Zoo

@testable import Universality

/// Zoos of three families with two seeds each, in which it is known what the networks share.
@Suite struct WaterfallTests {
  /// How much of each source a trained network carries, beside noise of its own of weight 1.
  struct Mix: Sendable {
    var input = 0.0
    var labels = 0.0
    var twin = 0.0
    var learned = 0.0
  }

  struct Control: OptionSet {
    let rawValue: Int
    static let input = Control(rawValue: 1)
    static let twins = Control(rawValue: 2)
    static let labels = Control(rawValue: 4)
    static let all: Control = [.input, .twins, .labels]
  }

  private static let samples = 240

  private func zoo(_ mix: Mix, controls: Control = .all, seed: UInt64) throws -> ActivationSet {
    var generator = SeededGenerator(seed: seed)
    let samples = Self.samples
    let labels = (0..<samples).map { ($0 * 7) % 4 }
    let input = generator.gaussianMatrix(rows: samples, columns: 6)
    let bias = generator.gaussianMatrix(rows: samples, columns: 6)
    let learned = generator.gaussianMatrix(rows: samples, columns: 6)
    let classes = Matrix(rows: samples, columns: 6) { labels[$0] == $1 ? 2 : 0 }
    /// The source in a random basis of ten features, with distances as they are.
    func turned(_ source: Matrix) throws -> Matrix {
      source.times(
        try generator.gaussianMatrix(rows: 10, columns: 6).orthonormalized().transposed())
    }
    var models: [ModelRecord] = []
    var representations: [Representation] = []
    func add(_ model: ModelRecord, _ matrix: Matrix) {
      representations.append(
        Representation(
          matrix: matrix, model: models.count, layer: "h", order: 0, depth: 0,
          source: .init(
            file: "\(model.name).h5", dataset: "/h", shape: [samples, matrix.columns], dims: "n d",
            evidence: "planted", pooling: "none", elementType: "float64")))
      models.append(model)
    }
    for family in ["a", "b", "c"] {
      for seed in 0..<2 {
        let name = "\(family)-s\(seed)"
        let twin = try turned(bias)
        if controls.contains(.twins) {
          add(
            ModelRecord(
              name: name + "-untrained", family: family, isTrained: false, seed: seed,
              role: .untrained), twin)
        }
        let parts = [
          (mix.input, try turned(input)), (mix.labels, try turned(classes)), (mix.twin, twin),
          (mix.learned, try turned(learned)),
          (1, generator.gaussianMatrix(rows: samples, columns: 10)),
        ]
        let trained = Matrix(rows: samples, columns: 10) { row, column in
          parts.reduce(0) { $0 + $1.0 * $1.1[row, column] }
        }
        add(ModelRecord(name: name, family: family, isTrained: true, seed: seed), trained)
      }
    }
    if controls.contains(.input) { add(ModelRecord(name: "pixels", role: .input), input) }
    return ActivationSet(
      models: models, representations: representations,
      labels: controls.contains(.labels) ? labels : nil, alignment: .positional(samples: samples))
  }

  private func ladder(_ zoo: ActivationSet) throws -> [Waterfall.Step: WaterfallRow] {
    let options = AnalysisOptions(resamples: 20, seed: 1, threads: 2)
    let waterfall = try #require(try Waterfall(of: zoo, options: options))
    return Dictionary(uniqueKeysWithValues: waterfall.ladder(.last).map { ($0.step, $0) })
  }

  private func value(_ row: WaterfallRow?) -> Double { row?.value?.value ?? .nan }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatOnlyTheInputGivesIsGoneBeyondTheInput(seed: UInt64) throws {
    let ladder = try ladder(try zoo(Mix(input: 2), seed: seed))
    #expect(value(ladder[.raw]) > 0.5)
    #expect(value(ladder[.chance]) == value(ladder[.raw]))
    for step in [Waterfall.Step.input, .twins, .labels] {
      #expect(abs(value(ladder[step])) <= 0.03, "\(step) \(value(ladder[step]))")
    }
    #expect((ladder[.twins]?.alone?.value ?? .nan) > 0.5)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatOnlyTwinsGiveIsGoneBeyondTheTwins(seed: UInt64) throws {
    let ladder = try ladder(try zoo(Mix(twin: 2), seed: seed))
    #expect(value(ladder[.input]) > 0.5)
    #expect(abs(value(ladder[.twins])) <= 0.03)
    #expect(abs(value(ladder[.labels])) <= 0.03)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatOnlyTheLabelsGiveIsGoneBeyondTheLabels(seed: UInt64) throws {
    let ladder = try ladder(try zoo(Mix(labels: 2), seed: seed))
    #expect(value(ladder[.twins]) > 0.3)
    #expect(abs(value(ladder[.labels])) <= 0.03)
    #expect(abs(ladder[.labels]?.alone?.value ?? .nan) <= 0.03)
    // The exchange within classes keeps all of it.
    #expect(
      abs((ladder[.labels]?.exchanged?.value ?? .nan) - value(ladder[.raw])) <= 0.03)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func whatIsLearnedBeyondAllSurvivesAllSteps(seed: UInt64) throws {
    let ladder = try ladder(try zoo(Mix(learned: 2), seed: seed))
    for step in Waterfall.Step.allCases {
      #expect(abs(value(ladder[step]) - value(ladder[.raw])) <= 0.03, "\(step)")
      let interval = try #require(ladder[step]?.value)
      let (low, high) = (try #require(interval.low), try #require(interval.high))
      #expect(low <= interval.value && interval.value <= high && high - low <= 0.2)
    }
    // All families share the same, so that seeds agree no better than families.
    #expect(abs((ladder[.labels]?.ofCeiling?.value ?? .nan) - 1) <= 0.05)
  }

  @Test func thePartsAddUpToTheRawSimilarity() throws {
    let ladder = try ladder(
      try zoo(Mix(input: 1, labels: 1, twin: 1, learned: 1), seed: 7))
    let parts = Waterfall.Step.allCases.dropFirst().map { ladder[$0]?.part?.value ?? .nan }
    let left = ladder[.labels]?.left?.value ?? .nan
    #expect(abs(parts.reduce(0, +) + left - value(ladder[.raw])) <= 1e-12)
    #expect(parts[0] == 0)
    for part in parts.dropFirst() { #expect(part > 0.02) }
    #expect(left > 0.02)
  }

  @Test func stepsWithoutTheirDataSaySo() throws {
    let options = AnalysisOptions(resamples: 20, seed: 1, threads: 2)
    let bare = try #require(
      try Waterfall(of: zoo(Mix(learned: 1), controls: [], seed: 2), options: options))
    #expect(bare.ladder(.last).map(\.step) == [.raw, .chance])
    #expect(bare.gaps.map(\.step) == [.input, .twins, .labels])
    #expect(bare.ladder(.last, isTrained: false).isEmpty)
    let partial = try #require(
      try Waterfall(
        of: zoo(Mix(learned: 1), controls: [.input, .labels], seed: 2), options: options))
    #expect(partial.ladder(.last).map(\.step) == [.raw, .chance, .input, .labels])
    #expect(partial.gaps.map(\.step) == [.twins])
  }

  @Test func untrainedTwinsHaveALadderOfTheirOwn() throws {
    let options = AnalysisOptions(resamples: 20, seed: 1, threads: 2)
    let waterfall = try #require(
      try Waterfall(of: zoo(Mix(learned: 1), seed: 3), options: options))
    let ladder = waterfall.ladder(.last, isTrained: false)
    #expect(ladder.map(\.step) == [.raw, .chance, .input, .labels])
    #expect(value(ladder.first) > 0.999)
    let pair = waterfall.ladder(.last, families: ("a", "b"))
    #expect(pair.first?.pairs == 4)
    #expect(waterfall.ladder(.last, families: ("a", "a")).first?.pairs == 1)
  }

  @Test func theThreadsDoNotChangeTheBits() throws {
    let zoo = try zoo(Mix(input: 1, learned: 1), seed: 5)
    let one = try Waterfall(of: zoo, options: AnalysisOptions(resamples: 10, seed: 1, threads: 1))
    let three = try Waterfall(of: zoo, options: AnalysisOptions(resamples: 10, seed: 1, threads: 3))
    #expect(one != nil && one == three)
  }
}
