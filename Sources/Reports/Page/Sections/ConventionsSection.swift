import Universality

/// What the numbers are, and what the intervals do and do not cover.
struct ConventionsSection: PageSection {
  let id: StaticString = "conventions"
  let heading = "What the numbers are"
  let figures: [Figure] = []

  let content: ReportContent

  var body: HTML {
    var body: HTML = "<ul>"
    for matrix in content.matrices {
      body += """
        <li><strong>\(MetricName.display(matrix.metric).shortened(to: 120))</strong> \
        (<code>\(matrix.metric.shortened(to: 120))</code>): \(matrix.conventions.shortened(to: 1000))\
        </li>

        """
    }
    body += "</ul>\n"
    body += pairs
    if let findings = content.findings { body += inference(findings) }
    body += Self.references
    return body
  }

  /// Where chance is exact for single pairs, and where it is not known.
  private var pairs: HTML {
    guard !content.calibrations.isEmpty else { return .empty }
    func names(_ metrics: [String]) -> String {
      metrics.map { MetricName.display($0).shortened(to: 120) }.joined(separator: ", ")
    }
    let known = content.calibrations.map(\.metric)
    let unknown = content.matrices.map(\.metric).filter { !known.contains($0) }
    let roots = content.calibrations.filter { !$0.hasExactMoments }.map(\.metric)
    let tested = content.calibrations.map(\.testedPairs).max() ?? 0
    var text: HTML = """
      <strong>Chance for single pairs.</strong> For \(names(known)), \
      <a href="calibration.csv">calibration.csv</a> sets each of \(tested.counted("pair")) of layers \
      against all orders of the stimuli of one side. Mean, standard deviation and skewness over all \
      n! orders are exact: they follow in closed form, and no order is drawn. τ and p are those of \
      the Pearson type III curve with these moments (a p far below 10⁻⁴ is extrapolated: an order of \
      magnitude); q allows for all pairs of a metric (Benjamini &amp; Hochberg). They are about one pair \
      chosen beforehand, not about the best of several.
      """
    if !roots.isEmpty {
      text += """
         For \(names(roots)) the square has exact moments; those of the root are of the curve.
        """
    }
    if !unknown.isEmpty {
      text += " For \(names(unknown)) no closed form is known, and single pairs have no p."
    }
    return HTML.list([text])
  }

  private func inference(_ findings: Findings) -> HTML {
    let isAcross = findings.ranking.reference == .otherFamilies
    let votes =
      isAcross
      ? "in every model of the other families, averaged within and then over families"
      : "in every other model, averaged"
    let items = findings.ranking.layers + findings.ranking.models + findings.ranking.families
    var list: [HTML] = [
      "<strong>Score.</strong> Of a layer: its highest similarity \(votes)."
    ]
    if items.contains(where: { $0.score.nullThreshold != nil || $0.score.pValue != nil }) {
      list.append(
        """
        <strong>Chance.</strong> The pairing of stimuli between models is broken by \
        \(findings.permutations) permutations of rows, one order for all models at once, and the \
        whole score, best matches included, is computed again: a layer meets the layers of all \
        other families with their rows in that order (Gröger et al. 2026). τ is the point \
        that chance exceeds in 5 % of cases; p counts the permutations that reach the score, plus \
        one, of all, plus one. The smallest possible p is \
        \((1 / Double(findings.permutations + 1)).fixed(4)); p is not corrected for the number of \
        items that are tested; q in the CSV files is (Benjamini &amp; Hochberg). Being beyond chance is the weakest \
        claim: with many stimuli even what all networks inherit from the input is. The controls \
        ask for more.
        """)
    }
    if items.contains(where: { $0.score.calibrated != nil }) {
      list.append(
        """
        <strong>Calibration.</strong> max(0, (score − τ) / (1 − τ)): 0 is no better than chance, \
        1 is perfect agreement.
        """)
    }
    if items.contains(where: { $0.score.raw.low != nil }) {
      list.append(
        """
        <strong>Intervals.</strong> 95 %, from a jackknife that leaves out one of \
        \(findings.jackknifeGroups) groups of stimuli at a time. A bootstrap would draw stimuli \
        twice, and pairs of equal rows raise every similarity. The intervals cover the choice of \
        stimuli from the same source\(networks(findings)). They do not cover the choice of \
        \(findings.ranking.familyIntervalsCoverNetworks ? "families" : "models and families"), of \
        training data, or of the layers that were dumped: another zoo may rank otherwise by more \
        than they suggest. Nor do they cover the bias of a biased metric (CKA, SVCCA), or that of \
        taking the best of several layers, which is upwards and matters below some hundred stimuli.
        """)
    }
    if items.contains(where: { $0.rankRange != nil }) {
      list.append(
        """
        <strong>Ranks.</strong> The range of ranks of an item follows from the differences to all \
        others, paired over the same groups of stimuli, with a critical value for all differences \
        at once: at 95 %, all ranges of a ranking hold together. For families the variance of the \
        differences also holds what another choice of models (seeds) would change, from leaving \
        out one model at a time, where a family has more than one. Ranges of models and layers are about these very \
        models. The finite number of permutations is allowed for.
        """)
    }
    return HTML.list(list)
  }

  private func networks(_ findings: Findings) -> String {
    findings.ranking.familyIntervalsCoverNetworks
      ? "; those of families also cover the choice of networks in each family, from leaving out one at "
        + "a time, those of layers and models are about these very networks" : ""
  }

  private static let references: HTML = """
    <details><summary>References</summary><ul>
    <li>Kornblith, Norouzi, Lee, Hinton: Similarity of neural network representations revisited. \
    ICML 2019. (CKA)</li>
    <li>Song, Smola, Gretton, Bedo, Borgwardt: Feature selection via dependence maximization. \
    JMLR 13, 2012. (unbiased HSIC, behind debiased CKA)</li>
    <li>Székely, Rizzo: Partial distance correlation with methods for dissimilarities. Annals of \
    Statistics 42, 2014. (U-centring)</li>
    <li>Raghu, Gilmer, Yosinski, Sohl-Dickstein: SVCCA. NeurIPS 2017.</li>
    <li>Mantel: The detection of disease clustering and a generalized regression approach. Cancer \
    Research 27, 1967; Kazi-Aoual, Hitier, Sabatier, Lebreton: Refined approximations to permutation \
    tests for multivariate inference. Computational Statistics &amp; Data Analysis 20, 1995. (moments \
    over all orders of the samples)</li>
    <li>Gröger, Wen, Brbić: Revisiting the Platonic representation hypothesis: an Aristotelian \
    view. ICML 2026, arXiv 2602.14486. (calibration against chance)</li>
    </ul></details>

    """
}
