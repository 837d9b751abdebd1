#!/usr/bin/env python3
"""Times our reader beside h5py and plain pread: in turn, on the same files, in one process each.

    Benchmarks/reading.py                   80 MB a dataset, 9 rounds
    Benchmarks/reading.py --rows 100000     400 MB
    Benchmarks/reading.py -o reading.csv

What counts is the ratio of two times of the same round; on a busy machine the ratio of processor
seconds is the steadier figure. Every reader makes a new array of its own;
the files are in the page cache. The sums of the numbers are compared.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
FEATURES = 1024
DATASETS = {  # name: (element type, options)
    "float32 contiguous": ("f4", {}),
    "float16 contiguous": ("f2", {}),
    "float16 gzip + shuffle": ("f2", dict(chunks=True, compression="gzip", shuffle=True)),
    "float32 gzip": ("f4", dict(chunks=True, compression="gzip")),
    "float32 gzip + shuffle": ("f4", dict(chunks=True, compression="gzip", shuffle=True)),
    "float32 lzf": ("f4", dict(chunks=True, compression="lzf")),
    "float32 lzf + shuffle": ("f4", dict(chunks=True, compression="lzf", shuffle=True)),
    "float32 chunked": ("f4", dict(chunks=True)),
}


def write(path, rows):
    """Activations after a ReLU: half of them zero."""
    values = np.maximum(np.random.default_rng(0).normal(size=(rows, FEATURES)), 0).astype("f4")
    with h5py.File(path, "w") as f:
        for name, (dtype, options) in DATASETS.items():
            f.create_dataset(name, data=values.astype(dtype), **options)


def with_pread(path, name):
    with h5py.File(path, "r") as f:
        offset, size = f[name].id.get_offset(), f[name].id.get_storage_size()
    descriptor = os.open(path, os.O_RDONLY)
    start, used = time.perf_counter(), time.process_time()
    buffer = np.empty(size, "u1")
    done = 0
    while done < size:
        done += os.preadv(descriptor, [memoryview(buffer)[done:]], offset + done)
    seconds = time.perf_counter() - start, time.process_time() - used
    os.close(descriptor)
    return seconds, buffer.view("f4").sum(dtype="f8")


def with_h5py(path, name, convert):
    start, used = time.perf_counter(), time.process_time()
    with h5py.File(path, "r") as f:
        dataset = f[name]
        if convert == "library":
            values = dataset.astype("f4")[...]
        else:
            values = dataset[...].astype("f4", copy=False)
    return (time.perf_counter() - start, time.process_time() - used), values.sum(dtype="f8")


class Ours:
    def __init__(self):
        package = HERE / "Reading"
        subprocess.run(["swift", "build", "-c", "release", "--package-path", package], check=True,
                       stdout=sys.stderr)
        self.process = subprocess.Popen(
            [package / ".build/release/Reading"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)

    def __call__(self, path, name):
        self.process.stdin.write(f"{path}\t/{name}\n")
        self.process.stdin.flush()
        seconds, processor, total = map(float, self.process.stdout.readline().split())
        return (seconds, processor), total


def rivals(name):
    """The others, by name."""
    found = {}
    if name == "float32 contiguous":
        found["pread"] = with_pread
    if name.startswith("float16"):
        found["h5py, NumPy converts"] = lambda p, n: with_h5py(p, n, "NumPy")
        found["h5py, library converts"] = lambda p, n: with_h5py(p, n, "library")
    else:
        found["h5py"] = lambda p, n: with_h5py(p, n, "NumPy")
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    print(f"h5py {h5py.__version__} with HDF5 {h5py.version.hdf5_version}")
    ours = Ours()
    rows = [("dataset", "rival", "times_as_fast_median", "least", "most",
             "times_as_fast_by_processor_seconds", "our_seconds")]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "reading.h5")
        write(path, options.rows)
        for name in DATASETS:
            times = {rival: [] for rival in rivals(name)}
            own = []
            for round_number in range(options.rounds + 1):
                seconds, total = ours(path, name)
                for rival, read in rivals(name).items():
                    other, expected = read(path, name)
                    assert abs(total - expected) <= 1e-9 * abs(expected), (name, rival)
                    if round_number > 0:
                        times[rival].append([theirs / mine for theirs, mine in zip(other, seconds)])
                if round_number > 0:
                    own.append(seconds[0])
            for rival, pairs in times.items():
                ratios, processor = zip(*pairs)
                rows.append((name, rival, round(statistics.median(ratios), 2),
                             round(min(ratios), 2), round(max(ratios), 2),
                             round(statistics.median(processor), 2),
                             round(statistics.median(own), 4)))
                print(f"{name:24} {rival:24} {rows[-1][2]:7} times as fast "
                      f"({rows[-1][3]} to {rows[-1][4]}), {rows[-1][5]} by processor seconds",
                      flush=True)
    if options.output:
        with open(options.output, "w", newline="") as f:
            csv.writer(f).writerows(rows)


if __name__ == "__main__":
    main()
