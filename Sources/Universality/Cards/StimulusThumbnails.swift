import Activations
import LinearAlgebra

/// Small pictures of samples, from an input whose values are those of images.
///
/// Images are recognised by evidence, never by a name:
/// - axes that are called `h` and `w` (with one or three channels, or none), kept by `--pool flatten`; or
/// - one row of values a sample, as many as a square has pixels (times three for colours), whose
///   neighbours along rows and along columns correlate more than values at random places
///   (``ImageEvidence``).
public struct StimulusThumbnails: Sendable, Codable, Equatable {
  /// In pixels; images larger than ``longestSide`` are averaged over squares of pixels.
  public var width: Int
  public var height: Int
  /// 1 for grey, 3 for red, green and blue.
  public var channels: Int
  /// Rows of the activation set, in ascending order.
  public var samples: [Int]
  /// Sample by sample: row by row, pixel by pixel, channel by channel; 0 for the least value of all
  /// pictures, 255 for the largest.
  public var pixels: [[UInt8]]
  /// Where the pictures are from and why they are taken for pictures, a sentence.
  public var evidence: String
}

extension StimulusThumbnails {
  static let longestSide = 24

  /// `nil` where the zoo holds no images of its samples.
  ///
  /// - Throws: `SpillError`.
  init?(of samples: [Int], in activations: ActivationSet) throws {
    guard !samples.isEmpty else { return nil }
    for representation in activations.representations
    where activations.models[representation.model].role == .input {
      guard let layout = try ImageLayout(of: representation) else { continue }
      let step = max(
        1, (max(layout.width, layout.height) + Self.longestSide - 1) / Self.longestSide)
      // A strip, not a picture.
      guard min(layout.width, layout.height) >= step else { continue }
      width = layout.width / step
      height = layout.height / step
      channels = layout.channels
      self.samples = samples
      let name = activations.models[representation.model].name + "/" + representation.layer
      evidence =
        "Pictures: \(name), read as images of \(layout.width) × \(layout.height) pixels because "
        + layout.evidence + "."
      let values = try representation.values.selectingRows(samples).matrix()
      let averaged = (0..<samples.count).map { layout.averaged(Array(values.row($0)), step: step) }
      pixels = Self.bytes(averaged)
      return
    }
    return nil
  }

  private static func bytes(_ pictures: [[Double]]) -> [[UInt8]] {
    let (low, high) = (
      pictures.joined().min() ?? 0, pictures.joined().max() ?? 0
    )
    guard high > low else { return pictures.map { $0.map { _ in 0 } } }
    // Halves, so that the difference of the largest numbers does not overflow.
    return pictures.map { picture in
      picture.map { UInt8(((($0 / 2 - low / 2) / (high / 2 - low / 2)) * 255).rounded()) }
    }
  }
}

/// Where the pixels of an image are among the features of a representation.
struct ImageLayout: Sendable, Equatable {
  enum Order: Sendable, Equatable {
    /// c h w
    case planar
    /// h w c
    case interleaved
  }

  var width: Int
  var height: Int
  var channels: Int
  var order: Order
  var evidence: String

  func feature(x: Int, y: Int, channel: Int) -> Int {
    switch order {
    case .planar: (channel * height + y) * width + x
    case .interleaved: (y * width + x) * channels + channel
    }
  }

  /// The picture with squares of `step` × `step` pixels averaged; a rest at the right and below is left
  /// out.
  func averaged(_ values: [Double], step: Int) -> [Double] {
    var picture: [Double] = []
    for top in 0..<height / step {
      for left in 0..<width / step {
        for channel in 0..<channels {
          var sum = 0.0
          for y in top * step..<(top + 1) * step {
            for x in left * step..<(left + 1) * step {
              sum += values[feature(x: x, y: y, channel: channel)] / Double(step * step)
            }
          }
          picture.append(sum)
        }
      }
    }
    return picture
  }

  /// `nil` where the features are no pixels, or nothing shows that they are.
  ///
  /// - Throws: `SpillError`.
  init?(of representation: Representation) throws {
    if let named = Self.named(representation) {
      self = named
      return
    }
    let columns = representation.values.columns
    guard ["none", "flatten"].contains(representation.source.pooling) else { return nil }
    var best: (layout: ImageLayout, strength: Double)?
    for candidate in Self.squares(of: columns) {
      guard let evidence = try ImageEvidence(of: representation.values, as: candidate),
        evidence.strength > best?.strength ?? 0
      else { continue }
      var layout = candidate
      layout.evidence = evidence.inWords
      best = (layout, evidence.strength)
    }
    guard let best else { return nil }
    self = best.layout
  }

  private init(width: Int, height: Int, channels: Int, order: Order, evidence: String = "") {
    self.width = width
    self.height = height
    self.channels = channels
    self.order = order
    self.evidence = evidence
  }

  /// By the names of the axes.
  private static func named(_ representation: Representation) -> ImageLayout? {
    let letters = representation.source.dims.split(separator: " ").map(String.init)
    let shape = representation.source.shape
    guard letters.count == shape.count, representation.source.pooling == "flatten" else {
      return nil
    }
    let axes = zip(letters, shape).filter { $0.0 != "n" }
    let names = axes.map(\.0)
    func length(_ name: String) -> Int { axes.first { $0.0 == name }?.1 ?? 1 }
    guard [["h", "w"], ["c", "h", "w"], ["h", "w", "c"]].contains(names),
      [1, 3].contains(length("c")),
      length("h") * length("w") * length("c") == representation.values.columns
    else { return nil }
    return ImageLayout(
      width: length("w"), height: length("h"), channels: length("c"),
      order: names.last == "c" ? .interleaved : .planar,
      evidence: "its axes are '\(representation.source.dims)'")
  }

  /// Squares of at least four pixels a side with as many values.
  private static func squares(of columns: Int) -> [ImageLayout] {
    func side(_ count: Int) -> Int? {
      let side = Int(Double(count).squareRoot().rounded())
      return side >= 4 && side * side == count ? side : nil
    }
    if let side = side(columns) {
      return [ImageLayout(width: side, height: side, channels: 1, order: .planar)]
    }
    guard columns.isMultiple(of: 3), let side = side(columns / 3) else { return [] }
    return [.planar, .interleaved].map {
      ImageLayout(width: side, height: side, channels: 3, order: $0)
    }
  }
}
