import Foundation
import Testing

@testable import Reports

struct MarkupTests {
  @Test func textIsEscapedAndMarkupIsNot() {
    let bold: HTML = "<b>\("a<b&c\"d'e")</b>"
    #expect(bold.markup == "<b>a&lt;b&amp;c&quot;d&#39;e</b>")
    let outer: HTML = "<p>\(bold)\(3)\(1.5)\([bold, bold])</p>"
    #expect(outer.markup == "<p>" + bold.markup + "31.5" + bold.markup + bold.markup + "</p>")
  }

  @Test(arguments: NastyText.all)
  func noTextEndsAnElementOrAnAttribute(text: String) {
    let html: HTML = "\(text)"
    for character in ["<", ">", "\"", "'"] {
      #expect(!html.markup.contains(character))
    }
    for scalar in html.markup.unicodeScalars {
      #expect(scalar.value >= 0x20)
      #expect(!(0x202A...0x202E).contains(scalar.value))
      #expect(!(0x2066...0x2069).contains(scalar.value))
    }
  }

  @Test(arguments: NastyText.all)
  func noTextEndsAScript(text: String) throws {
    let json = try HTML.json([text]).markup
    for character in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
      #expect(!json.unicodeScalars.contains(where: { String($0) == character }))
    }
    #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == [text])
  }

  @Test func whatCannotBeSeenIsWrittenOut() {
    #expect("\u{202E}txt.exe".visible() == "\\u{202E}txt.exe")
    #expect("a\tb\u{0}".visible() == "a\\u{9}b\\u{0}")
    #expect("層1 é 👩‍👩‍👧".visible() == "層1 é 👩‍👩‍👧")
    #expect("a\nb\r\u{1B}".visible() == "a\\u{A}b\\u{D}\\u{1B}")
    #expect("a\nb\r\u{1B}".visible(keepingLineBreaks: true) == "a\nb\\u{D}\\u{1B}")
  }

  @Test func longNamesLoseTheirMiddle() {
    #expect("resnet18-seed2/layer4.1.conv2".shortened(to: 20) == "resnet18-seed….conv2")
    #expect("short".shortened(to: 20) == "short")
    for name in NastyText.all {
      #expect(name.shortened(to: 12).displayWidth <= 12)
    }
    #expect(("a" + String(repeating: "\u{301}", count: 5000)).shortened(to: 12).utf8.count < 60)
  }
}
