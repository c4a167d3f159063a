//! Names and dimensions in alarms and dashboard against those that the functions write, failures included.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use local::template::TemplateDocument;
use serde_json::{Value, json};
use simulators::{Fault, FaultRule, SimulatedFile};

use crate::{
    support::{ApiEvent, Point, World, api, demo_keys},
    template::TEMPLATE,
};

/// The namespace as the template writes it, so that names can be compared as they stand.
const NAMESPACE: &str = "Polydesk/${AWS::StackName}";

/// A metric's name and the names of its dimensions.
type Seen = BTreeSet<(String, Vec<String>)>;

#[tokio::test(flavor = "multi_thread")]
async fn alarms_and_dashboard_name_every_metric_that_is_written_and_no_other() {
    let world = World::start_with(&[("METRICS_NAMESPACE", NAMESPACE)]).await;
    let (points, zeros) = story(&world).await;
    for point in &points {
        assert_eq!(point.namespace, NAMESPACE, "{point:?}");
    }
    let mut written: Seen =
        points.into_iter().map(|point| (point.name, point.dimensions.into_keys().collect())).collect();
    written.extend(zeros.into_iter().map(|name| (name, Vec::new())));
    let mut in_use = in_alarms();
    in_use.extend(in_dashboard());
    assert_eq!(in_use, written, "in alarms and dashboard / written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_has_one_unit_and_one_set_of_dimensions() {
    let world = World::start().await;
    let mut known = BTreeMap::new();
    for point in story(&world).await.0 {
        let names: Vec<_> = point.dimensions.keys().cloned().collect();
        assert!(["Count", "Milliseconds", "Seconds"].contains(&point.unit.as_str()), "{point:?}");
        let of_first = known.entry(point.name).or_insert((point.unit.clone(), names.clone()));
        assert_eq!(*of_first, (point.unit, names));
        // Few values, none of them an id.
        for (name, value) in &point.dimensions {
            let expected = match name.as_str() {
                "Vendor" => ["ALIBABA", "HUAWEI", "TENCENT"].contains(&value.as_str()),
                "Site" => ["china", "international"].contains(&value.as_str()),
                "Operation" | "Class" => value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                _ => false,
            };
            assert!(expected, "{name}: {value}");
        }
    }
}

/// Everything that writes a metric happens once. Also gives the names of the metrics that were 0 and not written.
async fn story(world: &World) -> (Vec<Point>, BTreeSet<String>) {
    let accounts = world.register_accounts().await;
    let (vendor, account) = ("HUAWEI", accounts.huawei.as_str());
    let sim = world.simulated(vendor);
    let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
    sim.support_answers(&cloud_id, "请看附件", world.now_ms(), vec![SimulatedFile::text("1.log", "日志")]);
    let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key("r1");
    world.call(reply.body(json!({"content": "您好"}))).await.expect(201);
    let throttle = Fault::Throttle { retry_after_ms: None };
    sim.fault(FaultRule::always(api(vendor).create, throttle));
    world.call_within(world.create_event(vendor, account, "k2"), Duration::from_secs(9)).await.expect(429);
    sim.no_faults();
    sim.fault(FaultRule::times(api(vendor).create, 1, Fault::CutAfter));
    world.call(world.create_event(vendor, account, "k3")).await.expect(202);
    world.sync().await;
    world.copy_files().await;
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    defect(world, account).await;
    unreadable_record(world).await;
    sim.remove_keys(demo_keys(vendor).id);
    world.call(world.create_event(vendor, account, "k4")).await.expect_problem(422, "account_keys_refused");
    assert_eq!(world.refresh(json!({})).await["state"], "failed");
    world.stack.stream.wait_until_idle().await;
    world.metrics.points_and_zeros()
}

/// A ticket that can't be read: our own error.
async fn defect(world: &World, account: &str) {
    let (ticket, _) = world.create("HUAWEI", account, "broken").await;
    world.stack.stream.wait_until_idle().await;
    let broken = AttributeValue::S("broken".into());
    world.overwrite(&format!("TICKET#{ticket}"), "TICKET", "create_time", broken).await;
    world.call(ApiEvent::of("GET /tickets/{id}").id(&ticket)).await.expect(500);
}

/// Delivers an unreadable record of the stream, which becomes a dead letter.
async fn unreadable_record(world: &World) {
    let event = json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "1"}}]});
    let deadline = Instant::now() + Duration::from_secs(60);
    let done = world.stack.invoke("publish-events", event, deadline).await.unwrap();
    assert_eq!(done, json!({"batchItemFailures": []}));
}

fn text(value: &Value) -> String {
    TemplateDocument::text(value).unwrap_or_else(|| panic!("no text: {value}"))
}

fn in_alarms() -> Seen {
    let alarms = TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm");
    let ours = alarms.filter(|(_, alarm)| text(&alarm["Properties"]["Namespace"]) == NAMESPACE);
    ours.map(|(id, alarm)| {
        let properties = &alarm["Properties"];
        assert!(properties.get("Dimensions").is_none(), "{id}: over all vendors and accounts");
        (properties["MetricName"].as_str().unwrap().to_owned(), Vec::new())
    })
    .collect()
}

fn widgets() -> Vec<Value> {
    let (_, dashboard) = TEMPLATE.document.resources_of("AWS::CloudWatch::Dashboard").next().unwrap();
    let body: Value = serde_json::from_str(&text(&dashboard["Properties"]["DashboardBody"])).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

fn in_dashboard() -> Seen {
    let mut seen = Seen::new();
    for widget in widgets().iter().filter(|widget| widget["type"] == "metric") {
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            let parts: Vec<&str> = metric.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            match parts.as_slice() {
                [] => drop(seen.insert(searched(metric[0]["expression"].as_str().unwrap()))),
                [namespace, name, pairs @ ..] if *namespace == NAMESPACE => {
                    let dimensions = pairs.iter().step_by(2).map(|name| (*name).to_owned()).collect();
                    seen.insert(((*name).to_owned(), dimensions));
                }
                [namespace, name, dimension, value] => aws_metric(namespace, name, dimension, value),
                other => panic!("{other:?}"),
            }
        }
    }
    seen
}

/// `SEARCH('{"<namespace>",Vendor,Operation} MetricName="VendorCalls"', 'Sum', 300)`.
fn searched(expression: &str) -> (String, Vec<String>) {
    let rest = expression.strip_prefix(&format!("SEARCH('{{\"{NAMESPACE}\",")).expect(expression);
    let (dimensions, rest) = rest.split_once("} MetricName=\"").expect(expression);
    let (name, rest) = rest.split_once("\"', '").expect(expression);
    assert!(rest.ends_with(')'), "{expression}");
    let mut dimensions: Vec<String> = dimensions.split(',').map(str::to_owned).collect();
    dimensions.sort();
    (name.to_owned(), dimensions)
}

/// A metric that AWS writes, of a resource of this stack.
fn aws_metric(namespace: &str, name: &str, dimension: &str, value: &str) {
    let known: (&[&str], &str, &str) = match namespace {
        "AWS/Lambda" => {
            (&["Errors", "Throttles", "Duration", "IteratorAge"], "FunctionName", "AWS::Serverless::Function")
        }
        "AWS/SQS" => (&["ApproximateNumberOfMessagesVisible"], "QueueName", "AWS::SQS::Queue"),
        "AWS/ApiGateway" => {
            (&["Count", "4xx", "5xx", "Latency", "IntegrationLatency"], "ApiId", "AWS::ApiGatewayV2::Api")
        }
        _ => panic!("{namespace}"),
    };
    assert!(known.0.contains(&name) && known.1 == dimension, "{namespace} {name} {dimension}");
    let id = local::template::reference(value).expect(value);
    assert_eq!(TEMPLATE.document.resource(id).expect(id)["Type"], known.2, "{value}");
}

#[test]
fn the_dashboard_shows_every_alarm() {
    let shown: BTreeSet<String> = widgets()
        .iter()
        .filter(|widget| widget["type"] == "alarm")
        .flat_map(|widget| widget["properties"]["alarms"].as_array().unwrap().clone())
        .map(|alarm| alarm.as_str().unwrap().to_owned())
        .collect();
    // Its text can name nothing that is not in every stack.
    let alarms = TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm");
    let alarms = alarms.filter(|(_, alarm)| alarm["Condition"] != "WatchesDesk");
    assert_eq!(shown, alarms.map(|(id, _)| format!("${{{id}.Arn}}")).collect());
}

#[test]
fn widgets_do_not_overlap() {
    let mut taken = BTreeSet::new();
    for widget in widgets() {
        let number = |name: &str| widget[name].as_u64().unwrap();
        assert!(number("x") + number("width") <= 24, "{widget}");
        for x in number("x")..number("x") + number("width") {
            for y in number("y")..number("y") + number("height") {
                assert!(taken.insert((x, y)), "{widget}");
            }
        }
    }
}
