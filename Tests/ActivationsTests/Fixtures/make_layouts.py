"""Writes small dumps as 28 programs and habits write them, and in layouts.json what must be read.

    python3 make_layouts.py        (needs h5py and numpy; writes below layouts/ beside itself)

Each case imitates one writer: names of files, datasets and attributes, types, order of axes, chunks.
All values are multiples of 1/16 below 8, so that every type used holds them exactly and no sum is
rounded. The files were made with h5py 3.16 (HDF5 2.0) and NumPy 2.4.
"""

import json
import os
import shutil
import struct

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "layouts")
N, D = 12, 5
IDS = [f"img_{i:02d}" for i in range(N)]
LABELS = (np.arange(N) * 5 % 3).astype("i8")
rng = np.random.default_rng(28)
cases = []


def values(*shape):
    return rng.integers(-127, 128, shape).astype("f8") / 16


def path(case, name):
    full = os.path.join(ROOT, case, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def h5(case, name, **how):
    return h5py.File(path(case, name), "w", **how)


def expect(case, layers, ids=None, labels=None, flag=None, refused=None):
    """layers: {model: {layer: matrix}}; flag: the --dims rule to choose."""
    cases.append({
        "name": case, "flag": flag, "refused": refused, "ids": ids,
        "labels": None if labels is None else [int(x) for x in labels],
        "models": [{"name": model, "layers": [
            {"name": layer, "rows": np.asarray(x, "f8").tolist()} for layer, x in inner.items()]}
            for model, inner in layers.items()]})


def vlen(texts):
    return np.array(list(texts), dtype=h5py.string_dtype())


def ragged(lengths, *rest):
    return [values(n, *rest) for n in lengths]

LENGTHS = [3, 1, 4, 2, 5, 3, 2, 6, 1, 4, 3, 2]


def thingsvision():
    case, out = "01_thingsvision", {}
    for module, shape in (("features.10", (3, 2, 2)), ("classifier.4", (D,))):
        x = values(N, *shape)
        with h5(case, f"alexnet/{module}/features.hdf5") as f:
            f.create_dataset("features", data=x.astype("f4"))
        with open(path(case, f"alexnet/{module}/file_names.txt"), "w") as f:
            f.write("\n".join(f"{i}.jpg" for i in IDS) + "\n")
        out[module] = x.mean((2, 3)) if x.ndim == 4 else x
    expect(case, {"alexnet": {k: out[k] for k in ("classifier.4", "features.10")}},
           ids=[f"{i}.jpg" for i in IDS])


def thingsvision_pieces():
    case, x = "01_thingsvision_pieces", values(N, D)
    with h5(case, "vgg16_fc/features.hdf5") as f:
        for i, part in enumerate(np.split(x, [4, 9]), 1):
            f.create_dataset(f"features_{i:02d}", data=part.astype("f4"))
    expect(case, {"vgg16_fc": {"features": x}})


def elmo():
    case = "02_elmo"
    x = [values(3, n, D) for n in LENGTHS]
    sentences = [f"sentence / number {i} ." for i in range(N)]
    with h5(case, "elmo.hdf5") as f:
        for i, e in enumerate(x):
            f.create_dataset(str(i), e.shape, dtype="float32", data=e)
        d = f.create_dataset("sentence_to_index", (1,), dtype=h5py.special_dtype(vlen=str))
        d[0] = json.dumps({s: str(i) for i, s in enumerate(sentences)})
    expect(case, {"elmo": {f"layers.{k}": [e[k].mean(0) for e in x] for k in range(3)}},
           ids=sentences)


def neurox():
    case = "03_neurox"
    x = [values(2, n, D) for n in LENGTHS]
    for k in range(2):
        with h5(case, f"bert-layer{k}.hdf5") as f:
            for i, e in enumerate(x):
                f.create_dataset(str(i), (1,) + e.shape[1:], dtype="float32", data=e[[k]])
            d = f.create_dataset("sentence_to_index", (1,), dtype=h5py.special_dtype(vlen=str))
            d[0] = json.dumps({f"words {i}": str(i) for i in range(N)})
    expect(case, {"bert": {f"layer{k}": [e[k].mean(0) for e in x] for k in range(2)}},
           ids=[f"words {i}" for i in range(N)])


def dnnbrain():
    case = "04_dnnbrain"
    x = {"conv1": values(N, 3, 4, 4), "conv2": values(N, 4, 4, 2), "fc1": values(N, D, 1, 1)}
    with h5(case, "alexnet.act.h5") as f:
        for k, a in x.items():
            f.create_dataset(k, data=a.astype("f4"), compression="gzip")
    with h5(case, "alexnet.roi.h5") as f:
        f.attrs["roi"] = ["V1", "V2"]
        f.create_dataset("data", data=values(N, 2))
    expect(case, {"alexnet": {k: a.mean((2, 3)) for k, a in x.items()}})


def few_shot():
    case, x = "05_few_shot", values(N, D)
    with h5(case, "resnet18_novel.hdf5") as f:
        feats = f.create_dataset("all_feats", (N + 6, D), maxshape=(None, D), dtype="f")
        labels = f.create_dataset("all_labels", (N + 6,), dtype="i")
        feats[:N], labels[:N] = x, LABELS
        count = f.create_dataset("count", (1,), dtype="i")
        count[0] = N
    expect(case, {"resnet18_novel": {"all_feats": x}}, labels=LABELS)


def clam():
    case, rows, ids = "06_clam", [], []
    for slide, n in (("slide_1", 7), ("slide_2", 9)):
        x, at = values(n, D), rng.permutation(np.arange(2 * n)).reshape(n, 2) * 256
        with h5(case, f"uni/h5_files/{slide}.h5") as f:
            f.create_dataset("features", data=x.astype("f4"), maxshape=(None, D), chunks=(4, D))
            c = f.create_dataset("coords", data=at, maxshape=(None, 2), chunks=(4, 2))
            c.attrs.update(patch_size=256, patch_level=0, name=slide)
        rows.append(x)
        ids += [f"{slide}:{a},{b}" for a, b in at]
    expect(case, {"uni": {"features": np.concatenate(rows)}}, ids=ids)


def hloc():
    case, out, ids = "07_hloc", [], []
    with h5(case, "feats-superpoint.h5") as f:
        for i, k in enumerate(LENGTHS):
            name = f"{'db' if i % 2 else 'query'}/{i:02d}.jpg"
            g = f.create_group(name)
            x = values(D, k)
            g.create_dataset("descriptors", data=x.astype("f2"))
            g.create_dataset("keypoints", data=values(k, 2).astype("f2"))
            g.create_dataset("scores", data=values(k).astype("f2"))
            g.create_dataset("image_size", data=np.array([640, 480]))
            out.append((name, x.mean(1)))
    out.sort(key=lambda item: item[0])
    expect(case, {"feats-superpoint": {"descriptors": [x for _, x in out]}},
           ids=[name for name, _ in out])


def vqa():
    case, x = "08_vqa", values(N, 6, D)
    with h5(case, "val36.hdf5") as f:
        f.create_dataset("image_features", data=x.astype("f4"))
        f.create_dataset("image_bb", data=values(N, 6, 4).astype("f4"))
        f.create_dataset("spatial_features", data=values(N, 6, 6).astype("f4"))
    expect(case, {"val36": {"image_features": x.mean(1)}})


def brainio():
    case, x = "09_brainio", values(N, 7)
    layers = ["conv1", "fc", "conv1", "fc", "fc", "conv1", "logits"]
    with h5(case, "assy_resnet.nc") as f:
        f.attrs["_NCProperties"] = np.bytes_("version=2,netcdf=4.9.2,hdf5=1.14.0")
        empty = "This is a netCDF dimension but not a netCDF variable.    %6d"
        for number, (name, size) in enumerate((("presentation", N), ("neuroid", 7))):
            d = f.create_dataset(name, (size,), dtype=">f4")
            d.make_scale(empty % size)
            d.attrs["_Netcdf4Dimid"] = np.int32(number)

        def variable(name, data, *dimensions, **how):
            d = f.create_dataset(name, data=data, **how)
            for axis, dimension in enumerate(dimensions):
                d.dims[axis].attach_scale(f[dimension])
            d.attrs["_Netcdf4Coordinates"] = np.array(
                [("presentation", "neuroid").index(x) for x in dimensions], "i4")
            return d
        variable("stimulus_id", vlen(IDS), "presentation")
        variable("repetition", np.zeros(N, "i8"), "presentation")
        variable("layer", vlen(layers), "neuroid")
        variable("neuroid_id", vlen(f"n{i}" for i in range(7)), "neuroid")
        d = variable("data", x.astype("f4"), "presentation", "neuroid", compression="gzip",
                     compression_opts=9)
        d.attrs["coordinates"] = np.bytes_("layer neuroid_id repetition stimulus_id")
    names = list(dict.fromkeys(layers))
    expect(case, {"assy_resnet": {n: x[:, [i for i, k in enumerate(layers) if k == n]]
                                  for n in names}}, ids=IDS)


def rsatoolbox():
    case, x = "10_rsatoolbox", values(N, D)
    with h5(case, "v1.h5") as f:
        f.attrs.update(rsatoolbox_version="0.3.2", type="Dataset")
        f.create_group("descriptors").attrs["session"] = "a"
        f["measurements"] = x
        f["obs_descriptors/cond"] = LABELS
        f["obs_descriptors/stim"] = np.array(IDS, "S")
        f["channel_descriptors/roi"] = np.array(["v1"] * D, "S")
    with h5(case, "rdm.h5") as f:
        f.attrs.update(rsatoolbox_version="0.3.2", dissimilarity_measure="euclidean")
        f["dissimilarities"] = values(1, N * (N - 1) // 2)
    expect(case, {"v1": {"measurements": x}}, ids=IDS)


def sparse(f, group, x, kind):
    g = f.create_group(group)
    g.attrs.update({"encoding-type": kind + "_matrix", "encoding-version": "0.1.0"})
    g.attrs["shape"] = np.array(x.shape)
    m = x if kind == "csr" else x.T
    g["data"] = np.concatenate([r[r != 0] for r in m]).astype("f4")
    g["indices"] = np.concatenate([np.nonzero(r)[0] for r in m]).astype("i4")
    g["indptr"] = np.cumsum([0] + [(r != 0).sum() for r in m]).astype("i4")


def anndata():
    for kind in ("csr", "csc", "dense"):
        case, x = f"11_anndata_{kind}", values(N, 8)
        x = np.where(x > 0, x, 0)
        pca = values(N, 3)
        with h5(case, "cells.h5ad") as f:
            f.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
            if kind == "dense":
                f.create_dataset("X", data=x.astype("f4"), compression="lzf")
            else:
                sparse(f, "X", x, kind)
            f["layers/raw"] = values(N, 8)
            f["varm/w"] = values(8, 2)
            f["uns/colors"] = values(3, 4)
            f["obsm/X_pca"] = pca.astype("f4")
            sparse(f, "obsp/connectivities", np.eye(N), "csr")
            obs = f.create_group("obs")
            obs.attrs.update({"_index": "cell", "encoding-type": "dataframe"})
            obs["cell"] = vlen(IDS)
            obs["n_genes"] = np.arange(N)
            obs["type/codes"] = LABELS.astype("i1")
            obs["type/categories"] = vlen("abc")
            var = f.create_group("var")
            var.attrs["_index"] = "_index"
            var["_index"] = vlen(f"g{i}" for i in range(8))
        expect(case, {"cells": {"X": x, "obsm/X_pca": pca}}, ids=IDS)


def nwb():
    case, x = "12_nwb", values(20, D)
    with h5(case, "session.nwb") as f:
        f.attrs.update(neurodata_type="NWBFile", namespace="core", nwb_version="2.6.0")
        g = f.create_group("acquisition/ecephys")
        g.attrs.update(neurodata_type="ElectricalSeries", namespace="core")
        d = g.create_dataset("data", data=(x * 16).astype("i2"), compression="gzip", chunks=True)
        d.attrs.update(conversion=1 / 16, offset=0.0, unit="volts")
        g["timestamps"] = np.arange(20) / 10
        g["electrodes"] = np.arange(D)
        f["specifications/core/2.6.0/namespace"] = "{}"
    expect(case, {"session": {"data": x}}, flag="session/*=n d")


def llm_groups():
    case = "13_llm_groups"
    x = {f"layer_{i}": values(N, D) for i in (0, 2, 10)}
    with h5(case, "run.h5") as f:
        for k, a in x.items():
            f.create_dataset(f"activations/{k}", data=a.astype("f2"), maxshape=(None, D),
                             chunks=(4, D))
        f["prompts"] = vlen(f"Is {i} prime?" for i in IDS)
        f["labels"] = LABELS.astype("i1")
        f.create_group("metadata").attrs.update(model_id="gpt2", hidden_dim=D, n_prompts=N)
    expect(case, {"gpt2": x}, ids=[f"Is {i} prime?" for i in IDS], labels=LABELS)


def llm_stack():
    case, x = "14_llm_stack", values(N, 4, D)
    with h5(case, "acts.h5") as f:
        f.create_dataset("hidden_states", data=x.astype("f2"), compression="gzip",
                         compression_opts=4)
        f["labels"] = LABELS
        f.attrs.update(n_layers=4, hidden_size=D, model="opt-125m")
    expect(case, {"opt-125m": {f"hidden_states.{k}": x[:, k] for k in range(4)}}, labels=LABELS)


def llm_layers_first():
    case, x = "15_llm_layers_first", values(4, N, D)
    with h5(case, "acts_l4.h5") as f:
        d = f.create_dataset("X", (4, 0, D), maxshape=(4, None, D), chunks=(4, 1, D), dtype="f4")
        y = f.create_dataset("Y", (0,), maxshape=(None,), dtype="i8")
        d.resize(N, axis=1)
        y.resize(N, axis=0)
        d[:], y[:] = x, LABELS
    expect(case, {"acts_l4": {f"X.{k}": x[k] for k in range(4)}}, labels=LABELS)


def probelab():
    case, x = "16_probelab", values(3, N, 6, D)
    mask = np.arange(6)[None] < np.array(LENGTHS)[:, None]
    with h5(case, "llama.h5") as f:
        f.create_dataset("activations", data=x.astype("f2"), chunks=(1, N, 6, D),
                         compression="gzip")
        f["axes"] = vlen(["layer", "batch", "seq", "hidden"])
        f["layer_indices"] = np.array([4, 8, 12])
        f["attention_mask"] = mask.astype("i8")
    expect(case, {"llama": {f"activations.{n}": [x[k, i, :t].mean(0) for i, t in enumerate(LENGTHS)]
                            for k, n in enumerate((4, 8, 12))}})


def sample_groups():
    case = "17_sample_groups"
    x = ragged(LENGTHS, 3, D)
    with h5(case, "vlm.h5") as f:
        for i, a in enumerate(x):
            g = f.create_group(f"sample_{i}")
            padded = np.concatenate([a, values(2, 3, D)])
            g.create_dataset("hidden_states", data=padded.astype("f2"), compression="lzf",
                             chunks=True)
            g["mask"] = np.array([True] * len(a) + [False] * 2)
            g.attrs.update(id=IDS[i], image=f"{IDS[i]}.png", label=int(LABELS[i]))
    expect(case, {"vlm": {f"hidden_states.{k}": [a[:, k].mean(0) for a in x] for k in range(3)}},
           ids=IDS, labels=LABELS)


def offsets():
    x = ragged(LENGTHS, D)
    ends = np.cumsum(LENGTHS)
    starts = ends - LENGTHS
    for kind, table in (("ends", ends), ("boundaries", np.r_[0, ends]),
                        ("triples", np.stack([np.arange(N), starts, LENGTHS], 1))):
        case = f"18_ragged_{kind}"
        with h5(case, "tokens.h5") as f:
            f.create_dataset("activations", data=np.concatenate(x).astype("f2"), chunks=(8, D))
            f["index" if kind == "triples" else "offsets"] = table.astype("i8")
            f["ids"] = np.array(IDS, "S")
        expect(case, {"tokens": {"activations": [a.mean(0) for a in x]}}, ids=IDS)


def layer_groups():
    case, out = "19_layer_groups", {}
    with h5(case, "probe.h5") as f:
        for k, (l, region) in enumerate(((0, "resid"), (1, "mlp"))):
            x, order = values(N, D), np.random.default_rng(k).permutation(N)
            g = f.create_group(f"layer_{l}_{region}")
            g.create_dataset("activations", data=x[order].astype("f4"), compression="gzip")
            g["sample_ids"] = vlen(IDS[i] for i in order)
            g["class_labels"] = LABELS[order]
            out[f"layer_{l}_{region}"] = x[np.random.default_rng(0).permutation(N)]
    first = np.random.default_rng(0).permutation(N)
    expect(case, {"probe": out}, ids=[IDS[i] for i in first], labels=LABELS[first])


def rank_shards():
    case, x, y = "20_rank_shards", values(N, D), values(N, 4)
    order = np.random.default_rng(4).permutation(N)
    for rank, rows in enumerate(np.array_split(order, 3)):
        with h5(case, f"clip_rank{rank}.h5") as f:
            f.create_dataset("block1", data=x[rows].astype("f2"))
            f.create_dataset("block2", data=y[rows].astype("f4"))
            f["_inds"] = rows
    expect(case, {"clip": {"block1": x, "block2": y}}, ids=[str(i) for i in range(N)])


def variable_length():
    case = "21_vlen"
    x = ragged(LENGTHS, 2, D)
    with h5(case, "flat.h5") as f:
        d = f.create_dataset("activations", (N,), dtype=h5py.vlen_dtype("f4"))
        for i, a in enumerate(x):
            d[i] = a.astype("f4").ravel()
        f["labels"] = LABELS
        f.attrs.update(n_layers=2, hidden_dim=D)
    expect(case, {"flat": {f"activations.{k}": [a[:, k].mean(0) for a in x] for k in range(2)}},
           labels=LABELS, flag="flat/*=n t l d")


def sparse_sae():
    case, x = "22_sparse_sae", values(N, 32)
    x[:, 3:] *= rng.random((N, 29)) < 0.2
    with h5(case, "sae.h5") as f:
        f.attrs["d_sae"] = 32
        for i, row in enumerate(x):
            at = np.nonzero(row)[0]
            f[f"{i}/activations"] = row[at].astype("f4")
            f[f"{i}/indices"] = at.astype("i4")
    expect(case, {"sae": {"activations": x}}, ids=[str(i) for i in range(N)])


def quantised():
    case = "23_quantised"
    q = rng.integers(0, 256, (N, D)).astype("u1")
    with h5(case, "plain.h5") as f:
        f["activations"] = q
    scale, zero = 2.0 ** -np.arange(3, 3 + D), np.arange(120, 120 + D)
    with h5(case, "scaled.h5") as f:
        f["activations"] = q
        f["scale"] = scale
        f["zero_point"] = zero
    expect(case, {"plain": {"activations": q}, "scaled": {"activations": (q - 1.0 * zero) * scale}})


def pytables():
    case = "24_pandas"
    x, y = values(N, D), values(N, D)
    with h5(case, "frames.h5") as f:
        f.attrs.update(CLASS=np.bytes_("GROUP"), PYTABLES_FORMAT_VERSION=np.bytes_("2.1"),
                       TITLE=h5py.Empty("S1"), VERSION=np.bytes_("1.0"))
        columns = [f"u{i}" for i in range(D)]
        for key, a, blocks in (("layer1", x, [columns]),
                               ("layer2", y, [columns[:1] + columns[2:], columns[1:2]])):
            g = f.create_group(key)
            g.attrs.update(CLASS=np.bytes_("GROUP"), pandas_type=np.bytes_("frame"),
                           pandas_version=np.bytes_("0.15.2"), nblocks=len(blocks))
            g["axis0"] = np.array(columns, "S")
            g["axis1"] = np.array(IDS, "S")
            for b, names in enumerate(blocks):
                g[f"block{b}_items"] = np.array(names, "S")
                g[f"block{b}_values"] = a[:, [columns.index(n) for n in names]].astype(
                    "f4" if b == 0 else "f8")
    expect(case, {"frames": {"layer1": x, "layer2": y}}, ids=IDS)
    case = "24_pytables"
    with h5(case, "net.h5") as f:
        f.attrs.update(CLASS=np.bytes_("GROUP"), PYTABLES_FORMAT_VERSION=np.bytes_("2.1"),
                       TITLE=h5py.Empty("S1"), VERSION=np.bytes_("1.0"))
        d = f.create_dataset("acts", data=x.astype("f4"), maxshape=(None, D), chunks=(4, D),
                             compression="gzip", shuffle=True)
        d.attrs.update(CLASS=np.bytes_("EARRAY"), EXTDIM=np.int32(0), TITLE=np.bytes_("acts"),
                       VERSION=np.bytes_("1.1"))
        d = f.create_dataset("ids", data=np.array(IDS, "S"))
        d.attrs.update(CLASS=np.bytes_("ARRAY"), FLAVOR=np.bytes_("python"), VERSION=np.bytes_("2.4"))
    expect(case, {"net": {"acts": x}}, ids=IDS)


def matlab():
    case, x, y = "25_matlab", values(N, D), values(N, 3, 2, 2)
    name = path(case, "acts.mat")
    with h5py.File(name, "w", userblock_size=512) as f:
        refs = f.create_group("#refs#")
        ids = f.create_dataset("ids", (1, N), dtype=h5py.ref_dtype)
        ids.attrs["MATLAB_class"] = np.bytes_("cell")
        for i, text in enumerate(IDS):
            r = refs.create_dataset(f"a{i}", data=np.array([[ord(c)] for c in text], "u2"))
            r.attrs.update(MATLAB_class=np.bytes_("char"), MATLAB_int_decode=np.int32(2))
            ids[0, i] = r.ref
        for key, a in (("fc", x), ("conv", y), ("labels", LABELS[:, None].astype("f8"))):
            d = f.create_dataset(key, data=a.T, chunks=a.T.shape, compression="gzip")
            d.attrs["MATLAB_class"] = np.bytes_("double")
        d = f.create_dataset("model", data=np.array([[ord(c)] for c in "vgg-f"], "u2"))
        d.attrs.update(MATLAB_class=np.bytes_("char"), MATLAB_int_decode=np.int32(2))
    with open(name, "r+b") as f:
        f.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    expect(case, {"vgg-f": {"conv": y.mean((2, 3)), "fc": x}}, ids=IDS, labels=LABELS)


def hickle():
    case, x, y = "26_hickle", values(N, D), values(N, 3)
    with h5(case, "net.hkl") as f:
        f.attrs.update(HICKLE_VERSION="5.0.3", HICKLE_PYTHON_VERSION="3.11.7")
        data = f.create_group("data")
        for key, a in (('"fc1"', x), ('"fc2"', y)):
            d = data.create_dataset(key, data=a.astype("f4"), compression="gzip")
            d.attrs.update(key_base_type="str", np_dtype="<f4")
        names = data.create_group('"ids"')
        names.attrs["num_items"] = N
        for i, text in enumerate(IDS):
            d = names.create_dataset(f"data{i}", data=np.array([[c.encode() for c in text]]))
            d.attrs.update(item_index=i, str_type="str")
        data.create_dataset('"labels"', data=LABELS)
        f.create_group("hickle_types_table").create_dataset("0", data=np.zeros((1, 32), "S1"))
    expect(case, {"net": {"fc1": x, "fc2": y}}, ids=IDS, labels=LABELS)


def keras():
    case = "27_keras"
    with h5(case, "model.h5") as f:
        f.attrs.update(layer_names=["dense"], backend="tensorflow", keras_version="2.15.0")
        g = f.create_group("dense")
        g.attrs["weight_names"] = ["dense/kernel:0", "dense/bias:0"]
        g["dense/kernel:0"] = values(D, 4).astype("f4")
        g["dense/bias:0"] = values(4).astype("f4")
    with h5(case, "model.weights.h5") as f:
        f["layers/dense/vars/0"] = values(D, 4).astype("f4")
        f["layers/dense/vars/1"] = values(4).astype("f4")
    expect(case, {}, refused="Keras")


def embeddings():
    case, x = "28_embeddings", values(N, D)
    with h5(case, "clip.h5") as f:
        f.create_dataset("embeddings", data=x.astype("f4"), compression="gzip")
        f["filenames"] = np.array([f"{i}.jpg" for i in IDS], "S16")
    order = list(reversed(range(N)))
    with h5(case, "dino.h5") as f:
        f.create_dataset("embeddings", data=x[order].astype("f4"), compression="gzip")
        f["filenames"] = vlen(f"{IDS[i]}.jpg" for i in order)
    expect(case, {"clip": {"embeddings": x}, "dino": {"embeddings": x}},
           ids=[f"{i}.jpg" for i in IDS])


def numpy_files():
    case, x, y = "29_numpy", values(N, D), values(N, 3)
    np.savez(path(case, "mlp.npz"), fc1=x.astype("f4"), fc2=np.asfortranarray(y),
             ids=np.array(IDS), labels=LABELS, model="mlp")
    np.savez_compressed(path(case, "rnn.npz"), fc1=x.astype(">f2"), fc2=y, ids=np.array(IDS, "S"))
    both = {"fc1": x, "fc2": y}
    expect(case, {"mlp": both, "rnn": both}, ids=IDS, labels=LABELS)
    case = "29_plain"
    np.save(path(case, "single.npy"), x.astype("f4"))
    tensors = {"fc1": ("BF16", (x.astype("<f4").view("<u4") >> 16).astype("<u2")),
               "fc2": ("F16", y.astype("<f2"))}
    header, blob = {"__metadata__": {"model": "vit"}}, b""
    for key, (dtype, a) in tensors.items():
        header[key] = {"dtype": dtype, "shape": list(a.shape),
                       "data_offsets": [len(blob), len(blob) + a.nbytes]}
        blob += a.tobytes()
    text = json.dumps(header).encode()
    with open(path(case, "vit.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + blob)
    expect(case, {"single": {"single": x}, "vit": both})
    case = "29_net2brain"
    a, b = values(N, 1, 3, 2, 2), values(N, 1, D)
    for i, name in enumerate(IDS):
        np.savez(path(case, f"resnet50/{name}.npz"), layer1=a[i].astype("f4"), fc=b[i].astype("f4"))
    expect(case, {"resnet50": {"fc": b[:, 0], "layer1": a[:, 0].mean((2, 3))}}, ids=IDS)


def types():
    case, x = "30_types", values(N, D)
    bits = (x.astype("<f4").view("<u4") >> 16).astype("<u2")
    e4m3 = rng.integers(0, 256, (N, D)).astype("u1")
    e4m3[(e4m3 & 0x7f) == 0x7f] = 0
    sign, exponent, significand = e4m3 >> 7, (e4m3 >> 3 & 15).astype(int), e4m3 & 7
    small = np.where(exponent == 0, significand / 8 * 2.0 ** -6,
                     (1 + significand / 8) * 2.0 ** (exponent - 7))
    small = np.where(sign == 1, -small, small)
    e5m2 = (x.astype("<f2").view("<u2") >> 8).astype("u1")
    half = (e5m2.astype("<u2") << 8).view("<f2")
    with h5(case, "types.h5") as f:
        f["a_opaque"] = bits.view("V2")
        f["b_declared"] = bits
        f["b_declared"].attrs["dtype"] = "torch.bfloat16"
        t = h5py.h5t.IEEE_F32LE.copy()
        t.set_fields(15, 7, 8, 0, 7)
        t.set_size(2)
        t.set_ebias(127)
        d = h5py.h5d.create(f.id, b"c_custom", t, h5py.h5s.create_simple((N, D)))
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(x, "f4"))
        f["d_e4m3"] = e4m3.view("V1")
        f["d_e4m3"].attrs["dtype"] = "float8_e4m3fn"
        f["e_e5m2"] = e5m2.view("V1")
        f["e_e5m2"].attrs["dtype"] = "float8_e5m2"
        f["f_big"] = x.astype(">f4")
        f["ids"] = vlen(IDS)
        for name in ("a_opaque", "b_declared", "f_big"):
            f[name].attrs["kind"] = "dense"
    layers = {"a_opaque": x, "b_declared": x, "c_custom": x, "d_e4m3": small, "e_e5m2": half,
              "f_big": x}
    expect(case, {"types": layers}, ids=IDS)


if __name__ == "__main__":
    shutil.rmtree(ROOT, ignore_errors=True)
    for make in (thingsvision, thingsvision_pieces, elmo, neurox, dnnbrain, few_shot, clam, hloc,
                 vqa, brainio, rsatoolbox, anndata, nwb, llm_groups, llm_stack, llm_layers_first,
                 probelab, sample_groups, offsets, layer_groups, rank_shards, variable_length,
                 sparse_sae, quantised, pytables, matlab, hickle, keras, embeddings, numpy_files,
                 types):
        make()
    with open(os.path.join(HERE, "layouts.json"), "w") as f:
        json.dump(cases, f, indent=0)
