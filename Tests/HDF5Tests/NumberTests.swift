import HDF5
import Testing

@Suite struct NumberTests {
  let reader = LibraryReader()

  static let types: [(name: String, type: ElementType)] = [
    ("float16", .float16), ("float32", .float32), ("float64", .float64),
    ("int8", .integer(bits: 8, signed: true)), ("int16", .integer(bits: 16, signed: true)),
    ("int32", .integer(bits: 32, signed: true)), ("int64", .integer(bits: 64, signed: true)),
    ("uint8", .integer(bits: 8, signed: false)), ("uint16", .integer(bits: 16, signed: false)),
    ("uint32", .integer(bits: 32, signed: false)), ("uint64", .integer(bits: 64, signed: false)),
  ]

  @Test(arguments: types, ["little", "big", "chunked_big"])
  func everyTypeIsReadInEitherByteOrder(type: (name: String, type: ElementType), group: String)
    throws
  {
    let path = "/\(group)/\(type.name)"
    let outline = try #require(try object(path, of: "numbers.h5").dataset)
    #expect(outline.elementType == type.type)
    #expect(outline.shape == [5, 7])
    // A single byte has no order; the library calls it little-endian.
    if !type.name.hasSuffix("int8") { #expect(outline.isBigEndian == (group != "little")) }
    let file = try fixture("numbers.h5")
    #expect(try reader.numbers(in: path, of: file, rows: nil) == ramp(35))
    #expect(
      try reader.numbers(in: path, of: file, rows: 1..<4) == Array(ramp(35)[7..<28]))
  }

  @Test func booleansAreZeroAndOne() throws {
    #expect(try object("/boolean", of: "numbers.h5").dataset?.elementType == .boolean)
    let numbers = try reader.numbers(in: "/boolean", of: fixture("numbers.h5"), rows: nil)
    #expect(numbers == (0..<35).map { Double($0 % 2) })
  }

  @Test func aScalarIsOneNumberWithoutAxes() throws {
    #expect(try object("/scalar", of: "numbers.h5").dataset?.shape == [])
    #expect(try reader.numbers(in: "/scalar", of: fixture("numbers.h5"), rows: nil) == [2.5])
  }

  @Test func anEmptyAxisGivesNoNumbers() throws {
    let file = try fixture("numbers.h5")
    #expect(try object("/no_rows", of: "numbers.h5").dataset?.shape == [0, 4])
    #expect(try reader.numbers(in: "/no_rows", of: file, rows: nil) == [])
    #expect(try reader.numbers(in: "/no_columns", of: file, rows: 1..<3) == [])
    #expect(try reader.numbers(in: "/little/float32", of: file, rows: 2..<2) == [])
  }

  @Test func aNullDataspaceHasNoShapeAndNoData() throws {
    let dataset = try #require(try object("/null", of: "numbers.h5").dataset)
    #expect(dataset.shape == nil)
    let failure = try failure {
      _ = try reader.numbers(in: "/null", of: fixture("numbers.h5"), rows: nil)
    }
    #expect(failure.reason.contains("null dataspace"))
  }

  /// Against the Swift compiler's own binary16: normal, subnormal, infinite and NaN patterns.
  @Test func everyHalfPrecisionPatternIsConverted() throws {
    let numbers = try reader.numbers(in: "/every_half", of: fixture("numbers.h5"), rows: nil)
    try #require(numbers.count == 65536)
    #if !(os(macOS) && arch(x86_64))
      for (pattern, number) in numbers.enumerated() {
        let expected = Double(Float16(bitPattern: UInt16(pattern)))
        #expect(number.isNaN ? expected.isNaN : number.bitPattern == expected.bitPattern)
      }
    #endif
  }

  @Test func integersAtTheEndsOfTheirRangeAreRounded() throws {
    let file = try fixture("numbers.h5")
    #expect(
      try reader.numbers(in: "/int64_extremes", of: file, rows: nil)
        == [-0x1p63, 0x1p63, 0x1p53, -1])
    #expect(try reader.numbers(in: "/uint64_extremes", of: file, rows: nil) == [0x1p64, 0x1p63, 0])
  }

  @Test func specialValuesSurvive() throws {
    let numbers = try reader.numbers(in: "/float32_specials", of: fixture("numbers.h5"), rows: nil)
    #expect(numbers[0].isNaN)
    #expect(
      sameBits(
        Array(numbers[1...]),
        [.infinity, -.infinity, -0.0, Double(Float.leastNonzeroMagnitude), Double(Float(3.4e38))]))
  }

  @Test func integersOfTwelveBitsAreRead() throws {
    let type = try object("/twelve_bits", of: "numbers.h5").dataset?.elementType
    #expect(type == .integer(bits: 12, signed: false))
    let numbers = try reader.numbers(in: "/twelve_bits", of: fixture("numbers.h5"), rows: nil)
    #expect(numbers == [0, 1, 2048, 4095])
  }

  @Test(arguments: [
    ("/complex", ElementType.complex), ("/compound", .compound),
  ])
  func whatIsNoRealNumberIsNamedAndRefused(path: String, type: ElementType) throws {
    #expect(try object(path, of: "numbers.h5").dataset?.elementType == type)
    let failure = try failure {
      _ = try reader.numbers(in: path, of: fixture("numbers.h5"), rows: nil)
    }
    #expect(failure.object == path)
    #expect(failure.reason.contains("cannot be read as real numbers"))
  }

  @Test func opaqueElementsComeAsBitPatternsAndRowsOfVaryingLengthWithTheirLengths() throws {
    let file = try fixture("numbers.h5")
    let opaque = try object("/opaque", of: "numbers.h5").dataset?.elementType
    #expect(opaque == .opaque(bytes: 2))
    let patterns = try reader.numbers(in: "/opaque", of: file, rows: nil)
    #expect(patterns == [0x6261, 0x6463])
    // Two rows that were never written.
    let lists = try reader.numbers(in: "/variable_length", of: file, rows: nil)
    #expect(lists == [0, 0])
    let type = try object("/bfloat16", of: "numbers.h5").dataset?.elementType
    #expect(type == .smallFloat(.bfloat16))
  }

  @Test func smallFormatsHaveTheValuesOfTheirDefinition() {
    #expect(SmallFloat.bfloat16.value(bitPattern: 0x3f80) == 1)
    #expect(SmallFloat.bfloat16.value(bitPattern: 0xc049) == -3.140625)
    // The largest, the smallest normal and the smallest subnormal number, and NaN.
    let e4m3 = [0x7e, 0x08, 0x01, 0xb8].map { SmallFloat.float8E4M3.value(bitPattern: $0) }
    #expect(e4m3 == [448, 0x1p-6, 0x1p-9, -1])
    #expect(SmallFloat.float8E4M3.value(bitPattern: 0xff).isNaN)
    let e5m2 = [0x7b, 0x04, 0x01, 0xbc, 0x7c].map { SmallFloat.float8E5M2.value(bitPattern: $0) }
    #expect(e5m2 == [57344, 0x1p-14, 0x1p-16, -1, .infinity])
    #expect(SmallFloat.float8E5M2.value(bitPattern: 0x7d).isNaN)
  }

  @Test func rowsOutsideOfTheDatasetAreRefused() throws {
    for rows in [3..<6, -1..<2] {
      let failure = try failure {
        _ = try reader.numbers(in: "/little/float32", of: fixture("numbers.h5"), rows: rows)
      }
      #expect(failure.reason.contains("outside of its 5 rows"))
    }
  }

  @Test func anUnknownPathIsSaidToBeUnknown() throws {
    for path in ["/nowhere", "/little/float32/deeper", "/little/../scalar"] {
      let failure = try failure {
        _ = try reader.numbers(in: path, of: fixture("numbers.h5"), rows: nil)
      }
      #expect(failure.reason == "the file has no such object")
    }
    let group = try failure {
      _ = try reader.numbers(in: "/little", of: fixture("numbers.h5"), rows: nil)
    }
    #expect(group.reason == "not a dataset")
  }
}
