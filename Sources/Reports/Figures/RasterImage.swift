import Foundation

/// A picture with a palette as a PNG file (ISO/IEC 15948) in a `data:` address: heat maps of
/// hundreds of rows would be megabytes of SVG rectangles.
///
/// The pixels are stored, not compressed: one byte a cell.
struct RasterImage {
  let width: Int
  let height: Int
  /// Palette entries, row after row.
  let pixels: [UInt8]
  /// Red, green, blue of up to 256 entries.
  let palette: [[UInt8]]

  var address: String { "data:image/png;base64," + Data(png).base64EncodedString() }

  var png: [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    // Eight bits a pixel, palette, and the only methods there are.
    Self.append("IHDR", Self.bytes(width) + Self.bytes(height) + [8, 3, 0, 0, 0], to: &file)
    Self.append("PLTE", palette.flatMap { $0 }, to: &file)
    Self.append("IDAT", stored, to: &file)
    Self.append("IEND", [], to: &file)
    return file
  }

  /// The rows, each behind its filter byte, as a zlib stream of stored blocks.
  private var stored: [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (width + 1))
    for row in 0..<height {
      rows.append(0)
      rows += pixels[row * width..<(row + 1) * width]
    }
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(start + 65535, rows.count)
      let length = UInt16(end - start)
      stream.append(end == rows.count ? 1 : 0)
      stream += [UInt8(length & 255), UInt8(length >> 8)]
      stream += [UInt8(~length & 255), UInt8(~length >> 8)]
      stream += rows[start..<end]
      start = end
    } while start < rows.count
    var (low, high): (UInt32, UInt32) = (1, 0)  // Adler-32, RFC 1950
    for byte in rows {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return stream + Self.bytes(Int(high << 16 | low))
  }

  private static func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
    let body = Array(type.utf8) + data
    file += bytes(data.count) + body + bytes(Int(checksum(body)))
  }

  private static func bytes(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8((value >> $0) & 255) }
  }

  /// The CRC-32 of PNG.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = UInt32.max
    for byte in bytes {
      checksum = table[Int((checksum ^ UInt32(byte)) & 255)] ^ (checksum >> 8)
    }
    return ~checksum
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }
}
