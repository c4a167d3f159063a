//! One operation of the document: what a route takes and every answer it can give.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value, json};
use shared::{domain::entity_tag::TAG_CHARS, problem_code::ProblemCode};

use crate::{
    examples,
    parameters::{common, path_id, path_message},
    problems::{ANY, BODY, IF_MATCH, KEY, OPTIONAL_BODY, PATH_ID, Problems, REQUIRED_KEY, meaning},
    schemas::reference,
};

/// Answers of API Gateway itself on every route.
const GATEWAY: [u16; 5] = [401, 403, 429, 500, 503];

/// An operation under construction.
pub struct Operation {
    id: String,
    value: Map<String, Value>,
    parameters: Vec<Value>,
    answers: BTreeMap<u16, Value>,
    problems: BTreeMap<u16, BTreeSet<ProblemCode>>,
    gateway: BTreeSet<u16>,
    replays: bool,
}

impl Operation {
    /// An operation that can fail in the ways of every route.
    pub fn new(id: &str, tag: &str, summary: &str, description: &str) -> Self {
        let value = json!({"operationId": id, "tags": [tag], "summary": summary, "description": description});
        let operation = Self {
            id: id.to_owned(),
            value: value.as_object().cloned().unwrap_or_default(),
            parameters: Vec::new(),
            answers: BTreeMap::new(),
            problems: BTreeMap::new(),
            gateway: GATEWAY.into(),
            replays: false,
        };
        operation.problems(ANY)
    }

    /// With an id in the path.
    pub fn path_id(mut self, of: &str) -> Self {
        self.parameters.push(path_id(of));
        self.problems(PATH_ID)
    }

    /// With an id in the path, beside the first.
    pub fn path_parameter(mut self, name: &str, of: &str) -> Self {
        let mut parameter = path_id(of);
        parameter["name"] = json!(name);
        self.parameters.push(parameter);
        self
    }

    /// With the vendor's id of a message in the path, beside the ticket's.
    pub fn path_message(mut self) -> Self {
        self.parameters.push(path_message());
        self
    }

    /// With parameters of the query.
    pub fn query(mut self, parameters: Vec<Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// With an `Idempotency-Key` that may be left out.
    pub fn key(mut self) -> Self {
        self.parameters.push(common("key"));
        self.replays = true;
        self.problems(KEY)
    }

    /// With an `Idempotency-Key` that must stand.
    pub fn required_key(mut self) -> Self {
        self.parameters.push(common("requiredKey"));
        self.replays = true;
        self.problems(KEY).problems(REQUIRED_KEY)
    }

    /// With a body.
    pub fn body(self, schema: Value) -> Self {
        self.with_body(true, schema).problems(BODY)
    }

    /// With a body that may be absent.
    pub fn optional_body(self, schema: Value) -> Self {
        self.with_body(false, schema).problems(OPTIONAL_BODY)
    }

    fn with_body(mut self, required: bool, schema: Value) -> Self {
        let mut content = json!({"application/json": {"schema": schema}});
        if let Some(example) = examples::request(&self.id) {
            content["application/json"]["example"] = example;
        }
        self.value.insert("requestBody".to_owned(), json!({"required": required, "content": content}));
        self.gateway.insert(413);
        self
    }

    /// Can fail in these ways.
    pub fn problems(mut self, problems: Problems) -> Self {
        for (status, codes) in problems {
            let fits = |code: &ProblemCode| code.kinds().iter().any(|kind| kind.status() == *status);
            debug_assert!(codes.iter().all(fits), "a code of {codes:?} never comes with {status}");
            self.problems.entry(*status).or_default().extend(*codes);
        }
        self
    }

    /// Can succeed like this, without a body.
    pub fn empty_answer(mut self, status: StatusCode, description: &str) -> Self {
        self.answers.insert(status.as_u16(), json!({"description": description}));
        self
    }

    /// Leads to a link of another host, which is valid for a short time.
    pub fn redirect(mut self, description: &str) -> Self {
        let answer = json!({"description": description, "headers": {"Location": header("FileLink")}});
        self.answers.insert(StatusCode::FOUND.as_u16(), answer);
        self
    }

    /// Can succeed like this.
    pub fn answer(mut self, status: StatusCode, description: &str, schema: Value) -> Self {
        let mut answer = json!({"description": description, "content": {"application/json": {"schema": schema}}});
        if let Some(example) = examples::answer(&self.id, status.as_u16()) {
            answer["content"]["application/json"]["example"] = example;
        }
        self.answers.insert(status.as_u16(), answer);
        self
    }

    /// The answer of that status has a `Location`.
    pub fn location(mut self, status: StatusCode) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.as_u16()) {
            answer["headers"]["Location"] = header("Location");
        }
        self
    }

    /// Its answer of 200, if it has one, has a tag, and is left out where the caller has it.
    pub fn conditional(mut self) -> Self {
        let Some(answer) = self.answers.get_mut(&StatusCode::OK.as_u16()) else { return self };
        answer["headers"]["ETag"] = header("ETag");
        self.parameters.push(common("ifNoneMatch"));
        let description = "The answer is the one that `If-None-Match` names.";
        let answer = json!({"description": description, "headers": {"ETag": header("ETag")}});
        self.answers.insert(StatusCode::NOT_MODIFIED.as_u16(), answer);
        self
    }

    /// With an `If-Match`.
    pub fn if_match(mut self) -> Self {
        self.parameters.push(common("ifMatch"));
        self.problems(IF_MATCH)
    }

    /// From the answer of that status one can go on to another operation.
    pub fn link(mut self, status: StatusCode, name: &str, link: Value) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.as_u16()) {
            answer["links"][name] = link;
        }
        self
    }

    /// The operation as it stands in the document.
    pub fn build(mut self) -> Value {
        if !self.parameters.is_empty() {
            self.value.insert("parameters".to_owned(), Value::Array(self.parameters));
        }
        let statuses: BTreeSet<u16> = self.problems.keys().copied().chain(self.gateway.clone()).collect();
        for status in statuses {
            let answer = failure(status, self.problems.get(&status), self.gateway.contains(&status));
            self.answers.insert(status, answer);
        }
        let mut responses = Map::new();
        for (status, mut answer) in self.answers {
            answer["headers"]["apigw-requestid"] = header("RequestId");
            if self.replays && status < 300 {
                answer["headers"]["Idempotency-Replayed"] = header("Replayed");
            }
            responses.insert(status.to_string(), answer);
        }
        self.value.insert("responses".to_owned(), Value::Object(responses));
        Value::Object(self.value)
    }
}

fn failure(status: u16, codes: Option<&BTreeSet<ProblemCode>>, by_gateway: bool) -> Value {
    let mut answer = json!({"description": meaning(status), "content": {}});
    if let Some(codes) = codes {
        let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        answer["description"] = json!(format!("{}\n\nCodes: `{}`.", meaning(status), names.join("`, `")));
        answer["x-problem-codes"] = json!(names);
        answer["content"]["application/problem+json"] = json!({"schema": reference("Problem")});
        if matches!(status, 409 | 429 | 502 | 503) {
            answer["headers"]["Retry-After"] = header("RetryAfter");
        }
    }
    if by_gateway {
        answer["content"]["application/json"] = json!({"schema": reference("GatewayMessage")});
    }
    answer
}

/// A link to the operation with that id, whose path id stands at `pointer` of the answer's body.
pub fn link_by_id(operation: &str, pointer: &str) -> Value {
    json!({"operationId": operation, "parameters": {"path.id": format!("$response.body#{pointer}")}})
}

/// A link to the next page of a list.
pub fn link_to_next_page(operation: &str) -> Value {
    json!({"operationId": operation, "parameters": {"query.cursor": "$response.body#/next_cursor"}})
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// The headers of answers.
pub fn headers() -> Value {
    let text = json!({"type": "string"});
    json!({
        "Location": {
            "description": "Path of what was made.",
            "required": true,
            "schema": {"type": "string", "pattern": "^/"},
        },
        "ETag": {
            "description": "Names the answer: another one has another tag.",
            "required": true,
            "schema": {"type": "string", "pattern": format!("^\"[0-9a-f]{{{TAG_CHARS}}}\"$")},
        },
        "FileLink": {
            "description": "A signed link to the file.",
            "required": true,
            "schema": {"type": "string", "pattern": "^https?://"},
        },
        "Replayed": {
            "description": "Stands where the answer was given before.",
            "schema": {"type": "string", "const": "true"},
        },
        "RetryAfter": {
            "description": "Whole seconds after which the same request makes sense again, where that is known.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "RequestId": {"description": "API Gateway's id of the request.", "schema": text},
    })
}
