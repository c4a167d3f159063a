//! A create whose response is lost: the vendor has the ticket, the sync finds it, and there is only one.

use local::stack::Stack;
use serde_json::Value;
use simulators::{Fault, FaultRule};

use super::{
    DemoResult,
    api_client::{ApiClient, text},
    catalog,
};

/// The logical id of the schedule that starts the sync.
const SYNC: &str = "SyncScheduleRule";

/// Creates a ticket whose response is lost, runs the sync, and checks both sides.
pub async fn run(stack: &Stack, api: &ApiClient, account: &Value) -> DemoResult<()> {
    let vendor = &stack.simulators.vendors.alibaba;
    let count_before = vendor.tickets().len();
    vendor.add_faults([FaultRule::times("CreateTicket", 1, Fault::AcceptThenHang)]);
    let body = catalog::ticket_body(api, account).await?;
    println!("   ALIBABA  the vendor creates the ticket but sends no response; the call times out after 10 seconds");
    let unknown = api.post("/tickets", &body, Some("demo-lost"), 202).await?;
    let id = text(&unknown, "id")?;
    println!("   ALIBABA  Polydesk answers 202: ticket {id} has the state {}", text(&unknown, "state")?);

    stack.events.fire_schedule(SYNC)?;
    stack.events.wait_until_idle().await;
    let found = api.get(&format!("/tickets/{id}")).await?;
    println!("   ALIBABA  after one run of the sync its state is {}", text(&found, "state")?);
    let cloud_id = text(&found, "cloud_id")?;
    let created: Vec<_> = vendor.tickets().into_iter().skip(count_before).map(|ticket| ticket.id).collect();
    if created != [cloud_id] {
        return Err(format!("the vendor has {created:?} instead of one ticket {cloud_id}").into());
    }
    println!("   ALIBABA  the vendor has one ticket for it, {cloud_id}");
    let again = api.post("/tickets", &body, Some("demo-lost"), 201).await?;
    if again["id"] != found["id"] || vendor.tickets().len() != count_before + 1 {
        return Err(format!("the same request created another ticket: {again}").into());
    }
    println!("   ALIBABA  the same request again returns the same ticket; the vendor still has one");
    Ok(())
}
