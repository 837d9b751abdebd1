import HDF5
import Testing

@Suite struct OutlineTests {
  let reader = LibraryReader()

  @Test func softAndExternalLinksAreNotedAndNotFollowed() throws {
    let outline = try reader.outline(of: fixture("links.h5"))
    #expect(outline.objects.map(\.path) == ["/", "/a", "/a/data"])
    #expect(
      outline.notes == [
        "/a/loop is the same object as /a", "/a/named_type is a named datatype",
        "/a/up is the same object as /", "/alias is the same object as /a/data",
        "/dangling is a soft link to /nowhere: not followed",
        "/external is an external link to /scalar in numbers.h5: not followed",
        "/soft is a soft link to /a/data: not followed",
      ])
  }

  @Test func dataAreReachedOverHardLinksOnly() throws {
    let file = try fixture("links.h5")
    #expect(try reader.numbers(in: "/alias", of: file, rows: nil) == ramp(6))
    #expect(try reader.numbers(in: "/a/loop/up/a/data", of: file, rows: nil) == ramp(6))
    for path in ["/soft", "/external", "/dangling"] {
      let failure = try failure { _ = try reader.numbers(in: path, of: file, rows: nil) }
      #expect(failure.reason.contains("link to another place"))
    }
  }

  @Test func oddNamesAreNamesLikeAnyOther() throws {
    let file = try fixture("names.h5")
    let outline = try reader.outline(of: file)
    let names = [
      "with space", "it's", "größe", "日本", "<b>&amp;", "1.0", "a.b", "tab\there", "line\nbreak",
      ".hidden", "e\u{301}",
    ]
    for (index, name) in names.enumerated() {
      #expect(outline.objects.contains { $0.path == "/" + name })
      #expect(try reader.numbers(in: "/" + name, of: file, rows: nil) == [Double(index)])
    }
    #expect(outline.objects.count == 1 + names.count)
    #expect(outline.notes == ["/caf\u{fffd} has a name that is not valid UTF-8: not read"])
  }

  @Test func siblingsComeInTheOrderOfTheirCreationWhereItIsTracked() throws {
    let objects = try reader.outline(of: fixture("order.h5")).objects
    #expect(
      objects.map(\.path) == [
        "/", "/zeta", "/alpha", "/layer10", "/layer9", "/untracked", "/untracked/a",
        "/untracked/b",
      ])
    #expect(
      objects.map(\.inCreationOrder) == [false, true, true, true, true, true, false, false])
  }

  @Test func tooDeepGroupsAreLeftOut() throws {
    let outline = try reader.outline(of: fixture("deep.h5"))
    #expect(outline.objects.count == 33)
    #expect(outline.notes.count == 1)
    #expect(
      outline.notes.first?.hasSuffix("lies 32 levels deep: what is below it is not read") == true)
  }

  @Test func attributesOfEveryKindAreRead() throws {
    let root = try object("/", of: "attributes.h5").attributes
    let expected: [String: AttributeValue] = [
      "text": .string("Größe"), "fixed": .string("fixed"), "padded": .string("ab"),
      "fixed_utf8": .string("Größe"), "spaces": .string("ab"), "empty_text": .string(""),
      "texts": .strings(["a", "bc", "ü"]), "fixed_texts": .strings(["x", "yz"]),
      "integer": .integer(42), "negative_int8": .integer(-5), "big_endian": .integer(-1234),
      "uint64": .integer(.max), "real": .real(0.1), "float32": .real(0.5), "float16": .real(0.25),
      "true": .boolean(true), "false": .boolean(false), "integers": .integers([1, 2, 3]),
      "one_integer": .integers([7]), "reals": .reals([0.5, 1.5]), "booleans": .integers([1, 0]),
      "no_reals": .reals([]), "größe": .integer(1),
    ]
    for (name, value) in expected { #expect(root[name] == value, "\(name)") }
    guard case .real(let number)? = root["nan"] else { throw Mismatch() }
    #expect(number.isNaN)
  }

  @Test(arguments: [
    ("matrix", "an array of 2 dimensions"), ("complex", "a complex number"),
    ("compound", "a compound"), ("null", "empty (null dataspace)"), ("reference", "reference"),
    ("uint64_large", "the integer 9223372036854775808 is too large"),
  ])
  func otherAttributesSayWhatTheyAre(name: String, reason: String) throws {
    #expect(try object("/", of: "attributes.h5").attributes[name] == .unreadable(reason))
  }

  @Test func attributesOfDatasetsAreRead() throws {
    let layer = try object("/layer", of: "attributes.h5")
    #expect(layer.attributes == ["dims": .string("n d"), "order": .integer(3)])
  }

  @Test func anOutlineSurvivesEncoding() throws {
    for name in ["numbers.h5", "chunks.h5", "strings.h5", "links.h5", "refused.h5"] {
      let outline = try reader.outline(of: fixture(name))
      #expect(try decoded(outline) == outline)
    }
  }
}

struct Mismatch: Error {}
