"""Makes the files that the tests of the HDF5 module read.

    pip install h5py numpy && python make_fixtures.py

The files lie beside this script and are checked in: the tests need no Python. They were made with
h5py 3.16 (HDF5 2.0) and numpy 2.4.
"""

import os
import shutil
import zlib

import h5py
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))

DTYPES = {
    "float16": "f2", "float32": "f4", "float64": "f8",
    "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8",
    "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8",
}


def ramp(*shape):
    """0, 1, 2 ... 100, 0, 1 ...: exact in every type."""
    return (np.arange(np.prod(shape)) % 101).reshape(shape)


def numbers():
    with h5py.File("numbers.h5", "w") as f:
        for name, code in DTYPES.items():
            f[f"little/{name}"] = ramp(5, 7).astype("<" + code)
            f[f"big/{name}"] = ramp(5, 7).astype(">" + code)
            f.create_dataset(f"chunked_big/{name}", data=ramp(5, 7).astype(">" + code),
                             chunks=(2, 3), compression="gzip", shuffle=True)
        f["boolean"] = ramp(5, 7) % 2 == 1
        f["scalar"] = np.float32(2.5)
        f["no_rows"] = np.zeros((0, 4), "f4")
        f["no_columns"] = np.zeros((4, 0), "f4")
        f["null"] = h5py.Empty("f4")
        f.create_dataset("every_half", data=np.arange(65536, dtype="<u2").view("<f2"),
                         chunks=(16384,), compression="gzip", shuffle=True)
        f["int64_extremes"] = np.array([-(2**63), 2**63 - 1, 2**53 + 1, -1], "<i8")
        f["uint64_extremes"] = np.array([2**64 - 1, 2**63, 0], ">u8")
        f["float32_specials"] = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4e38], ">f4")
        f["complex"] = np.array([1 + 2j], "c8")
        f["compound"] = np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")])
        f["opaque"] = np.array([b"ab", b"cd"], "V2")
        f.create_dataset("variable_length", (2,), h5py.vlen_dtype("f4"))
        # Twelve bits in two bytes, such as from a camera.
        twelve = h5py.h5t.NATIVE_UINT16.copy()
        twelve.set_precision(12)
        space = h5py.h5s.create_simple((4,))
        odd = h5py.h5d.create(f.id, b"twelve_bits", twelve, space)
        odd.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([0, 1, 2048, 4095], "u2"))
        # Google's bfloat16 as a floating-point type of HDF5: 8 bits exponent, 7 significand.
        brain = h5py.h5t.IEEE_F32LE.copy()
        brain.set_fields(15, 7, 8, 0, 7)
        brain.set_size(2)
        brain.set_ebias(127)
        h5py.h5d.create(f.id, b"bfloat16", brain, space)


def chunks():
    data = ramp(23, 17).astype("<f4")
    filters = {
        "none": {}, "gzip": dict(compression="gzip"),
        "shuffle_gzip": dict(compression="gzip", shuffle=True),
        "fletcher32": dict(fletcher32=True),
        "gzip_fletcher32": dict(compression="gzip", fletcher32=True),
        "shuffle_gzip_fletcher32": dict(compression="gzip", shuffle=True, fletcher32=True),
        "lzf": dict(compression="lzf"), "shuffle_lzf": dict(compression="lzf", shuffle=True),
        "shuffle_lzf_fletcher32": dict(compression="lzf", shuffle=True, fletcher32=True),
        "shuffle": dict(shuffle=True),
    }
    with h5py.File("chunks.h5", "w") as f:
        for name, options in filters.items():
            f.create_dataset(f"filters/{name}", data=data, chunks=(5, 4), **options)
        f.create_dataset("filters/scaleoffset", data=ramp(23, 17).astype("<i4"), chunks=(5, 4),
                         scaleoffset=0)
        for name, code in DTYPES.items():
            f.create_dataset(f"shuffled/{name}", data=ramp(23, 17).astype("<" + code),
                             chunks=(5, 4), compression="gzip", shuffle=True)
        # An odd number of bytes in a chunk.
        f.create_dataset("odd_bytes", data=ramp(23, 17).astype("u1"), chunks=(5, 3),
                         fletcher32=True)
        f.create_dataset("one_axis", data=ramp(103).astype("<f4"), chunks=(10,), compression="gzip")
        f.create_dataset("three_axes", data=ramp(5, 6, 7).astype("<f4"), chunks=(2, 4, 3),
                         compression="gzip")
        f.create_dataset("whole_rows", data=ramp(23, 4, 5).astype("<f4"), chunks=(6, 4, 5),
                         compression="lzf")
        f.create_dataset("one_column", data=ramp(23, 1).astype("<f4"), chunks=(6, 1))
        f.create_dataset("growing", data=data, chunks=(8, 17), maxshape=(None, 17))
        # Incompressible: the compressor is skipped, as the mask of each chunk says.
        noise = np.random.default_rng(7).integers(0, 2**32, (8, 8), dtype="u4")
        f.create_dataset("noise_lzf", data=noise.astype("<u4"), chunks=(4, 4), compression="lzf")
        f.create_dataset("noise_plain", data=noise.astype("<u4"))
        d = f.create_dataset("mask", (4, 4), "<f4", chunks=(2, 4), compression="gzip", shuffle=True)
        d[...] = ramp(4, 4)
        d.id.write_direct_chunk((2, 0), ramp(4, 4).astype("<f4")[2:].tobytes(), filter_mask=3)
        d = f.create_dataset("unwritten", (6, 6), "<f2", chunks=(2, 3), fillvalue=-1.5,
                             compression="gzip")
        d[2:4, 0:3] = 1
        f.create_dataset("never_written", (3, 4), "<f4", fillvalue=7)


def damaged():
    data = ramp(20, 8).astype("<f4")
    with h5py.File("damaged.h5", "w") as f:
        for name, options in {"fletcher32": dict(fletcher32=True),
                              "gzip": dict(compression="gzip"),
                              "lzf": dict(compression="lzf")}.items():
            f.create_dataset(name, data=data, chunks=(5, 4), **options)
        f["good"] = data
        offsets = {}
        for name in ("fletcher32", "gzip", "lzf"):
            info = f[name].id.get_chunk_info_by_coord((10, 4))
            offsets[name] = info.byte_offset, info.size
        for name, chunk in {"short": zlib.compress(bytes(40)), "long": zlib.compress(bytes(400))}.items():
            d = f.create_dataset(name, data=data, chunks=(5, 4), compression="gzip")
            d.id.write_direct_chunk((5, 0), chunk)
        d = f.create_dataset("short_lzf", data=data, chunks=(5, 4), compression="lzf")
        d.id.write_direct_chunk((5, 0), b"\x00a")
        d = f.create_dataset("short_plain_mask", data=data, chunks=(5, 4), compression="gzip")
        d.id.write_direct_chunk((0, 4), bytes(8), filter_mask=1)
    with open("damaged.h5", "r+b") as f:
        for name, (offset, size) in offsets.items():
            f.seek(offset)
            # For LZF, a reference to before the beginning.
            f.write({"gzip": b"\x78\x9c\xff\xff\xff", "lzf": b"\x3f\xff\xff"}.get(name, b"\x01\x02"))


def links():
    with h5py.File("links.h5", "w") as f:
        f["a/data"] = ramp(3, 2).astype("<f4")
        f["alias"] = f["a/data"]
        f["a/loop"] = f["a"]
        f["a/up"] = f["/"]
        f["soft"] = h5py.SoftLink("/a/data")
        f["dangling"] = h5py.SoftLink("/nowhere")
        f["external"] = h5py.ExternalLink("numbers.h5", "/scalar")
        f["a/named_type"] = np.dtype("f4")
    with h5py.File("names.h5", "w") as f:
        for i, name in enumerate(["with space", "it's", "größe", "日本", "<b>&amp;", "1.0", "a.b",
                                  "tab\there", "line\nbreak", ".hidden", "e\u0301"]):
            f[name] = np.float32(i)
        f[b"caf\xe9"] = np.float32(99)
    with h5py.File("order.h5", "w", track_order=True) as f:
        for name in ("zeta", "alpha", "layer10", "layer9"):
            f[name] = np.zeros(2, "f4")
        g = f.create_group("untracked", track_order=False)
        g["b"] = g["a"] = np.zeros(2, "f4")
    with h5py.File("deep.h5", "w", libver=("v108", "v110")) as f:
        f["/".join("d" * 40)] = 1


def attributes():
    with h5py.File("attributes.h5", "w") as f:
        a = f.attrs
        a["text"] = "Größe"
        a["fixed"] = np.bytes_(b"fixed")
        a.create("padded", b"ab", dtype="S8")
        utf8 = h5py.string_dtype("utf-8", 12)
        a.create("fixed_utf8", "Größe".encode(), dtype=utf8)
        spaces = h5py.h5t.C_S1.copy()
        spaces.set_size(8)
        spaces.set_strpad(h5py.h5t.STR_SPACEPAD)
        raw = h5py.h5a.create(f.id, b"spaces", spaces, h5py.h5s.create(h5py.h5s.SCALAR))
        raw.write(np.array(b"ab      ", "S8"))
        a["empty_text"] = ""
        a["texts"] = ["a", "bc", "ü"]
        a["fixed_texts"] = np.array([b"x", b"yz"])
        a["integer"] = 42
        a["negative_int8"] = np.int8(-5)
        a["big_endian"] = np.array(-1234, ">i4")
        a["uint64"] = np.uint64(2**63 - 1)
        a["uint64_large"] = np.uint64(2**63)
        a["real"] = 0.1
        a["float32"] = np.float32(0.5)
        a["float16"] = np.float16(0.25)
        a["nan"] = np.nan
        a["true"] = True
        a["false"] = np.False_
        a["integers"] = [1, 2, 3]
        a["one_integer"] = [7]
        a["reals"] = [0.5, 1.5]
        a["booleans"] = np.array([True, False])
        a["no_reals"] = np.zeros(0)
        a["matrix"] = np.zeros((2, 2))
        a["complex"] = 1 + 2j
        a["compound"] = np.array((1, 2.0), [("a", "i4"), ("b", "f4")])
        a["null"] = h5py.Empty("f4")
        a["reference"] = f.ref
        a["größe"] = 1
        d = f.create_dataset("layer", data=np.zeros((2, 2), "f4"))
        d.attrs["dims"] = "n d"
        d.attrs["order"] = 3


def strings():
    with h5py.File("strings.h5", "w") as f:
        texts = ["img_001", "größe", "", "日本"]
        f["variable"] = texts
        f["variable_ascii"] = np.array([b"a", b"bc"], dtype=h5py.string_dtype("ascii"))
        f["fixed"] = np.array([b"a", b"bcd", b""], "S4")
        f["fixed_utf8"] = np.array([t.encode() for t in texts], h5py.string_dtype("utf-8", 8))
        f["scalar"] = "one"
        f["no_text"] = np.zeros(0, "S4")
        f["latin1"] = np.array([b"caf\xe9"], "S4")
        for name in ("gzip", "lzf"):
            f.create_dataset(name, data=texts * 10, chunks=(16,), compression=name)
            f.create_dataset(name + "_fixed", data=np.array([b"a", b"bcd"] * 20, "S4"),
                             chunks=(16,), compression=name)
        f.create_dataset("unwritten", (3,), h5py.string_dtype())
        f["table"] = np.array([[b"a", b"b"], [b"c", b"d"]])


def refused():
    with open("secret.txt", "w") as f:
        f.write("The bytes of this file must never come out of a dataset.\n")
    with h5py.File("refused.h5", "w") as f:
        f.create_dataset("external", (4,), "u1", external=[("secret.txt", 0, 4)])
        f.create_dataset("external_text", (1,), "S8", external=[("secret.txt", 0, 8)])
        layout = h5py.VirtualLayout((35,), "f4")
        layout[...] = h5py.VirtualSource("numbers.h5", "every_half", (35,))
        f.create_virtual_dataset("virtual", layout)
        f.create_dataset("bomb", (2**20, 2**20), "f4", chunks=(64, 64), compression="gzip")
        f.create_dataset("contiguous_bomb", (2**20, 2**20), "f4")
        f.create_dataset("overflow", (2**40, 2**40), "f4", chunks=(64, 64))
        f.create_dataset("large_chunk", (4, 4), "f4", chunks=(2**14, 2**13), maxshape=(None, None))
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4,))
        plist.set_filter(32013, h5py.h5z.FLAG_OPTIONAL, (3,))
        d = h5py.h5d.create(f.id, b"zfp", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), plist)
        d.write_direct_chunk((0,), bytes(16))
        lists = f.create_dataset("lists", (3,), h5py.vlen_dtype("f4"))
        lists[...] = [np.arange(n, dtype="f4") for n in (2, 0, 3)]
        texts = f.create_dataset("lists_of_texts", (2,), h5py.vlen_dtype("S4"))
        texts[0] = np.array([b"a", b"bc"])
        f["named"] = np.frombuffer("größe".encode("utf-16-le"), "<u2")
        f["other_named"] = np.frombuffer("ab".encode("utf-16-le"), "<u2")
        f["numbers_named"] = np.arange(3.0)
        refs = lambda *names: np.array([f[n].ref for n in names], h5py.ref_dtype)  # noqa: E731
        f["references"] = refs("named", "other_named")
        f["references_to_numbers"] = refs("named", "numbers_named")
        f["references_to_groups"] = refs("/")
        null = f.create_dataset("references_to_nothing", (2,), h5py.ref_dtype)
        null[0] = f["named"].ref
        f["regions"] = np.array([f["named"].regionref[1:2]], h5py.regionref_dtype)
        f["good"] = ramp(3, 2).astype("<f4")


def files():
    with open("text.h5", "w") as f:
        f.write("layer,unit,value\nfc1,0,0.25\n")
    open("empty.h5", "w").close()
    with open("pointer.h5", "w") as f:
        f.write("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    np.savez("archive.npz", a=np.zeros(2))
    os.replace("archive.npz", "archive.h5")
    with h5py.File("userblock.h5", "w", userblock_size=1024) as f:
        f["data"] = ramp(3, 2).astype("<f4")
    with h5py.File("truncated.h5", "w") as f:
        f["data"] = ramp(3, 200).astype("<f4")
    with open("truncated.h5", "r+b") as f:
        f.truncate(2000)
    with h5py.File("newer.h5", "w", libver="latest") as f:
        f.create_dataset("data", data=ramp(3, 200).astype("<f4"), chunks=(2, 20), compression="gzip")
    # A writer that was killed: flushed in the newest format, and not flushed in the oldest.
    with h5py.File("killed.tmp", "w", libver=("v110", "v110")) as f:
        f["data"] = ramp(3, 2).astype("<f4")
        f.flush()
        shutil.copy("killed.tmp", "killed.h5")
    os.remove("killed.tmp")


for make in (numbers, chunks, damaged, links, attributes, strings, refused, files):
    make()
total = sum(e.stat().st_size for e in os.scandir(".") if not e.name.endswith(".py"))
print(f"{total:,} bytes")
