//! A file that a caller puts into the bucket, to send it with a ticket or a reply.

use serde::{Deserialize, Serialize};

use super::{Actor, UploadId, attachment_copy::safe_name};

/// The most files of a request, whatever the vendor: it may take fewer.
pub const MAX_ATTACHMENTS: usize = 10;

/// How long an upload can be used, seconds: a day. Then the bucket removes the file.
const LIFETIME_S: i64 = 24 * 60 * 60;

/// A file that is uploaded, or will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Our id.
    pub id: UploadId,
    /// The file's name, verbatim, as the vendor gets it.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its media type.
    pub content_type: String,
    /// When it was announced, Unix milliseconds.
    pub create_time: i64,
    /// Who announced it; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Actor>,
    /// When it expires, Unix **seconds** (the table's TTL attribute).
    pub expires_at: i64,
}

impl Upload {
    /// When an upload that is announced at `now_ms` expires, Unix seconds.
    pub fn expiry(now_ms: i64) -> i64 {
        now_ms / 1000 + LIFETIME_S
    }

    /// Where the file is in the bucket: `uploads/<id>/<name>`.
    pub fn key(&self) -> String {
        format!("uploads/{}/{}", self.id, safe_name(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_under_its_id_with_a_safe_name_and_expires_after_a_day() {
        let upload = Upload {
            id: UploadId::parse("U1").unwrap(),
            name: "../日志 1.log".into(),
            size: 5,
            content_type: "text/plain".into(),
            create_time: 1_000,
            created_by: None,
            expires_at: Upload::expiry(1_000),
        };
        assert_eq!(upload.key(), "uploads/U1/____1.log");
        assert_eq!(upload.expires_at, 86_401);
    }
}
