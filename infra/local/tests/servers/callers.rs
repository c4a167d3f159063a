//! What the API refuses before a function sees it, and the answer of a function that is too long.

use std::sync::Arc;

use local::gateway::Gateway;
use loopback::{AccessKey, Server};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use shared::ids::SystemRandom;

use crate::support::{Scripted, SetClock, access, template};

async fn start(functions: &Arc<Scripted>) -> (Server, AccessKey) {
    let gateway = Gateway::new(template().routes.clone(), functions.clone(), SetClock::new(), Arc::new(SystemRandom));
    let (key, _) = access();
    (gateway.unwrap().start(0, &key).await.unwrap(), key)
}

fn created() -> Arc<Scripted> {
    Scripted::new(|_| Ok(json!({"statusCode": 201})))
}

async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_caller_without_the_access_key_is_refused_as_by_a_jwt_authoriser() {
    let functions = created();
    let (server, key) = start(&functions).await;
    let post = || Client::new().post(format!("{}/tickets", server.url())).header(CONTENT_TYPE, "application/json");
    assert_eq!(status(post().bearer_auth(key.as_str())).await, StatusCode::CREATED);
    let none = post();
    let wrong = post().bearer_auth(access().0.as_str());
    let basic = post().basic_auth("polydesk", Some(key.as_str()));
    for request in [none, wrong, basic] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": "Unauthorized"}));
    }
    assert_eq!(functions.calls().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn a_route_without_authorisation_is_open_to_anyone_who_names_this_server() {
    let functions = created();
    let (server, key) = start(&functions).await;
    let get = |path: &str| Client::new().get(format!("{}{path}", server.url()));
    for path in ["/", "/desk", "/desk/", "/desk/tickets/01J?code=c"] {
        // WHEN the caller has no key, another one, or the right one
        for request in [get(path), get(path).bearer_auth("other"), get(path).bearer_auth(key.as_str())] {
            assert_eq!(status(request).await, StatusCode::CREATED, "{path}");
        }
        for (name, value) in [("origin", "https://page.example"), ("host", "page.example")] {
            assert_eq!(status(get(path).header(name, value)).await, StatusCode::FORBIDDEN, "{path} {name}");
        }
        assert_eq!(status(get(path).body("{}")).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        assert_eq!(
            status(Client::new().head(get(path).build().unwrap().url().clone())).await,
            StatusCode::UNAUTHORIZED
        );
    }
    // THEN the function learns of the one with the key
    let calls = functions.calls();
    assert_eq!(calls.len(), 12);
    for (number, (function, event)) in calls.iter().enumerate() {
        let is_known = !event["requestContext"]["authorizer"]["iam"].is_null();
        assert_eq!((function.as_str(), is_known), ("serve-desk", number % 3 == 2));
    }
    assert_eq!(calls[11].1["pathParameters"], json!({"path": "tickets/01J"}));
    assert_eq!(calls[6].1.get("pathParameters"), None);
    server.shutdown().await;
}

#[tokio::test]
async fn a_write_must_be_json() {
    let functions = created();
    let (server, key) = start(&functions).await;
    let send = |method: Method, path: &str, content_type: Option<&str>, body: &'static str| {
        let request = Client::new().request(method, format!("{}{path}", server.url())).bearer_auth(key.as_str());
        let request = content_type.into_iter().fold(request, |request, one| request.header(CONTENT_TYPE, one));
        request.body(body)
    };
    let (delete, patch) = ("/accounts/01J", "/accounts/01J");
    for (method, path, content_type, body) in [
        (Method::POST, "/tickets", Some("application/json"), "{}"),
        (Method::POST, "/tickets", Some("Application/JSON; charset=utf-8"), "{}"),
        (Method::POST, "/tickets/01J/close", Some("application/json"), ""),
        (Method::PATCH, patch, Some("application/json"), "{}"),
        (Method::DELETE, delete, None, ""),
        (Method::GET, "/tickets", None, ""),
    ] {
        let found = status(send(method.clone(), path, content_type, body)).await;
        assert_eq!(found, StatusCode::CREATED, "{method} {path} {content_type:?}");
    }
    let allowed = functions.calls().len();
    for (method, path, content_type, body) in [
        (Method::POST, "/tickets", None, "{}"),
        // The three that a page can send to another origin without asking first.
        (Method::POST, "/tickets", Some("text/plain"), "{}"),
        (Method::POST, "/tickets", Some("application/x-www-form-urlencoded"), "a=b"),
        (Method::POST, "/tickets", Some("multipart/form-data; boundary=application/json"), "{}"),
        (Method::POST, "/tickets", Some("application/json-patch+json"), "{}"),
        (Method::POST, "/tickets/01J/close", None, ""),
        (Method::PATCH, patch, Some("text/plain"), "{}"),
        (Method::DELETE, delete, Some("text/plain"), "x"),
    ] {
        let response = send(method.clone(), path, content_type, body).send().await.unwrap();
        let case = format!("{method} {path} {content_type:?}");
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{case}");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json", "{case}");
        let request_id = response.headers()["apigw-requestid"].to_str().unwrap().to_owned();
        let problem = response.json::<Value>().await.unwrap();
        assert_eq!(problem["code"], "unsupported_media_type", "{case}");
        assert_eq!((&problem["status"], &problem["request_id"]), (&json!(415), &json!(request_id)), "{case}");
    }
    assert_eq!(functions.calls().len(), allowed);
    server.shutdown().await;
}

/// Lambda's limit.
const MAX_PAYLOAD: usize = 6_291_556;

#[tokio::test]
async fn an_answer_is_measured_as_lambda_counts_it() {
    // GIVEN a body of quotes, each of which takes two bytes in the payload, that just fits, and one that does not
    let answer = |quotes: usize, rest: usize| {
        let body = "\"".repeat(quotes) + &"a".repeat(rest);
        json!({"statusCode": 200, "body": body})
    };
    let quotes = 3_000_000;
    let rest = MAX_PAYLOAD - answer(quotes, 0).to_string().len();
    let functions = Scripted::new(move |number| Ok(answer(quotes, if number == 1 { rest } else { rest + 1 })));
    let (server, key) = start(&functions).await;
    let get = || Client::new().get(format!("{}/vendors", server.url())).bearer_auth(key.as_str());
    // THEN the first is sent, and the second is an error as at AWS
    let fits = get().send().await.unwrap();
    assert_eq!(fits.status(), StatusCode::OK);
    assert_eq!(fits.bytes().await.unwrap().len(), quotes + rest);
    let too_long = get().send().await.unwrap();
    assert_eq!(too_long.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(too_long.json::<Value>().await.unwrap(), json!({"message": "Internal Server Error"}));
    server.shutdown().await;
}
