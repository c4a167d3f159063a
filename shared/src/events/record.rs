//! A record of the table's stream, as Lambda delivers it to a function. Knows no entity.
//!
//! The shape: <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>.

use serde::{Deserialize, de::DeserializeOwned};
use serde_dynamo::{AttributeValue, Item};
use serde_json::Value;

use super::Change;

/// Digits of a sequence number in [`Change::sequence`]: DynamoDB's have 21 to 40.
const SEQUENCE_DIGITS: usize = 40;

/// A record that can't be read, with the reason. The reason quotes nothing of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableRecord(pub &'static str);

/// A change of one item.
#[derive(Debug, Deserialize)]
pub struct Record {
    #[serde(rename = "eventID")]
    event_id: String,
    dynamodb: Images,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Item,
    new_image: Option<Item>,
    old_image: Option<Item>,
    sequence_number: String,
    /// Unix seconds: a number, which AWS's own examples also show as text. Anything else counts as 1970.
    #[serde(default)]
    approximate_creation_date_time: Value,
}

impl Record {
    /// Reads a record of a batch.
    ///
    /// # Errors
    /// When it is no record of a DynamoDB stream.
    pub fn read(record: &Value) -> Result<Self, UnreadableRecord> {
        let record = Self::deserialize(record).map_err(|_| UnreadableRecord("it is no record of a DynamoDB stream"))?;
        let digits = &record.dynamodb.sequence_number;
        if digits.is_empty() || digits.len() > SEQUENCE_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(UnreadableRecord("its sequence number is no number"));
        }
        Ok(record)
    }

    /// The partition key of the item.
    ///
    /// # Errors
    /// When it has none.
    pub fn partition(&self) -> Result<&str, UnreadableRecord> {
        text(&self.dynamodb.keys, "PK").ok_or(UnreadableRecord("it has no partition key"))
    }

    /// The name of the item's entity.
    ///
    /// # Errors
    /// When it has none.
    pub fn entity(&self) -> Result<&str, UnreadableRecord> {
        let image = self.dynamodb.new_image.as_ref().or(self.dynamodb.old_image.as_ref());
        image.and_then(|image| text(image, "entity")).ok_or(UnreadableRecord("its item has no entity"))
    }

    /// Whether the change made the item.
    pub fn is_insert(&self) -> bool {
        self.dynamodb.old_image.is_none()
    }

    /// The item before the change, read as a `T`; none when it is new.
    ///
    /// # Errors
    /// When it is not as the store writes it.
    pub fn before<T: DeserializeOwned>(&self) -> Result<Option<T>, UnreadableRecord> {
        read(self.dynamodb.old_image.as_ref())
    }

    /// The item after the change, read as a `T`; none when it was removed.
    ///
    /// # Errors
    /// When it is not as the store writes it.
    pub fn after<T: DeserializeOwned>(&self) -> Result<Option<T>, UnreadableRecord> {
        read(self.dynamodb.new_image.as_ref())
    }

    /// The change, in the form of the events.
    pub fn change(&self) -> Change {
        let digits = &self.dynamodb.sequence_number;
        Change {
            event_id: self.event_id.clone(),
            sequence: format!("{digits:0>SEQUENCE_DIGITS$}"),
            time: milliseconds(&self.dynamodb.approximate_creation_date_time),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any time fits, and `as` takes the nearest")]
fn milliseconds(seconds: &Value) -> i64 {
    let seconds = seconds.as_f64().or_else(|| seconds.as_str()?.parse().ok());
    (seconds.unwrap_or_default() * 1000.0) as i64
}

fn read<T: DeserializeOwned>(image: Option<&Item>) -> Result<Option<T>, UnreadableRecord> {
    let read = image.map(|image| serde_dynamo::from_item(image.clone()));
    read.transpose().map_err(|_| UnreadableRecord("its item is not as the store writes it"))
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}
