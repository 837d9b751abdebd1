import CIsolation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Answers requests about one file, in a process of its own.
enum ReadingWorker {
  /// The longest request: the path of a dataset and two numbers.
  private static let longestRequest = 16 << 20

  /// Confines this process and answers until the connection is closed.
  ///
  /// - Parameters:
  ///   - descriptor: The open file.
  ///   - seconds: The processor time that it may take.
  ///   - filter: Whether system calls can be filtered; then this process does nothing without.
  static func serve(
    _ descriptor: Int32, over channel: consuming Channel, seconds: Int, filter: Bool
  ) -> Never {
    let file: OpenFile
    do throws(LibraryFailure) {
      file = try OpenFile(descriptor: descriptor)
    } catch {
      _exit(1)
    }
    ReadingLimits.apply(seconds: seconds)
    if filter, ui_filter_calls() != 0 { _exit(1) }
    let channel = channel
    HDF5Library.serialised { answer(about: file, over: channel) }
    // Not exit(): the library's own end is not for files that lie.
    _exit(0)
  }

  private static func answer(about file: OpenFile, over channel: borrowing Channel) {
    do throws(LibraryFailure) {
      let source = try SourceFile(file)
      var claims = ByteClaims()
      answer(over: channel) { answer(to: $0, from: source, &claims) }
      _exit(0)
    } catch {
      // The file cannot be opened: all requests get that answer.
      let failure = error
      answer(over: channel) { _ in .failure(failure, isAboutDataset: false) }
    }
  }

  private static func answer(
    over channel: borrowing Channel, _ answer: (FileRequest) -> FileAnswer
  ) {
    do throws(Channel.Trouble) {
      while true {
        var reader = MessageReader(try channel.receive(atMost: longestRequest, within: nil))
        let request: FileRequest
        do throws(MalformedMessage) { request = try reader.next() } catch { return }
        var frame = Channel.frame(answer(request))
        if frame.count > FileAnswer.largest {
          frame = Channel.frame(FileAnswer.failure(tooLong, isAboutDataset: true))
        }
        try channel.send(frame)
      }
    } catch {
      // The other end is gone.
    }
  }

  private static let tooLong = LibraryFailure(
    reason: "it takes more than \(FileAnswer.largest >> 20) MiB to hand over")

  private static func answer(
    to request: FileRequest, from source: borrowing SourceFile, _ claims: inout ByteClaims
  ) -> FileAnswer {
    do throws(LibraryFailure) {
      switch request {
      case .outline: return .outline(try source.outline(&claims))
      case .numberPlan(let path, let rows):
        let dataset = try SourceDataset(at: path, in: source)
        let plan = try dataset.numberPlan(rows: rows, in: source)
        try source.claim(plan.claimedBytes, for: path, &claims)
        return .numberPlan(plan)
      case .elements(let path, let rows):
        return .elements(try SourceDataset(at: path, in: source).elements(rows: rows))
      case .strings(let path):
        return .strings(try SourceDataset(at: path, in: source).strings(in: source))
      case .externalParts(let path):
        return .externalParts(try SourceDataset(at: path, in: source).externalParts())
      }
    } catch {
      return .failure(error, isAboutDataset: request.dataset != nil)
    }
  }
}
