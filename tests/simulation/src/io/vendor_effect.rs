//! The effect of a call at a simulated vendor: what is created gets the lags, texts and rows of the schedule.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use simulators::{Fault, FaultRule, MessageChange, RowDefect, Simulator, VendorRules, WireOutcome};

use super::vendor::{VendorRequest, is_throttled, is_write};
use crate::{process::lock, world::SimulatedWorld};

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
    let answer = match call.vendor {
        "alibaba" => handle(world, &world.vendors.alibaba, call, faults),
        _ => handle(world, &world.vendors.huawei, call, faults),
    };
    let lost = world.plan.vendors.lost_messages;
    if call.operation == "CreateMessages" && lost > 0 && world.faults_on() && world.fork().chance(lost) {
        lose_message(world, call);
    }
    if is_limited && let Some(answer) = &answer {
        world.count_limited_call(call.key_id(), is_throttled(answer));
    }
    answer
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
