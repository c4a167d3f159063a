//! The data that invariants are checked against: the simulators' tickets, and the answers of the API.

use serde_json::{Value, json};
use simulators::SimulatedTicket;

use super::{
    KillResult,
    api::{KillTestClient, VENDORS},
    drive::LoadDriver,
};
use crate::invariants::Facts;

/// Reads the final state.
pub async fn gather(api: &KillTestClient, url: &str, driver: &LoadDriver) -> KillResult<Facts> {
    let mut facts = Facts { creates: driver.creates(), ..Facts::default() };
    for (vendor, ..) in VENDORS {
        let tickets = api.simulator(vendor, "tickets", None).await?;
        let tickets: Vec<SimulatedTicket> = serde_json::from_value(tickets["tickets"].clone())?;
        facts.at_vendors.extend(tickets.into_iter().map(|ticket| (vendor, ticket)));
    }
    for ticket in api.all(&format!("{url}/tickets")).await? {
        let id = ticket["id"].as_str().unwrap_or_default().to_owned();
        if ticket["state"] == "closed" {
            for (place, message) in (0..).zip(api.all(&format!("{url}/tickets/{id}/messages")).await?) {
                add_message(&mut facts, &id, place, message);
            }
        }
        facts.tickets.insert(id, ticket);
    }
    Ok(facts)
}

/// Adds an archived message in the format of the table.
fn add_message(facts: &mut Facts, ticket: &str, place: usize, message: Value) {
    let (pk, sk) = (format!("TICKET#{ticket}"), format!("MESSAGE#{place:06}"));
    let mut item = json!({"PK": pk, "SK": sk});
    for (name, value) in message.as_object().into_iter().flatten() {
        item[name.as_str()] = value.clone();
    }
    facts.items.insert((pk, sk), item);
}
