"""Makes filters.h5: datasets that the real compressors wrote, for which libhdf5 loads plug-ins.

    pip install h5py numpy hdf5plugin
    python make_filters.py
"""

import h5py
import hdf5plugin
import numpy as np


def ramp(*shape):
    """0, 1, 2 … 100, 0, 1 … in C order."""
    return (np.arange(np.prod(shape)) % 101).reshape(shape)


def options():
    yield "lz4", hdf5plugin.LZ4()
    yield "lz4_blocks", hdf5plugin.LZ4(nbytes=1024)
    yield "zstd", hdf5plugin.Zstd()
    for cname in ("none", "lz4", "zstd"):
        yield f"bitshuffle_{cname}", hdf5plugin.Bitshuffle(cname=cname)
        yield f"bitshuffle_{cname}_64", hdf5plugin.Bitshuffle(nelems=64, cname=cname)
    for cname in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
        for shuffle in (0, 1, 2):
            yield f"blosc_{cname}_{shuffle}", hdf5plugin.Blosc(cname=cname, clevel=5, shuffle=shuffle)
    yield "blosc_snappy", hdf5plugin.Blosc(cname="snappy", clevel=5, shuffle=1)


with h5py.File("filters.h5", "w", libver=("v108", "v110")) as f:
    # One block of bitshuffle, a second one that is not full, and one element too many.
    for name, filters in options():
        f.create_dataset(f"f4/{name}", data=ramp(100, 33).astype("<f4"), chunks=(65, 33), **filters)
    for code in ("f2", "f8"):
        for name, filters in (("bitshuffle_lz4", hdf5plugin.Bitshuffle(cname="lz4")),
                              ("blosc_blosclz_1", hdf5plugin.Blosc(cname="blosclz", shuffle=1)),
                              ("blosc_lz4_2", hdf5plugin.Blosc(cname="lz4", shuffle=2))):
            f.create_dataset(f"{code}/{name}", data=ramp(100, 33).astype("<" + code),
                             chunks=(65, 33), **filters)
    # Several blocks in a chunk, the last not full.
    for cname in ("blosclz", "lz4", "zstd"):
        f.create_dataset(f"large/{cname}", data=ramp(251, 1001).astype("<f4"), chunks=(251, 1001),
                         **hdf5plugin.Blosc(cname=cname, clevel=4, shuffle=1))
    # What does not become smaller is kept as it is.
    noise = np.random.default_rng(7).integers(0, 2**32, (16, 33), dtype="u4").astype("<u4")
    f["noise"] = noise
    for name, filters in options():
        if not name.endswith(("snappy", "0", "64")):
            f.create_dataset(f"noisy/{name}", data=noise, chunks=(16, 33), **filters)
    # Between other filters, and as fixed texts.
    f.create_dataset("f4/shuffled_lz4_checked", data=ramp(100, 33).astype("<f4"), chunks=(65, 33),
                     shuffle=True, fletcher32=True, **hdf5plugin.LZ4())
    f.create_dataset("texts", data=np.array([b"a", b"bcd"] * 200, "S4"), chunks=(400,),
                     **hdf5plugin.Blosc())
