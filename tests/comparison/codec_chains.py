"""Random codecs for a data type: the arguments of `zarr.create_array` in either format."""

import numcodecs
import numpy as np

from data_types import BYTES, STRING

BLOSC_INNER = ["blosclz", "lz4", "lz4hc", "zlib", "zstd"]
NAMED_SHUFFLES = ["noshuffle", "shuffle", "bitshuffle"]
LZMA = [
    {"format": 1},
    {"format": 2},
    {"format": 3, "filters": [{"id": 0x21, "preset": 1}]},
    {"format": 1, "check": 4, "filters": [{"id": 3, "dist": 4}, {"id": 0x21, "preset": 6}]},
]


def chance(rng, p):
    return rng.random() < p


def v2(rng, dtype, chunks):
    """`filters` and `compressors`, of numcodecs."""
    filters = []
    if dtype not in (STRING, BYTES):
        filters = element_filters(rng, dtype) if chance(rng, 0.5) else []
        filters += [byte_filter(rng, dtype) for _ in range(rng.integers(0, 3))] if chance(rng, 0.3) else []
    compressor = compressor_v2(rng, dtype, chunks, bool(filters)) if chance(rng, 0.85) else None
    arguments = {"compressors": [compressor] if compressor else None}
    if filters:
        arguments["filters"] = filters
    return arguments


def element_filters(rng, dtype):
    """numcodecs filters that act on elements and that this type has."""
    little = dtype.newbyteorder("<").str
    if dtype.kind == "b":
        return [numcodecs.PackBits()]
    if dtype.kind in "iu":
        wider = np.dtype(f"{rng.choice(['<', '>'])}{dtype.kind}8").str
        return [numcodecs.Delta(dtype=dtype.str, astype=wider if chance(rng, 0.3) else dtype.str)]
    if dtype.kind == "f" and dtype.itemsize > 2:
        return [
            [numcodecs.Quantize(digits=int(rng.integers(1, 5)), dtype=dtype.str)],
            [numcodecs.BitRound(keepbits=int(rng.integers(1, 20)))],
            [
                numcodecs.FixedScaleOffset(
                    offset=float(rng.integers(-9, 9)),
                    scale=10,
                    dtype=dtype.str,
                    astype=rng.choice(["<i4", ">i4", "<f4"]),
                )
            ],
            [numcodecs.AsType(encode_dtype=rng.choice(["<f4", ">f8"]), decode_dtype=dtype.str)],
            [numcodecs.Delta(dtype=little)] if dtype.str == little else [],
        ][rng.integers(5)]
    return []


def byte_filter(rng, dtype):
    return [
        numcodecs.Shuffle(elementsize=dtype.itemsize),
        numcodecs.CRC32(),
        numcodecs.Adler32(),
        numcodecs.checksum32.CRC32C(),
        numcodecs.Fletcher32(),
        numcodecs.JenkinsLookup3(),
        numcodecs.Base64(),
        numcodecs.Zlib(level=1),
    ][rng.integers(8)]


def compressor_v2(rng, dtype, chunks, behind_filters):
    level = int(rng.integers(1, 8))
    compressors = [
        numcodecs.Zlib(level=level),
        numcodecs.GZip(level=level),
        numcodecs.Zstd(level=level, checksum=chance(rng, 0.3)),
        numcodecs.LZ4(acceleration=level),
        numcodecs.BZ2(level=level),
        numcodecs.LZMA(**LZMA[rng.integers(len(LZMA))]),
        *[numcodecs.Blosc(cname=str(rng.choice(BLOSC_INNER)), clevel=level, shuffle=int(rng.integers(-1, 3)))] * 3,
    ]
    if not behind_filters and is_numeric(dtype, [2, 4, 8], "iuf"):
        compressors.append(numcodecs.PCodec(level=level))
    if not behind_filters and is_zfp(dtype, chunks):
        compressors.append(numcodecs.ZFPY(mode=4, tolerance=0.01))
    return compressors[rng.integers(len(compressors))]


def is_numeric(dtype, sizes, kinds):
    return not isinstance(dtype, str) and dtype.kind in kinds and dtype.itemsize in sizes and dtype.str[0] == "<"


def is_zfp(dtype, chunks):
    return is_numeric(dtype, [4, 8], "f") and 1 <= len(chunks) <= 4


def v3(rng, dtype, chunks):
    """`filters`, `serializer` and `compressors`, as documents."""
    arguments = {"filters": [], "compressors": compressors_v3(rng, dtype)}
    rank = len(chunks)
    if dtype not in (STRING, BYTES):
        arguments["serializer"] = serializer(rng, dtype, chunks)
        if chance(rng, 0.5):
            arguments["filters"] += array_codecs(rng, dtype)
    if arguments.get("serializer", {}).get("name", "").startswith("numcodecs."):
        arguments["filters"] = []
        arguments["compressors"] = []
    elif rank > 1 and chance(rng, 0.3):
        order = [int(axis) for axis in rng.permutation(rank)]
        arguments["filters"].insert(0, {"name": "transpose", "configuration": {"order": order}})
    elif rank and "serializer" in arguments and not arguments["filters"] and chance(rng, 0.2):
        # A shard within whatever the chunk is: an array→bytes codec like others.
        arguments["serializer"] = sharding(rng, arguments, chunks)
        arguments["compressors"] = arguments["compressors"] if chance(rng, 0.3) else []
    return arguments


def sharding(rng, arguments, shape):
    divisors = [[n for n in range(1, extent + 1) if extent % n == 0] for extent in shape]
    inner = [int(rng.choice(of_axis[-3:])) for of_axis in divisors]
    index = [{"name": "bytes", "configuration": {"endian": str(rng.choice(["little", "big"]))}}]
    index += [{"name": "crc32c", "configuration": {}}] if chance(rng, 0.5) else []
    configuration = {
        "chunk_shape": inner,
        "codecs": [arguments["serializer"], *arguments["compressors"]],
        "index_codecs": index,
        "index_location": str(rng.choice(["start", "end"])),
    }
    return {"name": "sharding_indexed", "configuration": configuration}


def serializer(rng, dtype, chunks):
    if chance(rng, 0.1) and is_numeric(dtype, [2, 4, 8], "iuf"):
        return {"name": "numcodecs.pcodec", "configuration": {"level": 4}}
    if chance(rng, 0.1) and is_zfp(dtype, chunks):
        return {"name": "numcodecs.zfpy", "configuration": {"mode": 4, "tolerance": 0.01}}
    # Structs have a byte order of their own.
    if dtype.fields or dtype.itemsize == 1 or dtype.kind in "SV":
        return {"name": "bytes"} if not dtype.fields else {"name": "bytes", "configuration": {"endian": "little"}}
    return {"name": "bytes", "configuration": {"endian": str(rng.choice(["little", "big"]))}}


def array_codecs(rng, dtype):
    if dtype.fields or dtype.kind not in "biuf":
        return []
    if dtype.kind in "iu" and dtype.itemsize < 8 and chance(rng, 0.4):
        wider = f"{'int' if dtype.kind == 'i' else 'uint'}{16 * dtype.itemsize}"
        return [{"name": "cast_value", "configuration": {"data_type": wider}}]
    if dtype.kind in "iuf" and chance(rng, 0.2):
        scale = {"scale": 2, "offset": 0} if dtype.kind == "f" else {"scale": 1, "offset": 0}
        return [{"name": "scale_offset", "configuration": scale}]
    native = dtype.newbyteorder("=")
    filters = element_filters(rng, native)
    return [
        {"name": f"numcodecs.{config.pop('id')}", "configuration": config}
        for config in (f.get_config() for f in filters)
    ]


def compressors_v3(rng, dtype):
    return [compressor_v3(rng, dtype) for _ in range(rng.choice([0, 1, 2], p=[0.25, 0.6, 0.15]))]


def compressor_v3(rng, dtype):
    level = int(rng.integers(1, 8))
    blosc = {"cname": str(rng.choice(BLOSC_INNER)), "clevel": level, "blocksize": 0}
    typesize = 1 if isinstance(dtype, str) else min(dtype.itemsize, 255)
    named = [
        ("gzip", {"level": level}),
        ("zstd", {"level": level, "checksum": chance(rng, 0.3)}),
        ("blosc", blosc | {"shuffle": str(rng.choice(NAMED_SHUFFLES)), "typesize": typesize}),
        ("blosc", blosc | {"shuffle": str(rng.choice(NAMED_SHUFFLES)), "typesize": typesize}),
        ("crc32c", {}),
        ("numcodecs.zlib", {"level": level}),
        ("numcodecs.gzip", {"level": level}),
        ("numcodecs.zstd", {"level": level}),
        ("numcodecs.lz4", {"acceleration": level}),
        ("numcodecs.bz2", {"level": level}),
        ("numcodecs.lzma", {"format": 1, "check": -1, "preset": 1}),
        ("numcodecs.blosc", blosc | {"shuffle": int(rng.integers(0, 3))}),
        ("numcodecs.shuffle", {"elementsize": typesize}),
        ("numcodecs.crc32", {}),
        ("numcodecs.crc32c", {}),
        ("numcodecs.adler32", {}),
        ("numcodecs.fletcher32", {}),
        ("numcodecs.jenkins_lookup3", {}),
    ]
    name, configuration = named[rng.integers(len(named))]
    return {"name": name, "configuration": configuration}
