//! A file from its vendor into the bucket, in memory of one part.

use bytes::BytesMut;
use shared::{
    bucket::{Bucket, Multipart},
    digest::Sha256Chunks,
    error::Result,
    store::StoredFile,
    vendors::OpenFile,
};

/// What every file is to a browser: bytes without a meaning. Files come from outside.
const CONTENT_TYPE: &str = "application/octet-stream";
/// That it is saved, and not shown.
const DISPOSITION: &str = "attachment";
/// The size of a part: the least that S3 takes for all but the last one. There may be 10,000 of them
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub const PART_BYTES: usize = 5 * 1024 * 1024;

/// Stores the file under `key`. A file that fits into one part is one call; no other file is seen in the bucket before
/// it is complete.
///
/// # Errors
/// Those of the file, and `bucket_unavailable`. Nothing is in the bucket then; where the parts of an upload can't be
/// removed, the bucket removes them after a day.
pub async fn upload(bucket: &Bucket, key: String, mut file: OpenFile) -> Result<StoredFile> {
    let mut parts: Option<Multipart<'_>> = None;
    match send(bucket, &key, &mut file, &mut parts).await {
        Ok((size, sha256, etag)) => Ok(StoredFile { object_key: key, size, sha256, etag }),
        Err(error) => {
            if let Some(parts) = parts {
                parts.abort().await;
            }
            Err(error)
        }
    }
}

async fn send<'a>(
    bucket: &'a Bucket,
    key: &str,
    file: &mut OpenFile,
    parts: &mut Option<Multipart<'a>>,
) -> Result<(u64, String, Option<String>)> {
    let (mut buffer, mut digest, mut size) = (BytesMut::new(), Sha256Chunks::default(), 0);
    while let Some(chunk) = file.chunk().await? {
        digest.add(&chunk);
        size += chunk.len() as u64;
        buffer.extend_from_slice(&chunk);
        while buffer.len() > PART_BYTES {
            let part = buffer.split_to(PART_BYTES).freeze();
            match parts {
                Some(parts) => parts.add(part).await?,
                None => parts.insert(bucket.begin(key, CONTENT_TYPE, DISPOSITION).await?).add(part).await?,
            }
        }
    }
    let etag = match parts {
        Some(parts) => {
            parts.add(buffer.freeze()).await?;
            parts.complete().await?
        }
        None => bucket.put(key, CONTENT_TYPE, DISPOSITION, buffer.freeze()).await?,
    };
    Ok((size, digest.hex(), etag))
}
