//! Removing objects, with every version of them.

use futures_util::future::try_join_all;
use http::{Method, StatusCode};
use roxmltree::{Document, Node};
use tokio::time::Instant;

use super::{Bucket, Call, refused, text, unavailable};
use crate::error::Result;

/// How many versions are removed at once.
const AT_ONCE: usize = 16;

/// What is left after objects were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// How many versions the bucket keeps: it refuses to remove them.
    pub kept: usize,
    /// Whether there are more that were not tried.
    pub more: bool,
}

impl Deleted {
    /// Both together.
    pub fn add(&mut self, other: Deleted) {
        self.kept += other.kept;
        self.more |= other.more;
    }
}

/// A version of an object; without an id where the bucket has no versions.
#[derive(Debug)]
struct Version {
    key: String,
    id: Option<String>,
}

/// A page of versions, and the last one of it where there are more.
struct Listed {
    versions: Vec<Version>,
    last: Option<Version>,
}

impl Bucket {
    /// Removes all versions of the objects whose key begins with `prefix`, and their delete markers. Begins no request
    /// after `end`.
    ///
    /// # Errors
    /// `bucket_unavailable`; `config_invalid` without a bucket. Some may be removed then.
    pub async fn delete_all(&self, prefix: &str, end: Instant) -> Result<Deleted> {
        let (mut deleted, mut after) = (Deleted::default(), None);
        loop {
            let Listed { versions, last } = self.versions(prefix, after.as_ref()).await?;
            for together in versions.chunks(AT_ONCE) {
                if Instant::now() >= end {
                    return Ok(Deleted { more: true, ..deleted });
                }
                let removed = try_join_all(together.iter().map(|version| self.delete(version))).await?;
                deleted.kept += removed.iter().filter(|is_removed| !**is_removed).count();
            }
            match last {
                Some(last) => after = Some(last),
                None => return Ok(deleted),
            }
        }
    }

    /// Whether the version is gone; `false` where the bucket refuses to remove it.
    async fn delete(&self, version: &Version) -> Result<bool> {
        let query = version.id.as_deref().map(|id| [("versionId", id)]);
        let query = query.as_ref().map_or(&[][..], |query| query);
        let call = Call::new("delete_object", Method::DELETE, &version.key);
        let answer = self.request(&Call { query, ..call }).await?;
        match answer.status() {
            StatusCode::FORBIDDEN => Ok(false),
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(true),
            status => Err(refused("delete_object", status)),
        }
    }

    async fn versions(&self, prefix: &str, after: Option<&Version>) -> Result<Listed> {
        let mut query = vec![("versions", ""), ("prefix", prefix)];
        if let Some(after) = after {
            query.push(("key-marker", &after.key));
            query.extend(after.id.as_deref().map(|id| ("version-id-marker", id)));
        }
        let call = Call::new("list_object_versions", Method::GET, "");
        let answer = self.request(&Call { query: &query, ..call }).await?;
        match answer.status() {
            StatusCode::OK => listed(&text(answer).await?, "NextKeyMarker", Some("NextVersionIdMarker")),
            // A server on one machine that has no versions.
            StatusCode::NOT_IMPLEMENTED => self.objects(prefix, after).await,
            status => Err(refused("list_object_versions", status)),
        }
    }

    async fn objects(&self, prefix: &str, after: Option<&Version>) -> Result<Listed> {
        let mut query = vec![("list-type", "2"), ("prefix", prefix)];
        query.extend(after.map(|after| ("continuation-token", &*after.key)));
        let call = Call::new("list_objects", Method::GET, "");
        let answer = self.accepted(&Call { query: &query, ..call }).await?;
        listed(&text(answer).await?, "NextContinuationToken", None)
    }
}

/// Reads a list; `next_key` and `next_id` are the elements that say where the next page begins.
fn listed(xml: &str, next_key: &str, next_id: Option<&str>) -> Result<Listed> {
    let document = Document::parse(xml).map_err(|source| unavailable().with_source(source))?;
    let root = document.root_element();
    let entries =
        root.children().filter(|node| matches!(node.tag_name().name(), "Version" | "DeleteMarker" | "Contents"));
    let version = |entry: Node<'_, '_>| {
        let key = child(entry, "Key").ok_or_else(unavailable)?;
        Ok(Version { key, id: child(entry, "VersionId") })
    };
    let versions = entries.map(version).collect::<Result<_>>()?;
    let last = child(root, next_key).map(|key| Version { key, id: next_id.and_then(|name| child(root, name)) });
    Ok(Listed { versions, last })
}

fn child(node: Node<'_, '_>, name: &str) -> Option<String> {
    let found = node.children().find(|child| child.tag_name().name() == name)?;
    found.text().map(str::to_owned)
}
