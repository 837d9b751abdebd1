import Universality

/// The pictures of samples, all in one PNG.
struct StimulusPictures {
  private let thumbnails: StimulusThumbnails
  private let places: [Int: Int]

  init(_ thumbnails: StimulusThumbnails) {
    self.thumbnails = thumbnails
    places = Dictionary(
      uniqueKeysWithValues: thumbnails.samples.enumerated().map { ($1, $0) })
  }

  /// The PNG, out of sight, one picture below the other.
  var definition: HTML {
    let count = thumbnails.samples.count
    let image = RasterImage(
      width: thumbnails.width, height: thumbnails.height * count, pixels: colours, palette: palette)
    return """
      <svg width="0" height="0" class="sprite" aria-hidden="true"><defs><image id="stimuli" \
      width="\(image.width)" height="\(image.height)" style="image-rendering:pixelated" href="\(image.address)"/></defs></svg>

      """
  }

  /// The picture of a sample; `nil` where there is none.
  func picture(of sample: Int, label: String) -> HTML? {
    places[sample].map { place in
      """
      <svg class="thumb" viewBox="0 \(place * thumbnails.height) \(thumbnails.width) \
      \(thumbnails.height)" role="img" aria-label="\(label)"><use href="#stimuli"/></svg>
      """
    }
  }

  /// Grey in 64 steps, or six steps of each colour.
  private var palette: [[UInt8]] {
    if thumbnails.channels == 1 {
      return (0..<64).map { (entry: Int) in [UInt8](repeating: UInt8(entry * 255 / 63), count: 3) }
    }
    return (0..<216).map { (entry: Int) -> [UInt8] in
      let steps: [Int] = [entry / 36, entry / 6 % 6, entry % 6]
      return steps.map { UInt8(51 * $0) }
    }
  }

  private var colours: [UInt8] {
    thumbnails.pixels.flatMap { bytes in
      stride(from: 0, to: bytes.count, by: thumbnails.channels).map { start -> UInt8 in
        guard thumbnails.channels == 3 else { return bytes[start] / 4 }
        let steps: [Int] = (0..<3).map { (channel: Int) in (Int(bytes[start + channel]) + 25) / 51 }
        return UInt8(steps[0] * 36 + steps[1] * 6 + steps[2])
      }
    }
  }
}
