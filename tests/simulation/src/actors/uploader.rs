//! A caller's files: announced and put into the bucket, and now and then replaced there by another version.

use std::sync::Arc;

use super::wait_ms;
use crate::{files, functions, history::UploadedFile, invoke::invoke, process::lock, rng::Rng, world::SimulatedWorld};

/// The most requests for one upload.
const MOST_ATTEMPTS: u64 = 4;

/// Uploads the files of a request: none, one or two. One that can't be announced is left out.
pub async fn upload_files(world: &Arc<SimulatedWorld>, rng: &mut Rng) -> Vec<UploadedFile> {
    let count = if rng.chance(world.plan.files) { rng.between(1, 2) } else { 0 };
    let mut uploaded = Vec::new();
    for _ in 0..count {
        uploaded.extend(upload(world, rng).await);
    }
    uploaded
}

async fn upload(world: &Arc<SimulatedWorld>, rng: &mut Rng) -> Option<UploadedFile> {
    let number = world.number();
    let (name, content) = (files::name(number), files::content(number, 0));
    for _ in 0..MOST_ATTEMPTS {
        let ended = invoke(world, &functions::upload(&name, content.len())).await;
        let text = |member: &str| ended.body()[member].as_str().map(str::to_owned);
        if let (201, Some(id), Some(link)) = (ended.status(), text("id"), text("upload_url")) {
            lock(&world.bucket).put_by_link(&link, content);
            return Some(UploadedFile { id, name, number, link });
        }
        wait_ms(rng.between(100, 20_000)).await;
    }
    None
}

/// Replaces one of the files by another version of the same size, in one of four cases.
pub fn replace_one(world: &SimulatedWorld, uploaded: &[UploadedFile], rng: &mut Rng) {
    if uploaded.is_empty() || !rng.chance(250) {
        return;
    }
    let file = rng.pick(uploaded);
    let version = rng.between(1, 999);
    lock(&world.bucket).put_by_link(&file.link, files::content(file.number, version));
    world.trace_line(&format!("{} is replaced by its version {version}", file.name));
}
