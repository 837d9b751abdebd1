import Activations
import Foundation
import HDF5
import LinearAlgebra
import Metrics
import Testing
import Zoo

/// From a file of real activations to similarities, against values of independent implementations.
///
/// `Fixtures/reference-layers.h5` holds layers of networks trained on scikit-learn's digits (797 test
/// stimuli; models are groups; `rnn1` has time steps, which are averaged). The values are those of
/// Kornblith et al.'s demonstration code (feature space for CKA, Gram space for debiased CKA) and, for
/// SVCCA, of google/svcca's `cca_core` on the fewest principal components with 99 % of the variance,
/// all in float64.
@Suite struct ReferenceValueTests {
  struct Pair: Sendable {
    var x: String
    var y: String
    /// Only the first so many samples, where given.
    var samples: Int?
    var cka: Double
    var debiased: Double
    var svcca: Double
  }

  static let pairs = [
    Pair(
      x: "resnet_s0/gap", y: "resnet_s1/gap", cka: 0.832616362180385,
      debiased: 0.8311544631684208, svcca: 0.9484713899612716),
    Pair(
      x: "gru_s0/rnn1", y: "gru_s1/rnn1", cka: 0.8926506345199864, debiased: 0.8922695291252033,
      svcca: 0.7531749686949318),
    Pair(
      x: "mlp_w48_s0/logits", y: "mlp_w48_s1/logits", cka: 0.5798370958120633,
      debiased: 0.5787112502289303, svcca: 0.7851898206609716),
    Pair(
      x: "gru_s0/last", y: "mlp_w48_s0/fc4", cka: 0.6498446845524594,
      debiased: 0.6483105318030944, svcca: 0.8405242711290469),
    Pair(
      x: "gru_s0/last", y: "gru_s0_untrained/last", cka: 0.4234968109221869,
      debiased: 0.4209345419825982, svcca: 0.6270315665826032),
    Pair(
      x: "mlp_w48_s0/fc4", y: "cnn_w4_s0/fc", samples: 20, cka: 0.8319674305032839,
      debiased: 0.8151565689719376, svcca: 0.9329940490763808),
    Pair(
      x: "mlp_w48_s0_untrained/fc5", y: "mlp_w48_s1_untrained/fc5", samples: 40,
      cka: 0.30897937993467944, debiased: 0.24306400983302281, svcca: 0.6743325237782799),
  ]

  private static let layers: Result<[String: Matrix], any Error> = Result {
    let file = try #require(
      Bundle.module.url(
        forResource: "reference-layers", withExtension: "h5", subdirectory: "Fixtures"))
    let survey = try Survey.of(paths: [file.path], reader: LibraryReader())
    let set = try survey.load(reader: LibraryReader(), threads: 2, progress: nil)
    return Dictionary(
      uniqueKeysWithValues: set.representations.map {
        ("\(set.models[$0.model].name)/\($0.layer)", $0.numbers)
      })
  }

  @Test(arguments: pairs)
  func valuesOfIndependentImplementationsAreMet(_ pair: Pair) throws {
    let layers = try Self.layers.get()
    func layer(_ name: String) throws -> Matrix {
      let matrix = try #require(layers[name])
      return pair.samples.map { matrix.selectingRows(0..<$0) } ?? matrix
    }
    let (x, y) = (try layer(pair.x), try layer(pair.y))
    #expect(abs(try LinearCKA().similarity(x, y) - pair.cka) <= 1e-10)
    #expect(abs(try DebiasedCKA().similarity(x, y) - pair.debiased) <= 1e-10)
    #expect(abs(try SVCCA().similarity(x, y) - pair.svcca) <= 1e-9)
  }
}
