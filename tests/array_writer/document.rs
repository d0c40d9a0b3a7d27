//! The metadata documents of both formats.

use serde_json::{Value, json};
use zarr_wasm::store::MemoryStore;

use super::chain::{ArrayCodec, Serializer};
use super::{Description, Format};

pub fn write(description: &Description, store: &mut MemoryStore) {
    let (name, document) = match description.format {
        Format::V2 { reversed } => (".zarray", v2(description, reversed)),
        Format::V3 { v2_keys } => ("zarr.json", v3(description, v2_keys)),
    };
    store.insert(description.key(name), document.to_string().into_bytes());
}

fn v3(description: &Description, v2_keys: bool) -> Value {
    let Description { shape, chunk_shape, edges, element_type, fill_value, chain, separator, .. } = description;
    let encoding = if v2_keys { "v2" } else { "default" };
    let grid = match edges {
        None => json!({"name": "regular", "configuration": {"chunk_shape": chunk_shape}}),
        Some(edges) => {
            let shapes: Vec<Value> = edges.iter().zip(shape).map(|(lens, extent)| chunk_lens(lens, *extent)).collect();
            json!({"name": "rectilinear", "configuration": {"kind": "inline", "chunk_shapes": shapes}})
        }
    };
    json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": shape,
        "data_type": element_type.document(),
        "chunk_grid": grid,
        "chunk_key_encoding": {"name": encoding, "configuration": {"separator": separator.to_string()}},
        "fill_value": fill_value.document,
        "codecs": chain.document(element_type),
    })
}

/// The lengths of chunks in all forms that a rectilinear grid has for them: one number where all are equal, else numbers
/// and pairs of a number and its repetitions.
fn chunk_lens(lens: &[u64], extent: u64) -> Value {
    let first = lens[0];
    if lens.iter().all(|len| *len == first) && extent.is_multiple_of(2) {
        return first.into();
    }
    let runs = lens.chunk_by(|a, b| a == b);
    runs.map(|run| if run.len() == 1 && run[0].is_multiple_of(2) { json!(run[0]) } else { json!([run[0], run.len()]) })
        .collect()
}

/// The chain is one that v2 can say: a reversal of all axes, deltas, `bytes`, and anything that acts on bytes.
fn v2(description: &Description, reversed: bool) -> Value {
    let Description { shape, chunk_shape, element_type, fill_value, chain, separator, .. } = description;
    let big = matches!(chain.serializer, Serializer::Bytes { big: true });
    let deltas = chain.array_to_array.iter().filter_map(|codec| match codec {
        ArrayCodec::Transpose(_) => None,
        ArrayCodec::Delta { decoded, stored } => {
            Some(json!({"id": "delta", "dtype": decoded.type_string(big), "astype": stored.type_string(big)}))
        }
    });
    let on_bytes = chain.bytes_to_bytes.iter().map(|codec| {
        let mut filter = codec.configuration();
        filter["id"] = codec.id().into();
        filter
    });
    let vlen = element_type.is_variable().then(|| json!({"id": "vlen-utf8"}));
    let mut filters: Vec<Value> = deltas.chain(vlen).chain(on_bytes).collect();
    let compressor = if chain.bytes_to_bytes.is_empty() { None } else { filters.pop() };
    json!({
        "zarr_format": 2,
        "shape": shape,
        "chunks": chunk_shape,
        "dtype": element_type.document_v2(big),
        "fill_value": fill_value.document_v2.as_ref().map_or(&fill_value.document, |of| &of[usize::from(big)]),
        "order": if reversed { "F" } else { "C" },
        "filters": if filters.is_empty() { Value::Null } else { filters.into() },
        "compressor": compressor,
        "dimension_separator": separator.to_string(),
    })
}
