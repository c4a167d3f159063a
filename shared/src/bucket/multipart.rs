//! An object that is sent in parts, and is not there before it is complete.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

use bytes::Bytes;
use html_escape::encode_text;
use http::{
    Method,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use roxmltree::Document;

use super::{Bucket, CHECKSUM, Call, checksum, etag, text, unavailable};
use crate::error::{Error, Result};

/// An object that is sent in parts. What is not completed is removed by the bucket after a day.
#[derive(Debug)]
pub struct Multipart<'a> {
    bucket: &'a Bucket,
    key: String,
    upload_id: String,
    /// What the bucket named each part, and its checksum.
    parts: Vec<(String, String)>,
}

impl Bucket {
    /// Begins an object, as [`put`](Self::put) stores one.
    ///
    /// # Errors
    /// `bucket_unavailable`; `config_invalid` without a bucket.
    pub async fn begin(&self, key: &str, content_type: &str, disposition: &str) -> Result<Multipart<'_>> {
        let headers = [
            (CONTENT_TYPE.as_str(), content_type),
            (CONTENT_DISPOSITION.as_str(), disposition),
            ("x-amz-checksum-algorithm", "SHA256"),
        ];
        let query = [("uploads", "")];
        let call = Call::new("create_multipart_upload", Method::POST, key);
        let answer = text(self.accepted(&Call { query: &query, headers: &headers, ..call }).await?).await?;
        let upload_id = element(&answer, "UploadId")?.ok_or_else(|| odd("create_multipart_upload"))?;
        Ok(Multipart { bucket: self, key: key.to_owned(), upload_id, parts: Vec::new() })
    }
}

impl Multipart<'_> {
    /// Sends the next part; all but the last have at least 5 MiB.
    ///
    /// # Errors
    /// `bucket_unavailable`.
    pub async fn add(&mut self, bytes: Bytes) -> Result<()> {
        let (number, checksum) = ((self.parts.len() + 1).to_string(), checksum(&bytes));
        let query = [("partNumber", &*number), ("uploadId", &*self.upload_id)];
        let headers = [(CHECKSUM, &*checksum)];
        let call = Call::new("upload_part", Method::PUT, &self.key);
        let answer = self.bucket.accepted(&Call { query: &query, headers: &headers, body: bytes, ..call }).await?;
        let etag = etag(answer.headers()).ok_or_else(|| odd("upload_part"))?;
        self.parts.push((etag, checksum));
        Ok(())
    }

    /// Makes the object of its parts, and gives what the bucket names its content.
    ///
    /// # Errors
    /// `bucket_unavailable`.
    pub async fn complete(&self) -> Result<Option<String>> {
        let parts = self.parts.iter().enumerate().map(|(place, (etag, checksum))| {
            let (number, etag) = (place + 1, encode_text(etag));
            format!(
                "<Part><ChecksumSHA256>{checksum}</ChecksumSHA256><ETag>{etag}</ETag><PartNumber>{number}</PartNumber>\
                 </Part>"
            )
        });
        let body = format!(
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</CompleteMultipartUpload>",
            parts.collect::<String>()
        );
        let query = [("uploadId", &*self.upload_id)];
        let call = Call::new("complete_multipart_upload", Method::POST, &self.key);
        let answer = text(self.bucket.accepted(&Call { query: &query, body: body.into(), ..call }).await?).await?;
        // The status is sent before the bucket knows whether it works: an error may come with status 200.
        match element(&answer, "Error")? {
            None => element(&answer, "ETag"),
            Some(_) => Err(odd("complete_multipart_upload")),
        }
    }

    /// Removes the parts. A failure is ignored: the bucket removes them after a day.
    pub async fn abort(self) {
        let query = [("uploadId", &*self.upload_id)];
        let call = Call::new("abort_multipart_upload", Method::DELETE, &self.key);
        let _ = self.bucket.accepted(&Call { query: &query, ..call }).await;
    }
}

/// The text of the first element with that name.
fn element(xml: &str, name: &str) -> Result<Option<String>> {
    let document = Document::parse(xml).map_err(|source| unavailable().with_source(source))?;
    let found = document.descendants().find(|node| node.tag_name().name() == name);
    Ok(found.map(|node| node.text().unwrap_or_default().to_owned()))
}

fn odd(operation: &'static str) -> Error {
    unavailable().with_context("bucket_operation", operation)
}
