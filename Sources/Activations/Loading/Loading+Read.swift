import HDF5
import LinearAlgebra

extension Loading {
  /// Reads every dataset once, also where it holds several layers.
  mutating func read(
    reader: any FileReading, threads: Int, spill: SpillFile?,
    progress: (@Sendable (Int, Int) -> Void)?
  ) throws {
    struct Job: Sendable {
      var reading: PooledReading
      var layers: [Int]
      var slices: [Int?]
    }
    struct Key: Hashable {
      var file: Int
      var dataset: String
    }
    var order: [Key] = []
    var members: [Key: [Int]] = [:]
    for (index, layer) in survey.layers.enumerated() {
      if !isPositional && survey.rowSources[layer.rows].fault != nil { continue }
      if unread.contains(index) { continue }
      let key = Key(file: layer.file, dataset: layer.dataset)
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(index)
    }
    let jobs = order.compactMap { key -> Job? in
      guard let layers = members[key], let first = layers.first.map({ survey.layers[$0] }) else {
        return nil
      }
      var reading = PooledReading(
        file: survey.files[key.file].path, dataset: key.dataset, shape: first.shape,
        dims: Dims(first.dims), pooling: survey.options.pooling)
      if case .chunked(let chunk) = first.storage.storage {
        reading.rowsPerChunk = chunk.first ?? 1
      }
      return Job(reading: reading, layers: layers, slices: layers.map { survey.layers[$0].slice })
    }
    let total = jobs.count
    let results = try Parallel.map(
      count: total, threads: threads, finished: { progress?($0, total) }
    ) { [jobs] index in
      do {
        return Result<[StoredMatrix], any Error>.success(
          try jobs[index].reading.matrices(
            slices: jobs[index].slices, reader: reader, spill: spill))
      } catch let error as SpillError {
        throw error
      } catch {
        return .failure(error)
      }
    }
    for (job, result) in zip(jobs, results) {
      switch result {
      case .success(let list):
        for (layer, matrix) in zip(job.layers, list) { matrices[layer] = matrix }
      case .failure(let error):
        skipped.append(
          SkippedInput(error, file: job.reading.file, object: job.reading.dataset))
      }
    }
  }

  /// Where every position is a sample: the most common number of positions wins.
  mutating func agreeOnPositions() {
    guard survey.options.pooling == .positions else { return }
    let live = matrices.indices.filter(takesPart)
    var votes: [Int: Int] = [:]
    for layer in live where survey.layers[layer].positions > 1 {
      votes[survey.layers[layer].positions, default: 0] += 1
    }
    guard let winner = votes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else {
      return
    }
    positions = winner
    for layer in live where survey.layers[layer].positions != winner {
      refuse(
        layer: layer,
        "\(survey.layers[layer].positions) positions a sample where the others have \(winner)",
        help: "`--pool mean` brings layers of different resolution together")
    }
    notes.add("Every one of \(winner) positions of a sample is a sample of its own.")
  }
}
