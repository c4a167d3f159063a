//! A ticket whose product or problem type was removed says so, and its tag is that of what is shown.

use serde_json::{Value, json};
use simulators::CatalogChange;

use crate::support::{Answer, ApiEvent, World};

async fn show(world: &World, ticket: &str) -> Answer {
    world.call(ApiEvent::of("GET /tickets/{id}").id(ticket)).await.expect(200)
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap().to_owned()
}

fn removed(answer: &Answer) -> [Value; 2] {
    ["product_removed_time", "product_business_removed_time"].map(|name| answer.body[name].clone())
}

/// The `removed_time` of an entry.
async fn removed_time(world: &World, route: &str, filters: &str, id: &str) -> Value {
    let entries = world.all(|| ApiEvent::of(route), filters, 100).await;
    let entry = entries.into_iter().find(|entry| entry["id"] == id).unwrap();
    assert!(entry["removed_time"].is_i64(), "{entry}");
    entry["removed_time"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_says_that_its_product_was_removed_and_that_it_came_back() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let before = show(&world, &ticket).await;
        assert_eq!(removed(&before), [Value::Null, Value::Null]);
        let product_id = before.text("product_id");
        let catalog = world.catalog(vendor);
        let group = catalog.groups.iter().find(|group| group.products.iter().any(|one| one.id == product_id));
        let product = catalog.product(&product_id).unwrap().clone();

        world.simulated(vendor).change(CatalogChange::RemoveProduct(product_id.clone()));
        world.refresh(json!({"type": vendor})).await;
        let gone = show(&world, &ticket).await;
        let time = removed_time(&world, "GET /catalog/products", &format!("&type={vendor}"), &product_id).await;
        assert_eq!(removed(&gone), [time.clone(), time]);
        assert_ne!(tag(&gone), tag(&before));
        let listed = world.all(|| ApiEvent::of("GET /tickets"), &format!("&custom_id={account}"), 10).await;
        assert!(listed.len() == 1 && listed[0]["product_removed_time"].is_null(), "lists are not about the catalog");
        let known = ApiEvent::of("GET /tickets/{id}").id(&ticket).header("if-none-match", &tag(&gone));
        world.call(known).await.expect(304);

        // Only the tag of what is shown now does anything.
        let hold = |tag: &str| {
            let hold = ApiEvent::of("PUT /tickets/{id}/hold").id(&ticket).body(json!({"reason": "Audit"}));
            hold.header("if-match", tag)
        };
        world.call(hold(&tag(&before))).await.expect_problem(412, "precondition_failed");
        world.call(hold(&tag(&gone))).await.expect(200);

        let group = group.map(|group| group.id.clone());
        world.simulated(vendor).change(CatalogChange::AddProduct { group, product });
        world.refresh(json!({"type": vendor})).await;
        assert_eq!(removed(&show(&world, &ticket).await), [Value::Null, Value::Null]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_says_that_its_problem_type_was_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, _) = world.create(vendor, account, "k1").await;
        let shown = show(&world, &ticket).await;
        let (product, id) = (shown.text("product_id"), shown.text("product_business_id"));
        let filters = format!("&type={vendor}&product_id={product}");
        world.simulated(vendor).change(CatalogChange::RemoveProblemType { product, id: id.clone() });
        world.refresh(json!({"type": vendor})).await;
        let time = removed_time(&world, "GET /catalog/product-types", &filters, &id).await;
        assert_eq!(removed(&show(&world, &ticket).await), [Value::Null, time]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_a_removed_account_is_shown_as_it_is_stored() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let product = show(&world, &ticket).await.text("product_id");
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    world.simulated("ALIBABA").change(CatalogChange::RemoveProduct(product));
    world.refresh(json!({"type": "ALIBABA"})).await;
    assert!(removed(&show(&world, &ticket).await).iter().all(Value::is_i64));
    world.remove(&accounts.alibaba).await;
    assert_eq!(removed(&show(&world, &ticket).await), [Value::Null, Value::Null]);
}
