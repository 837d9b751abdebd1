/// The largest clique around a unit among its best buddies, which are units of other families: as many
/// units at most as there are families.
struct CliqueSearch: Sendable {
  let buddies: BestBuddies
  /// The family of each model.
  let families: [Int]

  /// In ascending order; the unit alone where it has no buddy.
  ///
  /// Branch and bound: a branch ends where its candidates are of too few families. Units of one family are
  /// never buddies.
  func largest(around unit: Int) -> [Int] {
    var best: [Int] = []
    extend([], by: buddies.buddies(of: unit), best: &best)
    return (best + [unit]).sorted()
  }

  private func extend(_ clique: [Int], by candidates: [Int], best: inout [Int]) {
    if clique.count > best.count { best = clique }
    for (place, next) in candidates.enumerated() {
      let rest = candidates[place...]
      guard clique.count + Set(rest.map { families[buddies.members[$0]] }).count > best.count
      else { return }
      extend(
        clique + [next], by: rest.dropFirst().filter { buddies.areBuddies(next, $0) }, best: &best)
    }
  }
}
