import Foundation
import Testing

/// The results in the programs that researchers open them with.
@Suite struct PythonTests {
  /// The first Python that can import the modules.
  private static func python(with modules: String) -> String? {
    ["/usr/bin/python3", "/usr/local/bin/python3"].first {
      FileManager.default.isExecutableFile(atPath: $0)
        && (try? BuiltCommand.run($0, ["-c", "import \(modules)"]).exitCode) == 0
    }
  }

  private static let reader = python(with: "h5py, xarray, netCDF4, h5netcdf, pandas")
  private static let writer = python(with: "h5py, numpy")

  @Test(.enabled(if: reader != nil, "Python with xarray, netCDF4, h5netcdf and pandas is missing"))
  func resultsOpenInXarrayPandasAndH5py() throws {
    let folder = try BuiltCommand.report.get().folder.path
    let script = """
      import sys, h5py, numpy as np, pandas as pd, xarray as xr
      folder = sys.argv[1]
      pairs = pd.read_csv(folder + "/pairs.csv", keep_default_na=False, na_values={"value": [""]},
                          float_precision="round_trip")
      for engine in ["netcdf4", "h5netcdf"]:
          with xr.open_dataset(folder + "/results.nc", engine=engine) as data:
              similarity = data["similarity"]
              assert similarity.dims == ("metric", "a", "b"), similarity.dims
              assert similarity.shape == (3, 229, 229)
              for row in pairs.sample(200, random_state=1).itertuples():
                  value = float(similarity.sel(metric=row.metric, a=row.model_a + "/" + row.layer_a,
                                               b=row.model_b + "/" + row.layer_b))
                  assert value == row.value, (row, value)
              assert set(np.unique(data["family"].values)) >= {"cnn", "vit"}
              score = data["direction_score"]
              assert score.dims == ("direction", "sample") and score.shape[1] == 500, score.dims
              held = score.isel(sample=data["sample_half"].values == 1)
              assert held.shape[1] == 250 and np.isfinite(held).all()
              shared = data["direction_eigenvalue"] > data["direction_null_threshold"]
              assert int(shared.sum()) == 9 and float(data["direction_null_edge"]) < 0.5
      with h5py.File(folder + "/results.nc") as f:
          assert f["similarity"].shape == (3, 229, 229)
          assert np.isfinite(f["similarity"][...]).all()
      for name in ["layers", "models", "families"]:
          table = pd.read_csv(folder + "/" + name + ".csv", keep_default_na=False)
          assert list(table["rank"]) == list(range(1, len(table) + 1))
      print("all open")
      """
    let outcome = try BuiltCommand.run(try #require(Self.reader), ["-c", script, folder])
    #expect(outcome.output == "all open\n", "\(outcome.errors)")
  }

  /// What `universality snippet numpy` prints writes a dump that is read without a flag.
  @Test(.enabled(if: writer != nil, "Python with h5py is missing"))
  func theSnippetWritesADumpThatIsRead() throws {
    let folder = BuiltCommand.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let snippet = try BuiltCommand.run("snippet", "numpy").output
    let script =
      snippet + """

        import sys
        random = np.random.default_rng(0)
        x = random.normal(size=(60, 8))
        for family in ["mlp", "cnn"]:
            layers = {"hidden": (x @ random.normal(size=(8, 16)), "n d"),
                      "conv": (random.normal(size=(60, 5, 3, 4)).astype("f2"), "n c h w")}
            write_dump(sys.argv[1] + "/" + family + ".h5", layers, [f"s{i}" for i in range(60)],
                       np.arange(60) % 10, model=family + "-s0", family=family, trained=True,
                       seed=0, accuracy=0.5)
        """
    let written = try BuiltCommand.run(try #require(Self.writer), ["-c", script, folder.path])
    #expect(written.exitCode == 0, "\(written.errors)")
    let outcome = try BuiltCommand.run("inspect", folder.path, "--json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let layers = try #require(object["layers"] as? [[String: Any]])
    #expect(layers.compactMap { $0["layer"] as? String } == ["hidden", "conv", "hidden", "conv"])
    #expect(layers.compactMap { $0["features"] as? Int } == [16, 5, 16, 5])
    #expect(layers.compactMap { $0["dims"] as? String } == ["n d", "n c h w", "n d", "n c h w"])
  }

  @Test(.enabled(if: writer != nil, "Python is missing"), arguments: ["pytorch", "jax", "keras"])
  func everySnippetIsValidPython(_ framework: String) throws {
    let snippet = try BuiltCommand.run("snippet", framework).output
    let outcome = try BuiltCommand.run(
      try #require(Self.writer), ["-c", "import ast, sys; ast.parse(sys.argv[1])", snippet])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
  }
}
