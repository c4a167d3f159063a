//! A create that the vendor takes and never answers: the ticket is found again, and there is only one.

use local::stack::Stack;
use serde_json::Value;
use simulators::{Fault, FaultRule};

use super::{
    Result,
    api::{Api, text},
    choose, ticket_body,
};

/// The schedule that starts the sync, by its name in the template.
const SYNC: &str = "SyncScheduleRule";

/// Creates a ticket whose answer is lost, lets the sync run, and looks at both sides.
pub async fn tell(stack: &Stack, api: &Api, account: &Value) -> Result<()> {
    let vendor = &stack.simulators.vendors.alibaba;
    let before = vendor.tickets().len();
    vendor.add_faults([FaultRule::times("CreateTicket", 1, Fault::AcceptThenHang)]);
    let wanted = choose(api, "ALIBABA", ticket_body(account)).await?;
    println!("   ALIBABA  takes the next ticket and gives no answer; the call is given up after 10 seconds");
    let unknown = api.post("/tickets", &wanted, Some("demo-lost"), 202).await?;
    let id = text(&unknown, "id")?;
    println!("   ALIBABA  answered 202: ticket {id} is {}", text(&unknown, "state")?);

    stack.events.fire_schedule(SYNC)?;
    stack.events.settled().await;
    let found = api.get(&format!("/tickets/{id}")).await?;
    println!("   ALIBABA  after one run of the sync it is {}", text(&found, "state")?);
    let cloud_id = text(&found, "cloud_id")?;
    let created: Vec<_> = vendor.tickets().into_iter().skip(before).map(|ticket| ticket.id).collect();
    if created != [cloud_id] {
        return Err(format!("the vendor has {created:?} in place of one ticket {cloud_id}").into());
    }
    println!("   ALIBABA  the vendor has one ticket of it, {cloud_id}");
    let again = api.post("/tickets", &wanted, Some("demo-lost"), 201).await?;
    if again["id"] != found["id"] || vendor.tickets().len() != before + 1 {
        return Err(format!("the same request made another ticket: {again}").into());
    }
    println!("   ALIBABA  the same request again gives the same ticket, and the vendor still has one");
    Ok(())
}
