/// The largest clique around a unit, among the unit and its best buddies: as many units at most as there
/// are families.
struct CliqueSearch: Sendable {
  /// Family by family: for each unit the number of its best buddy there, or -1.
  let buddies: [[Int]]

  /// In ascending order; the unit alone where it has no buddy.
  ///
  /// Branch and bound; exponential in the number of families only where buddies of a unit are buddies of
  /// each other in about half of the cases.
  func largest(around unit: Int) -> [Int] {
    let candidates = buddies.map { $0[unit] }.filter { $0 >= 0 }.sorted()
    var best: [Int] = []
    extend([], by: candidates, best: &best)
    return (best + [unit]).sorted()
  }

  private func extend(_ clique: [Int], by candidates: [Int], best: inout [Int]) {
    if clique.count > best.count { best = clique }
    for (place, next) in candidates.enumerated() {
      guard clique.count + candidates.count - place > best.count else { return }
      extend(
        clique + [next], by: candidates[(place + 1)...].filter { areBuddies(next, $0) },
        best: &best)
    }
  }

  private func areBuddies(_ a: Int, _ b: Int) -> Bool { buddies.contains { $0[a] == b } }
}
