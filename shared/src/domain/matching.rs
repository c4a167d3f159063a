//! One-to-one matching: two lists describe the same things, and each value may be matched once.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// The values of one list that are not matched yet, by the key that equal values share.
#[derive(Debug)]
pub struct Unmatched<K, T>(HashMap<K, VecDeque<T>>);

impl<K: Eq + Hash, T> Unmatched<K, T> {
    /// Matches the first value under `key` that is accepted, and removes it.
    pub fn take(&mut self, key: &K, accept: impl Fn(&T) -> bool) -> Option<T> {
        let values = self.0.get_mut(key)?;
        let place = values.iter().position(accept)?;
        values.remove(place)
    }

    /// Removes all values under `key`, and gives them in their order.
    pub fn take_all(&mut self, key: &K) -> VecDeque<T> {
        self.0.remove(key).unwrap_or_default()
    }
}

impl<K: Eq + Hash, T> FromIterator<(K, T)> for Unmatched<K, T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(pairs: I) -> Self {
        let mut by_key = HashMap::<K, VecDeque<T>>::new();
        for (key, value) in pairs {
            by_key.entry(key).or_default().push_back(value);
        }
        Self(by_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_matched_once_in_order() {
        let mut unmatched: Unmatched<_, _> = [("a", 1), ("b", 2), ("a", 3), ("a", 4)].into_iter().collect();
        assert_eq!(unmatched.take(&"a", |value| *value > 1), Some(3));
        assert_eq!(unmatched.take(&"a", |value| *value == 3), None);
        assert_eq!(unmatched.take(&"c", |_| true), None);
        assert_eq!(unmatched.take_all(&"a"), [1, 4]);
        assert_eq!(unmatched.take(&"a", |_| true), None);
        assert_eq!(unmatched.take(&"b", |_| true), Some(2));
    }
}
