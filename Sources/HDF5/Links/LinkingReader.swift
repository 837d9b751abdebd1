import Synchronization

/// Follows what leads out of a file, as far as the user allows it.
///
/// What parses files is not asked to open anything: the names that it finds are looked up here, below
/// the folder of the file that holds them, and other HDF5 files go to the same reader as all others.
/// What a link leads to may have links itself; these are not followed.
public final class LinkingReader: FileReading {
  private let base: any FileReading
  private let allowed: Set<UnsafeFeature>
  /// For each file what its paths stand for, once its outline was asked for.
  private let known = Mutex<[String: [String: Target]]>([:])

  private enum Target: Sendable {
    case object(file: String, path: String)
    case externalStorage(DatasetOutline)
  }

  public init(_ base: any FileReading, allowing allowed: Set<UnsafeFeature>) {
    self.base = base
    self.allowed = allowed
  }

  public func outline(of file: String) throws -> FileOutline {
    var outline = try base.outline(of: file)
    var targets: [String: Target] = [:]
    for index in outline.objects.indices where allowed.contains(.externalStorage) {
      guard var dataset = outline.objects[index].dataset, dataset.storage == .external else {
        continue
      }
      let path = outline.objects[index].path
      do {
        let parts = try base.externalParts(of: path, in: file)
        dataset.storedBytes = try ExternalNumbers(dataset, parts: parts, besides: file).storedBytes
        targets[path] = .externalStorage(dataset)
        dataset.storage = .contiguous
        outline.objects[index].dataset = dataset
      } catch let failure as LibraryFailure {
        outline.faults.append(failure.at(file: file, object: path))
      } catch let failure as FileFailure {
        outline.faults.append(failure)
      }
    }
    for link in outline.links {
      let feature: UnsafeFeature = link.file == nil ? .softLinks : .externalLinks
      guard allowed.contains(feature) else { continue }
      outline.notes.removeAll { $0 == "\(link.path) \(link.inWords): not followed" }
      do throws(LibraryFailure) {
        let found = try objects(behind: link, of: file, outline)
        for (path, object) in found.objects {
          targets[object.path] = .object(file: found.file, path: path)
          outline.objects.append(object)
        }
      } catch {
        outline.faults.append(error.at(file: file, object: link.path))
      }
    }
    known.withLock { $0[file] = targets }
    return outline
  }

  public func storedNumbers(
    in dataset: String, of file: String, rows: Range<Int>?
  ) throws -> Numbers {
    switch try target(of: dataset, in: file) {
    case nil: return try base.storedNumbers(in: dataset, of: file, rows: rows)
    case .object(let other, let path):
      return try base.storedNumbers(in: path, of: other, rows: rows)
    case .externalStorage(let outline):
      let parts = try base.externalParts(of: dataset, in: file)
      do throws(LibraryFailure) {
        return try ExternalNumbers(outline, parts: parts, besides: file).numbers(rows: rows)
      } catch {
        throw error.at(file: file, object: dataset)
      }
    }
  }

  public func strings(in dataset: String, of file: String) throws -> [String] {
    guard case .object(let other, let path) = try target(of: dataset, in: file) else {
      return try base.strings(in: dataset, of: file)
    }
    return try base.strings(in: path, of: other)
  }

  private func target(of dataset: String, in file: String) throws -> Target? {
    if let targets = known.withLock({ $0[file] }) { return targets[dataset] }
    _ = try outline(of: file)
    return known.withLock { $0[file]?[dataset] }
  }

  /// What a link leads to, each with its path there, as if it lay where the link is.
  private func objects(
    behind link: LinkOutline, of file: String, _ outline: FileOutline
  ) throws(LibraryFailure) -> (file: String, objects: [(path: String, object: ObjectOutline)]) {
    guard let target = link.absoluteTarget else {
      throw LibraryFailure(reason: "it \(link.inWords), which leads upwards: not followed")
    }
    var (place, other) = (file, outline)
    if let name = link.file {
      // Only to see that it lies where it may.
      _ = try OpenFile.named(name, besides: file)
      place = try OpenFile.path(of: name, besides: file)
      do {
        other = try base.outline(of: place)
      } catch let failure as FileFailure {
        throw LibraryFailure(
          reason: "it \(link.inWords), which cannot be read: \(failure.reason)",
          detail: failure.detail, help: failure.help)
      } catch {
        throw LibraryFailure(reason: "it \(link.inWords), which cannot be read: \(error)")
      }
    }
    let below = target == "/" ? "/" : target + "/"
    let found = other.objects.filter { $0.path == target || $0.path.hasPrefix(below) }
    guard !found.isEmpty else {
      throw LibraryFailure(reason: "it \(link.inWords), where there is no such object")
    }
    return (
      place,
      found.map { object in
        var moved = object
        let rest = object.path.dropFirst(target == "/" ? 1 : target.count + 1)
        moved.path = rest.isEmpty ? link.path : link.path + "/" + rest
        moved.inCreationOrder = false
        return (object.path, moved)
      }
    )
  }
}
