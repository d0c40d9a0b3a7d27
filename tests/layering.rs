//! What may import what: the arrows of ARCHITECTURE.md, read from the sources.
#![cfg(not(target_arch = "wasm32"))]

mod source_paths;

use std::fs;
use std::path::Path;

use source_paths::{crate_paths, module_specifiers};

/// The modules of the crate. One may import those of the rows below its own …
const LEVELS: [&[&str]; 6] = [
    &["wasm"],
    &["open", "read", "decode", "read_spec"],
    &["plan", "codec", "scatter", "retrieve"],
    &["selection", "chunk_grid", "chunk_key", "metadata", "byte_range", "store"],
    &["data_type", "shape", "by_shape"],
    &["error", "json"],
];

/// … of its own row only these …
const SIDEWAYS: [(&str, &[&str]); 7] = [
    ("read", &["decode", "open"]),
    ("decode", &["read_spec"]),
    ("scatter", &["plan"]),
    ("metadata", &["chunk_grid", "chunk_key"]),
    ("selection", &["chunk_grid"]),
    ("store", &["byte_range"]),
    ("data_type", &["shape"]),
];

/// … and of the rows below never these.
const NEVER: [(&str, &[&str]); 1] = [("codec", &["selection", "chunk_grid", "chunk_key", "byte_range", "store"])];

/// A codec knows those of its own kind, these modules, and of `codec` what all codecs share: never the registry, and never
/// another kind.
const CODEC_KINDS: [&str; 3] = ["array_to_array", "array_to_bytes", "bytes_to_bytes"];
const CODECS_IMPORT: [&str; 4] = ["data_type", "shape", "json", "error"];
const CODECS_SHARE: [&str; 10] = [
    "ArrayToArray",
    "ArrayToBytes",
    "BytesToBytes",
    "ChunkSpec",
    "MAX_VARIABLE_LEN",
    "Configuration",
    "Externals",
    "Len",
    "Pipeline",
    "Scratch",
];
/// These hold codec chains of their own, so they read their metadata.
const HOLD_CHAINS: [&[&str]; 2] =
    [&["codec", "array_to_bytes", "sharding_indexed"], &["codec", "array_to_bytes", "n5_default"]];

/// Only `src/wasm` may name these crates, be it in a comment.
const BOUNDARY_CRATES: [&str; 3] = ["wasm_bindgen", "js_sys", "web_sys"];

/// Only these modules call the crate of inner loops.
const KERNELS: (&str, [&str; 2]) = ("zarr_wasm_kernels", ["codec", "scatter"]);

/// Scripts that `package.json` names.
const SCRIPT_ENTRIES: [&str; 6] = ["browser", "node", "inline", "inline_node", "slim", "slim_node"];

/// Packages that only references in Parquet need.
const PARQUET_READERS: [&str; 2] = ["hyparquet", "hyparquet-compressors"];

/// A Rust source file: its path below `src`, and the module it is.
struct RustFile {
    path: String,
    module: Vec<String>,
    text: String,
}

fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { collect(&path, found) } else { found.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    collect(&root, &mut found);
    found.sort();
    found.retain(|path| path.extension().is_some_and(|found| found == extension));
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn rust_files() -> Vec<RustFile> {
    let module = |path: &str| {
        let parts = path.trim_end_matches(".rs").split('/').filter(|part| !matches!(*part, "mod" | "lib"));
        parts.map(str::to_owned).collect()
    };
    files("src", "rs").into_iter().map(|(path, text)| RustFile { module: module(&path), path, text }).collect()
}

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|row| row.contains(&module))
}

fn listed(table: &[(&str, &[&str])], module: &str, imported: &str) -> bool {
    table.iter().any(|(from, to)| *from == module && to.contains(&imported))
}

/// What a Rust file must not import, one line for each import.
fn rust_breaches(file: &RustFile) -> Vec<String> {
    let module: Vec<&str> = file.module.iter().map(String::as_str).collect();
    let mut breaches = Vec::new();
    if module.first() != Some(&"wasm") {
        let named = BOUNDARY_CRATES.iter().filter(|name| file.text.contains(**name));
        breaches.extend(named.map(|name| format!("{} names {name}", file.path)));
    }
    if file.text.contains(KERNELS.0) && !module.first().is_some_and(|first| KERNELS.1.contains(first)) {
        breaches.push(format!("{} names {}", file.path, KERNELS.0));
    }
    for path in crate_paths(&file.text, &module) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if !may_import(&module, &path) {
            breaches.push(format!("{} imports {}", file.path, path.join("::")));
        }
    }
    breaches
}

fn may_import(module: &[&str], path: &[&str]) -> bool {
    let (Some(&from), Some(&to)) = (module.first(), path.first()) else { return module.is_empty() };
    if let ["codec", kind, ..] = module
        && CODEC_KINDS.contains(kind)
    {
        return match path {
            ["codec", own, ..] if own == kind => true,
            ["codec", name, ..] => CODECS_SHARE.contains(name),
            _ => CODECS_IMPORT.contains(&to) || (to == "metadata" && HOLD_CHAINS.contains(&module)),
        };
    }
    match (level(from), level(to)) {
        _ if from == to => true,
        (Some(above), Some(below)) if above < below => !listed(&NEVER, from, to),
        (Some(one), Some(other)) if one == other => listed(&SIDEWAYS, from, to),
        _ => false,
    }
}

/// What a script imports, as a path below its folder.
fn resolved(stem: &str, imported: &str, specifier: &str) -> String {
    let mut folders: Vec<&str> = stem.split('/').collect();
    folders.truncate(folders.len().saturating_sub(1 + specifier.matches("../").count()));
    folders.push(imported);
    folders.join("/")
}

/// Whether nothing is left of the import once the types are.
fn is_type_import(text: &str, specifier: &str) -> bool {
    let before = text.split(&format!("from '{specifier}'")).next().unwrap_or_default();
    before.rsplit("import").next().is_some_and(|clause| clause.starts_with(" type "))
}

/// What a TypeScript file must not import.
fn script_breaches(folder: &str, path: &str, text: &str) -> Vec<String> {
    // What only Node has is in files whose names say so, and only these import each other.
    let is_of_node =
        |name: &str| name.rsplit('/').next().is_some_and(|file| file.split('_').any(|word| word == "node"));
    let is_entry = |name: &str| SCRIPT_ENTRIES.contains(&name);
    let stem = path.trim_end_matches(".ts");
    let may_import = |specifier: &str| {
        let imported = specifier.trim_start_matches(['.', '/']).trim_end_matches(".js");
        match folder {
            // The page is a user of the package, and knows nothing of what lies in it; its bench compares it with another.
            "www" if specifier == "zarrita" => stem == "workloads",
            "www" => specifier == "zarr-wasm" || (specifier.starts_with("./") && !imported.contains('/')),
            // So is the program of the command line, of the entry for Node.
            _ if stem.starts_with("cli/") => {
                let found = resolved(stem, imported, specifier);
                specifier.starts_with("node:") || found == "node" || found.starts_with("cli/")
            }
            _ if imported.starts_with("cli/") => false,
            _ if specifier.starts_with("node:") || specifier == "undici" || is_of_node(imported) => is_of_node(stem),
            _ if PARQUET_READERS.contains(&specifier) => stem == "stores/parquet",
            _ if !specifier.starts_with('.') => false,
            _ if stem == "errors" => false,
            // They are loaded when they are first needed: what they shared with the rest would be a file of its own.
            _ if stem.starts_with("stores/") && specifier.starts_with("..") => is_type_import(text, specifier),
            // Entries that differ in little are made of one another.
            _ => !is_entry(imported) && imported != "index" || is_entry(stem),
        }
    };
    let refused = module_specifiers(text).into_iter().filter(|specifier| !may_import(specifier));
    refused.map(|specifier| format!("{folder}/{path} imports {specifier}")).collect()
}

#[test]
fn every_module_of_the_crate_has_its_place() {
    let files = rust_files();
    let homeless = files.iter().filter(|file| file.module.first().is_some_and(|module| level(module).is_none()));
    assert_eq!(homeless.map(|file| file.path.as_str()).collect::<Vec<_>>(), [""; 0]);
    for module in LEVELS.concat() {
        assert!(files.iter().any(|file| file.module[..] == [module]), "there is no module {module}");
    }
}

#[test]
fn the_crate_imports_only_downwards() {
    let files = rust_files();
    let paths: usize = files.iter().map(|file| crate_paths(&file.text, &[]).len()).sum();
    assert!(files.len() >= 50 && paths >= 200, "only {} files with {paths} paths were read", files.len());
    assert_eq!(files.iter().flat_map(rust_breaches).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn scripts_import_only_what_they_may() {
    for (folder, least) in [("js", 12), ("www", 10)] {
        let files = files(folder, "ts");
        let imports: usize = files.iter().map(|(_, text)| module_specifiers(text).len()).sum();
        assert!(files.len() >= least && imports >= 20, "only {} files, {imports} imports in {folder}", files.len());
        let breaches = files.iter().flat_map(|(path, text)| script_breaches(folder, path, text));
        assert_eq!(breaches.collect::<Vec<_>>(), [""; 0]);
    }
}

#[test]
fn a_forbidden_import_is_found_however_it_is_written() {
    for (module, text, breach) in [
        ("scatter", "use crate::codec::Pipeline;", "codec::Pipeline"),
        ("scatter", "use crate::{error::{Error, Result}, codec::{Len, Scratch}};", "codec::Len"),
        ("scatter", "fn f() { crate::codec::Scratch::default() }", "codec::Scratch::default"),
        ("scatter", "fn f<'a>(c: char) { c == '{' || c == '\\'' } mod inner { use super::super::codec; }", "codec"),
        ("scatter", "use crate::*;", ""),
        ("plan", "mod tests { use super::*; } use super::read;", "read"),
        ("codec/registry", "use super::super::store::Store;", "store::Store"),
        ("codec/registry", "use crate::{\n    plan::{self},\n};", "plan::self"),
        ("codec/bytes_to_bytes/zstd", "use super::super::registry::create;", "codec::registry::create"),
        ("codec/bytes_to_bytes/zstd", "use crate::metadata::CodecMetadata;", "metadata::CodecMetadata"),
        ("codec/bytes_to_bytes/zstd", "use super::super::array_to_array::delta;", "codec::array_to_array::delta"),
        ("store/memory", "use crate::retrieve::Queue;", "retrieve::Queue"),
        ("error", "use crate::shape::strides;", "shape::strides"),
        ("read", "use crate::wasm::fetch_store;", "wasm::fetch_store"),
        ("read", "use crate::novelty::Thing;", "novelty::Thing"),
        ("read", "/* */ let s = \"\\\" crate::wasm::x\"; use crate::wasm;", "wasm"),
    ] {
        let module_path = module.split('/').map(str::to_owned).collect();
        let file = RustFile { path: format!("{module}.rs"), module: module_path, text: text.into() };
        let breaches = rust_breaches(&file);
        assert_eq!(breaches.first(), Some(&format!("{module}.rs imports {breach}")), "{text}");
    }
    for text in [
        "use wasm_bindgen::prelude::*;",
        "fn f() -> js_sys::Array {}",
        "#[cfg(x)] web_sys::window();",
        "use zarr_wasm_kernels::zstd;",
    ] {
        let file = RustFile { path: "store.rs".into(), module: vec!["store".into()], text: text.into() };
        assert_eq!(rust_breaches(&file).len(), 1, "{text}");
    }
}

#[test]
fn what_is_allowed_or_no_import_at_all_is_not_found() {
    for (module, text) in [
        ("scatter", "use crate::plan::ChunkProjection; // use crate::codec;\n/* crate::codec::x */"),
        ("store/mod", "//! [`retrieve`](crate::retrieve)\nmod memory; pub use memory::MemoryStore;"),
        ("scatter", "const A: &str = \"crate::codec::x\"; const B: &str = r#\"crate::codec::\"x\"#;"),
        ("codec/array_to_bytes/sharding_indexed", "use crate::metadata::CodecMetadata;"),
        ("codec/bytes_to_bytes/blosc/mod", "use super::zlib::decode_zlib; mod imp { use super::HEADER_LEN; }"),
        ("plan", "mod tests { mod inner { use super::super::Axis; } } pub(crate) fn f() {}"),
    ] {
        let module_path = module.trim_end_matches("/mod").split('/').map(str::to_owned).collect();
        let file = RustFile { path: module.into(), module: module_path, text: text.into() };
        assert_eq!(rust_breaches(&file), [""; 0], "{text}");
    }
}

#[test]
fn a_forbidden_import_of_a_script_is_found() {
    for (folder, path, text) in [
        ("js", "errors.ts", "import type { Store } from './types.js'"),
        ("js", "stores/zip.ts", "import type { A } from './a.js'\nimport { ZarrError } from '../errors.js'"),
        ("js", "stores/zip.ts", "import { parquetRead } from 'hyparquet'"),
        ("js", "open.ts", "export * from './node.js'"),
        ("js", "open.ts", "import {\n  readFile,\n} from \"node:fs/promises\""),
        ("js", "open.ts", "const fs = await import('node:fs')"),
        ("js", "open.ts", "import { Agent } from 'undici'"),
        ("js", "open.ts", "import { NodeTransport } from './node_transport.js'"),
        ("js", "open.ts", "import 'left-pad'"),
        ("js", "open.ts", "import { slice } from './index.js'"),
        ("www", "main.ts", "import { open } from '../dist/browser.js'"),
        ("www", "main.ts", "import { open } from '/dist/browser.js'"),
    ] {
        assert_eq!(script_breaches(folder, path, text).len(), 1, "{text}");
    }
    for (folder, path, text) in [
        ("js", "node.ts", "import { readFile } from 'node:fs/promises'\nexport * from './index.js'"),
        ("js", "open.ts", "// import 'left-pad'\nconst from = \"import 'left-pad'\""),
        ("www", "main.ts", "import { open } from 'zarr-wasm'; import { draw } from './draw.js'"),
    ] {
        assert_eq!(script_breaches(folder, path, text), [""; 0], "{text}");
    }
}
