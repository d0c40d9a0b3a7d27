//! How fast the decoders, plan and scatter are as native code: `cargo bench`, or `cargo bench -- decode` for a part.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use divan::counter::{BytesCount, ItemsCount};
    use divan::{Bencher, black_box};
    use serde_json::{Value, json};
    use structured_zstd::encoding::{CompressionLevel, FrameCompressor};
    use zarr_wasm::chunk_grid::ChunkGrid;
    use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
    use zarr_wasm::data_type::{DataType, Heap};
    use zarr_wasm::metadata::CodecMetadata;
    use zarr_wasm::plan::ChunkPlan;
    use zarr_wasm::scatter::{Column, DecodedChunk, Placement, Source};
    use zarr_wasm::selection::{Entry, Selection, Slice};
    use zarr_wasm::shape::strides;

    const CHUNK_LENS: [usize; 2] = [1 << 16, 1 << 20];
    const BLOCK_LEN: usize = 1 << 16;
    const ITEM_LEN: usize = 4;

    #[derive(Clone, Copy, Debug)]
    enum Shuffle {
        None,
        Bytes,
        Bits,
    }

    #[derive(Clone, Copy)]
    struct Compressor {
        /// Its number in a blosc header.
        number: u8,
        compress: fn(&[u8]) -> Vec<u8>,
    }

    const LZ4: Compressor = Compressor { number: 1, compress: lz4_flex::block::compress };
    const ZSTD: Compressor = Compressor { number: 4, compress: zstd };

    #[divan::bench(args = CHUNK_LENS)]
    fn decode_zstd(bencher: Bencher, len: usize) {
        decode(bencher, json!("zstd"), zstd, len);
    }

    #[divan::bench(args = CHUNK_LENS)]
    fn decode_gzip(bencher: Bencher, len: usize) {
        decode(bencher, json!("gzip"), gzip, len);
    }

    #[divan::bench(args = CHUNK_LENS)]
    fn decode_lz4(bencher: Bencher, len: usize) {
        decode(bencher, json!("numcodecs.lz4"), lz4_flex::block::compress_prepend_size, len);
    }

    #[divan::bench(args = [Shuffle::None, Shuffle::Bytes, Shuffle::Bits])]
    fn decode_blosc_lz4(bencher: Bencher, shuffle: Shuffle) {
        decode(bencher, json!("blosc"), |bytes| blosc(bytes, LZ4, shuffle), 1 << 20);
    }

    #[divan::bench(args = [Shuffle::None, Shuffle::Bytes, Shuffle::Bits])]
    fn decode_blosc_zstd(bencher: Bencher, shuffle: Shuffle) {
        decode(bencher, json!("blosc"), |bytes| blosc(bytes, ZSTD, shuffle), 1 << 20);
    }

    /// A chunk of 4-byte elements, transposed.
    #[divan::bench(args = CHUNK_LENS)]
    fn decode_transpose(bencher: Bencher, len: usize) {
        let codecs = json!([{ "name": "transpose", "configuration": { "order": [1, 0] } }, bytes()]);
        run(bencher, codecs, vec![256, (len / 256 / ITEM_LEN) as u64], &contents(len));
    }

    #[divan::bench(args = CHUNK_LENS)]
    fn decode_big_endian(bencher: Bencher, len: usize) {
        let codecs = json!([{ "name": "bytes", "configuration": { "endian": "big" } }]);
        run(bencher, codecs, vec![(len / ITEM_LEN) as u64], &contents(len));
    }

    fn bytes() -> Value {
        json!({ "name": "bytes", "configuration": { "endian": "little" } })
    }

    fn decode(bencher: Bencher, codec: Value, encode: impl Fn(&[u8]) -> Vec<u8>, len: usize) {
        run(bencher, json!([bytes(), codec]), vec![(len / ITEM_LEN) as u64], &encode(&contents(len)));
    }

    fn run(bencher: Bencher, codecs: Value, shape: Vec<u64>, encoded: &[u8]) {
        let chunk = ChunkSpec { shape, data_type: DataType::Float32, fill_value: vec![0; ITEM_LEN] };
        let len = chunk.byte_len().unwrap();
        let pipeline = Pipeline::new(&CodecMetadata::parse_list(&codecs).unwrap(), chunk).unwrap();
        let mut scratch = Scratch::default();
        bencher.counter(BytesCount::new(len)).bench_local(|| {
            let decoded = pipeline.decode(black_box(encoded), &mut scratch).unwrap();
            scratch.give(black_box(decoded));
        });
    }

    /// Selections that are planned and scattered: of an array of 256 chunks of 64 × 64 elements.
    #[derive(Clone, Copy, Debug)]
    enum Select {
        All,
        EverySecondColumn,
        Row,
        ListOfRows,
    }

    const SELECTIONS: [Select; 4] = [Select::All, Select::EverySecondColumn, Select::Row, Select::ListOfRows];
    const SHAPE: [u64; 2] = [1024, 1024];
    const CHUNK_SHAPE: [u64; 2] = [64, 64];

    impl Select {
        fn resolve(self) -> Selection {
            let entries = match self {
                Self::All => vec![Entry::All, Entry::All],
                Self::EverySecondColumn => {
                    vec![Entry::All, Entry::Slice(Slice { step: Some(2), ..Slice::default() })]
                }
                Self::Row => vec![Entry::Index(500), Entry::All],
                Self::ListOfRows => vec![Entry::Indices((0..1024).step_by(3).collect()), Entry::All],
            };
            Selection::orthogonal(&entries, &SHAPE).unwrap()
        }

        fn plan(self) -> ChunkPlan {
            let grid = ChunkGrid::regular(CHUNK_SHAPE.to_vec(), SHAPE.len()).unwrap();
            ChunkPlan::new(&self.resolve(), &SHAPE, grid)
        }
    }

    #[divan::bench(args = SELECTIONS)]
    fn plan(bencher: Bencher, select: Select) {
        let chunks = select.plan().count();
        bencher.counter(ItemsCount::new(chunks)).bench_local(|| black_box(select).plan().map(black_box).count());
    }

    /// Every chunk of the plan is the same decoded chunk; the copies are made.
    #[divan::bench(args = SELECTIONS)]
    fn scatter(bencher: Bencher, select: Select) {
        let bytes = contents(CHUNK_SHAPE.iter().product::<u64>() as usize * ITEM_LEN);
        let chunk = DecodedChunk { bytes: &bytes, looked_at: 0..bytes.len(), shape: &CHUNK_SHAPE, item_len: ITEM_LEN };
        let columns = Column::all(&DataType::Float32, None).unwrap();
        let selection = select.resolve();
        let mut output = vec![0; selection.element_count().unwrap() as usize * ITEM_LEN];
        let output_strides = match &selection {
            Selection::Product { axes, .. } => strides(&axes.iter().map(|axis| axis.count()).collect::<Vec<_>>()),
            Selection::Points { .. } => Vec::new(),
        };
        let projections: Vec<_> = select.plan().collect();
        let (mut placement, mut heap) = (Placement::default(), Heap::default());
        bencher.counter(BytesCount::new(output.len())).bench_local(|| {
            for projection in &projections {
                let elements = &projection.elements;
                let source = placement.place(&chunk, &columns[0], &mut heap, elements, &output_strides).unwrap();
                let from = if source == Source::Chunk { chunk.bytes } else { &placement.block };
                for run in &placement.runs {
                    for (source, target) in run.copies() {
                        output[target as usize..][..run.len].copy_from_slice(&from[source..][..run.len]);
                    }
                }
            }
            black_box(&output);
        });
    }

    /// Temperatures with noise, as `contents.mjs` makes them.
    fn contents(len: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let values = (0..len / ITEM_LEN).map(|i| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let noise = state.to_le_bytes().map(f64::from).iter().sum::<f64>() / 147.8 - 3.45;
            let mean = 280.0 + 10.0 * (i as f64 / 900.0).sin();
            (((mean + noise / 20.0) * 64.0).round() / 64.0) as f32
        });
        values.flat_map(f32::to_le_bytes).collect()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut compressor: FrameCompressor = FrameCompressor::new(CompressionLevel::Default);
        compressor.compress_independent_frame(bytes)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        member.extend(miniz_oxide::deflate::compress_to_vec(bytes, 4));
        member.extend(zlib_rs::crc32::crc32(0, bytes).to_le_bytes());
        member.extend((bytes.len() as u32).to_le_bytes());
        member
    }

    /// c-blosc's format 2, in blocks that are not split.
    fn blosc(bytes: &[u8], compressor: Compressor, shuffle: Shuffle) -> Vec<u8> {
        let flag = match shuffle {
            Shuffle::None => 0,
            Shuffle::Bytes => 1,
            Shuffle::Bits => 4,
        };
        let blocks: Vec<Vec<u8>> =
            bytes.chunks(BLOCK_LEN).map(|block| (compressor.compress)(&shuffled(block, shuffle))).collect();
        let start = 16 + 4 * blocks.len();
        let len = start + blocks.iter().map(|block| 4 + block.len()).sum::<usize>();
        let mut chunk = vec![2, 1, compressor.number << 5 | flag | 0x10, ITEM_LEN as u8];
        chunk.extend([bytes.len(), BLOCK_LEN, len].map(|field| (field as u32).to_le_bytes()).concat());
        let mut at = start;
        for block in &blocks {
            chunk.extend((at as u32).to_le_bytes());
            at += 4 + block.len();
        }
        for block in &blocks {
            chunk.extend((block.len() as u32).to_le_bytes());
            chunk.extend(block);
        }
        chunk
    }

    fn shuffled(block: &[u8], shuffle: Shuffle) -> Vec<u8> {
        let count = block.len() / ITEM_LEN;
        let byte = |element: usize, byte: usize| block[element * ITEM_LEN + byte];
        match shuffle {
            Shuffle::None => block.to_vec(),
            Shuffle::Bytes => (0..ITEM_LEN).flat_map(|at| (0..count).map(move |i| byte(i, at))).collect(),
            Shuffle::Bits => {
                let mut bits = vec![0; block.len()];
                for (i, at) in (0..count).flat_map(|i| (0..8 * ITEM_LEN).map(move |at| (i, at))) {
                    bits[(at * count + i) / 8] |= (byte(i, at / 8) >> (at % 8) & 1) << (i % 8);
                }
                bits
            }
        }
    }
}

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    divan::main();
}
