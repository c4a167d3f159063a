//! Real API Gateway v2 events, with what a test wants in them.

use serde_json::{Value, json};

/// An event of `tests/events`, made into another call of the API.
pub struct ApiEvent {
    method: String,
    route: String,
    path: String,
    id: Option<String>,
    reply_id: Option<String>,
    query: String,
    key: Option<String>,
    body: Option<Value>,
    raw_body: Option<String>,
}

impl ApiEvent {
    /// A call of a route without an id, for example `POST /tickets`.
    pub fn of(route: &str) -> Self {
        let (method, path) = route.split_once(' ').unwrap();
        Self {
            method: method.into(),
            route: route.into(),
            path: path.into(),
            id: None,
            reply_id: None,
            query: String::new(),
            key: None,
            body: None,
            raw_body: None,
        }
    }

    /// A close of the ticket.
    pub fn close(id: &str) -> Self {
        Self::of("POST /tickets/{id}/close").id(id)
    }

    /// With the path's id, as a client percent-encodes it: API Gateway hands it over decoded.
    pub fn id(mut self, id: &str) -> Self {
        self.path = self.path.replace("{id}", id);
        self.id = Some(id.into());
        self
    }

    /// With the path's reply.
    pub fn reply_id(mut self, id: &str) -> Self {
        self.path = self.path.replace("{reply_id}", id);
        self.reply_id = Some(id.into());
        self
    }

    /// With a query string.
    pub fn query(mut self, query: &str) -> Self {
        self.query = query.into();
        self
    }

    /// With an `Idempotency-Key`.
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With a JSON body.
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// With any body.
    pub fn raw_body(mut self, body: &str) -> Self {
        self.raw_body = Some(body.into());
        self
    }

    /// The function that serves the route, and the event for it.
    pub fn build(self) -> (&'static str, Value) {
        let mut event: Value = serde_json::from_str(include_str!("../../events/create-ticket.json")).unwrap();
        event["routeKey"] = json!(self.route);
        event["rawPath"] = json!(self.path);
        event["rawQueryString"] = json!(self.query);
        event["requestContext"]["routeKey"] = json!(self.route);
        event["requestContext"]["http"]["method"] = json!(self.method);
        event["requestContext"]["http"]["path"] = json!(self.path);
        let event_object = event.as_object_mut().unwrap();
        match (self.id, self.reply_id) {
            (Some(id), None) => event_object.insert("pathParameters".into(), json!({"id": id})),
            (Some(id), Some(reply)) => {
                event_object.insert("pathParameters".into(), json!({"id": id, "reply_id": reply}))
            }
            (None, _) => event_object.remove("pathParameters"),
        };
        let body = self.raw_body.or(self.body.map(|body| body.to_string()));
        match body {
            Some(body) => event_object.insert("body".into(), json!(body)),
            None => event_object.remove("body"),
        };
        let headers = event["headers"].as_object_mut().unwrap();
        headers.retain(|name, _| name != "idempotency-key");
        if let Some(key) = self.key {
            headers.insert("idempotency-key".into(), json!(key));
        }
        (function(&self.route), event)
    }
}

fn function(route: &str) -> &'static str {
    match route {
        "POST /tickets" => "create-ticket",
        "POST /tickets/{id}/close" => "close-ticket",
        "POST /tickets/{id}/messages" => "reply-ticket",
        "POST /tickets/{id}/resolution" | "POST /tickets/{id}/replies/{reply_id}/resolution" => "resolve-outcome",
        "GET /statistics"
        | "GET /tickets"
        | "GET /tickets/{id}"
        | "GET /tickets/{id}/messages"
        | "GET /tickets/{id}/verification" => "query-tickets",
        "POST /catalog/refresh" => "refresh-catalog",
        route if route.contains(" /accounts") => "manage-accounts",
        _ => "query-catalog",
    }
}
