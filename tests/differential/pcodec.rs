//! pcodec: there is one implementation of pco, so that damage to what it wrote can only be refused, or decode to a chunk.

use pco::{ChunkConfig, DeltaSpec, ModeSpec, standalone::simple_compress};
use serde_json::Value;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::data_type::DataType;
use zarr_wasm::metadata::CodecMetadata;

use crate::mutations::damage_bytes;
use crate::random::Random;

const LEN: usize = 1000;

fn numbers() -> [Vec<u32>; 3] {
    let mut random = Random::new(6);
    let far = (0..LEN).map(|_| random.below(usize::MAX) as u32).collect();
    [(0..LEN as u32).map(|i| i * i).collect(), (0..LEN as u32).map(|i| i % 100 * 12_345).collect(), far]
}

fn encodings(numbers: &[u32]) -> Vec<Vec<u8>> {
    let deltas = [DeltaSpec::NoOp, DeltaSpec::TryConsecutive(3), DeltaSpec::TryLookback, DeltaSpec::TryConv1(2)];
    let modes = [ModeSpec::Classic, ModeSpec::TryIntMult(5), ModeSpec::TryDict];
    let configs = deltas.iter().flat_map(|delta| {
        let with_delta = ChunkConfig::default().with_delta_spec(delta.clone());
        modes.iter().map(move |mode| with_delta.clone().with_mode_spec(mode.clone()))
    });
    configs.map(|config| simple_compress(numbers, &config).unwrap()).collect()
}

#[test]
fn damage_is_refused_or_decodes_to_as_many_elements() {
    let codecs = CodecMetadata::parse_list(&Value::from(vec!["numcodecs.pcodec"])).unwrap();
    let chunk = ChunkSpec { shape: vec![LEN as u64], data_type: DataType::UInt32, fill_value: vec![0; 4] };
    let pipeline = Pipeline::new(&codecs, chunk).unwrap();
    let mut random = Random::new(7);
    let mut scratch = Scratch::default();
    let (mut refused, mut decoded) = (0, 0);
    for numbers in numbers() {
        let expected: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        for encoded in encodings(&numbers) {
            assert!(pipeline.decode(&encoded, &mut scratch).unwrap() == expected);
            for _ in 0..400 {
                match pipeline.decode(&damage_bytes(&encoded, &mut random), &mut scratch) {
                    Ok(bytes) => {
                        assert_eq!(bytes.len(), expected.len());
                        decoded += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 5000 && decoded > 500, "{refused} refused, {decoded} decoded");
}
