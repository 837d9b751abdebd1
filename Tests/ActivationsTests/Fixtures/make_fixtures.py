"""Writes the dumps that FixtureTests reads, and with numpy what must come out of them.

    python3 make_fixtures.py        (needs h5py and numpy; writes beside itself)
"""
import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
N = 28
IDS = [f"stimulus_{i:03d}" for i in range(N)]
LABELS = np.arange(N) % 4
rng = np.random.default_rng(20240607)
signal = rng.standard_normal((N, 3))


def layer(*shape):
    """Activations that share a signal, so that rows in the same order can be told."""
    size = int(np.prod(shape))
    flat = signal @ rng.standard_normal((3, size)) + 0.1 * rng.standard_normal((N, size))
    return (np.round(flat.reshape((N,) + shape) * 64) / 64).astype("f4")


def path(name):
    return os.path.join(HERE, "dumps", name)


os.makedirs(path(""), exist_ok=True)


LAYERS = {"conv1": layer(2, 3, 3), "conv2": layer(3, 3, 3), "tokens": layer(5, 6),
          "fc": layer(7), "logits": layer(4)}
KINDS = {"conv1": "conv", "conv2": "conv", "tokens": "tokens", "fc": "dense", "logits": "logits"}


def dump(name, rows, model, ids=True, labels=True, **attributes):
    with h5py.File(path(name), "w") as h:
        h.attrs.update(model=model, **attributes)
        for order, (key, x) in enumerate(LAYERS.items()):
            d = h.create_dataset(f"layers/{key}", data=x[rows], compression="gzip", shuffle=True,
                                 chunks=x[rows].shape)
            d.attrs["order"] = order
            d.attrs["kind"] = KINDS[key]
        if ids:
            h["stimuli/ids"] = [IDS[i] for i in rows]
        if labels:
            h["stimuli/labels"] = LABELS[rows]


everything = list(range(N))
dump("model_a.h5", everything, "a", family="toy", seed=0, step=90, trained=True,
     test_accuracy=0.1 + 0.2)
dump("model_b_permuted.h5", list(rng.permutation(N)), "b", family="toy", seed=1)
dump("model_c_missing.h5", everything[:13] + everything[17:], "c", family="toy", seed=2)

with h5py.File(path("no_ids.h5"), "w") as h:
    for key in ("fc", "logits"):
        h[f"net.{key}"] = LAYERS[key]
with h5py.File(path("no_ids_shuffled.h5"), "w") as h:
    order = rng.permutation(N)
    for key in ("fc", "logits"):
        h[f"net.{key}"] = LAYERS[key][order]
with h5py.File(path("transposed.h5"), "w") as h:
    for key in ("fc", "logits"):
        h[key] = LAYERS[key].T
with h5py.File(path("all_in_one.h5"), "w") as h:
    h["ids"] = IDS
    for model in ("x", "y_untrained"):
        g = h.create_group(model)
        g.attrs["family"] = "toy"
        for number in (1, 2, 10):
            g[f"layer{number}"] = layer(3).astype("f2")
with h5py.File(path("quantised.h5"), "w") as h:
    q = np.arange(N * 3).reshape(N, 3)
    h["u8"] = (q % 251).astype("u1")
    h["i16"] = (q * 7 - 300).astype("i2")
    h["i64"] = (q.astype("i8") << 33) - 5
    h["bool"] = q % 3 == 0
    h["labels"] = LABELS
with h5py.File(path("damaged_layer.h5"), "w") as h:
    for key in ("fc", "tokens"):
        h.create_dataset(key, data=LAYERS[key], chunks=(N,) + LAYERS[key].shape[1:],
                         fletcher32=True)
    offset = h["fc"].id.get_chunk_info(0).byte_offset
with open(path("damaged_layer.h5"), "r+b") as f:
    f.seek(offset + 8)
    f.write(b"\xff\xfe\xfd")
with open(path("model_a.h5"), "rb") as f:
    content = f.read()
with open(path("truncated.h5"), "wb") as f:
    f.write(content[: len(content) // 2])
with open(path("text.h5"), "w") as f:
    f.write("model,accuracy\na,0.9\n")
open(path("empty.h5"), "wb").close()

# What numpy makes of model a.
def expect(h, name, y):
    h.create_dataset(name, data=y, compression="gzip", shuffle=True)


with h5py.File(os.path.join(HERE, "expected.h5"), "w") as h:
    for key, x in LAYERS.items():
        x = x.astype("f8")
        channel = 2 if KINDS[key] == "tokens" else 1
        if x.ndim == 2:
            pooled = dict.fromkeys(("mean", "max", "flatten", "first", "last"), x)
        else:
            axes = tuple(i for i in range(1, x.ndim) if i != channel)
            z = np.moveaxis(x, channel, -1).reshape(N, -1, x.shape[channel])
            pooled = dict(mean=x.mean(axis=axes), max=x.max(axis=axes),
                          flatten=x.reshape(N, -1), first=z[:, 0], last=z[:, -1])
            expect(h, f"positions/{key}", z.reshape(-1, x.shape[channel]))
        for how, y in pooled.items():
            expect(h, f"{how}/{key}", y)
    h["transposed/fc"] = LAYERS["fc"].astype("f8")
    for key in ("u8", "i16", "i64", "bool"):
        with h5py.File(path("quantised.h5")) as q:
            h[f"quantised/{key}"] = q[key][()].astype("f8")
