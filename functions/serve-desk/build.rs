//! Writes a table of the files below `web`, each as it is and compressed, and one digest over all of them.
//!
//! The digest follows from paths, contents and what is said of them alone, so that every build of the same files has the
//! same addresses. A style sheet has the sheets that it imports in it: each request for a file is a run of the function.

use std::{
    env, error, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use digest::Digest;
use flate2::{Compression, GzBuilder};
use sha2::Sha256;

/// The characters of a digest that are used: 128 bits, as in an entity tag.
const DIGEST_CHARS: usize = 32;

#[expect(clippy::disallowed_methods, reason = "Cargo says by a variable where the output goes")]
fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=web");
    println!("cargo::rerun-if-changed=build.rs");
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no folder for output")?);
    let mut files = Vec::new();
    collect(&web, "", &mut files)?;
    files.sort();

    let mut all = Sha256::new();
    // What a browser keeps with the file: its content type and its policy.
    for source in ["src/files.rs", "src/headers.rs"] {
        println!("cargo::rerun-if-changed={source}");
        all.update(fs::read(source)?);
    }
    let mut rows = String::new();
    for (number, path) in files.iter().enumerate() {
        let file = web.join(path);
        let content = if path.ends_with(".css") { with_imports(&file)?.into_bytes() } else { fs::read(&file)? };
        let own = Sha256::digest(&content);
        // A length before each part, so that no two sets of files give the same bytes.
        for part in [path.as_bytes(), &*content] {
            all.update(u64::try_from(part.len())?.to_be_bytes());
            all.update(part);
        }
        let served = out.join(format!("{number}.file"));
        fs::write(&served, &content)?;
        let compressed = out.join(format!("{number}.gz"));
        let zipped = compress(&content)?;
        let is_smaller = zipped.len() < content.len();
        fs::write(&compressed, if is_smaller { &*zipped } else { &[] })?;
        rows += &format!(
            "    WebFile {{ path: {path:?}, tag: {:?}, content: include_bytes!({:?}), gzip: include_bytes!({:?}) }},\n",
            hex(&own),
            served,
            compressed,
        );
    }
    let digest = hex(&all.finalize());
    let table = format!("static DIGEST: &str = {digest:?};\nstatic FILES: &[WebFile] = &[\n{rows}];\n");
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

/// The ends of files that are for those who read and check the source: descriptions, and the types of libraries.
const NOT_SERVED: [&str; 3] = [".md", ".d.mts", ".d.ts"];

/// The files of a folder and those below it, by their paths from `web` with `/` in them.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name =
            entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?} is not UTF-8")))?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if !name.starts_with('.') && !NOT_SERVED.iter().any(|end| name.ends_with(end)) {
            files.push(path);
        }
    }
    Ok(())
}

/// The style sheet with those in place that it imports by lines of the form `@import "name.css";`.
fn with_imports(sheet: &Path) -> io::Result<String> {
    let mut whole = String::new();
    for line in fs::read_to_string(sheet)?.lines() {
        match line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(name) => whole += &with_imports(&sheet.with_file_name(name))?,
            None => whole += &format!("{line}\n"),
        }
    }
    Ok(whole)
}

/// As gzip, without a name and a time.
fn compress(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn hex(digest: &[u8]) -> String {
    let mut text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(DIGEST_CHARS);
    text
}
