#!/usr/bin/env python3
"""Train the digits zoo and write its activation dumps.

Six families of small networks are trained on scikit-learn's 8x8 digits, three
seeds each, on the CPU.  The 500 held-out images are shown to every network,
both trained and at its own initialisation, and the outputs of its blocks are
written to one HDF5 file per model.  card.md describes the result.

    pip install -r requirements.txt
    python make.py                    # train everything, write, update card.md
    python make.py --only vit         # one family (and input.h5)
    python make.py --out /tmp/zoo     # write somewhere else
    python make.py --check            # re-open the dumps and assert all promises
    python make.py --card             # rewrite the tables of card.md from the dumps

Every model has its own seeds, so `--only` gives the same files as a full run.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from pathlib import Path

import h5py
import numpy as np

# --------------------------------------------------------------------------
# What is promised
# --------------------------------------------------------------------------

HERE = Path(__file__).resolve().parent
FAMILIES = ("mlp", "cnn", "resnet", "vit", "mixer", "gru")
SEEDS = (0, 1, 2)
SPLIT_SEED = 2024
N_HELD_OUT = 500
ACCURACY_FLOOR = 0.95
CKA_FLOOR = 0.9999
MAX_BYTES = 10_500_000
CHECKPOINTS = {"cnn-s0": (10, 30, 100, 300, 1000)}
DATASET = ("scikit-learn load_digits (8x8 images, 10 classes), "
           f"{N_HELD_OUT} held-out images, stratified split with seed {SPLIT_SEED}")

# Per family: epochs and peak learning rate of the one-cycle schedule.
RECIPE = {
    "mlp": (300, 2e-3),
    "cnn": (120, 6e-3),
    "resnet": (80, 3e-3),
    "vit": (150, 3e-3),
    "mixer": (120, 3e-3),
    "gru": (100, 5e-3),
}
BATCH = 64
WEIGHT_DECAY = 0.05
CLIP = 1.0

# --------------------------------------------------------------------------
# Data
# --------------------------------------------------------------------------


def load_split():
    """Return images (1797, 8, 8) in [0, 1], labels, and the two index arrays.

    The indices count in the order of load_digits; both arrays are ascending.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = (digits.images / 16.0).astype(np.float32)
    labels = digits.target.astype(np.int64)
    train, held_out = train_test_split(
        np.arange(len(labels)), test_size=N_HELD_OUT, random_state=SPLIT_SEED,
        stratify=labels)
    return images, labels, np.sort(train), np.sort(held_out)


# --------------------------------------------------------------------------
# Rounding: the fewest mantissa bits that leave linear CKA alone
# --------------------------------------------------------------------------


def flattened(x):
    """(n, ...) -> (n, features), in float64."""
    return np.asarray(x, np.float64).reshape(len(x), -1)


def mean_pooled(x, dims):
    """Average over everything but the samples and the channels."""
    x = np.asarray(x, np.float64)
    axes = tuple(i for i, d in enumerate(dims.split()) if d in ("h", "w", "t"))
    return x.mean(axis=axes) if axes else x


def linear_cka(x, y):
    """Biased linear CKA of two (n, features) matrices, columns centred."""
    x = x - x.mean(0)
    y = y - y.mean(0)
    cross = np.linalg.norm(x.T @ y) ** 2
    return cross / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def round_mantissa(x, bits):
    """Round float32 values to `bits` explicit mantissa bits, ties to even."""
    drop = 23 - bits
    if drop == 0:
        return x.copy()
    u = np.ascontiguousarray(x, np.float32).view(np.uint32)
    half = np.uint32((1 << (drop - 1)) - 1)
    odd = (u >> np.uint32(drop)) & np.uint32(1)
    return ((u + half + odd) & np.uint32((0xFFFFFFFF << drop) & 0xFFFFFFFF)).view(np.float32)


def compact(x, dims, keep_argmax=False):
    """Return (stored array, mantissa bits, CKA stored-vs-raw).

    The smallest number of bits is taken for which the CKA between stored and
    raw values is at least CKA_FLOOR, flattened and mean-pooled.  For logits
    the predicted class of every sample must survive too.  Up to 10 bits the
    array is float16, beyond that float32.
    """
    x = np.asarray(x, np.float32)
    flat, pooled = flattened(x), mean_pooled(x, dims)
    for bits in range(1, 24):
        stored = round_mantissa(x, bits)
        if bits <= 10:
            with np.errstate(over="ignore"):
                stored = stored.astype(np.float16)
            if not np.isfinite(stored).all():
                continue
        cka = min(linear_cka(flat, flattened(stored)),
                  linear_cka(pooled, mean_pooled(stored, dims)))
        if cka >= CKA_FLOOR and not (
                keep_argmax and (stored.argmax(1) != x.argmax(1)).any()):
            return stored, bits, float(cka)
    raise RuntimeError("no rounding keeps this layer")


# --------------------------------------------------------------------------
# Networks.  Each forward() returns an ordered dict {layer name: activation},
# the last entry being the logits.  KINDS gives `kind` of each layer in order.
# --------------------------------------------------------------------------

DIMS = {"conv": "n c h w", "tokens": "n t d", "sequence": "n t d",
        "dense": "n d", "logits": "n d", "input": "n d"}


def build(family):
    """Build the network of a family with the current torch random state."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    def he(module):
        """He initialisation with zero biases for the ReLU networks."""
        for m in module.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                if m.bias is not None:
                    nn.init.zeros_(m.bias)

    def xavier(module):
        """Xavier initialisation with zero biases for the token networks."""
        for m in module.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)

    class MLP(nn.Module):
        """Four ReLU layers on the 64 pixels."""
        KINDS = ("dense",) * 4 + ("logits",)

        def __init__(self, widths=(64, 64, 64, 32)):
            super().__init__()
            sizes = (64,) + widths
            self.hidden = nn.ModuleList(
                nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
            self.head = nn.Linear(sizes[-1], 10)
            he(self)

        def forward(self, x):
            out, h = {}, x.flatten(1)
            for i, layer in enumerate(self.hidden, 1):
                h = out[f"dense{i}"] = F.relu(layer(h))
            out["logits"] = self.head(h)
            return out

    class CNN(nn.Module):
        """Four 3x3 convolutions with two max-pools, then a ReLU layer."""
        KINDS = ("conv",) * 4 + ("dense", "logits")

        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
            self.conv3 = nn.Conv2d(8, 16, 3, padding=1)
            self.conv4 = nn.Conv2d(16, 16, 3, padding=1)
            self.dense = nn.Linear(16 * 2 * 2, 32)
            self.head = nn.Linear(32, 10)
            he(self)

        def forward(self, x):
            out = {}
            h = out["conv1"] = F.max_pool2d(F.relu(self.conv1(x)), 2)   # 4x4
            h = out["conv2"] = F.relu(self.conv2(h))
            h = out["conv3"] = F.max_pool2d(F.relu(self.conv3(h)), 2)   # 2x2
            h = out["conv4"] = F.relu(self.conv4(h))
            h = out["dense"] = F.relu(self.dense(h.flatten(1)))
            out["logits"] = self.head(h)
            return out

    class ResidualBlock(nn.Module):
        def __init__(self, c_in, c_inner, c_out, stride):
            super().__init__()
            self.conv_a = nn.Conv2d(c_in, c_inner, 3, stride, 1, bias=False)
            self.norm_a = nn.GroupNorm(4, c_inner)
            self.conv_b = nn.Conv2d(c_inner, c_out, 3, 1, 1, bias=False)
            self.norm_b = nn.GroupNorm(4, c_out)
            self.skip = (nn.Identity() if stride == 1 and c_in == c_out
                         else nn.Conv2d(c_in, c_out, 1, stride, bias=False))

        def forward(self, x):
            h = F.relu(self.norm_a(self.conv_a(x)))
            return F.relu(self.skip(x) + self.norm_b(self.conv_b(h)))

    class ResNet(nn.Module):
        """A strided stem and four residual blocks with group norm."""
        KINDS = ("conv",) * 5 + ("dense", "logits")

        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(1, 8, 3, 2, 1, bias=False)
            self.norm = nn.GroupNorm(4, 8)
            self.blocks = nn.ModuleList([
                ResidualBlock(8, 24, 8, 1), ResidualBlock(8, 24, 16, 2),
                ResidualBlock(16, 32, 16, 1), ResidualBlock(16, 32, 16, 1)])
            self.head = nn.Linear(16, 10)
            he(self)

        def forward(self, x):
            out = {}
            h = out["stem"] = F.relu(self.norm(self.stem(x)))           # 4x4
            for i, block in enumerate(self.blocks, 1):
                h = out[f"block{i}"] = block(h)                         # 4x4, then 2x2
            h = out["pool"] = h.mean((2, 3))
            out["logits"] = self.head(h)
            return out

    class Attention(nn.Module):
        def __init__(self, d, heads):
            super().__init__()
            self.heads = heads
            self.qkv = nn.Linear(d, 3 * d)
            self.proj = nn.Linear(d, d)

        def forward(self, x):
            n, t, d = x.shape
            q, k, v = self.qkv(x).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            w = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(-1)
            return self.proj((w @ v).transpose(1, 2).reshape(n, t, d))

    def perceptron(d, hidden):
        return nn.Sequential(nn.Linear(d, hidden), nn.GELU(), nn.Linear(hidden, d))

    class ViTBlock(nn.Module):
        def __init__(self, d, heads, hidden):
            super().__init__()
            self.norm_a, self.norm_b = nn.LayerNorm(d), nn.LayerNorm(d)
            self.attention = Attention(d, heads)
            self.mlp = perceptron(d, hidden)

        def forward(self, x):
            x = x + self.attention(self.norm_a(x))
            return x + self.mlp(self.norm_b(x))

    class ViT(nn.Module):
        """Nine overlapping 4x4 patches (stride 2), three pre-norm blocks, mean pool."""
        KINDS = ("tokens",) * 3 + ("dense", "logits")

        def __init__(self, d=16, heads=4, hidden=64, depth=3):
            super().__init__()
            self.embed = nn.Conv2d(1, d, 4, 2)
            self.blocks = nn.ModuleList(ViTBlock(d, heads, hidden) for _ in range(depth))
            self.norm = nn.LayerNorm(d)
            self.head = nn.Linear(d, 10)
            xavier(self)
            self.position = nn.Parameter(0.02 * torch.randn(1, 9, d))

        def forward(self, x):
            out = {}
            h = self.embed(x).flatten(2).transpose(1, 2) + self.position
            for i, block in enumerate(self.blocks, 1):
                h = out[f"block{i}"] = block(h)
            h = out["pool"] = self.norm(h).mean(1)
            out["logits"] = self.head(h)
            return out

    class MixerBlock(nn.Module):
        def __init__(self, t, d, hidden_t, hidden_d):
            super().__init__()
            self.norm_a, self.norm_b = nn.LayerNorm(d), nn.LayerNorm(d)
            self.tokens = perceptron(t, hidden_t)
            self.channels = perceptron(d, hidden_d)

        def forward(self, x):
            x = x + self.tokens(self.norm_a(x).transpose(1, 2)).transpose(1, 2)
            return x + self.channels(self.norm_b(x))

    class Mixer(nn.Module):
        """Nine overlapping 4x4 patches (stride 2), three mixer blocks, mean pool."""
        KINDS = ("tokens",) * 3 + ("dense", "logits")

        def __init__(self, d=16, depth=3):
            super().__init__()
            self.embed = nn.Conv2d(1, d, 4, 2)
            self.blocks = nn.ModuleList(MixerBlock(9, d, 32, 64) for _ in range(depth))
            self.norm = nn.LayerNorm(d)
            self.head = nn.Linear(d, 10)
            xavier(self)

        def forward(self, x):
            out = {}
            h = self.embed(x).flatten(2).transpose(1, 2)
            for i, block in enumerate(self.blocks, 1):
                h = out[f"block{i}"] = block(h)
            h = out["pool"] = self.norm(h).mean(1)
            out["logits"] = self.head(h)
            return out

    class RowGRU(nn.Module):
        """Two GRU layers reading the eight rows, then two ReLU layers."""
        KINDS = ("sequence",) * 2 + ("dense",) * 2 + ("logits",)

        def __init__(self, d=24):
            super().__init__()
            self.layers = nn.ModuleList(
                nn.GRU(a, d, batch_first=True) for a in (8, d))
            self.dense = nn.ModuleList([nn.Linear(d, 32), nn.Linear(32, 24)])
            self.head = nn.Linear(24, 10)

        def forward(self, x):
            out, h = {}, x.squeeze(1)
            for i, layer in enumerate(self.layers, 1):
                h = out[f"gru{i}"] = layer(h)[0]
            h = h[:, -1]
            for i, layer in enumerate(self.dense, 1):
                h = out[f"dense{i}"] = F.relu(layer(h))
            out["logits"] = self.head(h)
            return out

    return {"mlp": MLP, "cnn": CNN, "resnet": ResNet, "vit": ViT,
            "mixer": Mixer, "gru": RowGRU}[family]()


# --------------------------------------------------------------------------
# Training
# --------------------------------------------------------------------------


def shifted(x, generator):
    """Shift each image by -1, 0 or +1 pixel along both axes, filling with 0."""
    import torch
    from torch.nn import functional as F

    n = len(x)
    padded = F.pad(x[:, 0], (1, 1, 1, 1))
    dy = torch.randint(0, 3, (n, 1, 1), generator=generator)
    dx = torch.randint(0, 3, (n, 1, 1), generator=generator)
    rows = dy + torch.arange(8).view(1, 8, 1)
    cols = dx + torch.arange(8).view(1, 1, 8)
    return padded[torch.arange(n).view(n, 1, 1), rows, cols].unsqueeze(1)


def activations(net, x):
    """{layer name: float32 array} for all stimuli, in evaluation mode."""
    import torch

    net.eval()
    with torch.no_grad():
        return {k: v.contiguous().numpy().copy() for k, v in net(x).items()}


def train(family, seed, x, y, stimuli, checkpoints=()):
    """Train one network.

    Yields (step, activations) at step 0, at each checkpoint and at the end,
    together with the kinds of the layers and the number of parameters.
    """
    import torch
    from torch.nn import functional as F

    base = 100 * FAMILIES.index(family) + seed
    torch.manual_seed(base)
    net = build(family)
    parameters = sum(p.numel() for p in net.parameters())
    generator = torch.Generator().manual_seed(10_000 + base)
    epochs, peak = RECIPE[family]
    per_epoch = len(x) // BATCH
    total = epochs * per_epoch
    optimiser = torch.optim.AdamW(net.parameters(), lr=peak, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=peak, total_steps=total, pct_start=0.2)

    yield 0, activations(net, stimuli), net.KINDS, parameters
    step = 0
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        for i in range(per_epoch):
            net.train()
            batch = order[i * BATCH:(i + 1) * BATCH]
            logits = net(shifted(x[batch], generator))["logits"]
            loss = F.cross_entropy(logits, y[batch])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
            optimiser.step()
            schedule.step()
            step += 1
            if step in checkpoints or step == total:
                yield step, activations(net, stimuli), net.KINDS, parameters


# --------------------------------------------------------------------------
# Writing
# --------------------------------------------------------------------------


def made_with():
    import sklearn
    import torch

    return (f"Python {platform.python_version()}, torch {torch.__version__}, "
            f"numpy {np.__version__}, h5py {h5py.__version__} "
            f"(HDF5 {h5py.version.hdf5_version}), scikit-learn {sklearn.__version__}")


def write_dump(path, attributes, ids, labels, layers, kinds):
    """Write one file; the bytes depend on the arguments alone."""
    with h5py.File(path, "w") as f:
        f.attrs["dataset"] = DATASET
        for key, value in attributes.items():
            f.attrs[key] = value
        options = dict(compression="gzip", compression_opts=9, shuffle=True,
                       track_times=False)
        f.create_dataset("ids", data=ids, chunks=(len(ids),), **options)
        f.create_dataset("labels", data=labels, chunks=(len(labels),), **options)
        for order, ((name, raw), kind) in enumerate(zip(layers.items(), kinds, strict=True)):
            if not np.isfinite(raw).all():
                raise RuntimeError(f"{path.name}: {name} is not finite")
            if flattened(raw).var(0).max() < 1e-12:
                raise RuntimeError(f"{path.name}: {name} is constant")
            stored, bits, cka = compact(raw, DIMS[kind], kind == "logits")
            d = f.create_dataset(f"layers/{name}", data=stored, chunks=stored.shape, **options)
            d.attrs["order"] = np.int32(order)
            d.attrs["dims"] = DIMS[kind]
            d.attrs["kind"] = kind
            d.attrs["mantissa_bits"] = np.int32(bits)
            d.attrs["cka_with_raw"] = cka


def make(out, families):
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    out.mkdir(parents=True, exist_ok=True)
    images, labels, train_rows, rows = load_split()
    x = torch.from_numpy(images[train_rows]).unsqueeze(1)
    y = torch.from_numpy(labels[train_rows])
    stimuli = torch.from_numpy(images[rows]).unsqueeze(1)
    truth = labels[rows]
    ids = np.array([f"digits/{i:04d}" for i in rows], dtype="S11")
    stored_labels = truth.astype(np.uint8)
    tools = made_with()

    write_dump(out / "input.h5",
               {"model": "pixels", "role": "input", "made_with": tools},
               ids, stored_labels, {"pixels": images[rows].reshape(len(rows), -1)},
               ("input",))

    print(f"{'model':<18}{'parameters':>11}{'step':>7}{'accuracy':>10}{'seconds':>9}")
    for family in families:
        for seed in SEEDS:
            name = f"{family}-s{seed}"
            checkpoints = CHECKPOINTS.get(name, ())
            start = time.perf_counter()
            for step, layers, kinds, parameters in train(
                    family, seed, x, y, stimuli, checkpoints):
                accuracy = float((layers["logits"].argmax(1) == truth).mean())
                if step == 0:
                    model = f"{name}-untrained"
                elif step in checkpoints:
                    model = f"{name}-step{step:04d}"
                else:
                    model = name
                attributes = {
                    "model": model, "family": family, "trained": np.bool_(step > 0),
                    "step": np.int64(step), "accuracy": accuracy,
                    "seed": np.int64(seed), "parameters": np.int64(parameters),
                    "made_with": tools}
                if step in checkpoints:
                    attributes["checkpoint_of"] = name
                write_dump(out / f"{model}.h5", attributes, ids, stored_labels,
                           layers, kinds)
                print(f"{model:<18}{parameters:>11}{step:>7}{accuracy:>10.3f}"
                      f"{time.perf_counter() - start:>9.1f}", flush=True)


# --------------------------------------------------------------------------
# Checking
# --------------------------------------------------------------------------


def expected_models():
    """{model: (family, seed, trained, checkpoint_of or None)} of the whole zoo."""
    models = {}
    for family in FAMILIES:
        for seed in SEEDS:
            name = f"{family}-s{seed}"
            models[f"{name}-untrained"] = (family, seed, False, None)
            for step in CHECKPOINTS.get(name, ()):
                models[f"{name}-step{step:04d}"] = (family, seed, True, name)
            models[name] = (family, seed, True, None)
    return models


def require(condition, message):
    if not condition:
        raise SystemExit(f"check failed: {message}")


def check(out):
    images, labels, train_rows, rows = load_split()
    require(len(train_rows) == len(labels) - N_HELD_OUT and len(rows) == N_HELD_OUT,
            "sizes of the split")
    require(not set(train_rows) & set(rows), "the split overlaps")
    ids = [f"digits/{i:04d}".encode() for i in rows]
    models = expected_models()
    files = {p.stem: p for p in out.glob("*.h5")}
    require(set(files) == set(models) | {"input"},
            f"files differ: {sorted(set(files) ^ (set(models) | {'input'}))}")

    architecture, layer_count = {}, 0
    lowest = (2.0, "")
    for stem, path in sorted(files.items()):
        with h5py.File(path, "r") as f:
            a = f.attrs
            require(list(f["ids"][:]) == ids, f"{stem}: ids")
            require(f["labels"].dtype == np.uint8
                    and np.array_equal(f["labels"][:], labels[rows]), f"{stem}: labels")
            require(a["dataset"] == DATASET, f"{stem}: dataset")
            if stem == "input":
                require(a["model"] == "pixels" and a["role"] == "input", "input: attributes")
                require(np.array_equal(f["layers/pixels"][:].astype(np.float32),
                                       images[rows].reshape(len(rows), -1)),
                        "input: the pixels are not exact")
            else:
                family, seed, trained, parent = models[stem]
                require(a["model"] == stem and a["family"] == family and a["seed"] == seed,
                        f"{stem}: model, family or seed")
                require(isinstance(a["trained"], np.bool_) and a["trained"] == trained,
                        f"{stem}: trained")
                require((a["step"] > 0) == trained, f"{stem}: step")
                require(a["parameters"] > 0, f"{stem}: parameters")
                require("role" not in a and a.get("checkpoint_of") == parent,
                        f"{stem}: role or checkpoint_of")
                if parent:
                    require(stem == f"{parent}-step{a['step']:04d}", f"{stem}: name and step")
                predicted = f["layers/logits"][:].argmax(1)
                require(abs((predicted == labels[rows]).mean() - a["accuracy"]) < 1e-9,
                        f"{stem}: accuracy does not follow from the logits")
                if trained and not parent:
                    require(a["accuracy"] >= ACCURACY_FLOOR, f"{stem}: accuracy floor")
            layers = sorted(f["layers"].values(), key=lambda d: d.attrs["order"])
            require([d.attrs["order"] for d in layers] == list(range(len(layers))),
                    f"{stem}: order")
            shapes = []
            for d in layers:
                name = d.name.rsplit("/", 1)[-1]
                where = f"{stem}/{name}"
                kind, dims = d.attrs["kind"], d.attrs["dims"]
                require(dims == DIMS[kind] and len(dims.split()) == d.ndim, f"{where}: dims")
                require(d.shape[0] == N_HELD_OUT, f"{where}: samples")
                require(d.dtype in (np.float16, np.float32), f"{where}: dtype")
                require(d.chunks and d.compression == "gzip" and d.compression_opts == 9
                        and d.shuffle, f"{where}: filters")
                values = d[:]
                require(np.isfinite(values).all(), f"{where}: NaN or infinity")
                bits = int(d.attrs["mantissa_bits"])
                full = values.astype(np.float32)
                normal = np.abs(full) >= 2.0 ** -14      # float16 subnormals are coarser
                require(np.array_equal(round_mantissa(full, bits)[normal], full[normal]),
                        f"{where}: mantissa_bits")
                require(flattened(values).var(0).max() > 1e-12
                        and mean_pooled(values, dims).var(0).max() > 1e-12,
                        f"{where}: constant")
                require(d.attrs["cka_with_raw"] >= CKA_FLOOR, f"{where}: CKA with raw values")
                lowest = min(lowest, (float(d.attrs["cka_with_raw"]), where))
                shapes.append((name, kind, d.shape))
            if stem != "input":
                require((shapes[-1][0], shapes[-1][1], shapes[-1][2])
                        == ("logits", "logits", (N_HELD_OUT, 10)), f"{stem}: logits last")
                require(4 <= len(shapes) - 1 <= 6, f"{stem}: number of hidden layers")
                require(architecture.setdefault(models[stem][0], shapes) == shapes,
                        f"{stem}: layers differ within the family")
            layer_count += len(shapes)

    size = sum(p.stat().st_size for p in out.rglob("*")
               if p.is_file() and "__pycache__" not in p.parts)
    require(size <= MAX_BYTES, f"folder is {size} bytes, more than {MAX_BYTES}")
    card = out / "card.md"
    if card.exists():
        require(with_tables(card.read_text(), out) == card.read_text(),
                "the tables of card.md are out of date (run --card)")
    print(f"ok: {len(files)} files, {layer_count} layers, {size / 1e6:.2f} MB, "
          f"lowest CKA with raw values {lowest[0]:.6f} ({lowest[1]})")


# --------------------------------------------------------------------------
# The tables of card.md
# --------------------------------------------------------------------------

BEGIN, END = "<!-- tables: begin (written by make.py) -->", "<!-- tables: end -->"


def tables(out):
    """The measured part of the card, as Markdown, read from the dumps alone."""
    rows, shapes, bits, lowest, tools = {}, {}, {}, (2.0, ""), set()
    for path in sorted(out.glob("*.h5")):
        with h5py.File(path, "r") as f:
            a = dict(f.attrs)
            rows[a["model"]] = a | {"bytes": path.stat().st_size}
            tools.add(a["made_with"])
            layers = sorted(f["layers"].values(), key=lambda d: d.attrs["order"])
            key = a.get("family", "pixels")
            shapes[key] = [(d.name.rsplit("/", 1)[-1], d.attrs["kind"], d.shape[1:])
                           for d in layers]
            for d in layers:
                b = int(d.attrs["mantissa_bits"])
                bits[b] = bits.get(b, 0) + 1
                lowest = min(lowest, (float(d.attrs["cka_with_raw"]),
                                      f"{a['model']}, layer {d.name.rsplit('/', 1)[-1]}"))
    lines = ["### Models", "",
             "| model | parameters | steps | accuracy, trained | accuracy, untrained |",
             "|---|--:|--:|--:|--:|"]
    for family in FAMILIES:
        for seed in SEEDS:
            name = f"{family}-s{seed}"
            t, u = rows[name], rows[f"{name}-untrained"]
            lines.append(f"| {name} | {t['parameters']} | {t['step']} | "
                         f"{t['accuracy']:.3f} | {u['accuracy']:.3f} |")
    lines += ["", "### Checkpoints", "", "| model | step | accuracy |", "|---|--:|--:|"]
    for name, steps in CHECKPOINTS.items():
        for step in steps:
            r = rows[f"{name}-step{step:04d}"]
            lines.append(f"| {r['model']} | {r['step']} | {r['accuracy']:.3f} |")
    lines += ["", "### Layers", "",
              "In the order of the attribute `order`; shapes are per image.", "",
              "| family | layers |", "|---|---|"]
    for key in (*FAMILIES, "pixels"):
        cells = [f"{n} {'×'.join(map(str, s))} ({k})" for n, k, s in shapes[key]]
        lines.append(f"| {key} | {', '.join(cells)} |")
    total = sum(r["bytes"] for r in rows.values())
    spread = ", ".join(f"{b}: {c}" for b, c in sorted(bits.items()))
    lines += ["", "### Storage", "",
              f"- {len(rows)} files, {sum(bits.values())} layers, {total / 1e6:.2f} MB.",
              f"- Lowest linear CKA between stored and raw float32 values: "
              f"{int(lowest[0] * 1e6) / 1e6:.6f} ({lowest[1]}).",
              f"- Layers per number of stored mantissa bits: {spread}.",
              f"- Written with {'; '.join(sorted(tools))}."]
    return "\n".join(lines)


def with_tables(text, out):
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    return f"{head}{BEGIN}\n\n{tables(out)}\n\n{END}{tail}"


def update_card(out):
    card = out / "card.md"
    if not card.exists():
        print(f"{card} does not exist; tables not written", file=sys.stderr)
        return
    card.write_text(with_tables(card.read_text(), out))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the dumps")
    parser.add_argument("--only", choices=FAMILIES, help="train one family only")
    parser.add_argument("--check", action="store_true", help="verify the dumps; train nothing")
    parser.add_argument("--card", action="store_true",
                        help="rewrite the tables of card.md in the folder; train nothing")
    args = parser.parse_args()
    if args.card:
        update_card(args.out)
    elif args.check:
        check(args.out)
    else:
        make(args.out, (args.only,) if args.only else FAMILIES)
        if not args.only and (args.out / "card.md").exists():
            update_card(args.out)


if __name__ == "__main__":
    main()
