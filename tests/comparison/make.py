"""Writes random arrays with zarr-python, and what it reads of them.

    python make.py --out FOLDER [--seed 1] [--arrays 300] [--first 0] [--selections 5]

Array n of a seed is the same however many are written: --first n --arrays 1 makes it alone. Each is a folder of its own;
`manifest.jsonl` has a line for each: its folder, its data type as data_types.py describes it, features to count by, and the
selections with shape and SHA-256 of their canonical bytes. compare.mjs reads them.
"""

import argparse
import hashlib
import json
import pathlib
import re
import warnings

import numpy as np
import zarr

import codec_chains
import data_types
import selections

IS_OLD = tuple(int(part) for part in zarr.__version__.split(".")[:2]) < (3, 3)

# By rank: the largest extent of an axis.
EXTENTS = [0, 400, 40, 14, 7, 5]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    for name, default in [("seed", 1), ("arrays", 300), ("first", 0), ("selections", 5)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    zarr.config.set({"array.rectilinear_chunks": True})
    options.out.mkdir(parents=True)
    refusals = {}
    with open(options.out / "manifest.jsonl", "w") as manifest:
        for number in range(options.first, options.first + options.arrays):
            line = make(options, number, refusals)
            print(json.dumps(line), file=manifest)
    drawn = options.arrays + sum(refusals.values())
    print(
        f"zarr-python {zarr.__version__}: {options.arrays} arrays, {drawn} drawn; of the others it could not write or read:"
    )
    for reason, count in sorted(refusals.items(), key=lambda item: -item[1]):
        print(f"{count:6} {reason}")


def make(options, number, refusals):
    """One array: drawn until zarr-python can write it, and read it again."""
    for attempt in range(1000):
        rng = np.random.default_rng([options.seed, number, attempt])
        folder = options.out / f"{number}-{attempt}"
        arguments, dtype = draw(rng)
        if IS_OLD and is_wrong_in_old(arguments, dtype):
            continue
        try:
            write(rng, folder, arguments, dtype)
            # Opened anew: what it remembers of the writing is nothing that a reader can know.
            array = zarr.open_array(str(folder), mode="r")
            elements = array[...]
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # whatever zarr-python's codecs throw: panics of Rust are no Exception
            reason = f"{type(error).__name__}: {re.split('[0-9{[]', str(error))[0][:70]}"
            refusals[reason] = refusals.get(reason, 0) + 1
            continue
        # What zarr-python answers of a 0-d array is an element.
        elements = np.asarray(elements, dtype=object if isinstance(dtype, str) else dtype)
        edges = chunk_edges(arguments)
        chosen = [select(rng, dtype, elements, edges) for _ in range(options.selections)]
        features = [f"v{array.metadata.zarr_format}", feature(dtype), *codec_names(folder)]
        return {"folder": folder.name, "type": data_types.describe(dtype), "features": features, "selections": chosen}
    raise RuntimeError(f"array {number} cannot be drawn")


def draw(rng):
    """Arguments for `zarr.create_array`, and the data type."""
    dtype = data_types.draw(rng)
    rank = int(rng.choice(6, p=[0.05, 0.25, 0.3, 0.2, 0.1, 0.1]))
    shape = tuple(int(extent) for extent in rng.integers(0 if rng.random() < 0.05 else 1, EXTENTS[rank] + 1, size=rank))
    chunks = tuple(int(rng.integers(max(1, extent // 4), extent + 2)) for extent in shape)
    arguments = {"shape": shape, "chunks": chunks, "fill_value": fill_value(rng, dtype)}
    if rng.random() < 0.45:
        separator = str(rng.choice([".", "/"]))
        arguments |= {
            "zarr_format": 2,
            "order": str(rng.choice(["C", "F"])),
            "chunk_key_encoding": {"name": "v2", "separator": separator},
        }
        return arguments | codec_chains.v2(rng, dtype, chunks), dtype
    if not isinstance(dtype, str):
        # In v3 the byte order is that of the codec.
        dtype = dtype.newbyteorder("=")
    encoding = {"name": str(rng.choice(["default", "v2"])), "separator": str(rng.choice([".", "/"]))}
    arguments |= {"zarr_format": 3, "chunk_key_encoding": encoding}
    if rng.random() < 0.4:
        counts = rng.integers(1, 4, size=rank)
        shards = tuple(int(chunk * count) for chunk, count in zip(chunks, counts))
        arguments["shards"] = {"shape": shards, "index_location": str(rng.choice(["start", "end"]))}
    elif rank and 0 not in shape and rng.random() < 0.15:
        # A rectilinear grid; codecs only look at the rank.
        arguments["chunks"] = [selections.pieces(rng, extent) for extent in shape]
        arguments["chunk_key_encoding"] = {"name": "default", "separator": encoding["separator"]}
    if rng.random() < 0.3:
        arguments["dimension_names"] = [None if rng.random() < 0.3 else f"axis {axis}" for axis in range(rank)]
    return arguments | codec_chains.v3(rng, dtype, chunks), dtype


def is_wrong_in_old(arguments, dtype):
    """What zarr-python wrote or read wrong before 3.3, without an error: no answer to compare with."""
    if arguments["zarr_format"] == 2:
        return False
    if isinstance(dtype, str):
        return arguments["shape"] == ()
    is_big = "'big'" in str(arguments["serializer"])
    return dtype.fields is not None or (is_big and "numcodecs." in str(arguments["filters"]))


def fill_value(rng, dtype):
    if isinstance(dtype, str):
        return {data_types.STRING: "", data_types.BYTES: b""}[dtype]
    if dtype.fields or rng.random() < 0.5:
        return np.zeros((), dtype)[()]
    return data_types.elements(rng, dtype, (1,))[0]


def write(rng, folder, arguments, dtype):
    """Some of the chunks, with patches of the fill value in them."""
    fill = arguments["fill_value"]
    array = zarr.create_array(store=str(folder), dtype=data_types.of_zarr(dtype), **arguments)
    elements = data_types.elements(rng, dtype, arguments["shape"])
    if rng.random() < 0.5:
        elements[rng.random(elements.shape) < 0.3] = fill
    if not arguments["shape"]:
        if rng.random() < 0.8:
            array[...] = elements[()]
        return
    missing = rng.random() if rng.random() < 0.5 else 0
    if missing == 0:
        array[...] = elements
        return
    edges = chunk_edges(arguments)
    for position in np.ndindex(*(len(axis) - 1 for axis in edges)):
        if rng.random() >= missing:
            part = tuple(slice(axis[at], axis[at + 1]) for at, axis in zip(position, edges))
            array[part] = elements[part]


def chunk_edges(arguments):
    """Where the chunks (shards, if there are any) begin along each axis, and where the last one ends, in the array."""
    shards = arguments.get("shards", {}).get("shape")
    edges = []
    for extent, chunk in zip(arguments["shape"], shards or arguments["chunks"]):
        starts = np.cumsum([0, *chunk[:-1]]).tolist() if isinstance(chunk, list) else list(range(0, extent, chunk))
        edges.append([*starts, extent])
    return edges


def select(rng, dtype, elements, edges):
    kind, chosen, apply = selections.draw(rng, elements.shape, edges)
    found = apply(elements)
    if not isinstance(found, np.ndarray):
        # A single element of NumPy is no array.
        element, found = found, np.empty((), elements.dtype)
        found[()] = element
    canonical = data_types.canonical(dtype, found)
    return {
        "kind": kind,
        "selection": chosen,
        "shape": list(found.shape),
        "sha256": hashlib.sha256(canonical).hexdigest(),
    }


def feature(dtype):
    if isinstance(dtype, str):
        return f"type {dtype}"
    if dtype.fields:
        return "type struct"
    return f"type {dtype.kind}" if dtype.kind in "SUVMm" else f"type {dtype.str[1:]}"


def codec_names(folder):
    """Names of everything that has one in a document: codecs, filters, compressors."""
    names = set()

    def collect(value):
        if isinstance(value, dict):
            names.update(name for key in ("name", "id") if isinstance(name := value.get(key), str))
            value = list(value.values())
        if isinstance(value, list):
            [collect(item) for item in value]

    document = json.loads(
        next(path for path in (folder / "zarr.json", folder / ".zarray") if path.exists()).read_text()
    )
    collect([document.get(member) for member in ("codecs", "filters", "compressor", "chunk_grid")])
    return sorted(names)


if __name__ == "__main__":
    main()
