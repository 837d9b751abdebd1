import HDF5
import Testing

@testable import Activations

struct ModelNamingTests {
  private func models(_ file: FakeFile) throws -> [String: [String]] {
    let (result, _) = try survey(file)
    return Dictionary(
      uniqueKeysWithValues: result.models.enumerated().map { index, model in
        (model.name, result.layers(ofModel: index).map(\.name))
      })
  }

  @Test func aFileIsAModelNamedByAttributeOrStem() throws {
    let layers: KeyValuePairs<String, FakeDataset> = [
      "/layers/a": .floats(9, 4), "/layers/b": .floats(9, 3),
    ]
    #expect(try models(FakeFile("x/net.h5", layers)) == ["net": ["a", "b"]])
    #expect(try models(FakeFile("x/net.h5", ["model": .string("M")], layers)) == ["M": ["a", "b"]])
  }

  @Test func siblingGroupsWithTheSameChildrenAreModels() throws {
    let file = FakeFile(
      "zoo.h5",
      [
        "/a/l1": .floats(9, 4), "/a/out": .floats(9, 3), "/b/k1": .floats(9, 4),
        "/b/out": .floats(9, 3),
      ])
    #expect(try models(file) == ["a": ["l1", "out"], "b": ["k1", "out"]])
  }

  @Test func groupsNumberedLikeLayersAreLayers() throws {
    let file = FakeFile(
      "net.h5",
      ["/layer_10/activations": .floats(9, 4), "/layer_2/activations": .floats(9, 3)])
    #expect(try models(file) == ["net": ["layer_2", "layer_10"]])
    let blocks = FakeFile(
      "net.h5",
      ["/block1/attn": .floats(9, 4), "/block1/mlp": .floats(9, 3), "/block2/attn": .floats(9, 4)])
    #expect(try models(blocks) == ["net": ["block1/attn", "block1/mlp", "block2/attn"]])
  }

  @Test func nestedModelsAreNamedByThePartThatVaries() throws {
    let file = FakeFile(
      "zoo.h5",
      [
        "/run/stack/seed=0/layer10": .floats(9, 4), "/run/stack/seed=0/layer2": .floats(9, 4),
        "/run/stack/seed=1/layer10": .floats(9, 4), "/run/stack/seed=1/layer2": .floats(9, 4),
      ])
    #expect(
      try models(file) == [
        "stack/seed=0": ["layer2", "layer10"], "stack/seed=1": ["layer2", "layer10"],
      ])
  }

  @Test func oddNamesStayAsTheyAre() throws {
    let file = FakeFile(
      "odd.h5", ["/..": .floats(9, 4), "/a b/c.d": .floats(9, 3), "/<b>x</b>": .floats(9, 3)])
    #expect(try models(file) == ["odd": ["..", "<b>x</b>", "a b/c.d"]])
  }

  @Test func collidingNamesGetTheirFiles() throws {
    let a = FakeFile("p/a.h5", ["model": .string("m")], ["/x": .floats(9, 4)])
    let b = FakeFile("p/b.h5", ["model": .string("m")], ["/x": .floats(9, 4)])
    let c = FakeFile("q/b.h5", ["model": .string("m")], ["/x": .floats(9, 4)])
    #expect(try survey(a, b).survey.models.map(\.name) == ["m (a)", "m (b)"])
    #expect(
      try survey(a, b, c).survey.models.map(\.name) == ["m (p/a.h5)", "m (p/b.h5)", "m (q/b.h5)"])
  }

  @Test func metadataComesFromAttributesUnderManyNames() throws {
    let (result, _) = try survey(
      FakeFile(
        "m.h5",
        [
          "family": .string("cnn"), "trained": .integer(1), "global_step": .integer(90),
          "val_accuracy": .real(91.5), "seed": .string("3"), "n_params": .real(1000),
          "training_objective": .string("contrastive"),
        ], ["/a": .floats(9, 4)]))
    let model = result.models[0]
    #expect(model.family == "cnn" && model.isTrained == true && model.step == 90)
    #expect(model.accuracy == 0.915 && model.seed == 3 && model.parameters == 1000)
    #expect(model.role == .contestant && model.objective == "contrastive")
  }

  @Test func architectureIsTheFamilyOnlyWhereNoModelHasOne() throws {
    let a = FakeFile("a.h5", ["arch": .string("vit")], ["/x": .floats(9, 4)])
    let b = FakeFile("b.h5", ["family": .string("cnn")], ["/x": .floats(9, 4)])
    #expect(try survey(a).survey.models[0].family == "vit")
    #expect(try survey(a, b).survey.models.map(\.family) == [nil, "cnn"])
  }

  @Test func rolesFollowFromAttributesAndNames() throws {
    func file(_ name: String, _ more: [String: AttributeValue] = [:]) -> FakeFile {
      FakeFile(
        "\(name).h5", ["family": .string("cnn"), "seed": .integer(0)].merging(more) { $1 },
        ["/x": .floats(9, 4)])
    }
    let (result, _) = try survey(
      file("net", ["step": .integer(900)]), file("net_step10"), file("net_random"),
      file("pixels", ["role": .string("input")]),
      file("shuffled", ["shuffled_labels": .boolean(true)]),
      file("early", ["variant": .string("checkpoint")]))
    let roles = Dictionary(uniqueKeysWithValues: result.models.map { ($0.name, $0.role) })
    #expect(
      roles == [
        "net": .contestant, "net_step10": .checkpoint, "net_random": .untrained,
        "pixels": .input, "shuffled": .control, "early": .checkpoint,
      ])
    #expect(result.models.first { $0.name == "net_step10" }?.checkpointOf == "net")
    #expect(result.notes.contains("Taken for untrained because of the name: net_random."))
  }

  @Test func layersComeInTheOrderOfAttributesThenCreationThenNames() throws {
    func order(_ layers: KeyValuePairs<String, FakeDataset>) throws -> [String] {
      try survey(FakeFile("m.h5", layers)).survey.layers.map(\.name)
    }
    #expect(
      try order([
        "/a": .floats(9, 4, attributes: ["order": .integer(1)]),
        "/b": .floats(9, 4, attributes: ["order": .integer(0)]),
      ]) == ["b", "a"])
    #expect(
      try order([
        "/z": FakeDataset(shape: [9, 4], isTracked: true),
        "/a": FakeDataset(shape: [9, 4], isTracked: true),
      ]) == ["z", "a"])
    #expect(
      try order([
        "/fc": .floats(9, 4), "/layer10": .floats(9, 4), "/layer2": .floats(9, 4),
        "/head": .floats(9, 4),
      ]) == ["fc", "layer2", "layer10", "head"])
  }

  @Test func depthIsGivenOrFollowsFromTheOrder() throws {
    let (given, _) = try survey(
      FakeFile(
        "m.h5",
        [
          "/a": .floats(9, 4, attributes: ["depth": .real(0.1)]),
          "/b": .floats(9, 4, attributes: ["depth": .real(0.7)]),
        ]))
    #expect(given.layers.map(\.depth) == [0.1, 0.7])
    #expect(try survey(FakeFile("m.h5", ["/a": .floats(9, 4)])).survey.layers[0].depth == 1)
  }
}
