//! `cargo run -p openapi` writes `infra/openapi.json`.

use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    fs::write(file, openapi::text(&openapi::document())?)?;
    Ok(())
}
