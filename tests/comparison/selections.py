"""Random selections of an array, as NumPy makes them of all of its elements."""

import itertools

import numpy as np


def draw(rng, shape, edges):
    """Kind, the selection as JSON, and a function from all elements to those selected; `edges` of chunks are for blocks."""
    kinds = ["basic", "orthogonal", "coordinate", "mask", "block"]
    kind = str(rng.choice(kinds, p=[0.35, 0.25, 0.15, 0.1, 0.15]))
    # Points of nothing, and blocks of no grid, are nothing to select.
    if not shape or (0 in shape and kind in ("coordinate", "mask", "block")):
        kind = "basic"
    return (kind, *globals()[kind](rng, shape, edges))


def basic(rng, shape, _):
    given = len(shape) if rng.random() < 0.8 else int(rng.integers(0, len(shape) + 1))
    entries = [basic_entry(rng, extent) for extent in shape[:given]]
    indices = tuple(python for _, python in entries)
    return [json for json, _ in entries], lambda elements: elements[indices]


def basic_entry(rng, extent):
    if extent > 0 and rng.random() < 0.25:
        index = int(rng.integers(-extent, extent))
        return index, index
    if rng.random() < 0.25:
        return None, slice(None)
    return sliced(rng, extent, [1, 1, 2, 3, 7, -1, -2, -5])


def sliced(rng, extent, steps):
    bound = lambda: None if rng.random() < 0.2 else int(rng.integers(-extent - 2, extent + 3))
    start, stop, step = bound(), bound(), int(rng.choice(steps))
    return {"start": start, "stop": stop, "step": step}, slice(start, stop, step)


def orthogonal(rng, shape, _):
    entries = [orthogonal_entry(rng, extent) for extent in shape]

    def select(elements):
        for axis, (_, index) in enumerate(entries):
            elements = elements[(slice(None),) * axis + (index if not isinstance(index, int) else [index],)]
        dropped = tuple(axis for axis, (_, index) in enumerate(entries) if isinstance(index, int))
        return elements.squeeze(axis=dropped)

    return [json for json, _ in entries], select


def orthogonal_entry(rng, extent):
    if extent == 0 or rng.random() < 0.4:
        return basic_entry(rng, extent)
    if rng.random() < 0.3:
        mask = rng.random(extent) < 0.4
        return {"mask": mask.astype(int).tolist()}, mask
    indices = rng.integers(-extent, extent, size=rng.integers(0, 8)).tolist()
    return indices, np.array(indices, dtype=int)


def coordinate(rng, shape, _):
    count = int(rng.integers(0, 12))
    lists = [rng.integers(-extent, extent, size=count).tolist() for extent in shape]
    return lists, lambda elements: elements[tuple(np.array(indices, dtype=int) for indices in lists)]


def mask(rng, shape, _):
    chosen = rng.random(shape) < rng.choice([0.02, 0.5])
    return chosen.ravel().astype(int).tolist(), lambda elements: elements[chosen]


def block(rng, _, edges):
    entries = []
    for axis in edges:
        blocks = len(axis) - 1
        if rng.random() < 0.4:
            index = int(rng.integers(-blocks, blocks))
            first = index % blocks
            entries.append((index, slice(axis[first], axis[first + 1])))
        else:
            json, chosen = sliced(rng, blocks, [1])
            first, stop, _ = chosen.indices(blocks)
            entries.append((json, slice(axis[first], axis[max(first, stop)])))
    return [json for json, _ in entries], lambda elements: elements[tuple(chosen for _, chosen in entries)]


def pieces(rng, extent):
    """Lengths of chunks that are as long as the axis together."""
    cuts = sorted(rng.choice(extent, size=min(extent, int(rng.integers(1, 6))), replace=False).tolist())
    bounds = [0, *(cut for cut in cuts if cut > 0), extent]
    return [stop - start for start, stop in itertools.pairwise(bounds)]
