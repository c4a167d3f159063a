//! What the promises are checked against: the simulators' own books, and what the API shows.

use serde_json::{Value, json};
use simulators::Ticket as AtVendor;

use super::{
    Outcome,
    api::{Api, VENDORS},
    drive::Driver,
};
use crate::invariants::Facts;

/// Reads everything back.
pub async fn gather(api: &Api, url: &str, driver: &Driver) -> Outcome<Facts> {
    let mut facts = Facts { creates: driver.creates(), ..Facts::default() };
    for (vendor, ..) in VENDORS {
        let tickets = api.simulator(vendor, "tickets", None).await?;
        let tickets: Vec<AtVendor> = serde_json::from_value(tickets["tickets"].clone())?;
        facts.at_vendors.extend(tickets.into_iter().map(|ticket| (vendor, ticket)));
    }
    for ticket in api.all(&format!("{url}/tickets")).await? {
        let id = ticket["id"].as_str().unwrap_or_default().to_owned();
        if ticket["state"] == "closed" {
            for (place, message) in (0..).zip(api.all(&format!("{url}/tickets/{id}/messages")).await?) {
                keep(&mut facts, &id, place, message);
            }
        }
        facts.tickets.insert(id, ticket);
    }
    Ok(facts)
}

/// In the form in which the table holds an archive.
fn keep(facts: &mut Facts, ticket: &str, place: usize, message: Value) {
    let (pk, sk) = (format!("TICKET#{ticket}"), format!("MESSAGE#{place:06}"));
    let mut item = json!({"PK": pk, "SK": sk});
    for (name, value) in message.as_object().into_iter().flatten() {
        item[name.as_str()] = value.clone();
    }
    facts.items.insert((pk, sk), item);
}
