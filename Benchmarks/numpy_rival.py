#!/usr/bin/env python3
"""The strongest honest rival in Python: all pairs of a zoo with h5py and NumPy, dump to pairs.csv.

    numpy_rival.py cka|svcca FOLDER -o pairs.csv --threads N [--precision single] [--parallel tasks]

Everything that belongs to a representation is done once. `cka` writes the biased and the debiased
estimator from the same inner products, which come from the cheaper of two routes: one cross-product
of features per pair, or tiles of all sample Gram matrices at once. `svcca` decomposes the smaller of
covariance and Gram matrix, and takes the canonical correlations of a pair from the eigenvalues of
the smaller square of UᵀV, which NumPy finds in about half the time of singular values.

`--parallel blas` leaves the threads to BLAS, as a script usually does; `--parallel tasks` gives BLAS
one thread and spreads representations, tiles and rows of pairs over a thread pool.
"""

import argparse
import json
import os
import sys
import time

START = time.perf_counter()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("metric", choices=("cka", "svcca"))
    parser.add_argument("folder")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", choices=("double", "single"), default="double")
    parser.add_argument("--parallel", choices=("blas", "tasks"), default="tasks")
    return parser.parse_args()


ARGUMENTS = arguments()
BLAS_THREADS = ARGUMENTS.threads if ARGUMENTS.parallel == "blas" else 1
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(BLAS_THREADS)  # NumPy reads them when it is imported

import itertools  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from pathlib import Path  # noqa: E402

import h5py  # noqa: E402
import numpy as np  # noqa: E402

from blas import blas  # noqa: E402

REAL = np.float64 if ARGUMENTS.precision == "double" else np.float32
TILE = 256


def spread(work, items):
    """`work` of every item, in order, on the thread pool or in this thread."""
    if ARGUMENTS.parallel == "blas" or ARGUMENTS.threads == 1:
        return list(map(work, items))
    with ThreadPoolExecutor(ARGUMENTS.threads) as pool:
        return list(pool.map(work, items))


def read(folder):
    """Names and datasets as they are stored: h5py converts no faster than NumPy does later."""
    names, stored = [], []
    for path in sorted(Path(folder).glob("*.h5")):
        with h5py.File(path) as file:
            for layer in sorted(file["layers"]):
                names.append((path.stem, layer))
                stored.append(file["layers"][layer][()])
    return names, stored


def standardized(stored):
    """Centred columns and unit norm; means and norms in double."""
    if stored.dtype == np.float16:
        stored = stored.astype(np.float32)
    mean = stored.mean(axis=0, dtype=np.float64)
    if REAL is np.float32:
        values = stored - mean.astype(np.float32)
    else:
        values = np.subtract(stored, mean, dtype=np.float64)
    norms = np.einsum("ij,ij->i", values, values, dtype=np.float64)
    total = norms.sum()
    values *= REAL(1 / np.sqrt(total))
    return values, norms / total


# ---------------------------------------------------------------------------------- linear CKA

def products_by_features(xs):
    """‖XᵀY‖² of all pairs, one cross-product each."""
    count = len(xs)
    products = np.zeros((count, count))

    def row(i):
        for j in range(i, count):
            cross = (xs[i].T @ xs[j]).ravel()
            products[i, j] = products[j, i] = np.dot(cross, cross)

    spread(row, range(count))
    return products


def products_by_tiles(xs):
    """⟨XXᵀ, YYᵀ⟩ of all pairs: for a tile of samples × samples, one product for all of them."""
    count, samples = len(xs), len(xs[0])
    starts = range(0, samples, TILE)

    def tile(corner):
        top, left = corner
        rows, columns = slice(top, top + TILE), slice(left, left + TILE)
        shape = len(xs[0][rows]), len(xs[0][columns])
        stack = np.empty((count, *shape), REAL)
        for x, gram in zip(xs, stack):
            np.matmul(x[rows], x[columns].T, out=gram)
        flat = stack.reshape(count, -1)
        return (1 if top == left else 2) * (flat @ flat.T).astype(np.float64)

    corners = [(top, left) for top in starts for left in starts if left >= top]
    return sum(spread(tile, corners))


def normalized(products):
    root = np.sqrt(np.diag(products))
    return products / np.outer(root, root)


def cka(stored):
    """Both estimators, how the products were found, and the time when they were begun."""
    n = len(stored[0])

    def prepare(index):
        result = standardized(stored[index])
        stored[index] = None
        return result

    prepared = spread(prepare, range(len(stored)))
    xs = [x for x, _ in prepared]
    norms = np.array([row_norms for _, row_norms in prepared])
    begun = time.perf_counter()

    width = sum(x.shape[1] for x in xs)
    by_features = n * width**2
    by_samples = n**2 * (width + len(xs) ** 2 / 2)
    if by_features < by_samples:
        route, products = "feature space", products_by_features(xs)
    else:
        route, products = "Gram tiles", products_by_tiles(xs)

    # HSIC₁ needs no more than the norms of the rows.
    sums = norms.sum(axis=1)
    unbiased = (products - n / (n - 2) * (norms @ norms.T)
                + np.outer(sums, sums) / ((n - 1) * (n - 2)))
    return {"cka-debiased": normalized(unbiased), "cka": normalized(products)}, route, begun


# ---------------------------------------------------------------------------------- SVCCA

def basis(stored):
    """The orthonormal scores of the components with 99 % of the variance, in rows."""
    values, _ = standardized(stored)
    wide = values.astype(np.float64, copy=False)  # decompositions in double
    narrow = values.shape[1] <= values.shape[0]
    variances, vectors = np.linalg.eigh(wide.T @ wide if narrow else wide @ wide.T)
    share = np.cumsum(variances[::-1])
    kept = int(np.searchsorted(share, (0.99 - 1e-12) * share[-1])) + 1
    leading = vectors[:, : -kept - 1 : -1]
    if not narrow:
        return np.ascontiguousarray(leading.T, dtype=REAL)
    leading = leading / np.sqrt(variances[: -kept - 1 : -1])
    return leading.T.astype(REAL) @ values.T


def svcca(stored):
    """The matrix, how many components were kept on average, and the time when pairs were begun."""
    def prepare(index):
        result = basis(stored[index])
        stored[index] = None
        return result

    bases = spread(prepare, range(len(stored)))
    begun = time.perf_counter()
    offsets = np.concatenate([[0], np.cumsum([len(rows) for rows in bases])])
    stack = np.concatenate(bases)
    bases.clear()
    count = len(stored)
    matrix = np.eye(count)

    def row(i):
        """One product with all later representations, then the correlations of each pair."""
        cross = stack[offsets[i]:offsets[i + 1]] @ stack[offsets[i + 1]:].T
        for j in range(i + 1, count):
            block = cross[:, offsets[j] - offsets[i + 1]:offsets[j + 1] - offsets[i + 1]]
            square = block @ block.T if block.shape[0] <= block.shape[1] else block.T @ block
            squares = np.linalg.eigvalsh(square)
            matrix[i, j] = np.sqrt(np.maximum(squares, 0)).mean(dtype=np.float64)

    spread(row, range(count))
    return {"svcca": matrix}, f"{offsets[-1] / count:.1f} components", begun


def write(path, names, samples, matrices):
    with open(path, "w") as file:
        file.write("metric,model_a,layer_a,model_b,layer_b,n,value,reason\n")
        for metric, matrix in matrices.items():
            for a, b in itertools.combinations(range(len(names)), 2):
                file.write(f"{metric},{','.join(names[a])},{','.join(names[b])},{samples},"
                           f"{matrix[a, b]:.17g},\n")


def main():
    imported = time.perf_counter()
    names, stored = read(ARGUMENTS.folder)
    samples = len(stored[0])
    begun = time.perf_counter()
    matrices, route, prepared = (cka if ARGUMENTS.metric == "cka" else svcca)(stored)
    compared = time.perf_counter()
    write(ARGUMENTS.output, names, samples, matrices)
    json.dump({
        "route": route, "blas": blas()[0], "core": blas()[1], "numpy": np.__version__, "h5py": h5py.__version__,
        "python": sys.version.split()[0], "start": imported - START, "read": begun - imported,
        "prepare": prepared - begun, "compare": compared - prepared,
        "write": time.perf_counter() - compared,
    }, sys.stdout)


if __name__ == "__main__":
    main()
