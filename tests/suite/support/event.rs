//! Real API Gateway v2 events, with what a test wants in them.

use serde_json::{Value, json};

/// An event of `tests/events`, made into another call of the API.
pub struct ApiEvent {
    method: String,
    route: String,
    path: String,
    id: Option<String>,
    reply_id: Option<String>,
    attachment_id: Option<String>,
    message_id: Option<String>,
    rest: Option<String>,
    query: String,
    headers: Vec<(&'static str, String)>,
    authorizer: Option<Value>,
    variables: Option<Value>,
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
            attachment_id: None,
            message_id: None,
            rest: None,
            query: String::new(),
            headers: Vec::new(),
            authorizer: None,
            variables: None,
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

    /// With the path's file.
    pub fn attachment_id(mut self, id: &str) -> Self {
        self.path = self.path.replace("{attachment_id}", id);
        self.attachment_id = Some(id.into());
        self
    }

    /// With the path's message.
    pub fn message_id(mut self, id: &str) -> Self {
        self.path = self.path.replace("{message_id}", id);
        self.message_id = Some(id.into());
        self
    }

    /// With the rest of the path.
    pub fn rest(mut self, rest: &str) -> Self {
        self.path = self.path.replace("{path+}", rest);
        self.rest = Some(rest.into());
        self
    }

    /// With a query string.
    pub fn query(mut self, query: &str) -> Self {
        self.query = query.into();
        self
    }

    /// With an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a header, by its lower-case name.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a token of these claims, in place of the signature of an IAM role.
    pub fn claims(mut self, claims: Value) -> Self {
        self.authorizer = Some(json!({"jwt": {"claims": claims, "scopes": null}}));
        self
    }

    /// With these variables of the stage.
    pub fn variables(mut self, variables: Value) -> Self {
        self.variables = Some(variables);
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
        if let Some(authorizer) = self.authorizer {
            event["requestContext"]["authorizer"] = authorizer;
        }
        if let Some(variables) = self.variables {
            event["stageVariables"] = variables;
        }
        let event_object = event.as_object_mut().unwrap();
        match (self.id, self.reply_id) {
            (Some(id), None) => event_object.insert("pathParameters".into(), json!({"id": id})),
            (Some(id), Some(reply)) => {
                event_object.insert("pathParameters".into(), json!({"id": id, "reply_id": reply}))
            }
            (None, _) => event_object.remove("pathParameters"),
        };
        if let Some(id) = self.attachment_id {
            event_object["pathParameters"]["attachment_id"] = json!(id);
        }
        if let Some(id) = self.message_id {
            event_object["pathParameters"]["message_id"] = json!(id);
        }
        if let Some(rest) = self.rest {
            event_object.insert("pathParameters".into(), json!({"path": rest}));
        }
        let body = self.raw_body.or(self.body.map(|body| body.to_string()));
        match body {
            Some(body) => event_object.insert("body".into(), json!(body)),
            None => event_object.remove("body"),
        };
        let headers = event["headers"].as_object_mut().unwrap();
        headers.retain(|name, _| name != "idempotency-key");
        headers.extend(self.headers.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
        (function(&self.route), event)
    }
}

fn function(route: &str) -> &'static str {
    match route {
        "GET /catalog/form" | "POST /attachments" | "POST /tickets" => "create-ticket",
        "DELETE /tickets/{id}"
        | "DELETE /tickets/{id}/hold"
        | "POST /tickets/{id}/close"
        | "PUT /tickets/{id}/hold" => "close-ticket",
        "POST /tickets/{id}/messages" | "POST /tickets/{id}/reopen" => "reply-ticket",
        "DELETE /tickets/{id}/messages/{message_id}"
        | "POST /tickets/{id}/rating"
        | "POST /tickets/{id}/replies/{reply_id}/resolution"
        | "POST /tickets/{id}/resolution"
        | "POST /tickets/{id}/urge" => "resolve-outcome",
        "GET /audit"
        | "GET /statistics"
        | "GET /tickets"
        | "GET /tickets/{id}/attachments/{attachment_id}"
        | "GET /tickets/{id}"
        | "GET /tickets/{id}/messages"
        | "GET /tickets/{id}/transcript"
        | "GET /tickets/{id}/verification" => "query-tickets",
        "GET /" | "GET /desk" | "GET /desk/{path+}" => "serve-desk",
        "POST /catalog/refresh" => "refresh-catalog",
        route if route.contains(" /accounts") => "manage-accounts",
        _ => "query-catalog",
    }
}
