//! Conditions of reads and writes, and their placeholders for names and values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::text;
use crate::domain::{ReplyState, TicketState};

/// What an item must be for a write to happen, or for a read to return it.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// The attribute is there.
    Exists(&'static str),
    /// The attribute is not there.
    Missing(&'static str),
    /// The attribute compares so, by `=`, `<>`, `<`, `<=`, `>` or `>=`.
    Compare(&'static str, &'static str, AttributeValue),
    /// The attribute has one of the values.
    OneOf(&'static str, Vec<AttributeValue>),
    /// The attribute lies between both values or is one of them.
    Between(&'static str, AttributeValue, AttributeValue),
    /// `begins_with` or `contains`.
    Function(&'static str, &'static str, AttributeValue),
    /// Every one of them holds.
    All(Vec<Condition>),
    /// At least one of them holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The item is there.
    pub const ITEM_EXISTS: Condition = Condition::Exists("PK");
    /// The item is not there.
    pub const ITEM_MISSING: Condition = Condition::Missing("PK");

    /// Holds whether there is an item or not.
    pub fn any_item() -> Self {
        Self::ITEM_MISSING.or(Self::ITEM_EXISTS)
    }

    pub fn equals(name: &'static str, value: AttributeValue) -> Self {
        Self::Compare(name, "=", value)
    }

    pub fn less(name: &'static str, value: AttributeValue) -> Self {
        Self::Compare(name, "<", value)
    }

    /// The ticket is in one of the states.
    pub fn state(states: &[TicketState]) -> Self {
        Self::OneOf("state", states.iter().map(|state| text(state.as_str())).collect())
    }

    /// The reply is in one of the states.
    pub fn reply_state(states: &[ReplyState]) -> Self {
        Self::OneOf("state", states.iter().map(|state| text(state.as_str())).collect())
    }

    pub fn and(self, other: Condition) -> Self {
        Self::All(vec![self, other])
    }

    pub fn or(self, other: Condition) -> Self {
        Self::Any(vec![self, other])
    }
}

/// Names and values of one request. Every name gets a placeholder, because an expression can't hold a reserved word of
/// DynamoDB: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html>.
#[derive(Clone, Debug, Default)]
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    /// With room for those of an update, so that the maps need not grow.
    pub fn of_update() -> Self {
        Self { names: HashMap::with_capacity(14), values: HashMap::with_capacity(14) }
    }

    /// Places a name. `.` separates the parts of a path.
    pub fn name(&mut self, name: &str) -> String {
        let parts = name.split('.').map(|part| {
            let placeholder = format!("#{part}");
            self.names.insert(placeholder.clone(), part.to_owned());
            placeholder
        });
        parts.collect::<Vec<_>>().join(".")
    }

    /// Places a value.
    pub fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Places a counter and the one by which it goes up, as a part of `ADD`.
    pub fn one_more(&mut self, name: &'static str) -> String {
        let (placeholder, one) = (format!("#{name}"), ":one".to_owned());
        let part = format!("{placeholder} {one}");
        self.names.insert(placeholder, name.to_owned());
        self.values.insert(one, AttributeValue::N("1".to_owned()));
        part
    }

    /// The condition as an expression.
    pub fn condition(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Exists(name) => format!("attribute_exists({})", self.name(name)),
            Condition::Missing(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Compare(name, operator, value) => {
                format!("{} {operator} {}", self.name(name), self.value(value))
            }
            Condition::OneOf(name, values) => {
                let values: Vec<_> = values.into_iter().map(|value| self.value(value)).collect();
                format!("{} IN ({})", self.name(name), values.join(", "))
            }
            Condition::Between(name, low, high) => {
                format!("{} BETWEEN {} AND {}", self.name(name), self.value(low), self.value(high))
            }
            Condition::Function(function, name, value) => {
                format!("{function}({}, {})", self.name(name), self.value(value))
            }
            Condition::All(conditions) => self.join(conditions, " AND "),
            Condition::Any(conditions) => format!("({})", self.join(conditions, " OR ")),
        }
    }

    fn join(&mut self, conditions: Vec<Condition>, with: &str) -> String {
        let parts: Vec<_> = conditions.into_iter().map(|one| self.condition(one)).collect();
        parts.join(with)
    }

    /// The names, for a request.
    pub fn names(&self) -> Option<HashMap<String, String>> {
        Some(self.names.clone()).filter(|names| !names.is_empty())
    }

    /// The values, for a request, which must not hold an empty map of them.
    pub fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        Some(self.values.clone()).filter(|values| !values.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::number, *};

    #[test]
    fn names_and_values_are_placed() {
        let mut placeholders = Placeholders::default();
        let free = Condition::Missing("until").or(Condition::less("until", number(7)));
        let condition = Condition::state(&[TicketState::Open, TicketState::Closing]).and(free);
        let expression = placeholders.condition(condition);
        let wanted = "#state IN (:v0, :v1) AND (attribute_not_exists(#until) OR #until < :v2)";
        assert_eq!(expression, wanted);
        assert_eq!(placeholders.name("health.last_check"), "#health.#last_check");
        assert_eq!(placeholders.names().unwrap()["#last_check"], "last_check");
        assert_eq!(placeholders.values().unwrap()[":v2"], number(7));
        assert_eq!(Placeholders::default().values(), None);
    }
}
