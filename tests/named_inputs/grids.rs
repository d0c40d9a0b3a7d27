//! Chunk grids of absurd extents.

use super::*;

fn rectilinear(chunk_shapes: Value) -> Value {
    json!({"name": "rectilinear", "configuration": {"kind": "inline", "chunk_shapes": chunk_shapes}})
}

#[test]
fn single_elements_of_10_to_the_18_chunks_are_a_request_each() {
    let extent = 1_000_000_000;
    let changes = json!({"shape": [extent, extent], "chunk_grid": grid(json!([1, 1])), "fill_value": 7});
    let array = opened(&document(changes), &[("c/999999999/5", &[9])]).unwrap();
    let (found, peak) = peak_of(|| array.read(&[Entry::Index(-1), Entry::Index(5)]));
    assert_eq!(found, Ok(vec![9]));
    assert!(peak < MARGIN, "{peak} bytes");
    let backwards = Slice { step: Some(-500_000_000), ..Slice::default() };
    assert_eq!(array.read(&[Entry::Slice(backwards), Entry::Index(5)]), Ok(vec![9, 7]));
    let listed = Entry::Slice(Slice { step: Some(999_999_999), ..Slice::default() });
    assert_eq!(array.read(&[listed.clone(), listed]), Ok(vec![7; 4]));
    assert_eq!(array.requested_chunks().len(), 1 + 2 + 4);
}

#[test]
fn runs_of_a_rectilinear_grid_are_never_expanded() {
    let many = 1_000_000_000_000u64;
    let shapes = json!([[[1, many], [3, many]]]);
    let changes = json!({"shape": [4 * many], "chunk_grid": rectilinear(shapes), "fill_value": 7});
    let document = document(changes);
    let (array, peak) = peak_of(|| opened(&document, &[("c/1000000000001", &[1, 2, 3]), ("c/5", &[9])]).unwrap());
    assert!(peak < MARGIN, "{peak} bytes");
    let (found, peak) = peak_of(|| array.read(&[Entry::Index(many as i64 + 4)]));
    assert_eq!(found, Ok(vec![2]));
    assert!(peak < MARGIN, "{peak} bytes");
    assert_eq!(array.requested_chunks(), ["c/1000000000001"]);
    assert_eq!(array.read(&[Entry::Index(5)]), Ok(vec![9]));
    assert_eq!(array.read(&[Entry::Index(-1)]), Ok(vec![7]));
    assert_eq!(array.requested_chunks()[2], "c/1999999999999");
    let every = Slice { step: Some(many as i64), ..Slice::default() };
    assert_eq!(array.read(&[Entry::Slice(every)]), Ok(vec![7; 4]));
}

#[test]
fn edges_and_sums_beyond_64_bits_are_no_wrapped_numbers() {
    let largest = u64::MAX;
    let shapes = json!([[2, [largest, largest], [1, largest]]]);
    let array = opened(&document(json!({"chunk_grid": rectilinear(shapes)})), &[("c/0", &[1, 2])]).unwrap();
    assert_eq!(array.read(&[Entry::Index(1)]), Ok(vec![2]));
    // The second chunk reaches beyond the array, and is stored in full.
    let error = failure(
        ErrorCode::Unsupported,
        "bytes: a chunk of shape [18446744073709551615] and type uint8 is larger than 1073741824 bytes",
    );
    let whole = opened(
        &document(json!({"chunk_grid": rectilinear(json!([[2, largest]]))})),
        &[("c/0", &[1, 2]), ("c/1", &[0; 6])],
    );
    let (code, text) = whole.unwrap().read(&[]).unwrap_err();
    assert_eq!((code, text.trim_start_matches("c/1: ")), (error.0, error.1.as_str()));
}

#[test]
fn a_million_runs_are_searched_and_not_walked() {
    let edges: Vec<u64> = (0..1_000_000).map(|n| 1 + n % 2).collect();
    let changes = json!({"shape": [1_500_000], "chunk_grid": rectilinear(json!([edges])), "fill_value": 7});
    let array = opened(&document(changes), &[("c/999998", &[9])]).unwrap();
    assert_eq!(array.read(&[Entry::Index(-3)]), Ok(vec![9]));
    assert_eq!(array.requested_chunks(), ["c/999998"]);
}

#[test]
fn an_inner_chunk_that_does_not_divide_the_first_shard_is_refused_at_once_and_any_other_when_it_is_read() {
    let endian = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let sharding = |edges: Value| {
        let configuration = json!({"chunk_shape": [2], "codecs": ["bytes"], "index_codecs": [endian]});
        let codecs = json!([{"name": "sharding_indexed", "configuration": configuration}]);
        document(json!({"chunk_grid": rectilinear(json!([edges])), "codecs": codecs}))
    };
    let message = |extent: u64| {
        format!("sharding_indexed: chunk_shape is [2], expected a shape that divides the shard's, [{extent}]")
    };
    assert_eq!(refused(&sharding(json!([3, 5]))), (ErrorCode::InvalidMetadata, message(3)));
    let array = opened(&sharding(json!([4, 5])), &[]).unwrap();
    assert_eq!(array.read(&[Entry::Index(3)]), Ok(vec![0]));
    assert_eq!(array.read(&[]), Err((ErrorCode::InvalidMetadata, format!("c/1: {}", message(5)))));
}
