import Activations
import Universality

/// What a reader must know of the data: limits, notes, skipped inputs, layers.
struct DataSection: PageSection {
  let id: StaticString = "data"
  let heading = "Data, notes and limits"
  let figures: [Figure] = []

  let content: ReportContent
  let outline: ZooOutline

  var body: HTML {
    let zoo = content.activations
    var body: HTML = "<p>\(zoo.alignment.statement)</p>\n"
    let limits = content.findings?.limits ?? []
    if !limits.isEmpty {
      body += "<h3>What this zoo does not allow to say</h3>\n"
      body += HTML.list(limits.map { "\($0)" })
    }
    if !zoo.notes.isEmpty {
      body += "<h3>Notes of the reader</h3>\n"
      body += HTML.list(zoo.notes.map { "\($0.shortened(to: 2000))" })
    }
    body += skipped
    body += layers
    return body
  }

  private var skipped: HTML {
    let faults = content.activations.skipped.filter(\.isFault)
    guard !faults.isEmpty else { return "<p>No input was skipped because of a fault.</p>\n" }
    let items = faults.map { fault -> HTML in
      let object: HTML = fault.object.map { " <code>\($0.shortened(to: 200))</code>" } ?? .empty
      let help: HTML = fault.help.map { " <span class=\"muted\">\($0)</span>" } ?? .empty
      return """
        <code>\(fault.file.shortened(to: 200))</code>\(object): \
        \(fault.reason.shortened(to: 1000)).\(help)
        """
    }
    return "<h3>Skipped inputs</h3>\n" + HTML.list(items)
  }

  private var layers: HTML {
    var table = PageTable(
      caption: "Layers as they were read",
      columns: [
        .init(heading: "Layer", isNumber: false), .init(heading: "Family", isNumber: false),
        .init(heading: "Role", isNumber: false), .init(heading: "Depth"),
        .init(heading: "Stored shape", isNumber: false),
        .init(heading: "Reduced by", isNumber: false),
        .init(heading: "n"), .init(heading: "d"), .init(heading: "Rank"),
        .init(heading: "SVCCA comp."), .init(heading: "Constant"),
      ])
    for (index, layer) in outline.representations.enumerated() {
      let model = outline.models[layer.model]
      let numbers = content.diagnostics.isEmpty ? nil : content.diagnostics[index]
      let shape = layer.source.shape.map(String.init).joined(separator: " × ")
      func cell(_ number: Int?) -> HTML { number.map { "\($0)" } ?? "–" }
      table.rows.append([
        HTML.name(outline.label(index)), model.family.map { HTML.name($0, columns: 24) } ?? "–",
        "\(model.role.rawValue)", "\(layer.depth.fixed(2))",
        "\(shape) \(layer.source.dims.shortened(to: 20))",
        "\(layer.source.pooling.shortened(to: 20))",
        cell(numbers?.samples ?? content.activations.sampleCount), cell(numbers?.features),
        cell(numbers?.rank),
        cell(
          numbers.flatMap { numbers in numbers.directions.first { $0.key.hasPrefix("svcca") }?.value
          }), cell(numbers?.constantFeatures),
      ])
    }
    return """
      <details><summary>All \(outline.representations.count.counted("layer")) as they were read\
      </summary>\(table.html)</details>

      """
  }
}
