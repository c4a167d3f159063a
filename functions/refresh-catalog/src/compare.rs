//! Compares the vendor's catalog with the stored one. A refresh writes the changes only.

use std::collections::HashMap;

use shared::domain::{CatalogEntry, EntryKind, ProductId};

#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    pub writes: Vec<CatalogEntry>,
    /// Entries that are new, or listed again after their removal.
    pub added: u64,
    /// Entries whose content changed.
    pub changed: u64,
    /// Entries that the vendor no longer lists.
    pub removed: u64,
    pub unchanged: u64,
}

type EntryKey = (EntryKind, Option<ProductId>, String);

fn key(entry: &CatalogEntry) -> EntryKey {
    (entry.kind, entry.product_id.clone(), entry.id.clone())
}

/// Compares `listed`, which must be complete, with the stored entries: a missing entry is marked removed at `now_ms`.
/// An entry keeps its first `create_time`, even when it is listed again after its removal.
pub fn compare(stored: Vec<CatalogEntry>, listed: Vec<CatalogEntry>, now_ms: i64) -> Changes {
    let mut stored: HashMap<EntryKey, CatalogEntry> = stored.into_iter().map(|entry| (key(&entry), entry)).collect();
    let mut changes = Changes::default();
    for entry in listed {
        let Some(old) = stored.remove(&key(&entry)) else {
            changes.added += 1;
            changes.writes.push(entry);
            continue;
        };
        if old.same_content(&entry) {
            changes.unchanged += 1;
            continue;
        }
        let count = if old.removed_time.is_some() { &mut changes.added } else { &mut changes.changed };
        *count += 1;
        changes.writes.push(CatalogEntry { create_time: old.create_time, ..entry });
    }
    for gone in stored.into_values().filter(|entry| entry.removed_time.is_none()) {
        changes.removed += 1;
        changes.writes.push(CatalogEntry { removed_time: Some(now_ms), ..gone });
    }
    changes
}

#[cfg(test)]
mod tests {
    use shared::domain::{Product, Site, Vendor};

    use super::*;

    fn product(id: &str, name: &str, seen_ms: i64) -> CatalogEntry {
        let product =
            Product { id: ProductId::parse(id).unwrap(), name: name.into(), description: None, acronym: None };
        CatalogEntry::of_product(Vendor::Alibaba, Site::China, &product, seen_ms)
    }

    fn removed(entry: CatalogEntry, at: i64) -> CatalogEntry {
        CatalogEntry { removed_time: Some(at), ..entry }
    }

    #[test]
    fn writes_only_what_changed() {
        let stored = vec![product("1", "云服务器", 10), product("2", "old", 10), product("3", "gone", 10)];
        let listed = vec![product("1", "云服务器", 20), product("2", "new", 20), product("4", "first", 20)];
        let changes = compare(stored, listed, 20);
        assert_eq!((changes.added, changes.changed, changes.removed, changes.unchanged), (1, 1, 1, 1));
        let expected = vec![product("2", "new", 10), product("4", "first", 20), removed(product("3", "gone", 10), 20)];
        assert_eq!(changes.writes, expected);
    }

    #[test]
    fn nothing_changed_writes_nothing() {
        let stored = vec![product("1", "a", 10), removed(product("2", "b", 10), 15)];
        let changes = compare(stored, vec![product("1", "a", 20)], 20);
        assert_eq!(changes, Changes { unchanged: 1, ..Changes::default() });
    }

    #[test]
    fn an_entry_that_is_listed_again_keeps_its_first_create_time() {
        let changes = compare(vec![removed(product("1", "a", 10), 15)], vec![product("1", "a", 20)], 20);
        assert_eq!((changes.added, changes.writes), (1, vec![product("1", "a", 10)]));
    }
}
