//! Files that go to a vendor with a new ticket or a reply.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The longest id of an uploaded file that is accepted, in characters. Object keys may have 1,023 bytes
/// (<https://help.aliyun.com/zh/oss/user-guide/object-naming-conventions>).
const MAX_REF_CHARS: usize = 1024;

/// A vendor's own id of a file that was uploaded to it: an object key (Alibaba) or an id (Huawei). Opaque text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VendorFileRef(String);

impl VendorFileRef {
    /// Takes `text` as an id.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::error::ErrorKind::InvalidInput) where it is blank or too long, or has a
    /// control character or a comma: Alibaba takes several ids as one text with commas.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let is_allowed = |c: char| !c.is_control() && c != ',';
        if text.trim().is_empty() || text.chars().count() > MAX_REF_CHARS || !text.chars().all(is_allowed) {
            return Err(Error::invalid_input("VendorFileRef must be text of one line, without commas"));
        }
        Ok(Self(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VendorFileRef {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<VendorFileRef> for String {
    fn from(id: VendorFileRef) -> String {
        id.0
    }
}

impl fmt::Display for VendorFileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file that was uploaded to a vendor, for a new ticket or a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorFile {
    /// The vendor's id of it.
    pub id: VendorFileRef,
    /// Its name.
    pub name: String,
}

/// What a file is uploaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePurpose {
    /// A ticket that is to be created.
    NewTicket,
    /// A reply to a ticket.
    Reply,
}

/// What a vendor says about the files that an account may send. What it does not say, or not in a form that can be
/// read, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttachmentLimits {
    /// The most files of a new ticket or a reply.
    pub max_files: Option<u64>,
    /// The most bytes of a file.
    pub max_bytes: Option<u64>,
    /// The endings of the names that are taken, in lower case, without the dot.
    pub types: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_file_is_one_line_without_commas() {
        for good in ["20221003/cbc00fb0/日志 1+2%.txt", "83aeb0f2834c4df49826c781d32a963e", &"x".repeat(1024)] {
            assert_eq!(VendorFileRef::parse(good).unwrap().as_str(), good);
            let stored = serde_json::to_string(&VendorFileRef::parse(good).unwrap()).unwrap();
            assert_eq!(serde_json::from_str::<VendorFileRef>(&stored).unwrap().as_str(), good);
        }
        for bad in ["", " ", "a,b", "a\nb", &"x".repeat(1025)] {
            assert!(VendorFileRef::parse(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<VendorFileRef>(r#""a,b""#).is_err());
    }
}
