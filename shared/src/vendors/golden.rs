//! Reads the golden signing vectors and proves that their checks compare every byte. Knows no vendor.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value};

/// Checks one vector; the error describes the difference.
pub type VectorCheck = fn(&Value) -> Result<(), String>;

/// The vectors of one vendor and how they are checked.
pub struct Golden {
    /// The prefix of the file names.
    pub prefix: &'static str,
    /// The lists that are checked, by name.
    pub lists: &'static [(&'static str, VectorCheck)],
    /// The lists that are not checked, by name, each with the reason.
    pub skipped_lists: &'static [(&'static str, &'static str)],
    /// Single vectors that the signer can't compute.
    pub skipped_vector: fn(&Value) -> bool,
    /// The fields that no check reads, each with the reason.
    pub left_out: &'static [(&'static str, &'static str)],
}

impl Golden {
    /// Every vector of every list in every file of the vendor. A list of an unknown name fails.
    fn vectors(&self) -> Vec<(String, VectorCheck, Value)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/signing");
        let mut vectors = Vec::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            if !file.starts_with(self.prefix) || !file.ends_with(".json") {
                continue;
            }
            let content: Map<String, Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let before = vectors.len();
            for (list, value) in content {
                let Value::Array(items) = value else { continue };
                if self.skipped_lists.iter().any(|(name, _)| *name == list) {
                    continue;
                }
                let check = self.lists.iter().find(|(name, _)| *name == list);
                let (_, check) = check.unwrap_or_else(|| panic!("{file} has a list {list:?} without a check"));
                for (index, vector) in items.into_iter().enumerate() {
                    if !(self.skipped_vector)(&vector) {
                        vectors.push((format!("{file} {list}[{index}]"), *check, vector));
                    }
                }
            }
            assert!(vectors.len() > before, "{file} has no vector to check");
        }
        assert!(!vectors.is_empty(), "no vectors of {}", self.prefix);
        vectors
    }

    /// Checks every vector and gives their number.
    pub fn check_all(&self) -> usize {
        let vectors = self.vectors();
        for (name, check, vector) in &vectors {
            if let Err(difference) = check(vector) {
                panic!("{name}: {difference}");
            }
        }
        vectors.len()
    }

    /// Changes every value of every vector, one at a time, and removes every field once: each check must fail.
    pub fn check_mutations(&self) {
        for (name, check, vector) in self.vectors() {
            let mut missed = Vec::new();
            for (path, changed) in self.mutations(&vector) {
                if check(&changed).is_ok() {
                    missed.push(path);
                }
            }
            assert!(missed.is_empty(), "{name}: no check failed for changes in {missed:?}");
        }
    }

    fn mutations(&self, vector: &Value) -> Vec<(String, Value)> {
        let fields = vector.as_object().unwrap();
        let mut mutations = Vec::new();
        for (field, value) in fields {
            if self.left_out.iter().any(|(name, _)| name == field) {
                continue;
            }
            let mut without = fields.clone();
            without.remove(field);
            mutations.push((format!("{field} (removed)"), Value::Object(without)));
            for (path, changed) in changes(value) {
                let mut with = fields.clone();
                with.insert(field.clone(), changed);
                mutations.push((format!("{field}{path}"), Value::Object(with)));
            }
        }
        mutations
    }
}

/// Every value that differs from `value` in one place.
fn changes(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Null => vec![(String::new(), "x".into())],
        Value::Bool(flag) => vec![(String::new(), (!flag).into())],
        Value::Number(number) => vec![(String::new(), (number.as_i64().unwrap() + 1).into())],
        Value::String(text) => flips(text).into_iter().map(|(at, text)| (format!("@{at}"), text.into())).collect(),
        Value::Array(items) if items.is_empty() => vec![(String::new(), vec!["x"].into())],
        Value::Array(items) => {
            let item_changes = items.iter().enumerate().flat_map(|(index, item)| {
                changes(item).into_iter().map(move |(path, changed)| {
                    let mut items = items.clone();
                    items[index] = changed;
                    (format!("[{index}]{path}"), Value::Array(items))
                })
            });
            let shorter = Value::Array(items[1..].to_vec());
            item_changes.chain([("[0] removed".to_owned(), shorter)]).collect()
        }
        Value::Object(fields) if fields.is_empty() => {
            vec![(String::new(), Value::Object(Map::from_iter([("x".into(), "x".into())])))]
        }
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                let mut without = fields.clone();
                without.remove(name);
                let values = changes(value).into_iter().map({
                    let without = without.clone();
                    move |(path, changed)| {
                        let mut with = without.clone();
                        with.insert(name.clone(), changed);
                        (format!(".{name}{path}"), Value::Object(with))
                    }
                });
                let names = flips(name).into_iter().map({
                    let without = without.clone();
                    move |(at, changed)| {
                        let mut with = without.clone();
                        with.insert(changed, value.clone());
                        (format!(".{name} (name)@{at}"), Value::Object(with))
                    }
                });
                let gone = (format!(".{name} (removed)"), Value::Object(without.clone()));
                values.chain(names).chain([gone]).collect::<Vec<_>>()
            })
            .collect(),
    }
}

/// `text` with one character changed: the first, the last and some between, to a neighbour and to the other case.
fn flips(text: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() {
        return vec![(0, "x".to_owned())];
    }
    let last = chars.len() - 1;
    let mut places = vec![0, last / 4, last / 2, last - last / 4, last];
    places.dedup();
    let mut flips = Vec::new();
    for place in places {
        for other in others(chars[place]) {
            let mut chars = chars.clone();
            chars[place] = other;
            flips.push((place, chars.into_iter().collect()));
        }
    }
    flips
}

fn others(c: char) -> Vec<char> {
    match c {
        '9' => vec!['0'],
        'z' => vec!['a', 'Z'],
        'Z' => vec!['A', 'z'],
        '0'..='8' => vec![char::from(c as u8 + 1)],
        'a'..='y' => vec![char::from(c as u8 + 1), c.to_ascii_uppercase()],
        'A'..='Y' => vec![char::from(c as u8 + 1), c.to_ascii_lowercase()],
        _ => vec!['x', '~'].into_iter().filter(|other| *other != c).collect(),
    }
}

/// Fails when the vector has a field that is neither in `known` nor left out.
pub fn only_known(vector: &Value, known: &[&str], left_out: &[(&str, &str)]) -> Result<(), String> {
    let fields = vector.as_object().ok_or("not an object")?;
    for field in fields.keys() {
        if !known.contains(&field.as_str()) && !left_out.iter().any(|(name, _)| name == field) {
            return Err(format!("a field {field:?} that no check reads"));
        }
    }
    Ok(())
}

/// A text field.
pub fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str, String> {
    value[field].as_str().ok_or(format!("no text {field}"))
}

/// A text field that must be there but may be null.
pub fn text_or_null<'a>(value: &'a Value, field: &str) -> Result<Option<&'a str>, String> {
    match value.get(field) {
        Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        _ => Err(format!("no {field}")),
    }
}

/// A whole number field.
pub fn number(value: &Value, field: &str) -> Result<i64, String> {
    value[field].as_i64().ok_or(format!("no number {field}"))
}

/// A field that maps names to text.
pub fn map(value: &Value, field: &str) -> Result<BTreeMap<String, String>, String> {
    serde_json::from_value(value[field].clone()).map_err(|error| format!("{field}: {error}"))
}

/// A field that lists names with text.
pub fn pairs(value: &Value, field: &str) -> Result<Vec<(String, String)>, String> {
    serde_json::from_value(value[field].clone()).map_err(|error| format!("{field}: {error}"))
}

/// Fails unless the two are equal.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, expected: T) -> Result<(), String> {
    if ours == expected {
        return Ok(());
    }
    Err(format!("{what}: ours {ours:?}, expected {expected:?}"))
}

/// The headers of `parts` by name, written as the vendors' documents write them when `train_case`.
pub fn headers(parts: &http::request::Parts, train_case: bool) -> BTreeMap<String, String> {
    let spelled = |name: &str| {
        if !train_case {
            return name.to_owned();
        }
        let words: Vec<String> = name
            .split('-')
            .map(|word| match word {
                "tc" => "TC".to_owned(),
                _ => word[..1].to_ascii_uppercase() + &word[1..],
            })
            .collect();
        words.join("-")
    };
    parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8(value.as_bytes().to_vec()).unwrap();
            (spelled(name.as_str()), value)
        })
        .collect()
}

/// The value of the Authorization header, which must be marked as sensitive.
pub fn authorization(parts: &http::request::Parts) -> Result<String, String> {
    let value = parts.headers.get(http::header::AUTHORIZATION).ok_or("no Authorization")?;
    if !value.is_sensitive() {
        return Err("Authorization is not marked sensitive".to_owned());
    }
    Ok(value.to_str().map_err(|error| error.to_string())?.to_owned())
}
