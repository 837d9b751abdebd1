#!/usr/bin/env python3
"""The packages that PyPI has, each with its own code, on some of the representations of a zoo.

    package_rival.py rsatoolbox|torch_cka|cca-zoo FOLDER -o pairs.csv --threads N --count R

They repeat for every pair what belongs to a representation, so that a whole zoo takes minutes to
days. R representations, evenly spread over the widths, give the time per representation and per
pair; the runner extrapolates and says so. What a package lets its user cache is cached.
Exit code 3: the package is not installed.
"""

import argparse
import json
import os
import sys
import time

START = time.perf_counter()
parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("package", choices=("rsatoolbox", "torch_cka", "cca-zoo"))
parser.add_argument("folder")
parser.add_argument("-o", "--output", required=True)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--count", type=int, default=6)
ARGUMENTS = parser.parse_args()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(ARGUMENTS.threads)

import contextlib  # noqa: E402
import importlib  # noqa: E402
import importlib.metadata  # noqa: E402
import io  # noqa: E402
import itertools  # noqa: E402
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402

import h5py  # noqa: E402
import numpy as np  # noqa: E402


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"{ARGUMENTS.package} is not installed ({error})", file=sys.stderr)
        sys.exit(3)


def chosen(folder, count):
    """All layers sorted by width, and the middle one of each of `count` equal parts."""
    layers = []
    for path in sorted(Path(folder).glob("*.h5")):
        with h5py.File(path) as file:
            layers += [(file["layers"][name].shape[1], path, name) for name in file["layers"]]
    layers.sort()
    picks = [layers[(2 * part + 1) * len(layers) // (2 * count)] for part in range(count)]
    return len(layers), sorted((path, name) for _, path, name in picks)


def read(path, name):
    with h5py.File(path) as file:
        return file["layers"][name][()].astype(np.float32, copy=False)


def rsatoolbox(stored, modules, tick):
    """Linear CKA is the cosine of the doubly centred squared distances: `cosine_cov`."""
    rdm = modules[0].rdm
    rdms = [rdm.calc_rdm(modules[0].data.Dataset(x.astype(np.float64)), method="euclidean")
            for x in stored]
    tick()
    return "cka", {
        (a, b): rdm.compare(rdms[a], rdms[b], method="cosine_cov").item()
        for a, b in itertools.combinations(range(len(stored)), 2)}


def torch_cka(stored, modules, tick):
    """Its `compare` hooks the layers of live models: a model that replays the rows lets it run.

    Batches of 256, as in its documentation: an estimate from mini-batches, with values of its own.
    It visits ordered pairs and the diagonal.
    """
    package, torch = modules
    torch.set_num_threads(ARGUMENTS.threads)
    values = [torch.from_numpy(x) for x in stored]

    class Replay(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleList(torch.nn.Identity() for _ in values)
            self.weight = torch.nn.Parameter(torch.zeros(1))  # it asks for the device of a parameter

        def forward(self, rows):
            for layer, x in zip(self.layers, values):
                layer(x[rows])
            return rows

    names = [f"layers.{index}" for index in range(len(values))]
    rows = torch.utils.data.TensorDataset(torch.arange(len(values[0])))
    batches = torch.utils.data.DataLoader(rows, batch_size=256, drop_last=True)
    tick()
    with torch.no_grad(), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cka = package.CKA(Replay(), Replay(), "a", "b", names, names, device="cpu")
        cka.compare(batches, batches)
    matrix = cka.hsic_matrix.numpy()
    return "cka-minibatch", {
        (a, b): float(matrix[a, b]) for a, b in itertools.combinations(range(len(values)), 2)}


def cca_zoo(stored, modules, tick):
    """CCA of the leading components; the decomposition of each representation is cached here."""
    scores = []
    for x in stored:
        x = x.astype(np.float64)
        u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
        share = np.cumsum(s**2)
        kept = int(np.searchsorted(share, (0.99 - 1e-12) * share[-1])) + 1
        scores.append(u[:, :kept] * s[:kept])
    tick()
    values = {}
    for a, b in itertools.combinations(range(len(scores)), 2):
        views = scores[a], scores[b]
        model = modules[0].CCA(n_components=min(view.shape[1] for view in views)).fit(views)
        x, y = (view - view.mean(axis=0) for view in model.transform(views))
        lengths = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
        values[a, b] = float(np.mean(np.abs((x * y).sum(axis=0) / lengths)))
    return "svcca", values


CODE = {
    "rsatoolbox": (rsatoolbox, ("rsatoolbox",)),
    "torch_cka": (torch_cka, ("torch_cka", "torch")),
    "cca-zoo": (cca_zoo, ("cca_zoo.linear",)),
}


def main():
    code, needed = CODE[ARGUMENTS.package]
    modules = [load(name) for name in needed]
    times = [time.perf_counter()]
    total, layers = chosen(ARGUMENTS.folder, ARGUMENTS.count)
    stored = [read(*layer) for layer in layers]
    times.append(time.perf_counter())
    metric, values = code(stored, modules, lambda: times.append(time.perf_counter()))
    times.append(time.perf_counter())
    with open(ARGUMENTS.output, "w") as file:
        file.write("metric,model_a,layer_a,model_b,layer_b,n,value,reason\n")
        for (a, b), value in values.items():
            file.write(f"{metric},{layers[a][0].stem},{layers[a][1]},{layers[b][0].stem},"
                       f"{layers[b][1]},{len(stored[a])},{value:.17g},\n")
    # Pairs grow with the square; torch_cka counts ordered ones and the diagonal.
    def pairs(count):
        return count**2 if ARGUMENTS.package == "torch_cka" else count * (count - 1) / 2
    start, reading, preparing, comparing = np.diff([START, *times])
    per_representation = (reading + preparing) * total / len(layers)
    json.dump({
        "package": importlib.metadata.version(ARGUMENTS.package), "representations": len(layers),
        "start": start, "read": reading, "prepare": preparing, "compare": comparing,
        "extrapolated": start + per_representation + comparing * pairs(total) / pairs(len(layers)),
    }, sys.stdout)


if __name__ == "__main__":
    main()
