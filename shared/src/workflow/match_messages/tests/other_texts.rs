//! Messages with another text than the reply's.

use super::*;

/// A message of the customer at the reply's time with another text.
fn other_text(id: &str, content: &str) -> Message {
    Message { content: content.into(), ..message(id, NOW_MS) }
}

#[test]
fn every_case_that_failed_is_found_or_left_to_a_person() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../../../testdata/cases/texts.json")).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let mut reply = wanted();
        reply.reply.content = case["sent"].as_str().unwrap().to_owned();
        let shown = other_text("m1", case["shown"].as_str().unwrap());
        let expected = if case["expect"] == "same" { this("m1") } else { ReplyMatch::OtherText };
        assert_eq!(match_reply(&reply, &ticket(), &[], std::slice::from_ref(&shown)), expected, "{}", case["name"]);
        assert_eq!(candidates(&reply, &ticket(), &[], &[shown]).len(), 1, "{}", case["name"]);
    }
}

#[test]
fn a_customers_message_with_another_text_counts_only_where_it_may_be_the_reply() {
    for (off_ms, found) in [
        (0, ReplyMatch::OtherText),
        (-15 * MINUTE_MS, ReplyMatch::OtherText),
        // A request may be held back for as long as its signature counts.
        (30 * MINUTE_MS, ReplyMatch::OtherText),
        (8 * HOUR_MS, ReplyMatch::OtherText),
        (-8 * HOUR_MS + MINUTE_MS, ReplyMatch::OtherText),
        (-16 * MINUTE_MS, ReplyMatch::Absent),
        (31 * MINUTE_MS, ReplyMatch::Absent),
        (3 * HOUR_MS, ReplyMatch::Absent),
    ] {
        expect(found, &[], &[Message { create_time: NOW_MS + off_ms, ..other_text("m1", "…") }]);
    }
    // A message of an unknown writer with a known time; one without a time counts always.
    let unknown = Message { origin_known: false, create_time: NOW_MS - 3 * HOUR_MS, ..other_text("m1", "…") };
    expect(ReplyMatch::Absent, &[], std::slice::from_ref(&unknown));
    expect(ReplyMatch::OtherText, &[], &[Message { time_known: false, ..unknown }]);
}

#[test]
fn a_vendors_whole_seconds_are_at_the_replys_time() {
    let mut reply = wanted();
    reply.reply.create_time = NOW_MS + 999;
    let shown = Message { create_time: NOW_MS - 5 * MINUTE_MS, ..message("m1", 0) };
    assert_eq!(match_reply(&reply, &ticket(), &[], &[shown]), this("m1"));
}

#[test]
fn only_a_sent_reply_or_the_tickets_own_text_explains_a_message() {
    let other = |state, text: &str| {
        let mut other = reply("R1", state, NOW_MS + MINUTE_MS);
        other.reply.content = text.into();
        other
    };
    let theirs = [other_text("m1", "another <b>question</b>")];
    expect(ReplyMatch::Absent, &[other(ReplyState::Sent, "another question")], &theirs);
    // It explains one message only, and only one with its own text.
    let two = [theirs[0].clone(), other_text("m2", "another question")];
    expect(ReplyMatch::OtherText, &[other(ReplyState::Sent, "another question")], &two);
    expect(ReplyMatch::OtherText, &[other(ReplyState::Sent, "a third question")], &theirs);
    // One that may not have arrived explains none.
    for state in [ReplyState::Unknown, ReplyState::Indeterminate] {
        expect(ReplyMatch::OtherText, &[other(state, "another question")], &theirs);
    }
    // One with an id explains the message with that id, and no other of its text.
    expect(ReplyMatch::Absent, &[named("R1", NOW_MS, "m1")], &theirs);
    let mut with_id = other(ReplyState::Sent, "another question");
    with_id.reply.message_id = Some("m1".into());
    expect(ReplyMatch::OtherText, &[with_id], &two);
    // The ticket's own text, which some vendors show as the first message, once.
    for own in ["<p>磁盘满了</p>", "磁盘\n磁盘满了\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K"] {
        expect(ReplyMatch::Absent, &[], &[other_text("m1", own)]);
        expect(ReplyMatch::OtherText, &[], &[other_text("m1", own), other_text("m2", own)]);
    }
}

#[test]
fn a_reply_that_names_the_ticket_is_not_taken_for_the_tickets_own_text() {
    // The vendor does not show the description, and masks the first reply.
    let mut wanted = wanted();
    wanted.reply.content = format!("工单 {}: 请联系 13800000000", ticket().id);
    let shown = Message { content: format!("工单 {}: 请联系 138****0000", ticket().id), ..message("m1", NOW_MS) };
    assert_eq!(match_reply(&wanted, &ticket(), &[], &[shown]), ReplyMatch::OtherText);
}
