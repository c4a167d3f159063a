//! The messages of a conversation that are known already, and the places of new ones among them. Pure.

mod order_numbers;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::order_numbers::OrderNumbers;
use super::{Message, MessagePosition, MessageType, signed_links::without_signatures};

/// The digest of what is equal in two copies of a message with different ids: time, writer and text. Where a vendor
/// gives the ids of some messages only (Huawei), a message may have the vendor's id in one reading and a synthetic id
/// in another. A time that can't be read does not count: the one in its place depends on the other rows of a reading.
///
/// As text, 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MessageDigest(u128);

impl From<MessageDigest> for String {
    fn from(digest: MessageDigest) -> Self {
        format!("{:032x}", digest.0)
    }
}

impl TryFrom<String> for MessageDigest {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}

impl MessageDigest {
    /// The digest of a message with these fields; `create_time` where it can be read. The signatures of links in its
    /// text do not count.
    pub fn new(create_time: Option<i64>, message_type: MessageType, replier: Option<&str>, content: &str) -> Self {
        let replier = replier.unwrap_or_default();
        let mut hash = Sha256::new();
        hash.update(create_time.unwrap_or(i64::MIN).to_be_bytes());
        hash.update([u8::from(message_type)]);
        // The length keeps the parts apart.
        hash.update((replier.len() as u64).to_be_bytes());
        hash.update(replier);
        hash.update(without_signatures(content).as_bytes());
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash.finalize()[..16]);
        Self(u128::from_be_bytes(digest))
    }

    fn of(message: &Message) -> Self {
        let time = message.time_known.then_some(message.create_time);
        Self::new(time, message.message_type, message.replier.as_deref(), &message.content)
    }

    /// That of the same message where its time can't be read.
    fn without_time(message: &Message) -> Self {
        Self::new(None, message.message_type, message.replier.as_deref(), &message.content)
    }
}

/// Whether the id was made of a message's fields, because the vendor gave none.
pub fn is_synthetic_id(id: &str) -> bool {
    id.strip_prefix("h-").is_some_and(|hash| hash.len() == 32)
}

/// What became of a message of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It is new and has this position.
    New(MessagePosition),
    /// It is known under its id, at this position. `changed`: with other content, time or writer.
    Known {
        /// Where it is.
        position: MessagePosition,
        /// Whether it shows anything else now.
        changed: bool,
    },
    /// It is known at this position under another id.
    OtherId(MessagePosition),
}

impl Placement {
    /// Where the message is.
    pub fn position(&self) -> &MessagePosition {
        match self {
            Placement::New(position) | Placement::Known { position, .. } | Placement::OtherId(position) => position,
        }
    }
}

/// The messages of a conversation that are known: a few bytes of each.
#[derive(Debug, Default)]
pub struct KnownMessages {
    by_id: HashMap<Box<str>, KnownMessage>,
    ids_by_digest: HashMap<MessageDigest, Vec<Box<str>>>,
    order_numbers: OrderNumbers,
}

#[derive(Clone, Copy, Debug)]
struct KnownMessage {
    create_time: i64,
    order: usize,
    digest: MessageDigest,
}

impl KnownMessages {
    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Adds a message that is known.
    pub fn add(&mut self, position: MessagePosition, digest: MessageDigest) {
        let MessagePosition { create_time, order, message_id } = position;
        let id = message_id.into_boxed_str();
        self.ids_by_digest.entry(digest).or_default().push(id.clone());
        self.order_numbers.add(create_time, order);
        self.by_id.insert(id, KnownMessage { create_time, order, digest });
    }

    /// Remembers that a known message shows other content.
    pub fn change(&mut self, id: &str, digest: MessageDigest) {
        if let Some(known) = self.by_id.get_mut(id) {
            known.digest = digest;
            self.ids_by_digest.entry(digest).or_default().push(id.into());
        }
    }

    /// The placements of messages of a reading, in their order. They must be sorted by time, with all of a moment in
    /// one call. The new ones are known from then on.
    ///
    /// The order numbers of known messages do not change. A message that the vendor shows later gets a number between
    /// its neighbours. Huawei gives times in whole seconds, so many messages share a time. After about sixteen later
    /// messages at one position no number is free: the message then has its neighbour's number, and the ids decide the
    /// order.
    pub fn place(&mut self, messages: &[Message]) -> Vec<Placement> {
        let digests: Vec<_> = messages.iter().map(MessageDigest::of).collect();
        let known = self.known_places(messages, &digests);
        let mut placements = Vec::with_capacity(messages.len());
        let mut start = 0;
        for group in messages.chunk_by(|one, next| one.create_time == next.create_time) {
            let known = &known[start..start + group.len()];
            start += group.len();
            let orders = self.orders(group, known);
            for ((message, known), order) in group.iter().zip(known).zip(orders) {
                placements.push(known.clone().unwrap_or_else(|| {
                    let (create_time, message_id) = (message.create_time, message.message_id.clone());
                    Placement::New(MessagePosition { create_time, order, message_id })
                }));
            }
        }
        for (digest, placement) in digests.into_iter().zip(&placements) {
            if let Placement::New(position) = placement {
                self.add(position.clone(), digest);
            }
        }
        placements
    }

    /// Those of the messages that are known. Each known message is matched once, and one of two different ids must be
    /// synthetic.
    fn known_places(&self, messages: &[Message], digests: &[MessageDigest]) -> Vec<Option<Placement>> {
        let mut matched: HashSet<&str> = HashSet::new();
        let mut places = Vec::with_capacity(messages.len());
        for (message, digest) in messages.iter().zip(digests) {
            let known = self.by_id.get_key_value(message.message_id.as_str());
            places.push(known.map(|(id, known)| {
                matched.insert(id);
                // A synthetic id is made of the content.
                let changed = known.digest != *digest && !is_synthetic_id(id);
                Placement::Known { position: position(id, known), changed }
            }));
        }
        let unknown = messages.iter().zip(digests).zip(&mut places).filter(|(_, place)| place.is_none());
        for ((message, digest), place) in unknown {
            let is_synthetic = is_synthetic_id(&message.message_id);
            let may_be = |id: &&str| !matched.contains(id) && (is_synthetic || is_synthetic_id(id));
            let of_digest = |digest| self.ids_by_digest.get(&digest).into_iter().flatten().map(|id| &**id).find(may_be);
            let other = of_digest(*digest).or_else(|| of_digest(MessageDigest::without_time(message)));
            let other = other.and_then(|id| self.by_id.get_key_value(id));
            *place = other.map(|(id, known)| {
                matched.insert(id);
                Placement::OtherId(position(id, known))
            });
        }
        places
    }

    /// The order numbers of the messages of one moment, for the new ones among them. The reading may lack known
    /// messages of the moment: a list may be cut, and a row that one list has twice may be in another list once.
    fn orders(&self, group: &[Message], places: &[Option<Placement>]) -> Vec<usize> {
        let mut orders = vec![0; group.len()];
        if places.iter().all(Option::is_some) {
            return orders;
        }
        let time_ms = group.first().map_or(0, |message| message.create_time);
        let copies = self.copies_not_shown(time_ms, places);
        let (mut previous, mut new) = (None, Vec::new());
        let mut number = |new: &mut Vec<usize>, previous: Option<&KnownMessage>, next: Option<&KnownMessage>| {
            if new.is_empty() {
                return;
            }
            let copies_of = |known: &KnownMessage| copies.get(&known.digest);
            let next = next.map(|next| {
                let first = copies_of(next).and_then(|copies| copies.first()).filter(|_| previous.is_none());
                first.map_or(next.order, |first| next.order.min(*first))
            });
            let previous = previous.map(|previous| {
                let before =
                    copies_of(previous).and_then(|copies| copies.range(..next.unwrap_or(usize::MAX)).next_back());
                before.map_or(previous.order, |last| previous.order.max(*last))
            });
            let numbers = self.order_numbers.between(time_ms, previous, next, new.len());
            new.drain(..).zip(numbers).for_each(|(place, order)| orders[place] = order);
        };
        for (place, known) in places.iter().enumerate() {
            let Some(known) = known else {
                new.push(place);
                continue;
            };
            let known = self.by_id.get(known.position().message_id.as_str());
            // A message whose time has changed keeps its place at another time.
            let Some(known) = known.filter(|known| known.create_time == time_ms) else { continue };
            number(&mut new, previous, Some(known));
            previous = previous.filter(|previous| previous.order > known.order).or(Some(known));
        }
        number(&mut new, previous, None);
        orders
    }

    /// The order numbers of known messages of a moment that are not shown, by the digest of a shown message that they
    /// are a copy of: a row that a list without ids has twice is two messages, one of them with a synthetic id.
    fn copies_not_shown(&self, time_ms: i64, places: &[Option<Placement>]) -> HashMap<MessageDigest, BTreeSet<usize>> {
        let shown: HashSet<_> = places.iter().flatten().map(|known| known.position().message_id.as_str()).collect();
        let mut synthetic = HashMap::<_, bool>::new();
        for (id, known) in shown.iter().filter_map(|id| Some((id, self.by_id.get(*id)?))) {
            *synthetic.entry(known.digest).or_default() |= is_synthetic_id(id);
        }
        let mut copies = HashMap::new();
        for (digest, is_synthetic) in synthetic {
            let is_copy = |id: &str| !shown.contains(id) && (is_synthetic || is_synthetic_id(id));
            let equal = self.ids_by_digest.get(&digest).into_iter().flatten().filter(|id| is_copy(id));
            let of_moment = equal.filter_map(|id| self.by_id.get(id)).filter(|copy| copy.create_time == time_ms);
            copies.insert(digest, of_moment.map(|copy| copy.order).collect());
        }
        copies
    }
}

fn position(id: &str, known: &KnownMessage) -> MessagePosition {
    MessagePosition { create_time: known.create_time, order: known.order, message_id: id.to_owned() }
}

#[cfg(test)]
mod tests;
