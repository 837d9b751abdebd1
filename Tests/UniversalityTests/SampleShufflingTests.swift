import Activations
import LinearAlgebra
import Testing

@testable import Universality

@Suite struct SampleShufflingTests {
  private let samples = 60

  /// Two models of two layers; each value tells its row.
  private func zoo(labels: [Int]?) -> ActivationSet {
    let models = (0..<2).map { ModelRecord(name: "m\($0)", family: "f\($0)") }
    let representations = models.indices.flatMap { model in
      (0..<2).map { order in
        Representation(
          matrix: Matrix(rows: samples, columns: 2) { row, column in
            Double(row + 1000 * column)
          }, model: model, layer: "h\(order)", order: order, depth: Double(order),
          source: .init(
            file: "a.h5", dataset: "/h", shape: [samples, 2], dims: "n d", evidence: "planted",
            pooling: "none", elementType: "float64"))
      }
    }
    return ActivationSet(
      models: models, representations: representations, labels: labels,
      alignment: .positional(samples: samples))
  }

  private func rows(_ zoo: ActivationSet, _ index: Int) throws -> [Int] {
    let matrix = try zoo.representations[index].matrix()
    for row in 0..<samples { #expect(matrix[row, 1] == matrix[row, 0] + 1000) }
    return (0..<samples).map { Int(matrix[$0, 0]) }
  }

  @Test func everyModelGetsAnOrderOfItsOwnAndItsLayersShareIt() throws {
    let shuffled = try zoo(labels: nil).shuffled(.all, seed: 3)
    let orders = try (0..<4).map { try rows(shuffled, $0) }
    #expect(orders.allSatisfy { $0.sorted() == Array(0..<samples) })
    #expect(orders[0] == orders[1] && orders[2] == orders[3] && orders[0] != orders[2])
    #expect(orders[0] != Array(0..<samples))
    let again = try zoo(labels: nil).shuffled(.all, seed: 3)
    #expect(try rows(again, 0) == orders[0])
    let other = try zoo(labels: nil).shuffled(.all, seed: 4)
    #expect(try rows(other, 0) != orders[0])
  }

  @Test func withinClassesEveryRowKeepsItsClass() throws {
    let labels = (0..<samples).map { ($0 * 7) % 5 }
    let shuffled = try zoo(labels: labels).shuffled(.withinClasses, seed: 0)
    let order = try rows(shuffled, 0)
    #expect(order.indices.allSatisfy { labels[order[$0]] == labels[$0] })
    #expect(order.sorted() == Array(0..<samples) && order != Array(0..<samples))
    #expect(try rows(shuffled, 2) != order)
  }

  @Test func withoutLabelsThereAreNoClassesToKeep() {
    #expect(throws: LabelsMissing.self) { try zoo(labels: nil).shuffled(.withinClasses, seed: 0) }
  }

  @Test func noneChangesNothingAndNeedsNoWarning() throws {
    #expect(try rows(zoo(labels: nil).shuffled(.none, seed: 0), 3) == Array(0..<samples))
    #expect(SampleShuffling.allCases.map { $0.warning == nil } == [true, false, false])
  }
}
