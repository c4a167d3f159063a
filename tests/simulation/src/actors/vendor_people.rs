//! People at the vendors: support that replies, and a customer in the console who writes, closes or reopens.

use std::sync::Arc;

use simulators::{Fault, FaultRule, MessageChange, SimulatedFile, SimulatedTicket, Simulator, VendorRules};

use super::wait_ms;
use crate::{files, io::vendor_effect::data_faults, plan::REWRITES, process::lock, rng::Rng, world::SimulatedWorld};

/// Whether that status of a vendor means an ended ticket.
pub fn ended(vendor: &str, status: i64) -> bool {
    if vendor == "alibaba" { status == 6 } else { matches!(status, 3 | 4 | 12 | 13) }
}

/// Does a few things at the vendors, at a random time.
pub async fn run(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(world.plan.horizon_ms)).await;
    for _ in 0..rng.between(1, 4) {
        if rng.chance(500) {
            perform_one(&world, &world.vendors.alibaba, &mut rng);
        } else {
            perform_one(&world, &world.vendors.huawei, &mut rng);
        }
        // Short pauses: an action often happens during a close, sometimes in the same millisecond.
        wait_ms(rng.below(2_000)).await;
    }
}

/// More than one item of the table holds.
const LONG_TEXT_CHARS: usize = 110_000;

fn perform_one<R: VendorRules>(world: &SimulatedWorld, vendor: &Simulator<R>, rng: &mut Rng) {
    let tickets = vendor.tickets();
    if tickets.is_empty() {
        return;
    }
    let ticket = rng.pick(&tickets);
    let (id, now_ms) = (ticket.id.as_str(), world.vendor_now_ms());
    let vendors = &world.plan.vendors;
    if vendors.index_stops_ms > 0 && rng.chance(200) {
        let stops_ms = rng.below(vendors.index_stops_ms);
        vendor.stop_index(now_ms.saturating_add_unsigned(stops_ms));
        world.trace_line(&format!("{}: the index of its list stops for {stops_ms} ms", R::VENDOR));
    }
    if vendors.moderates && rng.chance(500) {
        moderate(world, vendor, ticket, rng);
        return;
    }
    if rng.chance(world.plan.files / 4) {
        replace_file(world, vendor, ticket, rng);
    }
    let (done, what) = match rng.below(10) {
        0..=3 => {
            let mut text = format!("您好，正在核实 {}", world.number());
            if rng.chance(world.plan.long_texts_permille()) {
                text.push_str(&"日志".repeat(LONG_TEXT_CHARS / 2));
            }
            let files = files_of_support(world, rng);
            let write = || vendor.reply_with_files(id, None, &text, now_ms, files).is_some();
            (with_data_faults(world, vendor, rng, write), "support replies")
        }
        4..=5 => {
            let text = format!("补充说明 {}", world.number());
            let write = || vendor.customer_message(id, &text, now_ms).is_some();
            (with_data_faults(world, vendor, rng, write), "the customer writes in the console")
        }
        6..=7 => (vendor.close_in_console(id, now_ms), "closed in the console"),
        8 if !ended(R::VENDOR, ticket.status) => {
            (vendor.set_status(id, if R::VENDOR == "alibaba" { 2 } else { 1 }), "support starts work")
        }
        9 if rng.chance(300) && vendor.reopen_in_console(id) => {
            world.reopened(id, ticket.closed_at_ms.unwrap_or(now_ms));
            (true, "reopened in the console")
        }
        _ => (false, ""),
    };
    if done {
        world.trace_line(&format!("{} {id}: {what}", R::VENDOR));
    }
}

fn files_of_support(world: &SimulatedWorld, rng: &mut Rng) -> Vec<SimulatedFile> {
    let count = if rng.chance(world.plan.files) { rng.between(1, 2) } else { 0 };
    let file = |number| SimulatedFile {
        name: files::name(number),
        content: files::at_vendor(number, 0),
        link: None,
        id: None,
    };
    (0..count).map(|_| file(world.number())).collect()
}

/// Replaces the first file of a message by another version, if it has one.
fn replace_file<R: VendorRules>(
    world: &SimulatedWorld,
    vendor: &Simulator<R>,
    ticket: &SimulatedTicket,
    rng: &mut Rng,
) {
    let with_files: Vec<_> = ticket.messages.iter().filter(|message| !message.files.is_empty()).collect();
    if with_files.is_empty() {
        return;
    }
    let message = rng.pick(&with_files);
    let number = message.files[0].name.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_default();
    let change = MessageChange::ReplaceFile { content: files::at_vendor(number, rng.between(1, 999)) };
    if vendor.change_message(&ticket.id, message.id, &change, world.vendor_now_ms()) {
        world.trace_line(&format!("{} {}: message {}: {change:?}", R::VENDOR, ticket.id, message.id));
    }
}

/// Writes a message, in half of the cases with a lag until the conversation shows it, perhaps with a defect of its row.
fn with_data_faults<R: VendorRules>(
    world: &SimulatedWorld,
    vendor: &Simulator<R>,
    rng: &mut Rng,
    write: impl FnOnce() -> bool,
) -> bool {
    let lag_ms = rng.below(world.plan.longest_lag_ms(true) + 1);
    if rng.chance(500) && lag_ms > 0 {
        vendor.add_faults([FaultRule::times("Console", 1, Fault::ListLag { ms: lag_ms })]);
    }
    vendor.add_faults(data_faults(world));
    let done = write();
    vendor.clear_faults();
    done
}

/// Changes a message that the conversation shows, or the description.
fn moderate<R: VendorRules>(world: &SimulatedWorld, vendor: &Simulator<R>, ticket: &SimulatedTicket, rng: &mut Rng) {
    let (id, now_ms) = (ticket.id.as_str(), world.vendor_now_ms());
    let to = rng.pick(&REWRITES)();
    let shown: Vec<_> = ticket.messages.iter().filter(|message| message.visible_at_ms <= now_ms).collect();
    if shown.is_empty() || rng.chance(200) {
        if vendor.rewrite_description(id, &to) {
            world.trace_line(&format!("{} {id}: the description is shown as {to:?}", R::VENDOR));
        }
        return;
    }
    let message = rng.pick(&shown).id;
    let change = match rng.below(5) {
        0 | 1 => MessageChange::Rewrite { to },
        2 => MessageChange::Delete,
        3 => MessageChange::Repeat,
        _ => MessageChange::Copy,
    };
    if vendor.change_message(id, message, &change, now_ms) {
        world.trace_line(&format!("{} {id}: message {message}: {change:?}", R::VENDOR));
    }
}

/// A person copies a ticket this long after it was created, milliseconds, or later: who sees it has just sent it, and
/// waits for an answer first.
const COPIED_AFTER_MS: i64 = 5 * 60_000;

/// A customer who opens a ticket in a console, half of the time with the text of a ticket that the console shows.
pub async fn open_ticket(world: Arc<SimulatedWorld>, mut rng: Rng) {
    wait_ms(rng.below(2 * world.plan.horizon_ms)).await;
    let account = rng.pick(&world.accounts).clone();
    let (alibaba, huawei) = (&world.vendors.alibaba, &world.vendors.huawei);
    let mut now_ms = world.vendor_now_ms();
    let mut shown = if account.name == "alibaba" { alibaba.tickets() } else { huawei.tickets() };
    shown.retain(|ticket| ticket.visible_at_ms <= now_ms);
    let copied = (!shown.is_empty() && rng.chance(500)).then(|| rng.pick(&shown).clone());
    let (title, text) = match &copied {
        Some(ticket) => {
            let soonest_ms = ticket.created_at_ms + COPIED_AFTER_MS;
            wait_ms(u64::try_from(soonest_ms - now_ms).unwrap_or_default()).await;
            now_ms = world.vendor_now_ms();
            (ticket.title.clone(), ticket.description.clone())
        }
        None => (String::new(), format!("控制台提交的问题 {}", world.number())),
    };
    let id = if account.name == "alibaba" {
        alibaba.add_faults(data_faults(&world));
        let id = alibaba.open_in_console(&account.customer(), &title, &text, now_ms);
        alibaba.clear_faults();
        id
    } else {
        huawei.add_faults(data_faults(&world));
        let id = huawei.open_in_console(&account.customer(), &text, now_ms);
        huawei.clear_faults();
        id
    };
    let of = copied.map(|ticket| format!(" with the text of {}", ticket.id)).unwrap_or_default();
    world.trace_line(&format!("{} {id}: opened in the console of {}{of}", account.name, account.id));
    lock(&world.console_tickets).push((id, now_ms));
}
