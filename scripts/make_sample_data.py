#!/usr/bin/env python3
"""Writes the sample stores of the demo, www/data/, and tests/fixtures/sample_expected.json.

    python3.13 -m venv build/sample-venv
    build/sample-venv/bin/pip install -r scripts/requirements-sample-data.txt
    build/sample-venv/bin/python scripts/make_sample_data.py

Source: two files of the PyPI package iris-sample-data (Met Office, Open Government Licence v3).

ostia.zarr             monthly mean sea-surface temperature, April 2006 to September 2010, a band of 10 degrees around
                       the equator; Zarr v3, a shard for each twelve months, inner chunks of one month and half the
                       globe; land is NaN, which is the fill value.
e1_north_america.zarr  annual mean air temperature of North America, 1860 to 2099, from a climate simulation;
                       Zarr v2, blosc, twelve years in a chunk.

Both keep the grid of the source. Temperatures are rounded to 1/128 K (an error of at most 0.004 K), which halves the
size; other values are the source's own.
"""

import json
import shutil
import warnings
from importlib.resources import files
from pathlib import Path

import netCDF4
import numpy as np
import zarr
from numcodecs import Blosc, blosc
from zarr.codecs import BytesCodec, ZstdCodec

ROOT = Path(__file__).parent.parent
DATA = ROOT / "www/data"
EXPECTED = ROOT / "tests/fixtures/sample_expected.json"
SOURCE = files("iris_sample_data") / "sample_data"
ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0. © Crown copyright, Met Office"
)

LICENCE_URL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
STEPS_PER_KELVIN = 128
NAN_AS_XARRAY_WRITES_IT = "AAAAAAAA+H8="  # base64 of the little-endian float64: a JSON number can't be NaN
POINTS = 40


def main():
    warnings.filterwarnings("ignore", "Consolidated metadata")  # not in the v3 specification, but everywhere
    blosc.set_nthreads(1)  # threads may swap the blocks of a chunk
    for name in ["ostia.zarr", "e1_north_america.zarr"]:
        shutil.rmtree(DATA / name, ignore_errors=True)
    write_ostia(DATA / "ostia.zarr")
    write_north_america(DATA / "e1_north_america.zarr")
    write_expected()


def rounded(values):
    """To a power of two, so that the low bits of the mantissa are zeros and the value is exact as a float32."""
    return (np.round(values.astype("f8") * STEPS_PER_KELVIN) / STEPS_PER_KELVIN).astype("f4")


def write_ostia(folder):
    source = netCDF4.Dataset(SOURCE / "ostia_monthly.nc")
    group = zarr.create_group(
        folder,
        attributes={
            "title": "Sea-surface temperature around the equator, monthly means (OSTIA)",
            "Conventions": "CF-1.5",
            "institution": "Met Office",
            "source": "ostia_monthly.nc of iris-sample-data 2.5.2, rounded to 1/128 K",
            "licence": LICENCE_URL,
            "attribution": ATTRIBUTION,
        },
    )
    names = ["time", "latitude", "longitude"]
    for name in names:
        variable = source[name]
        write_v3(group, name, np.asarray(variable[:]), [name], coordinate_attributes(variable))
    temperature = source["surface_temperature"]
    values = rounded(np.ma.filled(temperature[:].astype("f4"), np.nan))
    attributes = {
        "standard_name": "surface_temperature",
        "long_name": "Sea-surface temperature",
        "units": temperature.units,
        "cell_methods": temperature.cell_methods,
        "_FillValue": NAN_AS_XARRAY_WRITES_IT,
    }
    _, rows, columns = values.shape
    chunks, shards = (1, rows, columns // 2), (12, rows, columns)
    write_v3(group, "surface_temperature", values, names, attributes, chunks, shards)
    zarr.consolidate_metadata(folder)


def write_v3(group, name, values, dimension_names, attributes, chunks=None, shards=None):
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=chunks or values.shape,
        shards=shards,
        fill_value=np.nan,
        serializer=BytesCodec(endian="little"),
        compressors=[ZstdCodec(level=19, checksum=True)],
        dimension_names=dimension_names,
        attributes=attributes,
    )
    array[...] = values


def write_north_america(folder):
    source = netCDF4.Dataset(SOURCE / "E1_north_america.nc")
    group = zarr.create_group(
        folder,
        zarr_format=2,
        attributes={
            "title": "Air temperature of North America, annual means (climate scenario E1)",
            "Conventions": "CF-1.5",
            "institution": "Met Office",
            "source": "E1_north_america.nc of iris-sample-data 2.5.2, rounded to 1/128 K",
            "licence": LICENCE_URL,
            "attribution": ATTRIBUTION,
        },
    )
    names = ["time", "latitude", "longitude"]
    for name in names:
        variable = source[name]
        values = np.asarray(variable[:])
        write_v2(group, name, values, [name], coordinate_attributes(variable), values.shape)
    temperature = source["air_temperature"]
    values = rounded(np.asarray(temperature[:]))
    attributes = {
        "standard_name": temperature.standard_name,
        "long_name": "Air temperature at 1.5 m",
        "units": temperature.units,
        "cell_methods": temperature.cell_methods,
        "source": temperature.source,
    }
    write_v2(group, "air_temperature", values, names, attributes, (12, *values.shape[1:]))
    zarr.consolidate_metadata(folder, zarr_format=2)


def write_v2(group, name, values, dimension_names, attributes, chunks):
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=chunks,
        fill_value=np.nan,
        compressors=Blosc(cname="zstd", clevel=9, shuffle=Blosc.SHUFFLE),
        attributes={"_ARRAY_DIMENSIONS": dimension_names, **attributes},
    )
    array[...] = values


def coordinate_attributes(variable):
    """What CF says about an axis, without pointers to variables that aren't taken over."""
    return {key: variable.getncattr(key) for key in variable.ncattrs() if key != "bounds"}


def write_expected():
    """Fixed points of every variable as zarr-python reads them from the stores just written."""
    random = np.random.default_rng(2026)
    lines = []
    for store in ["ostia.zarr", "e1_north_america.zarr"]:
        group = zarr.open_group(DATA / store, mode="r")
        for name, array in sorted(group.arrays()):
            for flat in sorted(random.choice(array.size, min(POINTS, array.size), replace=False)):
                index = [int(i) for i in np.unravel_index(flat, array.shape)]
                value = float(array[tuple(index)])
                point = {
                    "store": store,
                    "variable": name,
                    "index": index,
                    "value": "NaN" if np.isnan(value) else value,
                    "units": array.attrs["units"],
                }
                lines.append(json.dumps(point))
    EXPECTED.write_text('{ "points": [\n' + ",\n".join(lines) + "\n] }\n")


if __name__ == "__main__":
    main()
