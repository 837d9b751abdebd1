/// How to get the same numbers again, and where they are.
struct ReproductionSection: PageSection {
  let id: StaticString = "reproduce"
  let heading = "Reproduce"
  let figures: [Figure] = []

  let content: ReportContent

  var body: HTML {
    let run = content.run
    let blas: HTML = run.blas.map { ", \($0)" } ?? .empty
    var body: HTML = """
      <pre>\(run.commandText)</pre>
      <p>Universality \(run.version), seed \(String(run.seed)), \(run.precision) precision\
      \(blas).</p>

      """
    var table = PageTable(
      caption: "Files that were read",
      columns: [
        .init(heading: "File", isNumber: false), .init(heading: "Size"),
        .init(heading: "SHA-256", isNumber: false),
      ])
    for input in content.activations.inputs {
      table.rows.append([
        HTML.name(input.path, columns: 80), "\(input.bytes.byteText)",
        "<code>\(input.sha256)</code>",
      ])
    }
    let count = content.activations.inputs.count
    if count > 0 {
      body += """
        <details><summary>\(count.counted("input file")) with SHA-256</summary>\(table.html)\
        </details>

        """
    }
    let others: [(name: StaticString, isThere: Bool)] = [
      ("waterfall.csv", content.waterfall != nil),
      ("regularities.csv", !content.diagnostics.isEmpty),
      ("dynamics.csv", content.dynamics != nil),
      ("ranking_agreement.csv", !content.rankingAgreements.isEmpty),
      ("layer_identification.csv", !content.layerIdentifications.isEmpty),
    ]
    let more = others.filter(\.isThere).map { file -> HTML in
      "<a href=\"\(file.name.description)\">\(file.name.description)</a>, "
    }
    body += """
      <p>Beside this page: <a href="results.nc">results.nc</a> (all arrays, for xarray and h5py), \
      <a href="pairs.csv">pairs.csv</a>, <a href="calibration.csv">calibration.csv</a>, \
      <a href="layers.csv">layers.csv</a>, \
      <a href="models.csv">models.csv</a>, <a href="families.csv">families.csv</a>, \
      <a href="family_statistics.csv">family_statistics.csv</a>, \
      <a href="features.csv">features.csv</a>, \
      \(more)\
      <a href="figures/">figures</a>, <a href="run.json">run.json</a> (times, memory, options) and \
      <a href="layout.yaml">layout.yaml</a> (how the dumps were read).</p>

      """
    return body
  }
}
