"""Runs the built command on damaged dumps and looks for crashes, hangs and numbers that changed.

    pip install h5py numpy
    python Tests/Fuzz/fuzz.py --count 2000 [--seed 1] [--kinds gzip plain] [--jobs 2]
    python Tests/Fuzz/fuzz.py --prefixes          every prefix of eight kinds of files

Each run reads a folder with one damaged file and one sound one. Expected is: no signal, no internal
error, an end within ten seconds; the sound file is read as if it were alone; the damaged one is read
with its numbers unchanged, or named in the output. Numbers that changed without a word are counted
by where the damage lies: raw data without a checksum cannot show it, metadata of the first file
format can hardly, and everything with a checksum must.

Failures are kept in the folder of --keep with the command line that repeats them.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import seeds  # noqa: E402

COMMAND = [os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../.build/release/universality")]
LIMIT = 10
EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1]
SIGNATURES = [b"TREE", b"HEAP", b"SNOD", b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"FHIB", b"BTHD",
              b"BTLF", b"BTIN", b"GCOL", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EASB", b"EADB"]


def flip(data, at, rng):
    data[at] ^= 1 << rng.randrange(8)


def noise(data, at, rng):
    data[at] = rng.randrange(256)


def extreme(data, at, rng):
    width = rng.choice([1, 2, 4, 8])
    value = rng.choice(EXTREMES) % 2 ** (8 * width)
    data[at:at + width] = value.to_bytes(width, "little")[:max(0, len(data) - at)]


def nudge(data, at, rng):
    if at + 8 <= len(data):
        value = struct.unpack_from("<Q", data, at)[0]
        step = rng.choice([-8, -1, 1, 8, 512, 4096])
        struct.pack_into("<Q", data, at, (value + step) % 2**64)


def splice(data, at, rng):
    count = rng.randrange(1, 64)
    source = rng.randrange(len(data))
    piece = data[source:source + count]
    data[at:at + len(piece)] = piece


def truncate(data, at, rng):
    del data[at:]


def delete(data, at, rng):
    del data[at:at + rng.randrange(1, 32)]


def insert(data, at, rng):
    data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 32)))


def zeros(data, at, rng):
    count = min(rng.choice([4, 16, 128, 512, 4096]), len(data) - at)
    data[at:at + count] = bytes(count)


MUTATIONS = [flip] * 6 + [noise] * 4 + [extreme] * 6 + [nudge] * 3 + [
    splice, splice, truncate, delete, insert, zeros]


def mutated(original, raw, rng):
    """A damaged copy, and whether only raw data differ."""
    data = bytearray(original)
    used = [a for a in range(len(original)) if not any(s <= a < e for s, e in raw)]
    marks = [i for s in SIGNATURES for i in places(original, s)]
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        if not data:
            break
        choice = rng.random()
        if choice < 0.45 and marks:
            at = rng.choice(marks) + rng.randrange(96)
        elif choice < 0.9:
            at = rng.choice(used)
        else:
            at = rng.randrange(len(original))
        rng.choice(MUTATIONS)(data, min(at, len(data) - 1), rng)
    same_length = len(data) == len(original)
    changed = [i for i, (a, b) in enumerate(zip(data, original)) if a != b]
    only_raw = same_length and all(any(s <= i < e for s, e in raw) for i in changed)
    return bytes(data), only_raw, same_length and not changed


def places(data, signature):
    start = data.find(signature)
    while start >= 0:
        yield start
        start = data.find(signature, start + 1)


def pairs(text):
    """{(model, layer, model, layer): value} of `compare`."""
    found = {}
    for line in text.splitlines()[1:]:
        cells = line.split(",")
        if len(cells) >= 8 and cells[6]:
            found[tuple(sorted([(cells[1], cells[2]), (cells[3], cells[4])]))] = cells[6]
    return found


def run(folder):
    """Exit code, output, errors and seconds: of the processor where that is less than of the clock, as
    on a busy machine; of the clock where the command does nothing for a long time."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [*COMMAND, "compare", folder, "--metric", "cka", "--ids", "positional", "--threads", "2"],
            stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        timer = threading.Timer(12 * LIMIT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        code = process.returncode = os.waitstatus_to_exitcode(status)
        if not timer.is_alive():
            code = "timeout"
        timer.cancel()
        used = usage.ru_utime + usage.ru_stime
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf8", "replace"))
    return code, *texts, seconds if seconds > 6 * LIMIT else min(seconds, used)


def differs(a, b):
    """Beyond rounding, which other widths of other layers change."""
    return a is None or abs(float(a) - float(b)) > 1e-12


def judge(result, expected):
    """What is wrong with a run, or what came of it."""
    code, out, err, seconds = result
    if seconds > LIMIT or code == "timeout":
        return "HANG"
    if code not in (0, 2, 3, 4):
        return f"CRASH {code}"
    found = pairs(out)
    sound = {k: v for k, v in expected.items() if all(m == "good" for m, _ in k)}
    if code in (0, 2) and any(differs(found.get(k), v) for k, v in sound.items()):
        # Other numbers of samples are compared over the rows that both have.
        return "SOUND FILE HARMED" if "mutant." not in err else "refused"
    if code in (3, 4):
        return "refused" if "mutant" in err else "UNNAMED"
    wrong = [k for k, v in found.items() if differs(expected.get(k, v), v)]
    if wrong:
        return "changed, said" if code == 2 else "changed"
    return "unchanged" if set(expected) <= set(found) else (
        "refused" if "mutant" in err else "layers missing")


def case(number, arguments, originals, good, expected):
    rng = random.Random(f"{arguments.seed}/{number}")
    kind = rng.choice(arguments.kinds)
    original, raw = originals[kind]
    data, only_raw, is_same = mutated(original, raw, rng)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        shutil.copy(good[kind], os.path.join(folder, "good" + seeds.extension(kind)))
        with open(os.path.join(folder, "mutant" + seeds.extension(kind)), "wb") as f:
            f.write(data)
        result = run(folder)
        verdict = judge(result, expected[kind])
        if verdict == "changed":
            # Damage to raw data is to blame if it alone has the same effect.
            only_raw = only_raw or same_effect(kind, original, data, raw, folder, result)
            checked = "fletcher32" in kind if only_raw else (
                seeds.SEEDS[kind][1] == "v110" or kind.startswith("npz"))
            verdict = "CHANGED DESPITE A CHECKSUM" if checked else (
                "changed: raw data" if only_raw else "changed: metadata without checksums")
        if verdict == "refused" and "libhdf5 crashed" in result[2]:
            verdict = "refused, libhdf5 crashed"
        if verdict == "refused" and "libhdf5 needed" in result[2]:
            verdict = "refused, libhdf5 took too long"
        loud = verdict.isupper() or verdict.startswith("CRASH")
        if loud or arguments.keep_all and verdict.startswith("changed"):
            keep(arguments, folder, f"{verdict}-{kind}-{number}", result)
    return kind, verdict, result[3]


def same_effect(kind, original, data, raw, folder, result):
    if len(data) != len(original):
        return False
    only = bytearray(original)
    for start, end in raw:
        only[start:end] = data[start:end]
    with open(os.path.join(folder, "mutant" + seeds.extension(kind)), "wb") as f:
        f.write(only)
    found = pairs(run(folder)[1])
    with open(os.path.join(folder, "mutant" + seeds.extension(kind)), "wb") as f:
        f.write(data)
    return all(found.get(k) == v for k, v in pairs(result[1]).items())


def keep(arguments, folder, name, result):
    target = os.path.join(arguments.keep, name.replace(" ", "-").replace(":", ""))
    shutil.copytree(folder, target, dirs_exist_ok=True)
    with open(os.path.join(target, "output.txt"), "w") as f:
        f.write(f"exit code {result[0]}, {result[3]:.1f} s\n{result[1]}\n{result[2]}")


def prefix_batch(kind, lengths, arguments, originals, good, expected):
    """Many prefixes in one folder with the sound file: each is refused by name or reads the same."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        shutil.copy(good[kind], os.path.join(folder, "good" + seeds.extension(kind)))
        names = {f"p{length:07d}p": length for length in lengths}
        for name, length in names.items():
            with open(os.path.join(folder, name + seeds.extension(kind)), "wb") as f:
                f.write(originals[kind][0][:length])
        result = run(folder)
        code, out, err, seconds = result
        found = pairs(out)
        verdicts = []
        for name in names:
            if code not in (0, 2, 3, 4):
                verdict = "HANG" if code == "timeout" else f"CRASH {code}"
            elif any(differs(found.get(k), v) for k, v in expected[kind].items()
                     if code in (0, 2) and all(m == "good" for m, _ in k)):
                verdict = "SOUND FILE HARMED"
            else:
                own = {tuple(sorted(("mutant", l) if m == name else (m, l) for m, l in pair)): value
                       for pair, value in found.items()
                       if any(m == name for m, _ in pair) and all(m in (name, "good") for m, _ in pair)}
                if own:
                    wrong = any(differs(expected[kind].get(k), v) for k, v in own.items())
                    verdict = "CHANGED" if wrong else "unchanged"
                else:
                    verdict = "refused" if name in err else "UNNAMED"
            verdicts.append((kind, verdict, seconds / len(names)))
        if any(v.isupper() or v.startswith("CRASH") for _, v, _ in verdicts):
            keep(arguments, folder, f"prefix-{kind}-{min(lengths)}", result)
        return verdicts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", default=list(seeds.SEEDS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--prefixes", action="store_true")
    parser.add_argument("--step", type=int, default=1, help="between the lengths of prefixes")
    parser.add_argument("--command", help="another build of the command")
    parser.add_argument("--keep", default="fuzz-failures")
    parser.add_argument("--keep-all", action="store_true", help="keep silent changes too")
    arguments = parser.parse_args()
    if arguments.command:
        COMMAND[:] = [arguments.command]

    with tempfile.TemporaryDirectory(prefix="fuzz-seeds-") as folder:
        originals, good, expected = {}, {}, {}
        for kind in arguments.kinds:
            path = os.path.join(folder, f"{kind}.h5")
            seeds.write(kind, path)
            originals[kind] = (open(path, "rb").read(), seeds.raw_ranges(path))
            pair = os.path.join(folder, kind)
            os.mkdir(pair)
            good[kind] = os.path.join(folder, kind, "good" + seeds.extension(kind))
            shutil.copy(path, good[kind])
            shutil.copy(path, os.path.join(pair, "mutant" + seeds.extension(kind)))
            code, out, err, _ = run(pair)
            expected[kind] = pairs(out)
            assert code == 0 and expected[kind], f"{kind}: {code} {err}"

        if arguments.prefixes:
            kinds = [k for k in ["plain", "groups-v110", "gzip", "b-tree-2", "compact",
                                 "fletcher32-v110", "npz", "safetensors"] if k in arguments.kinds]
            jobs = []
            for kind in kinds:
                lengths = range(0, len(originals[kind][0]), arguments.step)
                jobs += [(prefix_batch, (kind, lengths[n:n + 100], arguments, originals, good, expected))
                         for n in range(0, len(lengths), 100)]
        else:
            jobs = [(lambda *a: [case(*a)], (n, arguments, originals, good, expected))
                    for n in range(arguments.first, arguments.first + arguments.count)]
        verdicts = collections.Counter()
        by_kind = collections.defaultdict(collections.Counter)
        slowest = 0
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for done in pool.map(lambda job: job[0](*job[1]), jobs):
                for kind, verdict, seconds in done:
                    verdicts[verdict] += 1
                    by_kind[kind][verdict] += 1
                    slowest = max(slowest, seconds)
    print(json.dumps({
        "runs": sum(verdicts.values()), "slowest seconds": round(slowest, 2), "verdicts": dict(verdicts),
        "kinds": {k: dict(v) for k, v in sorted(by_kind.items())}}, indent=1))
    bad = [v for v in verdicts if v.isupper() or v.startswith("CRASH")]
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
