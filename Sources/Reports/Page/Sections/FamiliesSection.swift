import Universality

/// Whole families: who resembles whom, whether families are more than names, and what goes along with
/// the distance between models.
struct FamiliesSection: PageSection {
  let id: StaticString = "families"
  let heading = "Families"
  let figures: [Figure] = []

  private let all: [FamilyStatistics]
  /// Of the metric that ranks, or the first.
  private let main: FamilyStatistics

  /// More columns do not fit a page; the file has all.
  private static let mostFamilies = 12

  init?(_ content: ReportContent) {
    all = content.familyStatistics
    guard let main = all.first(where: { $0.metric == content.findings?.metric }) ?? all.first else {
      return nil
    }
    self.main = main
  }

  var body: HTML {
    var body: HTML = """
      <p>\(main.models.counted("trained model")) of \(main.families.count) families, each by one \
      layer fixed beforehand: the last hidden one. All numbers are in \
      <a href="family_statistics.csv">family_statistics.csv</a>.</p>

      """
    if main.families.count <= Self.mostFamilies { body += similarities }
    body += metrics
    if !main.covariates.isEmpty { body += covariates }
    return body
  }

  private var similarities: HTML {
    var table = PageTable(
      caption:
        "Mean \(MetricName.display(main.metric)) of two different models, within and between families",
      columns: [.init(heading: "Family", isNumber: false)]
        + main.families.map { .init(heading: $0.shortened(to: 16)) })
    let means = Dictionary(
      uniqueKeysWithValues: main.similarities.map { ([$0.familyA, $0.familyB], $0.mean) })
    for a in main.families {
      let cells = main.families.map { b -> HTML in
        "\((means[[a, b]] ?? means[[b, a]])?.fixed(3) ?? "–")"
      }
      table.rows.append([HTML.name(a, columns: 24)] + cells)
    }
    return table.html
  }

  private var metrics: HTML {
    var table = PageTable(
      caption: "How clearly each metric separates the families",
      columns: [.init(heading: "Metric", isNumber: false)]
        + [
          "d′", "AUC", "Silhouette", "PERMANOVA F", "R²", "p", "PERMDISP F", "p",
        ].map { .init(heading: $0) })
    for statistics in all {
      let separability = statistics.separability
      table.rows.append([
        HTML.name(MetricName.display(statistics.metric), columns: 40),
        "\(separability?.dPrime.fixed(2) ?? "–")", "\(separability?.auc.fixed(2) ?? "–")",
        "\(separability?.silhouette.fixed(2) ?? "–")",
        "\(statistics.location?.statistic.fixed(2) ?? "–")",
        "\(statistics.sharedVariance?.fixed(2) ?? "–")",
        "\(statistics.location?.pValue.fixed(3) ?? "–")",
        "\(statistics.dispersion?.statistic.fixed(2) ?? "–")",
        "\(statistics.dispersion?.pValue.fixed(3) ?? "–")",
      ])
    }
    return table.html + """
      <p>d′: difference of the mean similarities within and between families, in standard \
      deviations. AUC: how often a pair within a family is more similar than one between families. \
      Silhouette: from −1 to 1, how much nearer models are to their own family than to the next. \
      PERMANOVA: do models of a family lie closer together than models at large; R² is the share of \
      the squared distances that lies between families. PERMDISP: do families differ in spread; a \
      small p there warns that PERMANOVA may see spread and not place (its p is from random rotations \
      and takes models to be normally distributed about the centres of their families: a network far from \
      its own seeds looks like spread). Distances are the angles arccos s. Other p: \(orders).</p>

      """
  }

  private var covariates: HTML {
    var table = PageTable(
      caption:
        "What goes along with the distance of two models (\(MetricName.display(main.metric)))",
      columns: [.init(heading: "Difference in", isNumber: false)]
        + ["Mantel r", "p", "MRQAP t", "p"].map { .init(heading: $0) })
    for covariate in main.covariates {
      table.rows.append([
        "\(covariate.name)", "\(covariate.correlation?.statistic.fixed(2) ?? "–")",
        "\(covariate.correlation?.pValue.fixed(3) ?? "–")",
        "\(covariate.slope?.statistic.fixed(2) ?? "–")",
        "\(covariate.slope?.pValue.fixed(3) ?? "–")",
      ])
    }
    return table.html + """
      \(HTML.list(main.missingCovariates.map { "\($0)" }))<p>r: correlation, over pairs of models, of their distance with their difference in one \
      property. t: of its slope beside the other properties. Two-sided p: models are reordered, never \
      pairs.</p>

      """
  }

  private var orders: String {
    main.areAllOrders
      ? "all \(main.orders) orders of the models"
      : "\(main.orders) random orders of the models, the same for all tests"
  }
}
