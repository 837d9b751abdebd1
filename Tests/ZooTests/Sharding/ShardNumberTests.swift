import Testing
import Zoo

@Suite struct ShardNumberTests {
  @Test func aNumberIsOneOfAsManyAsThereAre() {
    #expect(ShardNumber("2/7") == ShardNumber(2, of: 7))
    #expect(ShardNumber("1/1")?.description == "1/1")
    for text in ["0/7", "8/7", "1/0", "-1/7", "1", "1/2/3", "a/b", "", "/", "1/-1"] {
      #expect(ShardNumber(text) == nil, "\(text)")
    }
  }

  /// What batch systems set, and the shard that it means.
  static let environments: [([String: String], String)] = [
    (
      [
        "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "16",
        "SLURM_ARRAY_TASK_COUNT": "16", "SLURM_PROCID": "0", "SLURM_NTASKS": "1",
      ], "3/16"
    ),
    (
      [
        "SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_MAX": "18",
        "SLURM_ARRAY_TASK_COUNT": "5",
      ], "3/5"
    ),
    (["SLURM_PROCID": "0", "SLURM_NTASKS": "4"], "1/4"),
    (["SLURM_PROCID": "3", "SLURM_NTASKS": "4"], "4/4"),
    (["OMPI_COMM_WORLD_RANK": "5", "OMPI_COMM_WORLD_SIZE": "6"], "6/6"),
    // mpirun in a batch job: all inherit task 0 of the batch script.
    (
      [
        "OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "8", "SLURM_PROCID": "0",
        "SLURM_NTASKS": "8", "PMIX_RANK": "2",
      ], "3/8"
    ),
    (["PMI_RANK": "1", "PMI_SIZE": "3"], "2/3"),
    (["MV2_COMM_WORLD_RANK": "0", "MV2_COMM_WORLD_SIZE": "3"], "1/3"),
    (["PMIX_RANK": "1", "SLURM_PROCID": "1", "SLURM_NTASKS": "3"], "2/3"),
    // Two processes in each of three tasks of an array.
    (
      [
        "SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "2",
        "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_PROCID": "1", "SLURM_NTASKS": "2",
      ], "6/6"
    ),
  ]

  @Test(arguments: environments)
  func batchSystemsSayWhichShardAProcessIs(
    environment: [String: String], number: String
  ) throws {
    #expect(try ShardNumber(environment: environment).description == number)
  }

  static let unclear: [([String: String], String)] = [
    (["PATH": "/bin"], "neither a task"),
    (["SLURM_PROCID": "4", "SLURM_NTASKS": "4"], "SLURM_PROCID is 4, but SLURM_NTASKS is 4"),
    (["OMPI_COMM_WORLD_RANK": "x", "OMPI_COMM_WORLD_SIZE": "4"], "OMPI_COMM_WORLD_RANK is 'x'"),
    (["SLURM_ARRAY_TASK_ID": "3"], "SLURM_ARRAY_TASK_COUNT is not set"),
    (["PMIX_RANK": "1"], "neither a task"),
    (
      [
        "SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "9",
        "SLURM_ARRAY_TASK_COUNT": "4",
      ], "not evenly spaced"
    ),
  ]

  @Test(arguments: unclear)
  func anUnclearEnvironmentIsNotGuessed(environment: [String: String], words: String) {
    let error = #expect(throws: ShardNumberMissing.self) {
      try ShardNumber(environment: environment)
    }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }
}
