"""Who takes part, how one run is timed, and whether all agree on the numbers."""

import csv
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
OURS = "universality"

#: What differs more than this from ours is another number, not rounding.
TOLERANCE = {"double": 1e-8, "single": 1e-5}


@dataclass(frozen=True)
class Setting:
    """What all contestants share in a run."""

    folder: Path
    metric: str
    precision: str
    threads: int
    core: str


@dataclass
class Contestant:
    """A program that turns a folder of dumps into a CSV of pairs."""

    name: str
    metrics: tuple
    command: object
    title: str
    #: Computes some of the pairs once; its time is extrapolated.
    is_package: bool = False
    precisions: tuple = ("double", "single")
    #: Runs only when it is asked for by name.
    is_extra: bool = False


@dataclass
class Run:
    """One run of one contestant."""

    contestant: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    #: The share of the machine that other programs used meanwhile.
    other_load: float
    exit_code: int
    message: str = ""
    stages: dict = field(default_factory=dict)

    @property
    def is_extrapolated(self):
        return "extrapolated" in self.stages


class Programs:
    """Our command, the floors built from source, and the Python for the rest."""

    def __init__(self, ours, python, build):
        self.ours = Path(ours)
        self.python = python
        self.build = Path(build)
        if not os.access(self.ours, os.X_OK):
            raise SystemExit(f"{self.ours} is not there\n  help: `make bench` builds it; --ours names another")
        words = subprocess.run([self.ours, "compare", "--help"], capture_output=True, text=True).stdout
        self.has_precision = "--precision" in words

    def build_floors(self):
        """Compiles floor.c for both precisions; returns why that is impossible, if it is."""
        self.build.mkdir(parents=True, exist_ok=True)
        libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "hdf5", "openblas"],
                                   capture_output=True, text=True)
        if libraries.returncode:
            return libraries.stderr.strip()
        for precision, flags in (("double", []), ("single", ["-DSINGLE"])):
            result = subprocess.run(
                ["gcc", "-std=gnu11", "-O3", "-march=native", "-ffast-math", *flags, HERE / "floor.c",
                 "-o", self.floor(precision), *libraries.stdout.split(), "-lpthread", "-lm"],
                capture_output=True, text=True)
            if result.returncode:
                return result.stderr.strip()
        return None

    def floor(self, precision):
        return self.build / f"floor-{precision}"

    def contestants(self):
        return [
            Contestant(OURS, ("cka", "svcca"), self._ours, "our command"),
            Contestant("floor", ("cka", "svcca"), self._floor, "minimal C program: reads, BLAS, LAPACK"),
            Contestant("numpy", ("cka", "svcca"), self._numpy("tasks"),
                       "hand-written NumPy with caching, thread pool"),
            Contestant("numpy-blas", ("cka", "svcca"), self._numpy("blas"),
                       "the same, threads left to BLAS", is_extra=True),
            self._package("rsatoolbox", "cka"),
            self._package("torch_cka", "cka"),
            self._package("cca-zoo", "svcca"),
        ]

    def _ours(self, setting, output):
        metrics = ("cka-debiased", "cka") if setting.metric == "cka" else (setting.metric,)
        command = [self.ours, "compare", setting.folder, "-o", output, "--quiet",
                   "--threads", setting.threads]
        for metric in metrics:
            command += ["--metric", metric]
        if self.has_precision:
            command += ["--precision", setting.precision]
        return command

    def _floor(self, setting, output):
        return [self.floor(setting.precision), setting.metric, setting.folder, setting.threads, output]

    def _numpy(self, parallel):
        return lambda setting, output: [
            self.python, HERE / "numpy_rival.py", setting.metric, setting.folder, "-o", output,
            "--threads", setting.threads, "--precision", setting.precision, "--parallel", parallel]

    def _package(self, name, metric):
        return Contestant(
            name, (metric,), lambda setting, output: [
                self.python, HERE / "package_rival.py", name, setting.folder, "-o", output,
                "--threads", setting.threads],
            "package from PyPI, extrapolated", is_package=True, precisions=("double",))


def run(contestant, setting, output, time_limit):
    """Runs a contestant once, from the start of the process to its end."""
    environment = dict(os.environ)
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[variable] = str(setting.threads)
    if setting.core != "native":
        environment["OPENBLAS_CORETYPE"] = setting.core
    command = [str(word) for word in contestant.command(setting, output)]
    busy = _busy_seconds()
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    late = threading.Timer(time_limit, process.kill)
    late.start()
    streams = {}
    reader = threading.Thread(target=lambda: streams.update(err=process.stderr.read()), daemon=True)
    reader.start()
    try:
        streams["out"] = process.stdout.read()
        reader.join()
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:  # interrupted: nobody is left behind
        late.cancel()
        process.kill()
        process.wait()
        raise
    seconds = time.perf_counter() - start
    late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()

    cpu = usage.ru_utime + usage.ru_stime
    others = max(0, _busy_seconds() - busy - cpu) / (seconds * os.cpu_count())
    result = Run(contestant.name, seconds, cpu, usage.ru_maxrss * 1024, others, process.returncode)
    if process.returncode == -9 and seconds >= time_limit:
        result.message = f"stopped after {time_limit:.0f} s"
    elif process.returncode:
        result.message = (streams["err"].strip().splitlines() or [f"exit code {process.returncode}"])[-1]
    else:
        try:
            result.stages = json.loads(streams["out"])
            result.seconds = result.stages.get("extrapolated", seconds)
        except ValueError:
            pass  # ours prints no stages
    return result


def _busy_seconds():
    with open("/proc/stat") as file:
        ticks = [int(word) for word in file.readline().split()[1:]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def values(path):
    """The values of a CSV of pairs; the order of a pair does not matter."""
    with open(path, newline="") as file:
        return {
            (row["metric"], frozenset([(row["model_a"], row["layer_a"]), (row["model_b"], row["layer_b"])])):
                float(row["value"]) if row["value"] else float("nan")
            for row in csv.DictReader(file)}


def largest_difference(ours, theirs):
    """The largest |difference| over the pairs that both have, or None where they have none in common.

    A value that only one of them has counts as infinitely far away.
    """
    shared = ours.keys() & theirs.keys()
    if not shared:
        return None
    difference = 0.0
    for pair in shared:
        distance = abs(ours[pair] - theirs[pair])
        difference = max(difference, distance if distance == distance else float("inf"))
    return difference


def core_type():
    """The best kernels that every OpenBLAS since 0.3.8 has for this processor.

    Left alone, an old and a new OpenBLAS can choose differently on the same machine.
    """
    with open("/proc/cpuinfo") as file:
        flags = next((set(line.split()) for line in file if line.startswith("flags")), set())
    if {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= flags:
        return "SkylakeX"
    if {"avx2", "fma"} <= flags:
        return "Haswell"
    return "native"


def warm(folder):
    """Brings the files into the page cache; returns their size."""
    size = 0
    buffer = bytearray(1 << 22)
    for path in sorted(folder.glob("*.h5")):
        with open(path, "rb", buffering=0) as file:
            while count := file.readinto(buffer):
                size += count
    return size


def zoo(name, data, variant, python, seed):
    """The folder of a zoo, made in a process of its own: this one stays small.

    The peak memory of a child counts that of its parent at the moment of the fork.
    """
    result = subprocess.run(
        [python, HERE / "make_zoo.py", name, "--data", data, "--variant", variant, "--seed", str(seed)],
        stdout=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(result.returncode)
    return Path(result.stdout.strip().splitlines()[-1])
