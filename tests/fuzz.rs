//! The fuzz targets without a fuzzer: every entry of the corpus, and a fixed number of mutations of the entries.
#![cfg(not(target_arch = "wasm32"))]

mod array_drafts;
mod array_writer;
mod counting_allocator;
mod document_mutations;
mod memory_output;
mod mutations;
mod placed_output;
mod random;
#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use document_mutations::damage_document;
use mutations::damage_bytes;
use random::Random;

/// Mutations of each target's corpus, and of those of the target that writes whole arrays first.
const MUTATIONS: usize = 4000;
const ARRAYS: usize = 300;

#[test]
fn no_target_fails_for_the_corpus_or_what_is_like_it() {
    for (name, _) in targets::TARGETS {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "fuzz/corpus/{name} is empty");
        for (path, bytes) in &corpus {
            run(name, bytes, || format!("{}", path.display()));
        }
        for seed in 0..if name == "pipeline" { ARRAYS } else { MUTATIONS } {
            let mut random = Random::new(seed as u64);
            let (path, entry) = &corpus[random.below(corpus.len())];
            let mutated = mutated(entry, &mut random);
            run(name, &mutated, || format!("{}, seed {seed}", path.display()));
        }
    }
}

/// Files of a target's corpus in the order of their names.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Damaged as the JSON that it is, or as bytes.
fn mutated(entry: &[u8], random: &mut Random) -> Vec<u8> {
    match serde_json::from_slice(entry) {
        Ok(document) if !random.one_in(4) => damage_document(&document, random).to_string().into_bytes(),
        _ => damage_bytes(entry, random),
    }
}

/// What fails is kept where the message says: it is to become an entry of the corpus.
fn run(target: &str, bytes: &[u8], about: impl Fn() -> String) {
    if catch_unwind(|| targets::run(target, bytes)).is_err() {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-failure"));
        fs::write(&kept, bytes).unwrap();
        panic!("the target {target} failed for {}: see {}", about(), kept.display());
    }
}

/// Names of codecs as the registries match them.
fn registered() -> Vec<String> {
    let sources =
        ["src/codec/registry.rs", "src/codec/rare.rs"].map(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    let text: String = sources.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let arms = text.lines().map(str::trim).filter(|line| line.starts_with('"') && line.contains("=>"));
    let names = arms.flat_map(|line| line.split("=>").next().unwrap().split('|'));
    // One that only the tests of wasm have.
    names.map(|name| name.trim().trim_matches('"').to_owned()).filter(|name| name != "test.trap").collect()
}

#[test]
fn every_codec_of_the_registry_is_fuzzed() {
    let registered = registered();
    assert!(registered.len() >= 29, "only {registered:?} were found");
    let is_fuzzed = |name: &String| targets::CODECS.iter().any(|(codecs, ..)| codecs.contains(&format!("\"{name}\"")));
    let missing: Vec<&String> = registered.iter().filter(|name| !is_fuzzed(name)).collect();
    assert!(missing.is_empty(), "no row in fuzz/src/targets/codecs.rs has {missing:?}");
}
