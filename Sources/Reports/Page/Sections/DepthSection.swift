import Universality

/// Universality against depth.
struct DepthSection: PageSection {
  let id: StaticString = "depth"
  let heading = "Depth"

  let figure: Figure

  init(_ content: ReportContent, findings: Findings, outline: ZooOutline) {
    let isCalibrated = findings.ranking.layers.contains { $0.score.calibrated != nil }
    figure =
      DepthFigure(
        outline: outline, layers: findings.ranking.layers,
        axisTitle: isCalibrated ? "universality (calibrated)" : "universality (raw)",
        table: RankingCSV(content).layers
      ).figure
  }

  var figures: [Figure] { [figure] }

  var body: HTML {
    figure.block(
      caption: """
        Where in the networks the features are universal. A line is a model and a point a layer; \
        open points are outputs; the thin grey lines are the models of the other families.
        """)
  }
}
