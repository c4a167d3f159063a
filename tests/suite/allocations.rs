//! How many allocations a warm create makes. The number does not depend on the machine, so a change that makes each
//! call slower shows here.

use std::sync::Arc;

use lambda_runtime::Context;
use serde_json::Value;
use shared::{
    app::{App, Dependencies},
    telemetry::Discard,
};
use shared_lambda::{HttpEvent, handle_event};
use tokio::runtime::Builder;

use crate::support::World;

/// The most allocations of a create between the event's JSON and the answer's: 2,782 were counted, some 110 of them for
/// the audit record, which the last write stores too; and 1 % for other versions of libraries.
const MOST: u64 = 2_810;

#[test]
fn a_warm_create_makes_few_allocations() {
    // GIVEN the servers in one runtime, and a process of `create-ticket` in another, on this thread
    let servers = Builder::new_multi_thread().enable_all().build().unwrap();
    let (world, accounts) = servers.block_on(World::ready());
    let clock = Arc::new(world.clock.clone());
    let dependencies = Dependencies { clock, metrics: Arc::new(Discard), ..Dependencies::system() };
    let app = App::new(world.stack.app.config.clone(), dependencies);
    let function = Builder::new_current_thread().enable_all().build().unwrap();
    let create = |key: &str| {
        let (_, event) = world.create_event("ALIBABA", &accounts.alibaba, key).build();
        let event = event.to_string();
        let mut context = Context::default();
        context.deadline = u64::try_from(app.clock.now_ms()).unwrap() + 29_000;
        let work = async {
            let event: HttpEvent = serde_json::from_str(&event).unwrap();
            let handle = async |call| create_ticket::handle(&app, &call).await;
            serde_json::to_string(&handle_event(app.clock.as_ref(), event, &context, handle).await.unwrap()).unwrap()
        };
        let mut text = String::new();
        let counted = allocation_counter::measure(|| text = function.block_on(work));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["statusCode"], 201);
        counted.count_total
    };
    // WHEN it has its connections, its keys and the account's pace
    create("warm-up");
    // THEN the next creates make few
    let counts: Vec<_> = (0..3).map(|number| create(&format!("warm-{number}"))).collect();
    assert!(counts.iter().all(|count| *count <= MOST), "{counts:?} allocations, more than {MOST}");
}
