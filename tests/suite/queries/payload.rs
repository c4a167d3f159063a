//! Answers stay within Lambda's limit, with the longest texts that are allowed.

use serde_json::json;
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, World, api};

/// The most bytes of a function's answer on Lambda.
const LAMBDA_LIMIT: usize = 6_291_556;

/// The character that grows most: two bytes in JSON, four in a JSON string in a JSON string.
const QUOTE: &str = "\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_longest_tickets_fits_in_an_answer() {
    let (world, accounts) = World::ready().await;
    for number in 0..100 {
        let mut body = world.ticket_body("ALIBABA", &accounts.alibaba);
        body["name"] = QUOTE.repeat(500).into();
        body["description"] = QUOTE.repeat(15_000).into();
        body["email"] = format!("{}@example.com", "a".repeat(38)).into();
        world.call(ApiEvent::of("POST /tickets").key(&format!("k{number}")).body(body)).await.expect(201);
    }
    let page = world.call(ApiEvent::of("GET /tickets").query("limit=100")).await.expect(200);
    assert_eq!((page.items().len(), &page.body["next_cursor"]), (100, &json!(null)));
    assert!(page.payload_bytes < 500_000, "{} bytes", page.payload_bytes);
    assert_eq!(page.items()[0]["name"], QUOTE.repeat(500));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_messages_full_of_quotes_fit_in_an_answer_while_open_and_from_the_archive() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    for number in 0..40 {
        let text = format!("{number}{}", QUOTE.repeat(60_000));
        world.simulated("ALIBABA").support_says(&cloud_id, &text, world.now_ms() + number);
    }
    let open = read_pages(&world, &ticket).await;
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    assert_eq!(open, read_pages(&world, &ticket).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_replies_full_of_quotes_fit_beside_a_full_page() {
    let (world, accounts) = World::ready().await;
    let (ticket, cloud_id) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    for number in 0..30 {
        let text = format!("{number}{}", QUOTE.repeat(60_000));
        world.simulated("ALIBABA").support_says(&cloud_id, &text, world.now_ms() + number);
    }
    world.simulated("ALIBABA").fault(FaultRule::times(api("ALIBABA").reply, 10, Fault::CutBefore));
    let mut ids = Vec::new();
    for number in 0..10 {
        let event = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key(&format!("r{number}"));
        let unknown = world.call(event.body(json!({"content": format!("{number}{}", QUOTE.repeat(30_000))}))).await;
        ids.push(unknown.expect(202).text("id"));
    }
    let event = ApiEvent::of("GET /tickets/{id}/messages").id(&ticket).query("limit=100");
    let page = world.call(event).await.expect(200);
    assert!(page.payload_bytes <= LAMBDA_LIMIT, "{} bytes", page.payload_bytes);
    // The oldest ones, as many as fit.
    let pending = page.body["pending_replies"].as_array().unwrap();
    let shown: Vec<_> = pending.iter().map(|reply| reply["id"].as_str().unwrap()).collect();
    assert!(shown.len() >= 7, "{} replies", shown.len());
    assert_eq!(shown, &ids[..shown.len()]);
}

/// The numbers of messages of all pages.
async fn read_pages(world: &World, ticket: &str) -> Vec<usize> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let event = ApiEvent::of("GET /tickets/{id}/messages").id(ticket).query(&format!("limit=100{cursor}"));
        let page = world.call(event).await.expect(200);
        assert!(page.payload_bytes <= LAMBDA_LIMIT, "{} bytes", page.payload_bytes);
        pages.push(page.items().len());
        let Some(next) = page.body["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    // A page is as full as the limit allows.
    let (last, full) = pages.split_last().unwrap();
    assert!(full.iter().all(|items| *items >= 20) && *last <= 25, "{pages:?}");
    pages
}
