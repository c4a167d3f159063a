//! Messages matched with replies of the same text, by state and time.

mod other_texts;

use super::*;
use crate::domain::{AccountId, Reply, ReplyId, TicketId};
use crate::store::Lease;

const NOW_MS: i64 = 1_768_465_800_000;
const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const TEXT: &str = "请问有进展吗 🙏";

fn reply(id: &str, state: ReplyState, at_ms: i64) -> StoredReply {
    let reply = Reply {
        id: ReplyId::parse(id).unwrap(),
        ticket_id: TicketId::parse("T1").unwrap(),
        state,
        content: TEXT.into(),
        create_time: at_ms,
        message_id: None,
        reopening: false,
        created_by: None,
        resolved_by: None,
        candidates: Vec::new(),
    };
    let account_id = AccountId::parse("A1").unwrap();
    StoredReply {
        reply,
        account_id,
        undoes_close: None,
        idempotency_hash: id.into(),
        lease: Lease { token: id.into(), until_ms: at_ms + 30_000 },
    }
}

/// The ticket of the replies, created an hour ago.
fn ticket() -> Ticket {
    serde_json::from_value(serde_json::json!({
        "id": "01JD2Y5T9V7Z3M6Q8R4S0X1W2K", "status": 1, "state": "open", "name": "磁盘", "description": "磁盘满了",
        "type": "HUAWEI", "custom_id": "A1", "create_time": NOW_MS - HOUR_MS,
    }))
    .unwrap()
}

/// The reply under test, written now.
fn wanted() -> StoredReply {
    reply("R9", ReplyState::Unknown, NOW_MS)
}

fn sent(id: &str, at_ms: i64) -> StoredReply {
    reply(id, ReplyState::Sent, at_ms)
}

fn named(id: &str, at_ms: i64, message_id: &str) -> StoredReply {
    let mut stored = sent(id, at_ms);
    stored.reply.message_id = Some(message_id.into());
    stored
}

fn message(id: &str, at_ms: i64) -> Message {
    Message {
        message_id: id.into(),
        message_type: MessageType::Customer,
        replier: None,
        replier_name: None,
        content: TEXT.into(),
        create_time: at_ms,
        origin_known: true,
        time_known: true,
        attachments: Vec::new(),
        unreadable_attachments: 0,
    }
}

fn this(id: &str) -> ReplyMatch {
    ReplyMatch::Found(Some(id.into()))
}

#[track_caller]
fn expect(found: ReplyMatch, others: &[StoredReply], messages: &[Message]) {
    assert_eq!(match_reply(&wanted(), &ticket(), others, messages), found);
}

#[test]
fn a_single_reply_matches_the_one_message_of_its_time() {
    expect(ReplyMatch::Absent, &[], &[]);
    expect(this("m1"), &[], &[message("m1", NOW_MS)]);
    // Within the clocks' tolerance, and up to the end of the time in which it was sent.
    let lease_until = wanted().lease.until_ms;
    for at_ms in [NOW_MS - 5 * MINUTE_MS, NOW_MS + 20_000, lease_until + 5 * MINUTE_MS] {
        expect(this("m1"), &[], &[message("m1", at_ms)]);
    }
}

#[test]
fn an_equal_text_of_an_unknown_writer_or_time_is_ambiguous() {
    // A vendor's answer without a time, or with an undocumented role.
    let unknown = Message { origin_known: false, time_known: false, ..message("m1", 0) };
    expect(ReplyMatch::Ambiguous, &[], &[Message { message_type: MessageType::Support, ..unknown.clone() }]);
    expect(ReplyMatch::Ambiguous, &[], std::slice::from_ref(&unknown));
    // Also beside a certain match: both may be messages of this text.
    expect(ReplyMatch::Ambiguous, &[], &[message("m2", NOW_MS), unknown.clone()]);
    // Another text may be this one as well; a message with the id of another reply is not.
    expect(ReplyMatch::OtherText, &[], &[Message { content: "另一句".into(), ..unknown.clone() }]);
    expect(ReplyMatch::Absent, &[named("R1", NOW_MS, "m1")], &[unknown]);
}

#[test]
fn a_message_with_the_text_of_a_reopening_may_be_that_or_the_reply() {
    let mut reopening = sent("R1", NOW_MS - MINUTE_MS);
    reopening.reply.reopening = true;
    expect(ReplyMatch::Ambiguous, std::slice::from_ref(&reopening), &[message("m1", NOW_MS)]);
    expect(ReplyMatch::Absent, std::slice::from_ref(&reopening), &[]);
    reopening.reply.message_id = Some("m1".into());
    expect(ReplyMatch::Absent, &[reopening], &[message("m1", NOW_MS - MINUTE_MS)]);
}

#[test]
fn a_message_at_another_time_is_ambiguous_and_one_from_long_before_is_absent() {
    for odd in [
        NOW_MS - 5 * MINUTE_MS - 1,
        NOW_MS + 5 * MINUTE_MS + 30_001,
        NOW_MS - 8 * HOUR_MS,
        NOW_MS + 8 * HOUR_MS,
        NOW_MS - 14 * HOUR_MS,
    ] {
        expect(ReplyMatch::Ambiguous, &[], &[message("m1", odd)]);
    }
    for old in [NOW_MS - 14 * HOUR_MS - 1, NOW_MS - 72 * HOUR_MS] {
        expect(ReplyMatch::Absent, &[], &[message("m1", old)]);
        expect(this("m2"), &[], &[message("m1", old), message("m2", NOW_MS)]);
    }
}

#[test]
fn more_messages_than_replies_are_ambiguous() {
    expect(ReplyMatch::Ambiguous, &[], &[message("m1", NOW_MS), message("m2", NOW_MS)]);
    let sent = [sent("R1", NOW_MS - MINUTE_MS)];
    let three = [message("m1", NOW_MS - MINUTE_MS), message("m2", NOW_MS), message("m3", NOW_MS)];
    expect(ReplyMatch::Ambiguous, &sent, &three);
}

#[test]
fn another_writers_message_and_another_text_do_not_match() {
    let support = Message { message_type: MessageType::Support, ..message("m1", NOW_MS) };
    let other = Message { content: "请问有进展吗".into(), ..message("m2", NOW_MS) };
    expect(ReplyMatch::Absent, &[], std::slice::from_ref(&support));
    expect(ReplyMatch::OtherText, &[], &[support.clone(), other.clone()]);
    expect(this("m3"), &[], &[support, other, message("m3", NOW_MS)]);
    // As rich text it is the same text.
    let rich = Message { content: format!("<p>{TEXT}</p>"), ..message("m1", NOW_MS) };
    expect(this("m1"), &[], &[rich]);
}

#[test]
fn two_replies_of_unknown_outcome_match_no_message_or_two() {
    for state in [ReplyState::Unknown, ReplyState::Sending, ReplyState::Indeterminate] {
        for at_ms in [NOW_MS - 2 * HOUR_MS, NOW_MS, NOW_MS + MINUTE_MS] {
            let others = [reply("R1", state, at_ms)];
            expect(ReplyMatch::Absent, &others, &[]);
            expect(ReplyMatch::Ambiguous, &others, &[message("m1", NOW_MS)]);
            expect(ReplyMatch::Ambiguous, &others, &[message("m1", at_ms)]);
            expect(ReplyMatch::Found(None), &others, &[message("m1", at_ms), message("m2", NOW_MS)]);
            let three = [message("m1", at_ms), message("m2", NOW_MS), message("m3", NOW_MS)];
            expect(ReplyMatch::Ambiguous, &others, &three);
        }
    }
}

#[test]
fn a_reply_of_unknown_outcome_from_long_before_does_not_count() {
    let others = [reply("R1", ReplyState::Indeterminate, NOW_MS - 15 * HOUR_MS)];
    let its_own = message("m1", NOW_MS - 15 * HOUR_MS);
    expect(ReplyMatch::Absent, &others, std::slice::from_ref(&its_own));
    expect(this("m2"), &others, &[its_own, message("m2", NOW_MS)]);
}

#[test]
fn messages_with_the_id_of_another_reply_do_not_count() {
    let others = [named("R1", NOW_MS - MINUTE_MS, "m1"), named("R2", NOW_MS + 1, "m3")];
    let theirs = [message("m1", NOW_MS - MINUTE_MS), message("m3", NOW_MS + 1)];
    expect(ReplyMatch::Absent, &others, &theirs);
    let [first, last] = theirs;
    expect(this("m2"), &others, &[first, message("m2", NOW_MS), last]);
}

#[test]
fn sent_replies_without_an_id_match_the_messages_of_their_time() {
    // Just before, after, hours before, and days before.
    for at_ms in [NOW_MS - 1_000, NOW_MS + 1_000, NOW_MS - 3 * HOUR_MS, NOW_MS - 72 * HOUR_MS] {
        let others = [sent("R1", at_ms)];
        let its_own = message("m1", at_ms);
        expect(ReplyMatch::Absent, &others, std::slice::from_ref(&its_own));
        expect(ReplyMatch::Found(None), &others, &[its_own.clone(), message("m2", NOW_MS)]);
        expect(ReplyMatch::Ambiguous, &others, &[its_own, message("m2", NOW_MS), message("m3", NOW_MS)]);
    }
    let others = [sent("R1", NOW_MS - 3 * HOUR_MS), sent("R2", NOW_MS - HOUR_MS)];
    let theirs = [message("m1", NOW_MS - 3 * HOUR_MS), message("m2", NOW_MS - HOUR_MS)];
    expect(ReplyMatch::Absent, &others, &theirs);
    let [first, second] = theirs;
    expect(ReplyMatch::Found(None), &others, &[first, second, message("m3", NOW_MS)]);
}

#[test]
fn a_message_at_the_time_of_a_reply_is_never_certainly_anothers() {
    // A reply that was sent later, or long before, and that the vendor does not show.
    for at_ms in [NOW_MS + 11 * MINUTE_MS, NOW_MS - 3 * HOUR_MS] {
        expect(ReplyMatch::Ambiguous, &[sent("R1", at_ms)], &[message("m1", NOW_MS)]);
    }
}

#[test]
fn beside_a_sent_reply_a_message_at_another_time_is_ambiguous() {
    let others = [sent("R1", NOW_MS - 2 * MINUTE_MS)];
    let by_hand = message("m0", NOW_MS - 3 * HOUR_MS);
    expect(ReplyMatch::Ambiguous, &others, &[by_hand, message("m1", NOW_MS - 2 * MINUTE_MS)]);
}

#[test]
fn a_clock_that_is_hours_off_never_makes_an_arrived_message_absent() {
    // Times without a zone may all be wrong by the same number of hours.
    for off_ms in [-14 * HOUR_MS, -8 * HOUR_MS, -6 * MINUTE_MS, 6 * MINUTE_MS, 8 * HOUR_MS, 14 * HOUR_MS] {
        for before_ms in [MINUTE_MS, HOUR_MS, 7 * HOUR_MS, 10 * HOUR_MS, 20 * HOUR_MS] {
            let others = [sent("R1", NOW_MS - before_ms)];
            let both = [message("m1", NOW_MS - before_ms + off_ms), message("m2", NOW_MS + off_ms)];
            assert_ne!(match_reply(&wanted(), &ticket(), &others, &both), ReplyMatch::Absent, "{off_ms} {before_ms}");
            let [first, _] = both;
            assert_ne!(match_reply(&wanted(), &ticket(), &others, &[first]), this("m1"), "{off_ms} {before_ms}");
        }
    }
}

#[test]
fn a_message_may_be_of_either_reply_only_where_their_times_overlap() {
    let first = sent("R1", NOW_MS);
    // The first's lease ends after half a minute, and either clock may be off.
    let meets_ms = NOW_MS + 30_000 + 10 * MINUTE_MS;
    for (at_ms, meets) in [(NOW_MS, true), (meets_ms, true), (meets_ms + 1, false), (NOW_MS + 24 * HOUR_MS, false)] {
        let other = sent("R2", at_ms);
        assert_eq!(times_overlap(&first, &other), meets, "{at_ms}");
        assert_eq!(times_overlap(&other, &first), meets, "{at_ms}");
    }
}
