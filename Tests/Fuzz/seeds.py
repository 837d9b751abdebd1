"""Small valid dumps of many kinds of storage: what the mutations start from.

Every file holds 24 samples × a few features of the same numbers, so that a comparison of its layers
with those of a sound file has a known value.
"""

import json

import h5py
import numpy as np

SAMPLES = 24


def numbers(features, seed=0, dtype="f4"):
    values = np.random.default_rng(seed).normal(size=(SAMPLES, features))
    return np.round(values * 16).astype(dtype)


def plain(f):
    f["ids"] = [f"img{i:03d}" for i in range(SAMPLES)]
    f["conv"] = numbers(6)
    f["dense"] = numbers(5, 1)


def fixed_ids(f):
    f["ids"] = np.array([f"img{i:03d}".encode() for i in range(SAMPLES)])
    f["conv"] = numbers(6, dtype=">f8")
    f["dense"] = numbers(5, 1, dtype="f2")


def groups_and_attributes(f):
    f["ids"] = [f"img{i:03d}" for i in range(SAMPLES)]
    f.attrs["family"] = "cnn"
    layers = f.create_group("layers", track_order=True)
    for order, (name, features) in enumerate([("conv", 6), ("dense", 5), ("fc", 4)]):
        layer = layers.create_dataset(name, data=numbers(features, order))
        layer.attrs["order"] = order
        layer.attrs["dims"] = "n d"
        for i in range(12):
            layer.attrs[f"note {i}"] = "x" * i
        layer.attrs["texts"] = ["some", "texts"]


def chunked(**options):
    def write(f):
        f["ids"] = [f"img{i:03d}" for i in range(SAMPLES)]
        f.create_dataset("conv", data=numbers(6), chunks=(7, 4), **options)
        f.create_dataset("dense", data=numbers(5, 1), chunks=(24, 5), **options)
    return write


def growing(axes):
    def write(f):
        f.create_dataset("ids", data=[f"img{i:03d}" for i in range(SAMPLES)], chunks=(5,),
                         compression="gzip", dtype=h5py.string_dtype())
        shape = tuple(None if a < axes else n for a, n in enumerate((SAMPLES, 6)))
        f.create_dataset("conv", data=numbers(6), chunks=(5, 2), maxshape=shape,
                         compression="gzip", shuffle=True)
        f.create_dataset("dense", data=numbers(5, 1), chunks=(5, 5), maxshape=(None, 5))
    return write


def compact(f):
    f["ids"] = np.arange(SAMPLES)
    for name, features in [("conv", 6), ("dense", 5)]:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((SAMPLES, features))
        dataset = h5py.h5d.create(
            f.id, name.encode(), h5py.h5t.IEEE_F32LE, space, creation)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, numbers(features, features == 5))


def scales(f):
    f["sample"] = np.arange(SAMPLES)
    f["sample"].make_scale("sample")
    f["conv"] = numbers(6)
    f["conv"].dims[0].attach_scale(f["sample"])
    f["dense"] = numbers(5, 1)
    f["dense"].dims[0].attach_scale(f["sample"])
    f["link"] = h5py.SoftLink("/conv")
    f["elsewhere"] = h5py.ExternalLink("other.h5", "/conv")


def many_groups(f):
    f["ids"] = [f"img{i:03d}" for i in range(SAMPLES)]
    for i in range(20):
        f[f"block{i}/out"] = numbers(3, i)


def npy(path):
    with open(path, "wb") as f:
        np.save(f, numbers(6))


def npy_by_columns(path):
    with open(path, "wb") as f:
        np.save(f, np.asfortranarray(numbers(6, dtype=">f8")))


def npz(path):
    with open(path, "wb") as f:
        np.savez(f, conv=numbers(6), dense=numbers(5, 1, "f2"), family="cnn")


def npz_compressed(path):
    with open(path, "wb") as f:
        np.savez_compressed(f, conv=numbers(6), dense=numbers(5, 1))


def safetensors(path):
    tensors = {"conv": numbers(6), "dense": numbers(5, 1)}
    header, start = {"__metadata__": {"family": "cnn"}}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape),
                        "data_offsets": [start, start + values.nbytes]}
        start += values.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            f.write(values.tobytes())


CHECKED = {"fletcher32": True}
SEEDS = {
    # name: (write, libver); the first format has no checksums of its metadata, the others have.
    "plain": (plain, "earliest"), "plain-v110": (plain, "v110"),
    "fixed-ids": (fixed_ids, "earliest"), "fixed-ids-v110": (fixed_ids, "v110"),
    "groups": (groups_and_attributes, "earliest"),
    "groups-v110": (groups_and_attributes, "v110"),
    "chunked": (chunked(), "earliest"), "fixed-array": (chunked(), "v110"),
    "gzip": (chunked(compression="gzip", shuffle=True), "earliest"),
    "gzip-v110": (chunked(compression="gzip", shuffle=True), "v110"),
    "lzf": (chunked(compression="lzf"), "earliest"),
    "fletcher32": (chunked(**CHECKED), "earliest"),
    "fletcher32-v110": (chunked(compression="gzip", **CHECKED), "v110"),
    "scaleoffset": (chunked(scaleoffset=4), "earliest"),
    "extensible-array": (growing(1), "v110"), "b-tree-2": (growing(2), "v110"),
    "growing": (growing(2), "earliest"),
    "compact": (compact, "earliest"), "compact-v110": (compact, "v110"),
    "scales": (scales, "earliest"), "scales-v110": (scales, "v110"),
    # Not HDF5: the archives have checksums of each array, the others none.
    "npy": (npy, None), "npy-by-columns": (npy_by_columns, None), "npz": (npz, None),
    "npz-compressed": (npz_compressed, None), "safetensors": (safetensors, None),
    "many-groups": (many_groups, "earliest"), "many-groups-v110": (many_groups, "v110"),
}


def write(name, path):
    writer, version = SEEDS[name]
    if version is None:
        return writer(path)
    with h5py.File(path, "w", libver=(version, "v110")) as f:
        writer(f)


def extension(name):
    """By which a folder is searched for files that are no HDF5."""
    return ".h5" if SEEDS[name][1] else "." + name.split("-")[0]


def raw_ranges(path):
    """Where the raw data of the datasets lie: (first byte, end)."""
    ranges = []
    data = open(path, "rb").read()
    if data[:8] != b"\x89HDF\r\n\x1a\n":
        if data[:6] == b"\x93NUMPY":
            return [(10 + int.from_bytes(data[8:10], "little"), len(data))]
        if data[:2] != b"PK":
            return [(8 + int.from_bytes(data[:8], "little"), len(data))]
        return []

    def visit(_, item):
        if not isinstance(item, h5py.Dataset):
            return
        if item.chunks:
            for i in range(item.id.get_num_chunks()):
                chunk = item.id.get_chunk_info(i)
                ranges.append((chunk.byte_offset, chunk.byte_offset + chunk.size))
        elif item.id.get_create_plist().get_layout() == h5py.h5d.COMPACT:
            # Within the object header.
            start = data.find(item[...].tobytes())
            ranges.append((start, start + item.nbytes))
        elif item.id.get_offset() is not None:
            start = item.id.get_offset()
            ranges.append((start, start + item.id.get_storage_size()))

    with h5py.File(path, "r") as f:
        f.visititems(visit)
    return ranges
