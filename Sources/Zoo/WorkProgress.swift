/// How far a stage of a run has come.
public struct WorkProgress: Sendable, Equatable {
  /// What is being done, such as `comparing with cka`.
  public var stage: String
  public var done: Int
  public var total: Int

  public init(stage: String, done: Int, total: Int) {
    self.stage = stage
    self.done = done
    self.total = total
  }
}

/// Receives progress, from any thread.
public typealias ProgressReceiver = @Sendable (WorkProgress) -> Void

/// A counter for one stage that forwards to `receiver`.
public func progressCounter(
  _ receiver: ProgressReceiver?, stage: String, total: Int
) -> (@Sendable (Int) -> Void)? {
  guard let receiver else { return nil }
  return { done in receiver(WorkProgress(stage: stage, done: done, total: total)) }
}
