"""Runs the built command on files that are made to do harm: what is known to crash readers of HDF5,
field by field.

    pip install h5py numpy
    python Tests/Fuzz/crafted.py [--count 2000] [--seed 1] [--batch 20]

Where `fuzz.py` damages files as disks and programs do, this one lies: in every structure that the
format has (superblocks, object headers and each of their messages, B-trees, heaps, indices of chunks)
fields get sizes that are too small or too large, addresses that lead back to where they stand,
numbers beyond all tables, and the checksums are made right again. The base files have every version
of the format and the features that ordinary dumps do not use.

The files of a batch lie in one folder with a sound one. Expected is one run that ends by itself within
ten seconds, reads the sound file as if it were alone, and names every other file or reads its sound
numbers. A batch that fails is run file by file; failures are kept in the folder of --keep.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import struct
import sys
import tempfile

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fuzz  # noqa: E402
import seeds  # noqa: E402
import structures  # noqa: E402

BASES = {}


def base(*versions, **options):
    def register(write):
        for version in versions:
            BASES[f"{write.__name__}-{version}"] = (write, version, options)
        return write
    return register


def layers(f):
    f["ids"] = [f"img{i:03d}" for i in range(seeds.SAMPLES)]
    f["conv"] = seeds.numbers(6)
    f["dense"] = seeds.numbers(5, 1)


@base("earliest", "v108", "v110")
def types(f):
    layers(f)
    f["named"] = np.dtype([("a", "f4"), ("b", "i2", (3,))])
    f.create_dataset("shared", (4,), f["named"])
    f["enumerated"] = np.zeros(4, h5py.enum_dtype({"A": 0, "B": 1}))
    f["opaque"] = np.zeros(4, "V7")
    f["nested"] = np.zeros(3, [("x", [("y", [("z", "f8")])]), ("s", "S5")])
    f.create_dataset("array", (3,), np.dtype("(2,3)f4"))
    f.create_dataset("lists", (5,), h5py.vlen_dtype("f4"))[...] = [np.arange(i, dtype="f4") for i in range(5)]
    f["texts"] = ["a" * i for i in range(9)]
    f["references"] = np.array([f["conv"].ref, f["dense"].ref], h5py.ref_dtype)
    f["regions"] = np.array([f["conv"].regionref[2:4]], h5py.regionref_dtype)
    f["odd"] = np.zeros(5, "i4")
    f["scalar"] = 3.5
    f["null"] = h5py.Empty("f4")


@base("earliest", "v108", "v110")
def attributes(f):
    layers(f)
    for place in (f, f["conv"]):
        for i in range(20):
            place.attrs[f"attribute {i}"] = "x" * (7 * i)
        place.attrs["numbers"] = np.arange(50.0)
        place.attrs["texts"] = ["some", "texts"]
        place.attrs["reference"] = f["conv"].ref


@base("earliest", "v108", "v110")
def storage(f):
    layers(f)
    for number, options in enumerate([
            {}, {"compression": "gzip", "shuffle": True}, {"scaleoffset": 3}, {"fletcher32": True},
            {"compression": "lzf"}, {"maxshape": (None, 6), "fillvalue": 3},
            {"maxshape": (None, None), "compression": "gzip"}]):
        f.create_dataset(f"layer{number}", data=seeds.numbers(6, number), chunks=(7, 4), **options)
    f.create_dataset("empty", (0, 6), "f4", chunks=(7, 4), maxshape=(None, 6))
    f.create_dataset("external", (4,), "u1", external=[("elsewhere", 0, 4)])
    layout = h5py.VirtualLayout((24, 6), "f4")
    layout[...] = h5py.VirtualSource(".", "conv", (24, 6))
    f.create_virtual_dataset("virtual", layout)
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((7, 4))
    creation.set_filter(h5py.h5z.FILTER_NBIT, 0, ())
    kind = h5py.h5t.STD_I16LE.copy()
    kind.set_precision(12)
    packed = h5py.h5d.create(f.id, b"packed", kind, h5py.h5s.create_simple((24, 6)), creation)
    packed.write(h5py.h5s.ALL, h5py.h5s.ALL, seeds.numbers(6).astype("i2"))


@base("earliest", "v108", "v110")
def links(f):
    layers(f)
    for i in range(40):
        f.require_group("many")[f"layer with a long name {i}"] = seeds.numbers(2, i)
    f["soft"] = h5py.SoftLink("/conv")
    f["external"] = h5py.ExternalLink("elsewhere.h5", "/conv")
    f["again"] = f["conv"]
    f["many/up"] = f["/"]
    ordered = f.create_group("ordered", track_order=True)
    for i in range(12):
        ordered[f"l{i}"] = seeds.numbers(2, i)


@base("earliest", "v110", userblock_size=512)
def behind(f):
    layers(f)


@base("v110", fs_strategy="page", fs_page_size=4096, fs_persist=True)
def paged(f):
    layers(f)
    f.create_dataset("growing", data=seeds.numbers(6), chunks=(5, 6), maxshape=(None, 6))


def written(name, path):
    write, version, options = BASES[name]
    with h5py.File(path, "w", libver=(version, "v110"), **options) as f:
        write(f)


def headers(path):
    """The addresses of all object headers, also of what no link leads to twice."""
    found = set()
    with h5py.File(path, "r") as f:
        found.add(h5py.h5o.get_info(f.id).addr)
        f.visititems(lambda _, item: found.add(h5py.h5o.get_info(item.id).addr))
        return sorted(address + f.userblock_size for address in found)


class Base:
    """A sound file, with the places where lies can be told."""

    def __init__(self, name, folder):
        self.name = name
        path = os.path.join(folder, name + ".h5")
        written(name, path)
        self.data = open(path, "rb").read()
        self.checked = structures.checked_ranges(self.data)
        start = self.data.find(b"\x89HDF\r\n\x1a\n")
        # (name, first byte, size) of what is worth lying about.
        self.parts = [("superblock", start + 8, 92)] * 3
        for address in headers(path):
            self.parts.append(("header", address, 16))
            if start:
                continue
            for kind, body, size in structures.messages(self.data, address):
                # With the type and size of the message before it.
                if kind != 0:
                    self.parts.append((f"message {kind:#x}", body - 6, min(size, 120) + 6))
        for signature in structures.SIGNATURES:
            for place in structures.places(self.data, signature):
                self.parts += [(signature.decode(), place + 4, 80)] * 2
        self.addresses = [part[1] for part in self.parts] + [start, len(self.data)]


WORDS = [0, 1, 2, 7, 32, 33, 255, 0x7fff, 0xffff, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62,
         2**63 - 1, 2**63, 2**64 - 1]


def lie(base, rng):
    """One file: (what was done, bytes)."""
    data = bytearray(base.data)
    words = []
    # The rare structures as often as the frequent ones.
    kinds = sorted({part[0] for part in base.parts})
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        kind = rng.choice(kinds)
        name, start, size = rng.choice([p for p in base.parts if p[0] == kind])
        at = min(start + rng.randrange(size), len(data) - 8)
        width = rng.choice([1, 1, 2, 4, 8, 8])
        choice = rng.random()
        if choice < 0.55:
            value = rng.choice(WORDS)
        elif choice < 0.8:
            # An address: of another structure, of itself, or a little beside it.
            value = rng.choice(base.addresses + [at, start - 4, start - 4]) + rng.choice([0, 0, 0, 8, -8])
            width = 8
        else:
            value = int.from_bytes(data[at:at + width], "little") + rng.choice([-8, -1, 1, 8, 256])
        value %= 2 ** (8 * width)
        data[at:at + width] = value.to_bytes(width, "little")
        words.append(f"{name}+{at - start}={value:#x}/{width}")
    structures.forge(data, base.checked)
    return f"{base.name}: {', '.join(words)}", bytes(data)


def special():
    """Files that no change of one field makes."""
    def nested(depth):
        kind = h5py.h5t.NATIVE_FLOAT
        for _ in range(depth):
            kind = h5py.h5t.vlen_create(kind)
        return kind

    def compound(depth):
        kind = h5py.h5t.IEEE_F32LE
        for _ in range(depth):
            outer = h5py.h5t.create(h5py.h5t.COMPOUND, kind.get_size())
            outer.insert(b"a", 0, kind)
            kind = outer
        return kind

    def of_type(kind):
        def write(f):
            layers(f)
            h5py.h5d.create(f.id, b"strange", kind, h5py.h5s.create_simple((4,)))
        return write

    def members(f):
        layers(f)
        f.create_dataset("strange", (2,), [(f"m{i}", "f4") for i in range(700)])

    def filters(f):
        layers(f)
        for number, parameters in enumerate([(2**32 - 1,) * 200, (0,), ()]):
            for identifier in (1, 2, 3, 6, 307, 32001, 32004, 32008, 32015, 65535):
                creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                creation.set_chunk((8,))
                creation.set_filter(identifier, h5py.h5z.FLAG_OPTIONAL, parameters)
                try:
                    item = h5py.h5d.create(
                        f.id, f"filter{identifier}-{number}".encode(), h5py.h5t.IEEE_F32LE,
                        h5py.h5s.create_simple((8,)), creation)
                    item.write_direct_chunk((0,), bytes(range(40)))
                except (ValueError, OSError, TypeError):
                    continue  # the library refuses to write that itself

    def axes(f):
        layers(f)
        f.create_dataset("strange", (1,) * 32, "i4", chunks=(1,) * 32, maxshape=(None,) * 32)
        f.create_dataset("wide", (2**62, 1), "u1", chunks=(1024, 1))
        f.create_dataset("none", (0, 2**62), "f4", chunks=(1, 1024), maxshape=(None, None))

    def depth(f):
        layers(f)
        f.create_group("/".join("g" * 400))

    def names(f):
        layers(f)
        f["\x1b[31mred\x07\u202e" + "n" * 4096] = seeds.numbers(3)
        f["<script>alert(1)</script>"] = seeds.numbers(3)

    writers = {"nested lists": of_type(nested(200)), "nested compounds": of_type(compound(300)),
               "members": members, "filters": filters, "axes": axes, "depth": depth, "names": names}
    with tempfile.TemporaryDirectory() as folder:
        for version in ("earliest", "v110"):
            for name, write in writers.items():
                path = os.path.join(folder, "special.h5")
                with h5py.File(path, "w", libver=(version, "v110")) as f:
                    write(f)
                yield f"special {name} {version}", open(path, "rb").read()


def mentions(text, name):
    return re.search(rf"\b{name}\b", text) is not None


AMBIGUOUS = "stopped with the flags to choose from"
EXPECTED = {"as it should be", AMBIGUOUS}


def judged(folder, names, expected):
    """What is wrong with a run, or nothing; and the seconds it took."""
    code, out, err, seconds = fuzz.run(folder)
    trouble = []
    if code == 3 and any(mentions(err, name) for name in names) and "help: " in err:
        # A valid file whose axes can be read in several ways stops the run: that is meant.
        return [AMBIGUOUS] if len(names) == 1 else ["look at each"], seconds, err
    if code == "timeout" or seconds > fuzz.LIMIT * max(1, len(names) / 4):
        trouble.append("HANG")
    elif code not in (0, 2, 3, 4):
        trouble.append(f"CRASH {code}")
    found = fuzz.pairs(out)
    used = {model for pair in found for model, _ in pair}
    for name in names:
        if not any(model.startswith(name) for model in used) and not mentions(err, name):
            trouble.append(f"UNNAMED {name}")
    if any(fuzz.differs(found.get(pair), value) for pair, value in expected.items()):
        trouble.append("SOUND FILE HARMED")
    return trouble, seconds, f"exit code {code}, {seconds:.1f} s\n{out}\n{err}"


def batch(number, files, good, expected, keep):
    with tempfile.TemporaryDirectory(prefix="crafted-") as folder:
        def fill(chosen):
            for entry in os.listdir(folder):
                os.remove(os.path.join(folder, entry))
            shutil.copy(good, os.path.join(folder, "good.h5"))
            for index, (_, data) in chosen:
                with open(os.path.join(folder, f"x{index:05d}x.h5"), "wb") as f:
                    f.write(data)
            return judged(folder, [f"x{index:05d}x" for index, _ in chosen], expected)

        indexed = list(enumerate(files, number))
        trouble, seconds, _ = fill(indexed)
        verdicts = []
        if not trouble:
            return [("as it should be", seconds / len(files))] * len(files)
        for one in indexed:
            trouble, seconds, text = fill([one])
            verdicts.append((" ".join(re.sub(r" x\d+x", "", t) for t in trouble) or "as it should be", seconds))
            if set(trouble) - EXPECTED:
                target = os.path.join(keep, f"{one[0]:05d}")
                shutil.copytree(folder, target, dirs_exist_ok=True)
                with open(os.path.join(target, "output.txt"), "w") as f:
                    f.write(f"{one[1][0]}\n{trouble}\n{text}")
        return verdicts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--command", help="another build of the command")
    parser.add_argument("--keep", default="crafted-failures")
    options = parser.parse_args()
    if options.command:
        fuzz.COMMAND[:] = [options.command]

    with tempfile.TemporaryDirectory(prefix="crafted-bases-") as folder:
        bases = [Base(name, folder) for name in BASES]
        good = os.path.join(folder, "good.h5")
        # Positional ids: what a crafted file lacks in samples must not be cut off the sound one.
        seeds.write("plain", good)
        alone = os.path.join(folder, "alone")
        os.mkdir(alone)
        shutil.copy(good, os.path.join(alone, "good.h5"))
        code, out, err, _ = fuzz.run(alone)
        expected = fuzz.pairs(out)
        assert code == 0 and expected, err
        rng = random.Random(options.seed)
        files = list(special())
        files += [lie(bases[number % len(bases)], rng) for number in range(options.count - len(files))]
        batches = [(start, files[start:start + options.batch])
                   for start in range(0, len(files), options.batch)]
        verdicts = collections.Counter()
        slowest = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for done in pool.map(
                    lambda b: batch(b[0], b[1], good, expected, options.keep), batches):
                for verdict, seconds in done:
                    verdicts[verdict] += 1
                    slowest = max(slowest, seconds)
    print(f"{len(files)} files, slowest {slowest:.1f} s: {dict(verdicts)}")
    sys.exit(0 if set(verdicts) <= EXPECTED else 1)


if __name__ == "__main__":
    main()
