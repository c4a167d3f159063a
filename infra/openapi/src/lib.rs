//! The API as an OpenAPI 3.1 document: `infra/openapi.json`.
//!
//! Schemas of bodies come from the types that the functions read and answer ([`schemas`]). Limits come from the
//! constants that they check against ([`bodies`], [`parameters`]). [`routes`] says what each route takes and answers,
//! [`examples`] shows both.
//! The types derive their schemas behind the feature `schema`, which no function enables.

pub mod bodies;
pub mod examples;
pub mod operation;
pub mod parameters;
pub mod problems;
pub mod routes;
pub mod schemas;
mod text;

use serde_json::{Value, json};

use crate::schemas::Schemas;
pub use crate::text::text;

/// The document.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let paths = routes::paths(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Polydesk",
            "summary": "One API for support tickets at Alibaba Cloud, Huawei Cloud and Tencent Cloud",
            "description": INTRODUCTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com",
                "description": "A deployed stack; its output ApiUrl is this address.",
                "variables": {
                    "api": {"default": "api-id", "description": "The API's id."},
                    "region": {"default": "us-east-1", "description": "The stack's region."},
                },
            },
            {
                "url": "http://127.0.0.1:8787",
                "description": "`cargo run -p local -- serve`, which asks for the access key of its start.",
            },
        ],
        "security": [{"iam": []}, {"jwt": []}],
        "tags": [
            {"name": "accounts", "description": "Sets of keys at a vendor."},
            {"name": "tickets", "description": "Support requests, their messages and archives."},
            {"name": "catalog", "description": "What a new ticket must choose from."},
            {"name": "audit", "description": "Who wrote what."},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "parameters": parameters::shared(),
            "headers": operation::headers(),
            "securitySchemes": security_schemes(),
        },
    })
}

const INTRODUCTION: &str = "\
Bodies are JSON in UTF-8, at most 64 KiB; the Content-Type of a request is ignored, except that `serve` answers 415 \
to a write that is not `application/json`. In a request's body a field \
that is `null` counts as absent. Times are Unix milliseconds. \
Ids are 1 to 64 characters out of `A-Z a-z 0-9 . _ ~ -`, and not `.` or `..`.

Errors of the functions are `application/problem+json` (RFC 9457) with a stable `code`. Errors of the API Gateway in \
front of them are `application/json` with a `message`.

Answers may get further fields; a request with a field or query parameter that is not listed is refused, except that \
a route that changes something ignores its query string.";

/// IAM is the default; the stack's parameters `JwtIssuer` and `JwtAudience` put a JWT authoriser in its place.
fn security_schemes() -> Value {
    json!({
        "iam": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "AWS Signature Version 4 for the service `execute-api`, by a caller that may \
                            `execute-api:Invoke`. The default.",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
        "jwt": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "In place of IAM where the stack has an issuer and an audience (parameters JwtIssuer and \
                            JwtAudience).",
        },
    })
}
