import Testing

@testable import HDF5

/// What passes between the reading process and the program: everything comes back as it was, and
/// nothing that is wrong does harm.
@Suite struct MessageTests {
  static let plans: [ReadingPlan] = [
    ReadingPlan(
      elementType: .float16, isBigEndian: true, elementBytes: 2, shape: [3, 4],
      place: .contiguous(offset: 2048)),
    ReadingPlan(
      elementType: .integer(bits: 12, signed: false), isBigEndian: false, elementBytes: 2,
      shape: [], place: .library),
    ReadingPlan(
      elementType: .float32, isBigEndian: false, elementBytes: 4, shape: [5, 2],
      place: .chunked(
        ChunkMap(
          chunk: [3, 2], steps: [.shuffle(4), .deflate, .lzf, .fletcher32], fill: [1, 2, 3, 4],
          entries: [.init(offset: 77, bytes: 9, mask: 3), .init(offset: 0, bytes: 0, mask: 0)]))),
  ]

  private func encoded(_ message: some Message) -> [UInt8] {
    var writer = MessageWriter()
    writer.put(message)
    return writer.bytes
  }

  private func decoded<Value: Message>(_ bytes: [UInt8], as type: Value.Type) throws -> Value {
    var reader = MessageReader(bytes)
    return try reader.next(type)
  }

  @Test(arguments: [
    "numbers.h5", "chunks.h5", "strings.h5", "links.h5", "refused.h5", "attributes.h5", "names.h5",
  ])
  func anOutlineComesBackAsItWas(name: String) throws {
    let outline = try LibraryReader().outline(of: fixture(name))
    var back = try decoded(encoded(outline), as: FileOutline.self)
    back.file = outline.file
    // By what is printed: NaN is not equal to itself.
    #expect(back.notes == outline.notes)
    #expect(back.objects.map(\.path) == outline.objects.map(\.path))
    #expect(back.objects.map(\.dataset) == outline.objects.map(\.dataset))
    #expect(
      back.objects.map { $0.attributes.mapValues { "\($0)" } }
        == outline.objects.map { $0.attributes.mapValues { "\($0)" } })
  }

  @Test(arguments: plans)
  func aPlanComesBackAsItWas(plan: ReadingPlan) throws {
    #expect(try decoded(encoded(plan), as: ReadingPlan.self) == plan)
  }

  @Test(arguments: [
    FileRequest.outline, .numberPlan(dataset: "/ä", rows: nil),
    .numberPlan(dataset: "/a", rows: 3..<3), .elements(dataset: "/a", rows: 2..<9),
    .strings(dataset: "/ids"),
  ])
  func aRequestComesBackAsItWas(request: FileRequest) throws {
    #expect(try decoded(encoded(request), as: FileRequest.self) == request)
  }

  @Test func aMessageThatIsCutAnywhereIsRefused() throws {
    let outline = try LibraryReader().outline(of: fixture("attributes.h5"))
    let messages = [encoded(FileAnswer.outline(outline))] + Self.plans.map { encoded($0) }
    for (index, bytes) in messages.enumerated() {
      for end in 0..<bytes.count {
        #expect(throws: MalformedMessage.self) {
          if index == 0 {
            _ = try decoded(Array(bytes[..<end]), as: FileAnswer.self)
          } else {
            _ = try decoded(Array(bytes[..<end]), as: ReadingPlan.self)
          }
        }
      }
    }
  }

  @Test func moreThanAMessageIsRefused() {
    let bytes = encoded(FileAnswer.strings(["a"])) + [0]
    #expect(throws: MalformedMessage.self) { try decoded(bytes, as: FileAnswer.self) }
  }

  @Test(arguments: [-1, Int.max, Int.min, 1 << 40])
  func aCountThatTheBytesCannotHoldIsRefused(count: Int) {
    for tag: UInt8 in [2, 3] {
      let bytes = [tag] + encoded(count) + [1, 2, 3]
      #expect(throws: MalformedMessage.self) { try decoded(bytes, as: FileAnswer.self) }
    }
  }

  /// Random changes of sound answers: either refused or decoded, never a trap.
  @Test func damagedMessagesDoNoHarm() throws {
    let outline = try LibraryReader().outline(of: fixture("numbers.h5"))
    let answers =
      [encoded(FileAnswer.outline(outline)), encoded(FileAnswer.strings(["a", "", "ä"]))]
      + Self.plans.map { encoded(FileAnswer.numberPlan($0)) }
    var refused = 0
    for round in 0..<4000 {
      var bytes = answers[round % answers.count]
      for _ in 0..<(1 + round % 4) {
        bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255)
      }
      do {
        _ = try decoded(bytes, as: FileAnswer.self)
      } catch is MalformedMessage {
        refused += 1
      }
    }
    #expect(refused > 0)
  }
}
