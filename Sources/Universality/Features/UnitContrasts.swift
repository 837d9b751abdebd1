import LinearAlgebra
import Zoo

/// How well the units of a zoo are matched, beyond rotations: by units of other families, or by those of
/// other models of their own family.
struct UnitContrasts: Sendable {
  enum Partners: Sendable {
    /// The models of every other family; a unit is scored by the median over families.
    case otherFamilies
    /// The other models of its own family, averaged.
    case otherSeeds
  }

  /// Unit by unit; `nil` for units that do not vary or have no partner.
  let values: [RotationContrast?]
  /// Unit by unit, from all rotations of all units pooled.
  let pValues: [Double?]
  /// Benjamini & Hochberg over the units.
  let qValues: [Double?]

  /// - Throws: `DecompositionError`, `SpillError`.
  init(
    _ zoo: UnitZoo, with partners: Partners, rotations: Int, seed: UInt64, threads: Int,
    finished: (@Sendable (Int) -> Void)? = nil
  ) throws {
    let jobs = Self.jobs(zoo, partners)
    let found = try Parallel.map(count: jobs.count, threads: threads, finished: finished) { job in
      try BestMatches(
        of: jobs[job].seekers.flatMap { zoo.pieces[$0].map(\.block) },
        in: jobs[job].partners.map { zoo.pieces[$0] }, rotations: rotations, seed: seed)
    }
    values = Self.contrasts(zoo, jobs, found, partners)
    let null = RotationNull(values.compactMap { $0 })
    pValues = values.map { $0?.t.map(null.pValue) }
    qValues = falseDiscoveryRates(pValues)
  }

  /// Models that look for matches, and the models where they look.
  private struct Job: Sendable {
    var seekers: [Int]
    var partners: [Int]
  }

  static func jobCount(_ zoo: UnitZoo, _ partners: Partners) -> Int { jobs(zoo, partners).count }

  private static func jobs(_ zoo: UnitZoo, _ partners: Partners) -> [Job] {
    let all = zoo.pieces.indices.filter { !zoo.pieces[$0].isEmpty }
    func family(_ member: Int) -> Int { zoo.population.members[member].block }
    let jobs: [Job] =
      switch partners {
      case .otherFamilies:
        zoo.population.blocks.indices.map { block in
          Job(
            seekers: all.filter { family($0) != block },
            partners: all.filter { family($0) == block })
        }
      case .otherSeeds:
        all.map { member in
          Job(
            seekers: all.filter { $0 != member && family($0) == family(member) },
            partners: [member])
        }
      }
    return jobs.filter { !$0.seekers.isEmpty && !$0.partners.isEmpty }
  }

  private static func contrasts(
    _ zoo: UnitZoo, _ jobs: [Job], _ found: [BestMatches], _ partners: Partners
  ) -> [RotationContrast?] {
    var places = [Int](repeating: 0, count: jobs.count)
    var contrasts: [RotationContrast?] = []
    contrasts.reserveCapacity(zoo.unitCount)
    for (member, pieces) in zoo.pieces.enumerated() {
      let mine = jobs.indices.filter { jobs[$0].seekers.contains(member) }
      for piece in pieces {
        for unit in piece.block.features.indices {
          let rows = mine.map { job in found[job].values.map { $0[places[job] + unit] } }
          guard piece.block.varies(unit), !rows.isEmpty else {
            contrasts.append(nil)
            continue
          }
          contrasts.append(
            RotationContrast(families: partners == .otherFamilies ? rows : [mean(of: rows)]))
        }
        for job in mine { places[job] += piece.block.features.count }
      }
    }
    return contrasts
  }

  private static func mean(of rows: [[Double]]) -> [Double] {
    rows[0].indices.map { variant in
      rows.reduce(0) { $0 + $1[variant] } / Double(rows.count)
    }
  }
}
