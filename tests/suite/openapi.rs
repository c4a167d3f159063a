//! `infra/openapi.json` is what the code gives, and has the template's routes. That calls keep to it is
//! asserted of every call of every test, in [`crate::support::World`].

use std::{collections::BTreeSet, path::Path};

use local::template::Template;
use serde_json::{Value, json};

use crate::support::{Answer, ApiEvent, DOCUMENT, PAGE, assert_conforms, operation};

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    DOCUMENT["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    })
}

#[test]
fn the_committed_document_is_what_the_code_gives() {
    let committed = include_str!("../../infra/openapi.json");
    assert!(committed == openapi::text(&openapi::document()).unwrap(), "`cargo run -p openapi` writes it anew");
}

#[test]
fn the_document_has_the_routes_of_the_template_but_those_of_the_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    let template = Template::read(&path).unwrap();
    let routes = template.routes.iter().map(|route| route.key());
    let expected: BTreeSet<String> = routes.filter(|route| !PAGE.contains(&route.as_str())).collect();
    let documented: BTreeSet<String> = operations().map(|(route, _)| route).collect();
    assert_eq!(documented, expected);
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        assert!(item.as_object().unwrap().keys().all(|method| METHODS.contains(&method.as_str())));
    }
}

#[test]
fn every_route_describes_its_success_and_its_failures() {
    let mut ids = BTreeSet::new();
    for (route, operation) in operations() {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{route}: its id stands twice");
        for name in ["summary", "description"] {
            assert!(operation[name].as_str().is_some_and(|text| !text.is_empty()), "{route} has no {name}");
        }
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with(['2', '3'])), "{route} never succeeds");
        for status in ["401", "403", "429", "500", "503"] {
            assert!(answers.contains_key(status), "{route} has no {status}");
        }
        assert_eq!(answers.contains_key("413"), operation["requestBody"].is_object(), "{route}");
        for (status, answer) in answers.iter().filter(|(status, _)| *status >= &"400".to_owned()) {
            let codes = answer["x-problem-codes"].as_array();
            for (kind, content) in answer["content"].as_object().unwrap() {
                let (schema, has_codes) = match kind.as_str() {
                    "application/problem+json" => ("Problem", codes.is_some_and(|codes| !codes.is_empty())),
                    kind => ("GatewayMessage", kind == "application/json"),
                };
                let reference = json!({"$ref": format!("#/components/schemas/{schema}")});
                assert!(has_codes && content["schema"] == reference, "{route} {status} {kind}");
            }
        }
    }
}

#[test]
fn every_code_has_a_meaning_and_every_one_is_used() {
    let codes = DOCUMENT.pointer("/components/schemas/ProblemCode").unwrap();
    let listed: BTreeSet<&str> = codes["enum"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    let meanings = codes["description"].as_str().unwrap();
    for code in &listed {
        assert!(meanings.contains(&format!("- `{code}`: ")), "{code} has no meaning");
    }
    let mut used = BTreeSet::new();
    for (_, operation) in operations() {
        for answer in operation["responses"].as_object().unwrap().values() {
            let codes = answer["x-problem-codes"].as_array();
            used.extend(codes.into_iter().flatten().map(|code| code.as_str().unwrap()));
        }
    }
    assert_eq!(used, listed);
}

/// The routes whose request may not be sent again by itself.
const REQUIRED_KEY: [&str; 6] = [
    "DELETE /tickets/{id}/messages/{message_id}",
    "POST /tickets",
    "POST /tickets/{id}/messages",
    "POST /tickets/{id}/rating",
    "POST /tickets/{id}/reopen",
    "POST /tickets/{id}/urge",
];

#[test]
fn keys_are_demanded_where_a_vendor_would_do_it_twice() {
    let demands = |route: &str| {
        let parameters = operation(route).unwrap()["parameters"].as_array().unwrap();
        parameters.contains(&json!({"$ref": "#/components/parameters/requiredKey"}))
    };
    for (route, operation) in operations().filter(|(_, operation)| operation["parameters"].is_array()) {
        let expected = REQUIRED_KEY.contains(&route.as_str());
        assert_eq!(demands(&route), expected, "{route}: {}", operation["operationId"]);
    }
}

/// An answer of the function, as its event has it.
fn answer(status: u64, kind: &str, body: &Value) -> Answer {
    let headers = json!({"content-type": kind, "etag": "\"6f5902ac237024bdd0c176cb93063dc4\""});
    Answer::read(&json!({"statusCode": status, "headers": headers, "body": body.to_string()}))
}

fn not_found(code: &str) -> Value {
    json!({
        "type": "about:blank", "title": "Not Found", "status": 404, "code": code,
        "detail": "There is no such ticket.", "request_id": "r",
    })
}

const PROBLEM: &str = "application/problem+json";

fn show() -> Value {
    ApiEvent::of("GET /tickets/{id}").id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K").build().1
}

#[test]
fn an_answer_as_documented_passes() {
    assert_conforms(&show(), &answer(404, PROBLEM, &not_found("ticket_not_found")));
}

#[test]
#[should_panic(expected = "undocumented status")]
fn an_undocumented_status_is_seen() {
    assert_conforms(&show(), &answer(418, PROBLEM, &not_found("ticket_not_found")));
}

#[test]
#[should_panic(expected = "is undocumented")]
fn an_undocumented_media_type_is_seen() {
    assert_conforms(&show(), &answer(404, "text/plain", &not_found("ticket_not_found")));
}

#[test]
#[should_panic(expected = "an undocumented code")]
fn an_undocumented_code_is_seen() {
    assert_conforms(&show(), &answer(404, PROBLEM, &not_found("refresh_not_found")));
}

#[test]
#[should_panic(expected = "not as documented")]
fn an_undocumented_field_is_seen() {
    let mut problem = not_found("ticket_not_found");
    problem["hint"] = json!("try another id");
    assert_conforms(&show(), &answer(404, PROBLEM, &problem));
}

#[test]
#[should_panic(expected = "took what the document does not allow")]
fn what_is_taken_against_the_document_is_seen() {
    let (_, event) = ApiEvent::of("GET /tickets").query("limit=101").build();
    assert_conforms(&event, &answer(200, "application/json", &json!({"items": []})));
}

#[test]
#[should_panic(expected = "refused what the document allows")]
fn what_is_refused_against_the_document_is_seen() {
    let (_, event) = ApiEvent::of("GET /tickets").query("limit=100&type=HUAWEI").build();
    let mut problem = not_found("invalid_fields");
    problem["status"] = json!(400);
    assert_conforms(&event, &answer(400, PROBLEM, &problem));
}
