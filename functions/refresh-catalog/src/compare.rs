//! Compares the vendor's catalog with the stored one. A refresh writes the changes only.

use std::collections::HashMap;

use shared::{
    domain::{CatalogEntry, ChangeKind, EntryChange, EntryKind, ProductId},
    store::StoredEntry,
};

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
    /// Whether names in the other language are to be read.
    pub lacks_names: bool,
}

type EntryKey = (EntryKind, Option<ProductId>, String);

fn key(entry: &CatalogEntry) -> EntryKey {
    (entry.kind, entry.product_id.clone(), entry.id.clone())
}

/// Compares `listed`, which must be complete, with the stored entries, and notes at each what changed at `now_ms`: a
/// missing entry is marked removed. An entry keeps its first `create_time`, even when it is listed again after its
/// removal. One that searches do not find by the present rules is written again, and does not count as changed.
pub fn compare(stored: Vec<StoredEntry>, listed: Vec<CatalogEntry>, now_ms: i64) -> Changes {
    let mut stored: HashMap<EntryKey, StoredEntry> = stored.into_iter().map(|one| (key(&one.entry), one)).collect();
    let mut changes = Changes::default();
    for entry in listed {
        let Some(found) = stored.remove(&key(&entry)) else {
            changes.added += 1;
            let last_change = Some(EntryChange::new(ChangeKind::Added, now_ms));
            changes.writes.push(CatalogEntry { last_change, ..entry });
            continue;
        };
        let is_searchable = found.is_searchable();
        let old = found.entry;
        let fields = old.changed_fields(&entry);
        let other_name = old.other_name.clone().filter(|_| old.name == entry.name);
        let (count, last_change) = if old.removed_time.is_some() {
            (&mut changes.added, EntryChange::new(ChangeKind::Added, now_ms))
        } else if !fields.is_empty() {
            (&mut changes.changed, EntryChange { fields, ..EntryChange::new(ChangeKind::Changed, now_ms) })
        } else {
            changes.unchanged += 1;
            if !is_searchable {
                changes.writes.push(old);
            }
            continue;
        };
        *count += 1;
        changes.writes.push(CatalogEntry {
            create_time: old.create_time,
            other_name,
            last_change: Some(last_change),
            ..entry
        });
    }
    for gone in stored.into_values() {
        if gone.entry.removed_time.is_none() {
            changes.removed += 1;
            let last_change = Some(EntryChange::new(ChangeKind::Removed, now_ms));
            changes.writes.push(CatalogEntry { removed_time: Some(now_ms), last_change, ..gone.entry });
        } else if !gone.is_searchable() {
            changes.writes.push(gone.entry);
        }
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

    fn stored(entries: Vec<CatalogEntry>) -> Vec<StoredEntry> {
        entries.into_iter().map(StoredEntry::new).collect()
    }

    fn removed(entry: CatalogEntry, at: i64) -> CatalogEntry {
        CatalogEntry { removed_time: Some(at), ..after(ChangeKind::Removed, at, entry) }
    }

    fn after(change: ChangeKind, at: i64, entry: CatalogEntry) -> CatalogEntry {
        let fields = if change == ChangeKind::Changed { vec!["name".to_owned()] } else { Vec::new() };
        CatalogEntry { last_change: Some(EntryChange { fields, ..EntryChange::new(change, at) }), ..entry }
    }

    #[test]
    fn writes_only_what_changed() {
        let stored = stored(vec![product("1", "云服务器", 10), product("2", "old", 10), product("3", "gone", 10)]);
        let listed = vec![product("1", "云服务器", 20), product("2", "new", 20), product("4", "first", 20)];
        let changes = compare(stored, listed, 20);
        assert_eq!((changes.added, changes.changed, changes.removed, changes.unchanged), (1, 1, 1, 1));
        let expected = [
            after(ChangeKind::Changed, 20, product("2", "new", 10)),
            after(ChangeKind::Added, 20, product("4", "first", 20)),
            removed(product("3", "gone", 10), 20),
        ];
        assert_eq!(changes.writes, expected);
    }

    #[test]
    fn nothing_changed_writes_nothing() {
        let stored = stored(vec![product("1", "a", 10), removed(product("2", "b", 10), 15)]);
        let changes = compare(stored, vec![product("1", "a", 20)], 20);
        assert_eq!(changes, Changes { unchanged: 1, ..Changes::default() });
    }

    #[test]
    fn an_entry_that_is_listed_again_keeps_its_first_create_time() {
        let changes = compare(stored(vec![removed(product("1", "a", 10), 15)]), vec![product("1", "b", 20)], 20);
        assert_eq!((changes.added, changes.writes), (1, vec![after(ChangeKind::Added, 20, product("1", "b", 10))]));
    }

    #[test]
    fn an_entry_that_searches_do_not_find_is_written_again_and_counts_as_unchanged() {
        let entries = [product("1", "云服务器", 10), removed(product("2", "云主机", 10), 15)];
        let earlier = entries.clone().map(|entry| {
            let mut item = serde_json::to_value(&entry).unwrap();
            item["search_name"] = entry.name.into();
            serde_json::from_value(item).unwrap()
        });
        let changes = compare(earlier.to_vec(), vec![product("1", "云服务器", 20)], 20);
        assert_eq!(changes, Changes { unchanged: 1, writes: entries.to_vec(), ..Changes::default() });
    }
}
