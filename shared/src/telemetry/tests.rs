//! When an invocation's metrics are written.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use super::*;
struct FixedClock;

impl Clock for FixedClock {
    fn now_ms(&self) -> i64 {
        1_768_465_800_000
    }
}

#[derive(Default)]
struct RecordingSink(Mutex<Vec<Value>>);

impl Sink for RecordingSink {
    fn write(&self, document: &str) {
        self.0.lock().unwrap().push(serde_json::from_str(document).unwrap());
    }
}

impl RecordingSink {
    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn telemetry() -> (Telemetry, Arc<RecordingSink>) {
    let sink = Arc::new(RecordingSink::default());
    let telemetry = Telemetry { sink: sink.clone(), clock: Arc::new(FixedClock), namespace: "the-namespace".into() };
    (telemetry, sink)
}

fn invocation() -> Invocation {
    Invocation { deadline: Instant::now() + Duration::from_secs(10), request_id: "r1".into(), trace: None, actor: None }
}

/// The values of `Defects`, an example of any metric.
fn counts(documents: &[Value]) -> Vec<&Value> {
    documents.iter().map(|document| &document["Defects"]).collect()
}

#[tokio::test(start_paused = true)]
async fn an_invocation_writes_one_document_when_it_ends() {
    let (telemetry, sink) = telemetry();
    let done = run_instrumented(
        &telemetry,
        "f",
        &invocation(),
        Box::pin(async {
            metrics::DEFECTS.add([], 1);
            sleep(Duration::from_secs(1)).await;
            metrics::DEFECTS.add([], 2);
            property("list", ["a", "b"].map(Value::from).to_vec());
            assert_eq!(sink.take(), [] as [Value; 0]);
            7
        }),
    )
    .await;
    assert_eq!(done, 7);
    let documents = sink.take();
    let expected = json!({
        "_aws": {
            "Timestamp": FixedClock.now_ms(),
            "CloudWatchMetrics": [{
                "Namespace": "the-namespace",
                "Dimensions": [[]],
                "Metrics": [{"Name": "Defects", "Unit": "Count"}],
            }],
        },
        "function": "f",
        "request_id": "r1",
        "list": ["a", "b"],
        "Defects": 3,
    });
    assert_eq!(documents, [expected]);
}

#[tokio::test(start_paused = true)]
async fn metrics_are_written_before_lambda_stops_the_function() {
    let (telemetry, sink) = telemetry();
    let invocation = invocation();
    let mut work = Box::pin(run_instrumented(
        &telemetry,
        "f",
        &invocation,
        Box::pin(async {
            metrics::DEFECTS.add([], 1);
            sleep(Duration::from_secs(11)).await;
            metrics::DEFECTS.add([], 5);
        }),
    ));
    assert!((&mut work).now_or_never().is_none());
    advance(Duration::from_millis(9_990)).await;
    assert!((&mut work).now_or_never().is_none());
    assert_eq!(sink.take(), [] as [Value; 0]);
    advance(Duration::from_millis(20)).await;
    assert!((&mut work).now_or_never().is_none());
    assert_eq!(counts(&sink.take()), [1]);
    // An invocation that is not stopped continues, and no value is written twice.
    work.await;
    assert_eq!(counts(&sink.take()), [5]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_a_cancelled_invocation_write_too() {
    let (telemetry, sink) = telemetry();
    let invocation = invocation();
    let panics = run_instrumented(
        &telemetry,
        "f",
        &invocation,
        Box::pin(async {
            metrics::DEFECTS.add([], 1);
            panic!("injected");
        }),
    );
    let ended: Result<(), _> = std::panic::AssertUnwindSafe(panics).catch_unwind().await;
    assert!(ended.is_err());
    assert_eq!(counts(&sink.take()), [1]);

    let hangs = run_instrumented(
        &telemetry,
        "f",
        &invocation,
        Box::pin(async {
            metrics::DEFECTS.add([], 2);
            std::future::pending::<()>().await;
        }),
    );
    assert!(hangs.now_or_never().is_none());
    assert_eq!(counts(&sink.take()), [2]);
}

#[tokio::test(start_paused = true)]
async fn invocations_of_one_process_do_not_mix() {
    let (telemetry, sink) = telemetry();
    let one = |request_id: &'static str, count: u64| {
        let (telemetry, invocation) = (&telemetry, Invocation { request_id: request_id.into(), ..invocation() });
        async move {
            run_instrumented(
                telemetry,
                "f",
                &invocation,
                Box::pin(async {
                    metrics::DEFECTS.add([], count);
                    sleep(Duration::from_secs(count)).await;
                    metrics::DEFECTS.add([], count);
                }),
            )
            .await;
        }
    };
    tokio::join!(one("a", 1), one("b", 2));
    let documents = sink.take();
    let ids: Vec<_> = documents.iter().map(|document| document["request_id"].as_str().unwrap()).collect();
    assert_eq!((ids, counts(&documents)), (vec!["a", "b"], vec![&json!(2), &json!(4)]));
    // Outside of any there is nothing to write.
    metrics::DEFECTS.add([], 1);
    assert_eq!(trace(), None);
    assert_eq!(sink.take(), [] as [Value; 0]);
}
