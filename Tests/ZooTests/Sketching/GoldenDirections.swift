/// The random directions of 12 samples, size 256 and seed 7.
enum GoldenDirections {
  static let signs: [Double] = [1, -1, 1, 1, -1, 1, 1, 1, 1, 1, 1, 1]
  static let rows = [14, 12, 5, 1, 2, 6, 15, 0, 4, 7, 3, 10, 9, 11, 13, 8]
}
