//! The effect of a call at a simulated vendor: what is created gets the lags, texts and rows of the schedule.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde_json::Value;
use simulators::{
    Fault, FaultRule, MessageChange, RowDefect, SimulatedMessage, Simulator, VendorRules, WireOutcome, huawei,
};

use super::vendor::{VendorRequest, is_throttled, is_write};
use crate::{history::WithdrawalCall, process::lock, world::SimulatedWorld};

/// The defects that rows of new tickets and messages may have.
pub const ROW_DEFECTS: [RowDefect; 3] = [RowDefect::NotAnObject, RowDefect::NoId, RowDefect::NoTime];

/// Carries the call out at its vendor. A ticket or message of it becomes visible `lag_ms` later.
pub fn effect(
    world: &SimulatedWorld,
    call: &VendorRequest,
    fault: Option<FaultRule>,
    lag_ms: u64,
) -> Option<Response<Bytes>> {
    let once = |fault| FaultRule::times("*", 1, fault);
    let vendors = &world.plan.vendors;
    let is_limited = fault.is_none() && world.faults_on() && vendors.calls_per_second.is_some();
    let lag = (lag_ms > 0).then(|| once(Fault::ListLag { ms: lag_ms }));
    let rewrite = vendors.rewrite.clone().map(|rewrite| once(Fault::Rewrite(rewrite)));
    let mut faults: Vec<_> = [fault, lag, rewrite].into_iter().flatten().collect();
    if is_write(call) {
        faults.extend(data_faults(world));
    }
    let closed = closed_tickets(world, call);
    let urged = urge_times(world, call);
    let shown = messages_to_withdraw(world, call);
    let answer = match call.vendor {
        "alibaba" => handle(world, &world.vendors.alibaba, call, faults),
        _ => handle(world, &world.vendors.huawei, call, faults),
    };
    record_reopening(world, closed);
    record_urge(world, call, &urged);
    record_withdrawal(world, call, &shown, answer.as_ref());
    let lost = world.plan.vendors.lost_messages;
    if call.operation == "CreateMessages" && lost > 0 && world.faults_on() && world.fork().chance(lost) {
        lose_message(world, call);
    }
    if is_limited && let Some(answer) = &answer {
        world.count_limited_call(call.key_id(), is_throttled(answer));
    }
    answer
}

/// Before a call that opens a ticket again: the closed tickets, with the times of their closes.
fn closed_tickets(world: &SimulatedWorld, call: &VendorRequest) -> Vec<(String, i64)> {
    if call.operation != "ReopenTicket" {
        return Vec::new();
    }
    let tickets = world.vendors.alibaba.tickets().into_iter();
    tickets.filter_map(|ticket| Some((ticket.id, ticket.closed_at_ms?))).collect()
}

/// Records which of the closed tickets a call has opened.
fn record_reopening(world: &SimulatedWorld, closed: Vec<(String, i64)>) {
    if closed.is_empty() {
        return;
    }
    let tickets = world.vendors.alibaba.tickets();
    let is_open = |id: &str| tickets.iter().any(|ticket| ticket.id == id && ticket.closed_at_ms.is_none());
    for (id, closed_ms) in closed.into_iter().filter(|(id, _)| is_open(id)) {
        world.reopened(&id, closed_ms);
    }
}

/// When support was last urged, by ticket, where the call may urge it.
fn urge_times(world: &SimulatedWorld, call: &VendorRequest) -> Vec<(String, Option<i64>)> {
    if call.operation != "UpdateCases" {
        return Vec::new();
    }
    world.vendors.huawei.tickets().into_iter().map(|ticket| (ticket.id, ticket.urged_at_ms)).collect()
}

/// Records of which ticket the call has urged support.
fn record_urge(world: &SimulatedWorld, call: &VendorRequest, before: &[(String, Option<i64>)]) {
    let now = urge_times(world, call).into_iter();
    let urged = now.filter(|ticket| !before.contains(ticket)).map(|(id, _)| id);
    lock(&world.urges).extend(urged);
}

/// The messages of the call's ticket that are not deleted, where the call may withdraw one.
fn messages_to_withdraw(world: &SimulatedWorld, call: &VendorRequest) -> Vec<SimulatedMessage> {
    let ticket = call.withdrawal().and_then(|(ticket, _)| world.vendors.huawei.ticket(ticket));
    let messages = ticket.into_iter().flat_map(|ticket| ticket.messages);
    messages.filter(|message| !message.deleted).collect()
}

/// Records a call that has withdrawn a message, or whose message was withdrawn before. One that did not reach the
/// message may have an answer that says nothing.
fn record_withdrawal(
    world: &SimulatedWorld,
    call: &VendorRequest,
    before: &[SimulatedMessage],
    answer: Option<&Response<Bytes>>,
) {
    let Some((ticket, message)) = call.withdrawal() else { return };
    let now: Vec<u64> = messages_to_withdraw(world, call).iter().map(|message| message.id).collect();
    let withdrawn = before.iter().map(|message| message.id).find(|number| !now.contains(number));
    let was_there = before.iter().any(|one| huawei::message_id(one) == message);
    if withdrawn.is_some() || (!was_there && answer.is_some_and(is_done)) {
        let (cloud_id, message_id) = (ticket.to_owned(), message.to_owned());
        lock(&world.withdrawals).push(WithdrawalCall { cloud_id, message_id, withdrawn });
    }
}

/// Whether Huawei's answer says that an action was done: it refuses with 200, too.
fn is_done(answer: &Response<Bytes>) -> bool {
    let body = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default();
    answer.status().is_success() && body["error_code"].is_null()
}

/// Deletes the message that the call just wrote.
fn lose_message(world: &SimulatedWorld, call: &VendorRequest) {
    let (huawei, now_ms) = (&world.vendors.huawei, world.vendor_now_ms());
    let ticket = huawei.tickets().into_iter().find(|ticket| call.is_about(&ticket.id));
    if let Some((ticket, message)) = ticket.as_ref().and_then(|ticket| Some((ticket, ticket.messages.last()?)))
        && message.at_ms == now_ms
        && huawei.change_message(&ticket.id, message.id, &MessageChange::Delete, now_ms)
    {
        world.trace_line(&format!("huawei {}: message {} is lost", ticket.id, message.id));
        lock(&world.lost_messages).push(message.sent().to_owned());
    }
}

/// The faults of the rows and of the search index, for what is created now.
pub fn data_faults(world: &SimulatedWorld) -> Vec<FaultRule> {
    let vendors = &world.plan.vendors;
    if vendors.odd_rows == 0 && vendors.search_lag_ms == 0 {
        return Vec::new();
    }
    let mut rng = world.fork();
    let mut faults = Vec::new();
    if rng.chance(vendors.odd_rows) {
        faults.push(Fault::OddRow { defect: *rng.pick(&ROW_DEFECTS) });
    }
    if vendors.search_lag_ms > 0 {
        faults.push(Fault::SearchLag { ms: rng.below(vendors.search_lag_ms) });
    }
    faults.into_iter().map(|fault| FaultRule::times("*", 1, fault)).collect()
}

fn handle<R: VendorRules>(
    world: &SimulatedWorld,
    vendor: &Simulator<R>,
    call: &VendorRequest,
    faults: Vec<FaultRule>,
) -> Option<Response<Bytes>> {
    let has_faults = !faults.is_empty();
    let now_ms = world.vendor_now_ms();
    vendor.add_faults(faults);
    let answer = vendor.handle(call.request.clone(), now_ms);
    if has_faults {
        vendor.clear_faults();
    }
    let WireOutcome::Respond(mut response) = answer.outcome else { return None };
    let date = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    Some(response)
}
