use super::*;

fn message(id: &str, create_time: i64, content: &str) -> Message {
    Message {
        message_id: id.into(),
        message_type: MessageType::Support,
        replier: None,
        replier_name: Some("小二".into()),
        content: content.into(),
        create_time,
        origin_known: true,
        time_known: true,
        attachments: Vec::new(),
        unreadable_attachments: 0,
    }
}

/// The positions of the new messages of a reading; their texts are their ids.
fn place(reading: &[(&str, i64)], known: &mut KnownMessages) -> Vec<MessagePosition> {
    let messages: Vec<_> = reading.iter().map(|(id, time)| message(id, *time, id)).collect();
    let new = |placement| match placement {
        Placement::New(position) => Some(position),
        _ => None,
    };
    known.place(&messages).into_iter().filter_map(new).collect()
}

fn known(orders: &[(&str, i64, usize)]) -> KnownMessages {
    let mut known = KnownMessages::default();
    for (id, create_time, order) in orders.iter().copied() {
        let position = MessagePosition { create_time, order, message_id: id.to_owned() };
        known.add(position, MessageDigest::of(&message(id, create_time, id)));
    }
    known
}

fn in_order(mut places: Vec<MessagePosition>) -> Vec<String> {
    places.sort();
    places.into_iter().map(|at| at.message_id).collect()
}

#[test]
fn places_keep_the_vendors_order_within_a_millisecond() {
    let reading = [("b", 1), ("z", 2), ("a", 2), ("c", 3)];
    let placed = place(&reading, &mut KnownMessages::default());
    let orders: Vec<_> = placed.iter().map(|at| (at.message_id.as_str(), at.order)).collect();
    assert_eq!(orders, [("b", 65_536), ("z", 65_536), ("a", 131_072), ("c", 65_536)]);
    assert_eq!(in_order(placed), ["b", "z", "a", "c"]);
}

#[test]
fn a_later_message_gets_its_place_between_those_of_its_millisecond() {
    // GIVEN a reading that lacks the first, two in the middle and the last
    let whole = [("z", 6), ("f", 7), ("e", 7), ("d", 7), ("c", 7), ("b", 7), ("a", 7)];
    let mut known = KnownMessages::default();
    let mut places = place(&[("e", 7), ("b", 7)], &mut known);
    // WHEN they are shown, THEN all are in the vendor's order, and earlier numbers do not change
    let later = place(&whole, &mut known);
    assert_eq!(later.len(), 5);
    places.extend(later);
    assert_eq!(in_order(places), ["z", "f", "e", "d", "c", "b", "a"]);
    // The same reading again places nothing.
    assert!(place(&whole, &mut known).is_empty());
}

#[test]
fn a_partly_written_reading_gives_the_same_places_again() {
    let reading = [("c", 7), ("b", 7), ("a", 7)];
    let places = place(&reading, &mut KnownMessages::default());
    let mut known = known(&[("b", 7, places[1].order)]);
    assert_eq!(place(&reading, &mut known), [places[0].clone(), places[2].clone()]);
}

#[test]
fn without_free_order_numbers_no_message_is_lost() {
    let reading = [("b", 7), ("n", 7), ("a", 7), ("m", 7)];
    let placed = place(&reading, &mut known(&[("b", 7, 9), ("a", 7, 9)]));
    let orders: Vec<_> = placed.iter().map(|at| (at.message_id.as_str(), at.order)).collect();
    assert_eq!(orders, [("n", 9), ("m", 9 + 65_536)]);
    let placed = place(&reading, &mut known(&[("b", 7, 9), ("a", 7, 4)]));
    assert!(placed.iter().all(|at| at.order >= 9) && placed.len() == 2, "{placed:?}");
}

#[test]
fn a_new_message_does_not_get_the_number_of_one_that_is_not_shown() {
    let order = |before: &[(&str, i64)], reading: &[(&str, i64)]| {
        let mut known = KnownMessages::default();
        let mut places = place(before, &mut known);
        places.extend(place(reading, &mut known));
        in_order(places)
    };
    // A list that is cut after the new one, and one that is cut before it.
    assert_eq!(order(&[("c", 7), ("a", 7)], &[("c", 7), ("b", 7)]), ["c", "b", "a"]);
    assert_eq!(order(&[("c", 7), ("b", 7), ("d", 7)], &[("a", 7), ("d", 7)]), ["c", "b", "a", "d"]);
    // A list of the new one alone.
    assert_eq!(order(&[("c", 7)], &[("a", 7)]), ["c", "a"]);
}

#[test]
fn a_row_that_another_list_has_twice_stays_with_its_copy() {
    let synthetic = |number: u32| format!("h-{number:032}");
    let (first, copy) = (synthetic(0), synthetic(1));
    let ids = |known: &KnownMessages| {
        let mut places: Vec<_> = known.by_id.iter().map(|(id, known)| position(id, known)).collect();
        places.sort();
        places.into_iter().map(|at| at.message_id).collect::<Vec<_>>()
    };
    // GIVEN a list without ids has the row of m4 twice, so it is two messages
    let twice = || {
        let mut known = KnownMessages::default();
        known.place(&[message("m4", 7, "在核实")]);
        known.place(&[message(&first, 7, "在核实"), message(&copy, 7, "在核实")]);
        known
    };
    // WHEN a list with ids, which has it once, shows a new message after it, THEN that comes after both
    let mut known = twice();
    known.place(&[message("m4", 7, "在核实"), message("a3", 7, "已处理")]);
    assert_eq!(ids(&known), ["m4", &*copy, "a3"]);
    // The same where the row was edited.
    let mut known = twice();
    known.place(&[message("m4", 7, "已核实"), message("a3", 7, "已处理")]);
    assert_eq!(ids(&known), ["m4", &*copy, "a3"]);
    // And before the next one, with a third row of it behind that.
    let mut known = twice();
    let third = synthetic(2);
    known.place(&[
        message("m4", 7, "在核实"),
        message(&copy, 7, "在核实"),
        message("m5", 7, "好"),
        message(&third, 7, "在核实"),
    ]);
    known.place(&[message("m4", 7, "在核实"), message("a3", 7, "已处理"), message("m5", 7, "好")]);
    assert_eq!(ids(&known), ["m4", &*copy, "a3", "m5", &*third]);
    // A message with an id of its own is no copy, whatever its text.
    let mut known = KnownMessages::default();
    known.place(&[message("m1", 7, "收到"), message("m2", 7, "好"), message("m3", 7, "收到")]);
    known.place(&[message("m1", 7, "收到"), message("m0", 7, "请稍等")]);
    assert_eq!(ids(&known), ["m1", "m0", "m2", "m3"]);
}

#[test]
fn other_content_under_a_known_id_is_a_change() {
    let mut known = known(&[("a", 7, 9)]);
    let position = MessagePosition { create_time: 7, order: 9, message_id: "a".into() };
    let placed = |known: &mut KnownMessages, message: Message| known.place(&[message]).pop().unwrap();
    let same = placed(&mut known, message("a", 7, "a"));
    assert_eq!(same, Placement::Known { position: position.clone(), changed: false });
    for changed in [message("a", 7, "b"), message("a", 8, "a")] {
        assert_eq!(placed(&mut known, changed), Placement::Known { position: position.clone(), changed: true });
    }
}

#[test]
fn a_message_with_an_id_in_one_reading_and_none_in_another_is_known_once() {
    let synthetic = |number: u32| format!("h-{number:032}");
    let mut known = KnownMessages::default();
    known.place(&[message("m1", 7, "收到"), message("m2", 7, "收到")]);
    // WHEN a list without ids shows both and a third one
    let list: Vec<_> = (0..3).map(|number| message(&synthetic(number), 7, "收到")).collect();
    let placed = known.place(&list);
    // THEN the third is new, behind the others
    assert!(matches!(&placed[..2], [Placement::OtherId(one), Placement::OtherId(two)] if one.message_id == "m1"
        && two.message_id == "m2"));
    let Placement::New(third) = &placed[2] else { panic!("{placed:?}") };
    assert_eq!((third.message_id.as_str(), third.order), (&*synthetic(2), 3 * 65_536));
    // The vendor's id of the third shows up, and a fourth message.
    let with_ids: Vec<_> = (1..5).map(|number| message(&format!("m{number}"), 7, "收到")).collect();
    let placed = known.place(&with_ids);
    assert!(matches!(&placed[2], Placement::OtherId(at) if at.message_id == synthetic(2)), "{placed:?}");
    assert!(matches!(&placed[3], Placement::New(_)), "{placed:?}");
    // Two of the vendor's ids are two messages.
    let mut known = KnownMessages::default();
    known.place(&[message("m1", 7, "收到")]);
    assert!(matches!(known.place(&[message("m9", 7, "收到")])[..], [Placement::New(_)]));
}

#[test]
fn a_message_whose_time_cannot_be_read_is_known_under_another_id_at_any_time() {
    let synthetic = format!("h-{}", "0".repeat(32));
    let unreadable = |id: &str, guess_ms: i64| Message { time_known: false, ..message(id, guess_ms, "刚刚") };
    let stored = || {
        let mut known = KnownMessages::default();
        let placed = known.place(&[unreadable(&synthetic, 5)]);
        assert!(matches!(placed[..], [Placement::New(_)]), "{placed:?}");
        known
    };
    // The time in its place depends on the rows beside it, and a list with ids may have its time.
    for shown in [unreadable("m1", 9), message("m1", 9, "刚刚")] {
        let placed = stored().place(&[shown]);
        assert!(matches!(&placed[..], [Placement::OtherId(at)] if at.message_id == synthetic), "{placed:?}");
    }
    let placed = stored().place(&[message("m1", 9, "别的")]);
    assert!(matches!(placed[..], [Placement::New(_)]), "{placed:?}");
}
