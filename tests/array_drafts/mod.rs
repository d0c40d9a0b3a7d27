//! Random arrays and selections, as proptest draws and shrinks them: plain numbers, of which a description is built that
//! is lawful whatever they are.

use proptest::array::{uniform4, uniform5};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use zarr_wasm::selection::{Entry, Slice};

use crate::array_writer::{
    ArrayCodec, Blosc, BytesCodec, Chain, Description, ElementType, FillValue, Format, InnerCodec, Kind, Serializer,
    Sharding, Shuffle, TYPES,
};
use crate::random::Random;

/// By rank: the most elements along the one long axis and along the others, and how many chunks at most along each.
const EXTENTS: [(u16, u16, u16); 5] = [(0, 0, 1), (700, 700, 8), (200, 12, 5), (60, 6, 4), (16, 4, 3)];

/// A shard has not many more inner chunks.
const INNER_CHUNKS: u64 = 48;

#[derive(Clone, Debug)]
pub struct ArrayDraft {
    rank: usize,
    long_axis: usize,
    extents: [u16; 4],
    chunk_extents: [u16; 4],
    element_type: usize,
    fill_is_open: bool,
    is_v2: bool,
    is_rectilinear: bool,
    flags: [bool; 4],
    chain: ChainDraft,
    narrow: bool,
    seed: u64,
}

#[derive(Clone, Debug)]
struct ChainDraft {
    transposes: Vec<[u8; 4]>,
    delta: Option<usize>,
    big: bool,
    sharding: Option<Box<ShardingDraft>>,
    codecs: Vec<CodecDraft>,
}

#[derive(Clone, Debug)]
struct CodecDraft {
    kind: u8,
    inner: u8,
    shuffle: u8,
    len: u16,
    typesize: u8,
    flag: bool,
}

#[derive(Clone, Debug)]
struct ShardingDraft {
    divisors: [u8; 4],
    codecs: ChainDraft,
    index_order: Option<[u8; 5]>,
    index_is_big: bool,
    index_has_checksum: bool,
    index_at_start: bool,
}

pub fn array() -> impl Strategy<Value = ArrayDraft> {
    let extent = || prop_oneof![1 => Just(0), 3 => Just(1), 40 => 2..u16::MAX];
    let rank = prop_oneof![1 => Just(0usize), 3 => 1..=1usize, 6 => 2..=4usize];
    let shape = (rank, 0..4usize, uniform4(extent()), uniform4(any::<u16>()));
    let content = (0..TYPES.len(), any::<bool>(), any::<bool>(), any::<u64>());
    let kind = (prop::bool::weighted(0.3), prop::bool::weighted(0.3));
    (shape, content, kind, any::<[bool; 4]>(), chain(2)).prop_map(
        |(
            (rank, long_axis, extents, chunk_extents),
            (element_type, fill_is_open, narrow, seed),
            (is_v2, is_rectilinear),
            flags,
            chain,
        )| {
            ArrayDraft {
                rank,
                long_axis,
                extents,
                chunk_extents,
                element_type,
                fill_is_open,
                is_v2,
                is_rectilinear,
                flags,
                chain,
                narrow,
                seed,
            }
        },
    )
}

/// With shards that nest at most `depth` times.
fn chain(depth: u32) -> BoxedStrategy<ChainDraft> {
    let sharding = match depth {
        0 => Just(None).boxed(),
        _ => weighted(if depth == 2 { 0.6 } else { 0.3 }, sharding(depth - 1).prop_map(Box::new)).boxed(),
    };
    let transposes = vec(uniform4(any::<u8>()), 0..=2);
    let delta = weighted(0.3, 0..TYPES.len());
    let codecs = prop_oneof![3 => vec(codec(), 0..=0), 4 => vec(codec(), 1..=1), 2 => vec(codec(), 2..=2)];
    (prop_oneof![2 => Just(vec![]), 1 => transposes], delta, any::<bool>(), sharding, codecs)
        .prop_map(|(transposes, delta, big, sharding, codecs)| ChainDraft { transposes, delta, big, sharding, codecs })
        .boxed()
}

fn codec() -> impl Strategy<Value = CodecDraft> {
    (0..13u8, 0..5u8, 0..3u8, any::<u16>(), any::<u8>(), any::<bool>()).prop_map(
        |(kind, inner, shuffle, len, typesize, flag)| CodecDraft { kind, inner, shuffle, len, typesize, flag },
    )
}

fn sharding(depth: u32) -> impl Strategy<Value = ShardingDraft> {
    (uniform4(any::<u8>()), chain(depth), weighted(0.2, uniform5(any::<u8>())), any::<[bool; 3]>()).prop_map(
        |(divisors, codecs, index_order, [index_is_big, index_has_checksum, index_at_start])| ShardingDraft {
            divisors,
            codecs,
            index_order,
            index_is_big,
            index_has_checksum,
            index_at_start,
        },
    )
}

impl ArrayDraft {
    pub fn describe(&self) -> Description {
        let mut random = Random::new(self.seed);
        let (long, short, chunks) = EXTENTS[self.rank];
        let is_long = |axis: usize| axis == self.long_axis % self.rank;
        let shape: Vec<u64> = (0..self.rank)
            .map(|axis| u64::from(self.extents[axis] % (if is_long(axis) { long } else { short } + 1)))
            .collect();
        let chunk_shape: Vec<u64> = (0..self.rank)
            .map(|axis| {
                let least = shape[axis] / u64::from(chunks) + 1;
                least + u64::from(self.chunk_extents[axis]) % (shape[axis] / 2 + 2)
            })
            .collect();
        let element_type = TYPES[self.element_type];
        let [reversed, v2_keys, dots, below_a_group] = self.flags;
        let mut chain = ChainDraft::build(&self.chain, &chunk_shape, &element_type);
        let is_v2 = self.is_v2 && element_type.is_of_v2();
        if is_v2 {
            chain.array_to_array.retain(|codec| matches!(codec, ArrayCodec::Delta { .. }));
            if reversed && self.rank > 1 {
                chain.array_to_array.insert(0, ArrayCodec::Transpose((0..self.rank).rev().collect()));
            }
            if matches!(chain.serializer, Serializer::Sharding(_)) {
                chain.serializer = Serializer::Bytes { big: self.chain.big };
            }
        }
        let is_rectilinear = self.is_rectilinear && !is_v2;
        let edges = is_rectilinear.then(|| edges(&shape, &chunk_shape, needs_multiples(&chain), &mut random));
        let is_open = is_v2 && self.fill_is_open;
        Description {
            format: if is_v2 { Format::V2 { reversed } } else { Format::V3 { v2_keys } },
            path: if below_a_group { "group/of arrays/a" } else { "" }.to_owned(),
            shape,
            chunk_shape,
            edges,
            element_type,
            fill_value: match is_open {
                true => FillValue::open(&element_type),
                false => FillValue::random(&element_type, &mut random),
            },
            chain,
            separator: if dots { '.' } else { '/' },
            bit_mask: if self.narrow { 3 } else { u128::MAX },
            seed: random.number(),
        }
    }
}

impl ChainDraft {
    fn build(&self, shape: &[u64], element_type: &ElementType) -> Chain {
        let mut shape = shape.to_vec();
        let mut array_to_array = Vec::new();
        for keys in &self.transposes {
            let order = permutation(&keys[..shape.len()]);
            shape = order.iter().map(|axis| shape[*axis]).collect();
            array_to_array.push(ArrayCodec::Transpose(order));
        }
        let wide_enough = |stored: &ElementType| is_integer(stored) && stored.len >= element_type.len;
        let stored =
            self.delta.map(|index| TYPES[index]).filter(|stored| is_integer(element_type) && wide_enough(stored));
        if let Some(stored) = stored {
            array_to_array.push(ArrayCodec::Delta { decoded: *element_type, stored });
        }
        let stored_type = stored.unwrap_or(*element_type);
        let serializer = match &self.sharding {
            Some(sharding) => Serializer::Sharding(Box::new(sharding.build(&shape, &stored_type))),
            None => Serializer::Bytes { big: self.big },
        };
        let byte_len = shape.iter().product::<u64>() as usize * stored_type.len;
        // Only here is the length of what a codec receives known, which `shuffle` must divide.
        let known_len =
            |index: usize| (index == 0 && self.sharding.is_none() && !element_type.is_variable()).then_some(byte_len);
        let codecs = self.codecs.iter().enumerate().map(|(index, codec)| codec.build(known_len(index)));
        Chain { array_to_array, serializer, bytes_to_bytes: codecs.collect() }
    }
}

impl CodecDraft {
    fn build(&self, known_len: Option<usize>) -> BytesCodec {
        match self.kind {
            0 => BytesCodec::Crc32c,
            1 => BytesCodec::Checksum { id: "crc32c", at_start: self.flag },
            2 => BytesCodec::Checksum { id: "crc32", at_start: self.flag },
            3 => BytesCodec::Checksum { id: "adler32", at_start: self.flag },
            4 => BytesCodec::Gzip,
            5 => BytesCodec::Zlib,
            6 => BytesCodec::Zstd,
            7 => BytesCodec::Lz4,
            8 | 9 => {
                let divisors = divisors(known_len.unwrap_or(1) as u64);
                BytesCodec::Shuffle { element_len: divisors[self.typesize as usize % divisors.len().min(12)] as usize }
            }
            _ => BytesCodec::Blosc(Blosc {
                inner: [InnerCodec::Blosclz, InnerCodec::Lz4, InnerCodec::Snappy, InnerCodec::Zlib, InnerCodec::Zstd]
                    [self.inner as usize],
                shuffle: [Shuffle::None, Shuffle::Bytes, Shuffle::Bits][self.shuffle as usize],
                typesize: match self.typesize {
                    0..128 => 1 << (self.typesize % 5),
                    odd => 1 + (odd - 128) as usize * 2,
                },
                block_len: 1 + self.len as usize % 3000 + if self.flag { 40 } else { 3000 },
                split: self.flag,
            }),
        }
    }
}

impl ShardingDraft {
    fn build(&self, shape: &[u64], element_type: &ElementType) -> Sharding {
        let mut inner_chunks = 1;
        let inner_shape: Vec<u64> = shape
            .iter()
            .zip(self.divisors)
            .map(|(&extent, choice)| {
                let counts = divisors(extent);
                let counts: Vec<u64> = counts.into_iter().filter(|n| inner_chunks * n <= INNER_CHUNKS).collect();
                let count = counts[choice as usize % counts.len()];
                inner_chunks *= count;
                extent / count
            })
            .collect();
        let index_order = self.index_order.map(|keys| ArrayCodec::Transpose(permutation(&keys[..=shape.len()])));
        let index_codecs = Chain {
            array_to_array: index_order.into_iter().collect(),
            serializer: Serializer::Bytes { big: self.index_is_big },
            bytes_to_bytes: self.index_has_checksum.then_some(BytesCodec::Crc32c).into_iter().collect(),
        };
        let codecs = self.codecs.build(&inner_shape, element_type);
        Sharding { inner_shape, codecs, index_codecs, index_at_start: self.index_at_start }
    }
}

/// Whether chunks of another shape must be multiples of the one that the chain was made for.
fn needs_multiples(chain: &Chain) -> bool {
    let is_shuffle = |codec: &BytesCodec| matches!(codec, BytesCodec::Shuffle { .. });
    matches!(chain.serializer, Serializer::Sharding(_)) || chain.bytes_to_bytes.iter().any(is_shuffle)
}

/// For each axis the lengths of chunks that reach its end, and perhaps of one beyond.
fn edges(shape: &[u64], chunk_shape: &[u64], multiples: bool, random: &mut Random) -> Vec<Vec<u64>> {
    let axes = shape.iter().zip(chunk_shape).map(|(&extent, &chunk_len)| {
        let mut lens: Vec<u64> = Vec::new();
        while lens.is_empty() || lens.iter().sum::<u64>() < extent {
            let len = match lens.last() {
                Some(last) if random.one_in(2) => *last,
                _ if multiples => chunk_len * (1 + random.below(2) as u64),
                _ => 1 + random.below(2 * chunk_len as usize) as u64,
            };
            lens.push(len);
        }
        if random.one_in(4) {
            lens.push(chunk_len);
        }
        lens
    });
    axes.collect()
}

fn is_integer(element_type: &ElementType) -> bool {
    matches!(element_type.kind, Kind::Integer { .. })
}

/// The order that sorts the keys.
fn permutation(keys: &[u8]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|index| keys[*index]);
    order
}

fn divisors(n: u64) -> Vec<u64> {
    (1..=n).filter(|divisor| n.is_multiple_of(*divisor)).collect()
}

/// A selection before the shape is known that it is for.
#[derive(Clone, Debug)]
pub struct SelectionDraft {
    given: usize,
    ellipsis: Option<usize>,
    entries: [EntryDraft; 4],
}

#[derive(Clone, Debug)]
enum EntryDraft {
    All,
    Index(u16),
    Slice { start: Option<u16>, stop: Option<u16>, step: Option<i8> },
    Indices(Vec<u16>),
    Mask(u64),
}

pub fn selection() -> impl Strategy<Value = SelectionDraft> {
    let bound = || of(any::<u16>());
    let slice = (bound(), bound(), of(prop_oneof![3 => -3..=3i8, 1 => any::<i8>()]));
    let entry = prop_oneof![
        2 => Just(EntryDraft::All),
        2 => any::<u16>().prop_map(EntryDraft::Index),
        6 => slice.prop_map(|(start, stop, step)| EntryDraft::Slice { start, stop, step }),
        2 => prop::collection::vec(any::<u16>(), 0..6).prop_map(EntryDraft::Indices),
        1 => any::<u64>().prop_map(EntryDraft::Mask),
    ];
    let given = prop_oneof![1 => 0..=4usize, 2 => Just(4)];
    (given, weighted(0.3, 0..=4usize), uniform4(entry)).prop_map(|(given, ellipsis, entries)| SelectionDraft {
        given,
        ellipsis,
        entries,
    })
}

impl SelectionDraft {
    /// The coordinates of some points of an array of this shape, one list for each axis: as many as the shortest has.
    pub fn points(&self, shape: &[u64]) -> Vec<Vec<i64>> {
        let list = |axis: usize| match self.entries[axis].entry(shape[axis] as i64) {
            Entry::Indices(indices) => indices,
            Entry::Index(index) => vec![index, 0, -1, index],
            _ => (0..shape[axis] as i64).rev().collect(),
        };
        let lists: Vec<Vec<i64>> = (0..shape.len()).map(list).collect();
        let count = lists.iter().map(Vec::len).min().unwrap_or(1);
        lists.into_iter().map(|list| list[..count].to_vec()).collect()
    }

    /// The entries for an array of this shape. Indices lie within it, bounds of slices may lie a little outside.
    pub fn entries(&self, shape: &[u64]) -> Vec<Entry> {
        let given = self.given.min(shape.len());
        let before = self.ellipsis.map_or(given, |at| at % (given + 1));
        let mut entries = Vec::new();
        for index in 0..given {
            let axis = if index < before { index } else { shape.len() - given + index };
            entries.push(self.entries[index].entry(shape[axis] as i64));
        }
        if self.ellipsis.is_some() {
            entries.insert(before, Entry::Ellipsis);
        }
        entries
    }
}

impl EntryDraft {
    fn entry(&self, extent: i64) -> Entry {
        let within = |number: u16, reach: i64| i64::from(number) % (2 * reach) - reach;
        match self {
            Self::Index(number) if extent > 0 => Entry::Index(within(*number, extent)),
            Self::Indices(numbers) if extent > 0 => {
                Entry::Indices(numbers.iter().map(|number| within(*number, extent)).collect())
            }
            Self::Mask(bits) => Entry::Mask((0..extent).map(|index| bits >> (index % 64) & 1 == 1).collect()),
            Self::All | Self::Index(_) | Self::Indices(_) => Entry::All,
            Self::Slice { start, stop, step } => Entry::Slice(Slice {
                start: start.map(|start| within(start, extent + 3)),
                stop: stop.map(|stop| within(stop, extent + 3)),
                step: step.map(|step| if step == 0 { 1 } else { step.into() }),
            }),
        }
    }
}
