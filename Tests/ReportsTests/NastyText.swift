/// Names that have broken pages, tables and terminals.
enum NastyText {
  static let all = [
    "<b>x</b>", "<script>alert(1)</script>", "</script><script>alert(2)</script>",
    "\"><img src=x onerror=alert(3)>", "' onmouseover='alert(4)", "=cmd()", "..", "層1",
    "couche d'entrée", "a&amp;b", "\u{202E}txt.exe", "\u{2066}iso\u{2069}", "tab\there",
    "line\nbreak", "nul\u{0}byte", "\u{1B}[31mred", "]]>", "<!--", "${7*7}{{7*7}}",
    "\u{2028}separator", "\u{FFFD}", "e\u{301}", "👩‍👩‍👧", "مرحبا", "a,b", "say \"hi\"", "",
    String(repeating: "long", count: 1024),
  ]
}
