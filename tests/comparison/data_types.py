"""The data types that zarr-python writes, random elements of each, and the bytes that a reader's result is compared by.

Canonical bytes of a result, in C order: numbers little-endian (float16 as the float32 it is, complex numbers as pairs,
times as int64, bool as one byte); raw items as they are; strings and byte strings with their length before them; records
field by field, each field like a result of its own.
"""

import string

import numpy as np
import zarr.dtype

NUMBERS = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "10s", "25us"]
ALPHABET = string.ascii_letters + "äß€ñ字🎈"

# Variable-length strings and bytes are objects to NumPy.
STRING, BYTES = "string", "bytes"


def draw(rng):
    """A NumPy data type, or STRING or BYTES; numbers more often than others."""
    kind = rng.choice(
        ["number", "time", "S", "U", "V", "struct", STRING, BYTES], p=[0.6, 0.08, 0.05, 0.05, 0.04, 0.06, 0.07, 0.05]
    )
    if kind in (STRING, BYTES):
        return str(kind)
    if kind == "struct":
        return record(rng)
    return scalar(rng, str(kind))


def scalar(rng, kind):
    order = rng.choice(["<", ">"])
    match kind:
        case "number":
            return np.dtype(order + rng.choice(NUMBERS))
        case "time":
            return np.dtype(f"{order}{rng.choice(['M8', 'm8'])}[{rng.choice(UNITS)}]")
        case "U":
            return np.dtype(f"{order}U{rng.integers(1, 9)}")
        case _:
            return np.dtype(f"{kind}{rng.integers(1, 9)}")


def record(rng):
    kinds = rng.choice(["number", "time", "S", "U"], size=rng.integers(1, 5), p=[0.7, 0.1, 0.1, 0.1])
    types = [scalar(rng, str(kind)) for kind in kinds]
    # Some fields are arrays themselves.
    types = [np.dtype((of, (2, 3))) if of.kind in "iuf" and rng.random() < 0.15 else of for of in types]
    return np.dtype([(f"field {at}", of) for at, of in enumerate(types)])


def of_zarr(dtype):
    """The data type as `zarr.create_array` takes it."""
    match dtype:
        case "string":
            return zarr.dtype.VariableLengthUTF8()
        case "bytes":
            return zarr.dtype.VariableLengthBytes()
        case _:
            return dtype


def elements(rng, dtype, shape):
    """Random elements; some of them extreme, and runs of equal ones so that there is something to compress."""
    count = int(np.prod(shape))
    if not isinstance(dtype, str) and dtype.subdtype:
        base, inner = dtype.subdtype
        return elements(rng, base, (*shape, *inner))
    if dtype in (STRING, BYTES):
        texts = ["".join(rng.choice(list(ALPHABET), size=rng.integers(0, 9))) for _ in range(min(count, 40))]
        values = texts if dtype == STRING else [text.encode() + b"\0" * (len(text) % 2) for text in texts]
        items = np.array(values + [None], dtype=object)[:-1]
        return items[rng.integers(0, max(len(items), 1), size=count)].reshape(shape)
    if dtype.fields:
        items = np.zeros(count, dtype)
        for name in dtype.names:
            items[name] = elements(rng, dtype[name], (count,))
        return items.reshape(shape)
    return fixed(rng, dtype, count).reshape(shape)


def fixed(rng, dtype, count):
    match dtype.kind:
        case "S" | "U":
            width = dtype.itemsize // (4 if dtype.kind == "U" else 1)
            letters = list(ALPHABET if dtype.kind == "U" else string.ascii_letters)
            values = ["".join(rng.choice(letters, size=rng.integers(0, width + 1))) for _ in range(min(count, 40))]
            values = np.array(values + [""], dtype=dtype)
        case "V":
            values = np.frombuffer(rng.bytes(dtype.itemsize * (count + 1)), dtype)
        case "f" | "c":
            spread = (rng.normal(size=count + 1) * 100).round(2)
            spread[: count // 9] = rng.choice([np.nan, np.inf, -np.inf, -0.0, 1e-7, 65504.0])
            values = (spread if dtype.kind == "f" else spread + 1j * spread[::-1]).astype(dtype)
        case "b":
            values = rng.integers(0, 2, size=count + 1).astype(dtype)
        case "M" | "m":
            values = rng.integers(-(2**40), 2**40, size=count + 1)
            values[: count // 9] = np.iinfo("i8").min
            values = values.astype(dtype.str[0] + "i8").view(dtype)
        case _:
            limits = np.iinfo(dtype)
            low, high = (limits.min, limits.max) if rng.random() < 0.5 else (0, min(limits.max, 300))
            values = rng.integers(low, high, size=count + 1, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)
    chosen = np.repeat(np.arange(count), rng.integers(1, 6))[:count]
    return values[chosen % len(values)]


def describe(dtype):
    """What compare.mjs must know of a type."""
    if dtype in (STRING, BYTES):
        return {"kind": dtype}
    if dtype.subdtype:
        base, inner = dtype.subdtype
        return describe(base) | {"count": int(np.prod(inner))}
    if dtype.fields:
        return {"kind": "struct", "fields": [[name, describe(dtype[name])] for name in dtype.names]}
    match dtype.kind:
        case "S":
            return {"kind": "bytes"}
        case "U":
            return {"kind": "string"}
        case "V":
            return {"kind": "raw", "size": dtype.itemsize}
        case "b":
            return {"kind": "number", "data": "Uint8Array", "parts": 1}
        case "i" | "u" | "M" | "m":
            sign = "Uint" if dtype.kind == "u" else "Int"
            return {
                "kind": "number",
                "data": f"{'Big' * (dtype.itemsize == 8)}{sign}{8 * dtype.itemsize}Array",
                "parts": 1,
            }
        case "f":
            return {"kind": "number", "data": f"Float{max(8 * dtype.itemsize, 32)}Array", "parts": 1}
        case "c":
            return {"kind": "number", "data": f"Float{4 * dtype.itemsize}Array", "parts": 2}
    raise ValueError(dtype)


def canonical(dtype, items):
    items = np.asarray(items)
    if dtype in (STRING, BYTES):
        return prefixed(item.encode() if isinstance(item, str) else bytes(item) for item in items.ravel())
    dtype = dtype.base
    if dtype.fields:
        return b"".join(canonical(dtype[name], items[name]) for name in dtype.names)
    match dtype.kind:
        case "U":
            return prefixed(str(item).encode() for item in items.ravel())
        case "S":
            return prefixed(bytes(item) for item in items.ravel())
        case "f" if dtype.itemsize == 2:
            return items.astype("<f4").tobytes()
        case "V" | "b":
            return items.tobytes()
        case _:
            return items.astype(items.dtype.newbyteorder("<")).tobytes()


def prefixed(parts):
    return b"".join(len(part).to_bytes(4, "little") + part for part in parts)
