import Testing

@testable import Reports

struct LayoutTests {
  /// The example of the average-linkage method: five points on a line at 0, 1, 5, 7, 20.
  @Test func clustersJoinByAverageDistance() {
    let places = [5.0, 0, 20, 1, 7]
    let tree = Dendrogram(count: 5) { abs(places[$0] - places[$1]) }
    #expect(
      tree.joins == [
        .init(left: 1, right: 3, height: 1), .init(left: 0, right: 4, height: 2),
        .init(left: 6, right: 5, height: 5.5), .init(left: 7, right: 2, height: 16.75),
      ])
    #expect(tree.order == [0, 4, 1, 3, 2])
  }

  @Test func tiesGoToTheFirst() {
    #expect(Dendrogram(count: 4) { _, _ in 1 }.order == [0, 1, 2, 3])
    #expect(Dendrogram(count: 1) { _, _ in 1 }.order == [0])
    #expect(Dendrogram(count: 0) { _, _ in 1 }.order == [])
  }

  @Test func modelsAreComparedByTheirBestMatches() throws {
    let content = SmallZoo.content()
    let similarity = ModelSimilarity(content.matrices[0], outline: ZooOutline(content))
    // conv1 → h is 1/3; fc has no value with h and is passed over.
    #expect(similarity[0, 1] == .value(1.0 / 3))
    #expect(similarity[1, 0] == similarity[0, 1])
  }

  @Test func aModelWithoutAnyValueHasAReason() {
    var content = SmallZoo.content()
    content.matrices[0][0, 2] = .missing(reason: "why")
    let similarity = ModelSimilarity(content.matrices[0], outline: ZooOutline(content))
    #expect(similarity[0, 1].reason != nil)
  }

  @Test func thePaletteRepeatsWithOtherShapes() {
    #expect(Palette.colour(0) == Palette.colour(8))
    #expect(Palette.shape(0) != Palette.shape(8))
    #expect(Viridis.hex(0) == "#440154")
    #expect(Viridis.hex(1) == "#fde725")
    #expect(Viridis.hex(7) == "#fde725")
  }

  @Test func picturesAreValidPNG() {
    let image = RasterImage(width: 1, height: 1, pixels: [0], palette: [[1, 2, 3]])
    #expect(image.png.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
    // The CRC-32 of an empty IEND chunk is known.
    #expect(image.png.suffix(4) == [0xAE, 0x42, 0x60, 0x82])
  }
}
