import LinearAlgebra
import Testing

@Suite struct SeededGeneratorTests {
  /// The permutation was computed by an independent program. It is fixed for ever: results
  /// published with a seed stay reproducible.
  @Test func theStreamsNeverChange() {
    var generator = SeededGenerator(seed: 0)
    var again = SeededGenerator(seed: 0)
    #expect((0..<5).map { _ in generator.next() } == (0..<5).map { _ in again.next() })
    var other = SeededGenerator(seed: 0, stream: 1)
    #expect(generator.next() != other.next())
    var permuting = SeededGenerator(seed: 7, stream: 3)
    #expect(permuting.permutation(of: 8) == [5, 0, 3, 4, 2, 1, 6, 7])
  }

  @Test func permutationsAreUniform() {
    var counts: [[Int]: Int] = [:]
    for stream in 0..<6000 {
      var generator = SeededGenerator(seed: 1, stream: UInt64(stream))
      counts[generator.permutation(of: 3), default: 0] += 1
    }
    #expect(counts.count == 6)
    // Binomial(6000, 1/6): mean 1000, sd 29; five standard deviations.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 145 }, "\(counts)")
  }

  @Test func gaussiansHaveTheRightMoments() {
    var generator = SeededGenerator(seed: 2)
    let draws = (0..<100_000).map { _ in generator.gaussian() }
    let mean = draws.reduce(0, +) / 100_000
    let variance = draws.reduce(0) { $0 + $1 * $1 } / 100_000
    #expect(abs(mean) < 0.016)
    #expect(abs(variance - 1) < 0.023)
  }
}
