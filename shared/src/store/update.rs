//! Conditional updates: what changes, and what must hold for it.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, TransactWriteItem, Update as TransactUpdate};

use super::{
    Store,
    condition::{Condition, Placeholders},
    key_attributes,
    keys::{self, Key},
    lease::{self, Lease},
    number,
    postpone::ATTEMPTS,
    text, to_value,
    transaction::{self, ALL_OLD, Updated, build_error},
    version::{Seen, VERSION},
};
use crate::{domain::TicketMove, error::Result, telemetry};

/// When something of a ticket that readers see was last changed. Leases and due times are none of that.
pub(super) const UPDATE_TIME: &str = "update_time";

/// A conditional update of one item.
#[derive(Clone, Debug)]
pub(super) struct Update {
    key: Key,
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    delete: Vec<String>,
    conditions: Vec<Condition>,
    placeholders: Placeholders,
}

impl Update {
    pub fn of(key: Key) -> Self {
        let (set, remove, add, delete) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { key, set, remove, add, delete, conditions: Vec::new(), placeholders: Placeholders::of_update() }
    }

    pub fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("{} = {}", self.placeholders.name(name), self.placeholders.value(value)));
        self
    }

    /// Sets the attribute where there is a value.
    pub fn set_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Sets the attribute to who asked for the running invocation; removes it where that is not known.
    pub fn set_actor(self, name: &str) -> Result<Self> {
        Ok(match telemetry::actor() {
            Some(actor) => self.set(name, to_value(&actor)?),
            None => self.remove(&[name]),
        })
    }

    /// Sets the attribute where the item has none.
    pub fn set_once(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.placeholders.name(name), self.placeholders.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
        self
    }

    /// Sets the attribute to who asked for the running invocation, where that is known and the item has none.
    pub fn set_first_actor(self, name: &str) -> Result<Self> {
        Ok(match telemetry::actor() {
            Some(actor) => self.set_once(name, to_value(&actor)?),
            None => self,
        })
    }

    /// Sets the attribute to the time from `start_ms` to that in `end`, or to `otherwise_ms` where the item has none.
    pub fn set_time_between(mut self, name: &str, start_ms: i64, end: &str, otherwise_ms: i64) -> Self {
        let (name, end) = (self.placeholders.name(name), self.placeholders.name(end));
        let [start, otherwise] = [start_ms, otherwise_ms].map(|ms| self.placeholders.value(number(ms)));
        self.set.push(format!("{name} = if_not_exists({end}, {otherwise}) - {start}"));
        self
    }

    /// Something of a ticket that readers see was changed at that time, Unix milliseconds.
    pub fn changed_at(self, now_ms: i64) -> Self {
        self.set(UPDATE_TIME, number(now_ms))
    }

    pub fn add(mut self, name: &str, change: i64) -> Self {
        let value = self.placeholders.value(number(change));
        self.add.push(format!("{} {value}", self.placeholders.name(name)));
        self
    }

    /// Adds a member to a set of texts, where it is not one.
    pub fn add_member(mut self, name: &str, member: &str) -> Self {
        let set = self.placeholders.value(AttributeValue::Ss(vec![member.to_owned()]));
        self.add.push(format!("{} {set}", self.placeholders.name(name)));
        self
    }

    /// Removes a member from a set of texts; the attribute goes with its last member.
    pub fn remove_member(mut self, name: &str, member: &str) -> Self {
        let set = self.placeholders.value(AttributeValue::Ss(vec![member.to_owned()]));
        self.delete.push(format!("{} {set}", self.placeholders.name(name)));
        self
    }

    pub fn remove(mut self, names: &[&str]) -> Self {
        self.remove.extend(names.iter().map(|name| self.placeholders.name(name)));
        self
    }

    /// The work on the item is due at that time, Unix milliseconds.
    pub fn due_at(self, due_ms: i64, id: &str) -> Self {
        self.set("GSI3PK", text(keys::DUE)).set("GSI3SK", text(keys::by_time(due_ms, id)))
    }

    pub fn no_longer_due(self) -> Self {
        self.remove(&["GSI3PK", "GSI3SK", ATTEMPTS])
    }

    pub fn take_lease(self, lease: &Lease) -> Self {
        self.set(lease::TOKEN, text(&lease.token)).set(lease::UNTIL, number(lease.until_ms))
    }

    pub fn release_lease(self) -> Self {
        self.remove(&[lease::TOKEN, lease::UNTIL])
    }

    /// Moves a ticket to the move's next state, if it is in one that the move starts from.
    pub fn make_move(self, ticket_move: TicketMove) -> Self {
        let (from, next) = (ticket_move.from(), ticket_move.to());
        debug_assert!(!from.is_empty() && next.is_some(), "{ticket_move:?} writes or removes the whole item");
        self.set_some("state", next.map(|state| text(state.as_str()))).when(Condition::state(from))
    }

    /// Adds a condition; all of them must hold.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    pub fn when_lease(self, lease: &Lease) -> Self {
        self.when(lease::is_held(&lease.token))
    }

    /// The update expression, the condition expression and their placeholders.
    fn expressions(mut self, seen: Option<&Seen>) -> (Key, String, String, Placeholders) {
        if self.key.is_of_account_or_ticket() {
            self.add.push(self.placeholders.one_more(VERSION));
        }
        self.conditions.extend(seen.and_then(|seen| seen.condition_on(&self.key)));
        // An update without a condition creates the item where there is none. DynamoDB refuses an empty condition.
        debug_assert!(!self.conditions.is_empty(), "an update needs a condition");
        let condition = self.placeholders.condition(Condition::All(self.conditions));
        let parts = [("SET", self.set), ("REMOVE", self.remove), ("ADD", self.add), ("DELETE", self.delete)];
        let parts = parts.into_iter().filter(|(_, changes)| !changes.is_empty());
        let parts: Vec<_> = parts.map(|(verb, changes)| format!("{verb} {}", changes.join(", "))).collect();
        (self.key, parts.join(" "), condition, self.placeholders)
    }
}

impl Store {
    /// Runs the update alone.
    pub(super) async fn update(&self, update: Update) -> Result<Updated> {
        let (key, changes, condition, placeholders) = update.expressions(self.seen.as_ref());
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .update_expression(changes)
            .condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD);
        transaction::conditional(request).await
    }

    /// The update as a part of a transaction.
    pub(super) fn update_action(&self, update: Update) -> Result<TransactWriteItem> {
        let (key, changes, condition, placeholders) = update.expressions(self.seen.as_ref());
        let update = TransactUpdate::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .update_expression(changes)
            .condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(build_error)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TicketId;

    #[test]
    fn an_update_is_one_expression_of_each_kind() {
        let lease = Lease { token: "t".into(), until_ms: 9 };
        let key = keys::ticket(&TicketId::parse("T1").unwrap());
        let update = Update::of(key.clone())
            .make_move(TicketMove::AbortClose)
            .set_once("first", number(1))
            .set_some("none", None)
            .release_lease()
            .when_lease(&lease)
            .add("count", -1);
        let (of, changes, condition, placeholders) = update.expressions(None);
        assert_eq!(of, key);
        let wanted = "SET #state = :v0, #first = if_not_exists(#first, :v1) \
                      REMOVE #lease_token, #lease_until ADD #count :v2, #version :one";
        assert_eq!(changes, wanted);
        assert_eq!(condition, "#state IN (:v4) AND #lease_token = :v5");
        let values = placeholders.values().unwrap();
        assert_eq!((&values[":v0"], &values[":v4"]), (&text("open"), &text("closing")));
        assert_eq!((&values[":v2"], &values[":one"], &values[":v5"]), (&number(-1), &number(1), &text("t")));
    }
}
