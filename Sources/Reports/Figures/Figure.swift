/// A figure: a drawing, what it shows in words, and its data.
struct Figure: Sendable {
  /// The name of its files. Never taken from data.
  let name: StaticString
  let title: String
  /// What is seen, for those who do not see it.
  let summary: String
  let drawing: Drawing
  let table: CSV

  /// The drawing as part of the page.
  var inline: HTML {
    let id = name.description
    return """
      <svg id="svg-\(id)" viewBox="0 0 \(drawing.width) \(drawing.height)" \
      style="max-width:\(drawing.width)px;min-width:\(min(drawing.width, 780))px" role="img" \
      aria-labelledby="title-\(id) desc-\(id)"><title id="title-\(id)">\(title)</title>\
      <desc id="desc-\(id)">\(summary)</desc>\(drawing.content)</svg>
      """
  }

  /// The drawing as a file of its own.
  var standalone: String {
    let svg: HTML = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(drawing.width) \(drawing.height)" \
      width="\(drawing.width)" height="\(drawing.height)" role="img"><title>\(title)</title>\
      <desc>\(summary)</desc><style>\(Self.style)</style>\
      <rect width="100%" height="100%" fill="#ffffff"/>\(drawing.content)</svg>

      """
    return svg.markup
  }

  /// What the style sheet of the page says about drawings, for files.
  private static let style: HTML = """
    svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}\
    text{font-size:13px;fill:#1c2024}.small{font-size:11.5px}.muted{fill:#59616b}\
    .strong{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}\
    .number{font-variant-numeric:tabular-nums}.line{stroke:#59616b;fill:none}\
    .grid{stroke:#dfe3e8;fill:none}.ghost{stroke:#c3c9d1;fill:none}.ink{fill:#1c2024}\
    .paper{fill:#ffffff}.blank{fill:#e9ecf0}.none{fill:none}.hatch{stroke:#7b8490}
    """
}
