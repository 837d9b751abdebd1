import Activations
import Universality

/// Cliques of best buddies over families.
struct FeatureCliquesMarkup {
  let found: FeatureUniversality
  let activations: ActivationSet

  private static let mostRows = 12

  var html: HTML {
    guard !found.cliques.isEmpty else {
      return """
        <p>No units of \(fewest) families are each other's best match in all pairs.</p>

        """
    }
    return "<p>\(sentence)</p>\n" + table + """
      <p>A clique holds one unit a family; of each two of them either is the best match of the other \
      among all units of its model. Every unit is in at most one clique, the largest one. Matches are made on \(found.fittedSamples) samples and scored on \
      \(found.heldOutSamples) others. By chance: the mean number of cliques of as many families and as \
      much agreement when the units of all layers are rotated, \(found.rotations) times; with so many \
      rotations no q is below \((1 / Double(found.rotations)).fixed(2)) divided by the number of \
      cliques as good.</p>

      """
  }

  private var fewest: Int { min(3, found.families.count) }

  private var sentence: HTML {
    let largest = found.cliques.map(\.size).max() ?? 0
    return """
      \(found.cliques.count.counted("clique")) of units from \(fewest) to \(largest) families are each \
      other's best match in all pairs; \(found.universalCliques.count) of them at a false-discovery \
      rate of 5 %, against the same search among rotated units.
      """
  }

  private var table: HTML {
    var table = PageTable(
      caption: "Units that are each other's best match",
      columns: ["Clique", "Families", "Agreement, held out", "Least", "By chance", "q"].map {
        .init(heading: $0)
      } + [.init(heading: "Units", isNumber: false)])
    for (place, clique) in found.cliques.prefix(Self.mostRows).enumerated() {
      let units = clique.members.map { member -> HTML in
        let layer = activations.representations[member.layer]
        return
          "\(HTML.name(activations.models[layer.model].name, columns: 20))/\(HTML.name(layer.layer, columns: 16))/\(member.feature)"
      }
      table.rows.append([
        "\(place + 1)", "\(clique.size)", "\(clique.agreement.fixed(2))",
        "\(clique.leastAgreement.fixed(2))", "\(clique.expectedByChance.fixed(1))",
        "\(clique.qValue.fixed(3))", units.joined(separator: ", "),
      ])
    }
    return table.html
  }
}
