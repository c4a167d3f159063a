//! The layers of `shared`: a module imports only modules of the layers before its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The layers, from the first. The modules of [`MUTUAL`] may import each other; elsewhere each stands alone.
const LAYERS: [&[&str]; 9] = [
    &["clock", "digest", "logging", "seeded_bugs"],
    &["domain", "error", "problem_code"],
    &["config", "https", "ids", "invocation"],
    &["aws", "bucket", "telemetry"],
    &["audit"],
    &["events", "secrets", "store", "vendors"],
    &["app"],
    &["start", "workflow"],
    &["http"],
];

/// The layer of the basic types: an error names its vendor, and a bad id is an error.
const MUTUAL: usize = 1;

fn layer(module: &str) -> usize {
    let found = LAYERS.iter().position(|modules| modules.contains(&module));
    found.unwrap_or_else(|| panic!("{module} is in no layer"))
}

fn may_import(importer: &str, imported: &str) -> bool {
    let (from, to) = (layer(importer), layer(imported));
    importer == imported || to < from || (from, to) == (MUTUAL, MUTUAL)
}

/// The first parts of the paths that begin with `crate::`, also of those in braces. `depth` is how many times `super::`
/// leads to the crate's root.
fn imports(source: &str, depth: usize) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n").replace(&"super::".repeat(depth), "crate::");
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut imports = Vec::new();
    for path in code.split("crate::").skip(1) {
        let mut depth = 0;
        let mut names = vec![String::new()];
        for c in path.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => names.push(String::new()),
                _ if depth <= 1 => names.last_mut().unwrap().push(c),
                _ => {}
            }
            if depth <= 0 && !(c.is_alphanumeric() || c == '_') {
                break;
            }
        }
        let first =
            |name: String| name.trim().split(|c: char| !(c.is_alphanumeric() || c == '_')).next().map(str::to_owned);
        imports.extend(names.into_iter().filter_map(first).filter(|name| !name.is_empty()));
    }
    imports
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_test = |path: &Path| ["tests", "testing"].iter().any(|name| path.file_stem().unwrap() == *name);
    entries
        .filter(|path| !is_test(path))
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .collect()
}

#[test]
fn a_module_imports_only_modules_of_the_layers_before_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src");
    let mut edges = 0;
    for path in sources(&root) {
        let relative = path.strip_prefix(&root).unwrap();
        let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let depth = relative.components().count() - usize::from(relative.ends_with("mod.rs"));
        for imported in imports(&fs::read_to_string(&path).unwrap(), depth) {
            let allowed = may_import(module, &imported);
            assert!(allowed, "{}: {module} must not import {imported}", relative.display());
            edges += 1;
        }
    }
    assert!(edges > 200, "only {edges} imports were found");
}

#[test]
fn imports_in_braces_and_in_expressions_are_found() {
    let source = "use crate::{\n    app::App,\n    domain::{Account, AccountId},\n    seeded_bugs::{self, SeededBug},\n};\n\
                  use crate::ids;\nfn f() { crate::error::Error::new(\"x, y\") } // crate::comment\n\
                  #[cfg(test)]\nmod tests { use crate::testing; }";
    assert_eq!(imports(source, 1), ["app", "domain", "seeded_bugs", "ids", "error"]);
    assert_eq!(imports("use super::{app, ids::Random};\nuse super::super::clock;", 1), ["app", "ids", "clock"]);
    assert_eq!(imports("use super::keys;\nuse super::super::clock;", 2), ["clock"]);
}

#[test]
fn a_broken_layer_is_reported() {
    for (importer, imported, allowed) in [
        ("http", "workflow", true),
        ("store", "domain", true),
        ("domain", "error", true),
        ("domain", "store", false),
        ("vendors", "store", false),
        ("telemetry", "app", false),
        ("telemetry", "invocation", true),
        ("invocation", "telemetry", false),
        ("clock", "ids", false),
        ("workflow", "http", false),
    ] {
        assert_eq!(may_import(importer, imported), allowed, "{importer} imports {imported}");
    }
}
