import Foundation
import HDF5
import Testing

/// Reading in a process of its own, by the built command.
@Suite struct ReadingProcessTests {
  let reader = IsolatedReader(executable: BuiltCommand.executable, threads: 2)

  static let fixtures = BuiltCommand.repository.appendingPathComponent("Tests/HDF5Tests/Fixtures")
    .path

  private func failure(_ body: () throws -> Void) throws -> FileFailure {
    try #require(throws: FileFailure.self) { try body() }
  }

  /// A copy that may be changed.
  private func withCopy(of path: String, _ body: (String) throws -> Void) throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let copy = folder.appendingPathComponent("copy.h5").path
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    try body(copy)
  }

  /// What a reader says about everything in a file.
  private func everything(in file: String, by reader: any FileReading) -> [String] {
    do {
      let outline = try reader.outline(of: file)
      return outline.notes
        + outline.objects.flatMap { object in
          var lines = [object.path, "\(object.attributes.sorted { $0.key < $1.key })"]
          guard let dataset = object.dataset else { return lines }
          lines.append("\(dataset)")
          for rows in [nil, 1..<2] {
            lines.append(
              "\(Result { try reader.storedNumbers(in: object.path, of: file, rows: rows) })")
          }
          lines.append("\(Result { try reader.strings(in: object.path, of: file) })")
          return lines
        }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func nothingIsReadDifferentlyThanInThisProcess() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.fixtures)
    for name in names.sorted() where name.hasSuffix(".h5") && !name.hasPrefix("crash") {
      let file = Self.fixtures + "/" + name
      #expect(
        everything(in: file, by: reader) == everything(in: file, by: LibraryReader()), "\(name)")
    }
  }

  /// Of the processes that this one has started to wait for files, and of those that read for them.
  private func statesOfReadingProcesses() throws -> [String] {
    var states: [String: String] = [:]
    for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      let name = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
      guard name?.contains("--as-hdf5-reading-process") == true else { continue }
      states[process] = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    }
    func isOurs(_ state: String) -> Bool {
      let parent = state.split(separator: "\n").first { $0.hasPrefix("PPid:") }?.dropFirst(6)
      guard let parent else { return false }
      return parent == "\(ProcessInfo.processInfo.processIdentifier)"
        || states[String(parent)].map(isOurs) == true
    }
    return states.values.filter(isOurs)
  }

  @Test func theProcessIsConfined() throws {
    _ = try reader.outline(of: Self.fixtures + "/numbers.h5")
    #if os(Linux)
      let confinement = try reader.confinement()
      // Other tests start such processes at the same time, which need a moment to confine themselves.
      var states: [String] = []
      for _ in 0..<200 {
        states = try statesOfReadingProcesses()
        if states.count >= 2, states.allSatisfy({ $0.contains("NoNewPrivs:\t1") }) { break }
        Thread.sleep(forTimeInterval: 0.02)
      }
      #expect(states.count >= 2)
      #expect(states.allSatisfy { $0.contains("NoNewPrivs:\t1") })
      #expect(!confinement.filtersCalls || states.contains { $0.contains("Seccomp:\t2") })
    #endif
  }

  @Test func whatCannotBeStartedIsSaid() throws {
    for program in ["/nowhere/program", "/bin/true"] {
      let reader = IsolatedReader(executable: program)
      let failure = try failure { _ = try reader.outline(of: Self.fixtures + "/numbers.h5") }
      #expect(failure.reason.contains("cannot be started"))
      #expect(failure.file.hasSuffix("numbers.h5"))
    }
  }

  @Test func aFileThatIsWrittenToBetweenTwoReadingsIsRefused() throws {
    try withCopy(of: BuiltCommand.digitsZoo + "/mlp-s0.h5") { file in
      let outline = try reader.outline(of: file)
      let layer = try #require(outline.objects.first { $0.dataset?.shape?.count == 2 }).path
      _ = try reader.numbers(in: layer, of: file, rows: nil)
      let handle = try #require(FileHandle(forUpdatingAtPath: file))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([0]))
      let changed = try failure { _ = try reader.numbers(in: layer, of: file, rows: nil) }
      #expect(changed.reason == "the file changed while it was read")
    }
  }

  /// The sound file is asked in between: what happens to one file is nothing to another.
  @Test func damagedFilesEndInFailuresThatNameThem() throws {
    var generator = SplitMix(state: 7)
    let sound = Self.fixtures + "/numbers.h5"
    let expected = try reader.numbers(in: "/little/float32", of: sound, rows: nil)
    for name in ["chunks.h5", "strings.h5", "attributes.h5", "links.h5", "order.h5"] {
      let original = try Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/" + name))
      let folder = BuiltCommand.temporaryFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      for round in 0..<40 {
        var data = original
        for _ in 0..<(1 + round % 5) {
          let place = Int(generator.next() % UInt64(min(data.count, 16384)))
          data[place] = UInt8(truncatingIfNeeded: generator.next())
        }
        let file = folder.appendingPathComponent("\(round).h5").path
        try data.write(to: URL(fileURLWithPath: file))
        do {
          for object in try reader.outline(of: file).objects {
            guard let dataset = object.dataset else { continue }
            if dataset.elementType == .string {
              _ = try? reader.strings(in: object.path, of: file)
            } else {
              _ = try? reader.storedNumbers(in: object.path, of: file, rows: nil)
            }
          }
        } catch let failure as FileFailure {
          #expect(failure.file == file)
        }
        if round % 10 == 0 {
          #expect(try reader.numbers(in: "/little/float32", of: sound, rows: nil) == expected)
        }
      }
    }
  }

  @Test func thePrefixesOfAFileFail() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/chunks.h5"))
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for end in stride(from: 0, to: data.count, by: 997) {
      let file = folder.appendingPathComponent("\(end).h5").path
      try data.prefix(end).write(to: URL(fileURLWithPath: file))
      let failure = try failure { _ = try reader.outline(of: file) }
      #expect(failure.file == file)
    }
  }

  /// Neither plug-ins nor drivers nor other settings of libhdf5 pass into the process.
  @Test func settingsOfTheLibraryAreWithoutEffect() throws {
    let plain = try BuiltCommand.run("inspect", BuiltCommand.digitsZoo, "--verbose")
    let set = try BuiltCommand.run(
      ["inspect", BuiltCommand.digitsZoo, "--verbose"],
      environment: [
        "HDF5_DRIVER": "core", "HDF5_PLUGIN_PATH": "/tmp", "HDF5_PLUGIN_PRELOAD": "all",
        "HDF5_VOL_CONNECTOR": "none", "HDF5_USE_FILE_LOCKING": "TRUE",
      ])
    #expect(set.exitCode == 0)
    #expect(set.output == plain.output)
  }

  @Test func theHiddenArgumentIsNoUseToAUser() throws {
    let outcome = try BuiltCommand.run(["--as-hdf5-reading-process"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.output.isEmpty)
  }

  @Test func namesCannotPretendToBeLinesOfOurs() throws {
    let outcome = try BuiltCommand.run("inspect", Self.fixtures + "/names.h5", "--verbose")
    #expect(!outcome.errors.contains("\nbreak"))
    #expect(!(outcome.output + outcome.errors).contains("\t"))
  }
}

/// Steele, Lea & Flood 2014: the same numbers everywhere.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
