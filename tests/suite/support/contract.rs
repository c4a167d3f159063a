//! Whether calls keep to `infra/openapi.json`: every answer is one of the route's, and what the route takes
//! fits what it says it takes.

mod schema;

use std::sync::LazyLock;

use serde_json::{Map, Value};

use self::schema::fits;
use super::Answer;

/// The committed document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../infra/openapi.json")).unwrap());

/// The routes of the desk, which are no part of the API's document: they give files to a browser, and no program calls
/// them. Their tests are in `functions/serve-desk` and `suite/desk.rs`.
pub const PAGE: [&str; 3] = ["GET /", "GET /desk", "GET /desk/{path+}"];

/// Codes of a 400 for what the request alone shows. JSON Schema can't say how long a whole body is.
const MISFITS: [&str; 7] = [
    "body_empty",
    "body_not_an_object",
    "body_not_json",
    "idempotency_key_required",
    "invalid_fields",
    "invalid_id",
    "invalid_idempotency_key",
];

/// Asserts that the call of an API Gateway event conforms to the document.
#[track_caller]
pub fn assert_conforms(event: &Value, answer: &Answer) {
    let route = event["routeKey"].as_str().unwrap();
    if PAGE.contains(&route) {
        return;
    }
    let Some(operation) = operation(route) else {
        assert_eq!(answer.body["code"], "route_not_found", "{route} is not in the document");
        return;
    };
    assert_documented(route, operation, answer);
    let misfit = misfit(operation, event);
    if (200..300).contains(&answer.status) {
        assert_eq!(misfit, None, "{route} took what the document does not allow: {event}");
    }
    let refused = answer.body["code"].as_str().is_some_and(|code| MISFITS.contains(&code));
    let is_loopback_refused = is_loopback(event) && answer.pointers() == ["/endpoint"];
    let is_beyond_schemas = is_loopback_refused || is_invisible(answer) || is_day(answer);
    if refused && !is_beyond_schemas {
        assert!(misfit.is_some(), "{route} refused what the document allows: {answer}, {event}");
    }
}

/// Whether an account names a loopback address, which the document allows and a deployed stack does not.
fn is_loopback(event: &Value) -> bool {
    event["body"].as_str().is_some_and(|body| body.contains("http://127.0.0.1:"))
}

/// Whether a text was refused because none of its characters is visible: patterns of JSON Schema have no such class.
fn is_invisible(answer: &Answer) -> bool {
    let of_it = |error: &Value| error["detail"] == "must have a visible character";
    answer.body["errors"].as_array().is_some_and(|errors| !errors.is_empty() && errors.iter().all(of_it))
}

/// Whether a day was refused that is in no calendar, or too far from another one: no schema of a text can say that.
fn is_day(answer: &Answer) -> bool {
    let of_it = |error: &Value| error["detail"].as_str().is_some_and(|detail| detail.contains(" day "));
    answer.body["errors"].as_array().is_some_and(|errors| !errors.is_empty() && errors.iter().all(of_it))
}

/// The document's operation of a route, as `POST /tickets`.
pub fn operation(route: &str) -> Option<&'static Value> {
    let (method, path) = route.split_once(' ')?;
    DOCUMENT["paths"].get(path)?.get(method.to_lowercase())
}

#[track_caller]
fn assert_documented(route: &str, operation: &'static Value, answer: &Answer) {
    let documented = &operation["responses"][answer.status.to_string()];
    assert!(documented.is_object(), "{route} has an undocumented status: {answer}");
    let content = documented["content"].as_object().cloned().unwrap_or_default();
    if content.is_empty() {
        assert_eq!(answer.body, Value::Null, "{route} has an undocumented body");
    } else {
        let kind = answer.header("content-type").unwrap();
        let media = content.get(kind).unwrap_or_else(|| panic!("{route}: {kind} is undocumented: {answer}"));
        let broken = fits(&media["schema"], &answer.body, true);
        assert_eq!(broken, None, "{route} has an answer that is not as documented: {answer}");
        if kind == "application/problem+json" {
            let codes = documented["x-problem-codes"].as_array().unwrap();
            assert!(codes.contains(&answer.body["code"]), "{route} has an undocumented code: {answer}");
            assert_eq!(answer.body["status"], answer.status, "{route} has another status in its body: {answer}");
        }
    }
    for (name, header) in documented["headers"].as_object().unwrap() {
        let header = resolve(header);
        match answer.header(&name.to_lowercase()) {
            Some(text) => {
                let broken = fits(&header["schema"], &typed(&header["schema"], text), false);
                assert_eq!(broken, None, "{route} has an undocumented {name}: {text}");
            }
            None => assert_ne!(header["required"], true, "{route} lacks {name}: {answer}"),
        }
    }
    for name in ["location", "idempotency-replayed", "retry-after"] {
        let known = documented["headers"].as_object().unwrap().keys().any(|key| key.to_lowercase() == name);
        assert!(known || answer.header(name).is_none(), "{route} has an undocumented {name}: {answer}");
    }
}

/// What of the request the document does not allow, if anything.
fn misfit(operation: &'static Value, event: &Value) -> Option<String> {
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().map(resolve).collect();
    let of = |place: &'static str| parameters.iter().filter(move |one| one["in"] == place);
    for parameter in of("path").chain(of("header")) {
        let name = parameter["name"].as_str().unwrap();
        let value = match parameter["in"].as_str() {
            Some("path") => &event["pathParameters"][name],
            _ => &event["headers"][name.to_lowercase()],
        };
        if value.is_null() && parameter["required"] != true {
            continue;
        }
        if let Some(broken) = fits(&parameter["schema"], value, false) {
            return Some(format!("{name}: {broken}"));
        }
    }
    let reads_query = event["requestContext"]["http"]["method"] == "GET";
    let query = event["rawQueryString"].as_str().unwrap().as_bytes();
    let mut seen = Map::new();
    for (name, text) in form_urlencoded::parse(query).filter(|_| reads_query) {
        let Some(parameter) = of("query").find(|one| one["name"] == *name) else {
            return Some(format!("{name} is unknown"));
        };
        let value = typed(&parameter["schema"], &text);
        if let Some(broken) = fits(&parameter["schema"], &value, false) {
            return Some(format!("{name}: {broken}"));
        }
        if seen.insert(name.to_string(), value).is_some() {
            return Some(format!("{name} stands twice"));
        }
    }
    let missing = of("query").find(|one| one["required"] == true && !seen.contains_key(one["name"].as_str().unwrap()));
    if let Some(missing) = missing.filter(|_| reads_query) {
        return Some(format!("{} is missing", missing["name"]));
    }
    body_misfit(operation, event)
}

fn body_misfit(operation: &Value, event: &Value) -> Option<String> {
    let body = operation.get("requestBody")?;
    let text = event["body"].as_str().unwrap_or_default();
    if text.is_empty() {
        return (body["required"] == true).then(|| "no body".to_owned());
    }
    match serde_json::from_str(text) {
        Ok(value) => fits(&body["content"]["application/json"]["schema"], &value, false),
        Err(error) => Some(error.to_string()),
    }
}

/// What of an operation's examples is not as documented, or missing, if anything.
pub fn example_misfit(operation: &Value) -> Option<String> {
    let misfit = |content: &Value, closed| match content["application/json"].get("example") {
        Some(example) => fits(&content["application/json"]["schema"], example, closed),
        None => Some("no example".to_owned()),
    };
    if let Some(body) = operation.get("requestBody")
        && let Some(broken) = misfit(&body["content"], false)
    {
        return Some(format!("request: {broken}"));
    }
    let answers = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
    let with_body: Vec<_> = answers.filter_map(|(_, answer)| answer.get("content")).collect();
    // One run has one answer of an operation.
    let broken: Vec<_> = with_body.iter().filter_map(|content| misfit(content, true)).collect();
    broken.first().filter(|_| broken.len() == with_body.len()).cloned()
}

/// What a text of a query or header stands for, by its schema.
fn typed(schema: &'static Value, text: &str) -> Value {
    let read = match resolve(schema)["type"].as_str() {
        Some("integer") => text.parse::<i64>().ok().map(Value::from),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| text.into())
}

/// What a reference stands for; anything else stands for itself.
fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(pointer) => DOCUMENT.pointer(&pointer[1..]).unwrap(),
        None => value,
    }
}
