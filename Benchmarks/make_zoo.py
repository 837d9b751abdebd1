#!/usr/bin/env python3
"""Writes a synthetic zoo: one HDF5 dump per model, in the layout that the README recommends.

    make_zoo.py small medium                      into $TMPDIR/bench-data/small-float32, …
    make_zoo.py large --variant float16 --data /scratch
    make_zoo.py 50x2000x256                       50 representations of 2000 samples × 256 features

A representation is a mixture of directions that the whole zoo shares, directions that the layers of
one model share and noise of its own, with variances that fall as a power of the index, rotated at
random, shifted, with a few columns far from zero. Every fourth layer passes a ReLU. The similarities
are therefore spread between 0 and 1, and 99 % of the variance needs a good part of the dimensions.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np


@dataclass(frozen=True)
class Shape:
    """How many models of how many layers, how many samples, and the widths that the layers take."""

    models: int
    layers: int
    samples: int
    widths: tuple

    def width(self, model, layer):
        return self.widths[(model + layer) % len(self.widths)]


ZOOS = {
    "small": Shape(3, 4, 1000, (64, 128, 256, 512)),
    "medium": Shape(5, 12, 2000, (256, 512, 768, 1024, 1536, 2048)),
    "large": Shape(10, 20, 5000, (768,)),
    "tall": Shape(4, 6, 50000, (512,)),
}

VARIANTS = {
    "float32": {"dtype": "<f4"},
    "float16": {"dtype": "<f2"},
    "gzip": {"dtype": "<f4", "chunks": True, "compression": "gzip", "shuffle": True},
}

FAMILIES = ("cnn", "transformer", "mlp")


def shape_of(name):
    """The shape of a named zoo or of one such as `50x2000x256` (representations × samples × features)."""
    if name in ZOOS:
        return ZOOS[name]
    match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", name)
    if not match:
        raise ValueError(f"no zoo {name}: one of {', '.join(ZOOS)}, or such as 50x2000x256")
    count, samples, width = map(int, match.groups())
    layers = next(divisor for divisor in (10, 5, 4, 3, 2, 1) if count % divisor == 0)
    return Shape(count // layers, layers, samples, (width,))


def default_data():
    return Path(tempfile.gettempdir()) / "bench-data"


def folder_of(data, name, variant, seed=0):
    return Path(data) / f"{name}-{variant}{f'-seed{seed}' if seed else ''}"


class Generator:
    """The representations of a zoo; each depends only on the seed, the model and the layer."""

    def __init__(self, shape, seed):
        self.shape = shape
        self.seed = seed
        random = np.random.default_rng([seed, 0])
        self.widest = max(shape.widths)
        self.shared = random.standard_normal((shape.samples, self.widest), dtype=np.float32)
        self.rotations = {}
        for width in sorted(set(shape.widths)):
            square = random.standard_normal((width, width), dtype=np.float32)
            self.rotations[width] = np.linalg.qr(square)[0]

    def model(self, model):
        """The directions that the layers of one model share."""
        random = np.random.default_rng([self.seed, 1, model])
        return random.standard_normal((self.shape.samples, self.widest), dtype=np.float32)

    def layer(self, model, layer, private):
        random = np.random.default_rng([self.seed, 2, model, layer])
        width = self.shape.width(model, layer)
        depth = layer / max(1, self.shape.layers - 1)

        # Deeper layers hold less of what the zoo shares, and their spectra fall faster.
        own = 0.35 + 0.5 * depth * random.random()
        decay = 1.35 + 0.5 * depth + 0.1 * random.random()
        # The order of the leading directions is the layer's own.
        order = np.arange(width)
        leading = max(2, width // 8)
        order[:leading] = random.permutation(leading)
        values = np.sqrt(1 - own) * self.shared[:, order]
        values += np.sqrt(own / 2) * private[:, :width]
        values += np.sqrt(own / 2) * random.standard_normal(values.shape, dtype=np.float32)
        values *= np.arange(1, width + 1) ** (-decay / 2)

        # One orthogonal matrix per width, made new by shuffling its rows and columns.
        rotation = self.rotations[width][np.ix_(random.permutation(width), random.permutation(width))]
        values = values.astype(np.float32) @ rotation * np.sqrt(width)
        if layer % 4 == 3:
            values = np.maximum(values, 0)
        means = random.normal(0, 0.5, width)
        outliers = random.choice(width, max(1, width // 256), replace=False)
        means[outliers] = random.choice([-40, 40], outliers.size)
        # Within the range of float16 at every scale.
        return ((values + means) * 10 ** random.uniform(-1.5, 1.5)).astype(np.float32)


def make(name, data, variant="float32", seed=0, report=lambda text: None):
    """Writes the zoo unless it is there; returns its folder."""
    shape = shape_of(name)
    folder = folder_of(data, name, variant, seed)
    if folder.is_dir():
        return folder
    storage = dict(VARIANTS[variant])
    dtype = storage.pop("dtype")
    width = len(str(shape.samples))
    ids = [f"stimulus-{index:0{width}}" for index in range(shape.samples)]
    # A run that is stopped leaves no folder that looks complete.
    unfinished = folder.with_name(folder.name + f".unfinished-{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        generator = Generator(shape, seed)
        for model in range(shape.models):
            private = generator.model(model)
            with h5py.File(unfinished / f"model-{model:02}.h5", "w") as file:
                file.attrs["model"] = f"model-{model:02}"
                file.attrs["family"] = FAMILIES[model % len(FAMILIES)]
                file["ids"] = np.array(ids, dtype="S")
                for layer in range(shape.layers):
                    values = generator.layer(model, layer, private).astype(dtype)
                    dataset = file.create_dataset(f"layers/layer-{layer:02}", data=values, **storage)
                    dataset.attrs["order"] = layer
                    dataset.attrs["dims"] = "n d"
            report(f"{folder.name}: model {model + 1} of {shape.models}")
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zoos", nargs="+", metavar="ZOO", help="small, medium, large, tall or PxNxD")
    parser.add_argument("--variant", choices=VARIANTS, default="float32")
    parser.add_argument("--data", type=Path, default=default_data(), help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for zoo in arguments.zoos:
        try:
            print(make(zoo, arguments.data, arguments.variant, arguments.seed,
                       lambda text: print(text, file=sys.stderr)))
        except ValueError as error:
            parser.error(str(error))


if __name__ == "__main__":
    main()
