//! HTTP in, Lambda event out, and back.

use std::{sync::Arc, time::Duration};

use local::gateway::Gateway;
use loopback::Server;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use shared::ids::SystemRandom;

use crate::support::{NOW_MS, Scripted, SetClock, access, api_client, template};

fn gateway(functions: Arc<Scripted>) -> Gateway {
    Gateway::new(template().routes.clone(), functions, SetClock::new(), Arc::new(SystemRandom)).unwrap()
}

async fn start(functions: &Arc<Scripted>) -> (Server, Client) {
    serve(gateway(functions.clone())).await
}

/// A server, and a client that has its access key.
async fn serve(gateway: Gateway) -> (Server, Client) {
    let (key, _) = access();
    let server = gateway.start(0, &key).await.unwrap();
    (server, api_client(&key))
}

fn ok() -> Arc<Scripted> {
    Scripted::new(|_| Ok(json!({"statusCode": 204})))
}

#[tokio::test]
async fn a_request_becomes_an_event_of_payload_format_2() {
    let functions = ok();
    let (server, client) = start(&functions).await;
    let url = format!("{}/tickets?name=%E5%B7%A5%E5%8D%95+1&state=open&state=closed&flag", server.url());
    let response = client
        .get(url)
        .header("User-Agent", "test/1")
        .header("X-Twice", "a")
        .header("X-Twice", "b")
        .header("Cookie", "one=1; two=2")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let request_id = response.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let [(function, event)] = functions.calls().try_into().unwrap();
    assert_eq!(function, "query-tickets");
    let host = server.address().to_string();
    let authorization = event["headers"]["authorization"].as_str().unwrap();
    assert!(authorization.starts_with("Bearer "));
    let expected = json!({
        "version": "2.0",
        "routeKey": "GET /tickets",
        "rawPath": "/tickets",
        "rawQueryString": "name=%E5%B7%A5%E5%8D%95+1&state=open&state=closed&flag",
        "cookies": ["one=1", "two=2"],
        "headers": {
            "accept": "*/*",
            "authorization": authorization,
            "content-type": "application/json",
            "host": host,
            "user-agent": "test/1",
            "x-twice": "a,b",
        },
        "queryStringParameters": {"name": "工单 1", "state": "open,closed", "flag": ""},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "authorizer": {
                "iam": {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/local"},
            },
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": "GET",
                "path": "/tickets",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test/1",
            },
            "requestId": request_id,
            "routeKey": "GET /tickets",
            "stage": "$default",
            "time": "04/Mar/2026:05:06:07 +0000",
            "timeEpoch": NOW_MS,
        },
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
    server.shutdown().await;
}

#[tokio::test]
async fn bodies_are_text_or_base64_and_paths_are_decoded() {
    let functions = ok();
    let (server, client) = start(&functions).await;
    let url = format!("{}/tickets/%E5%8D%95%201/close", server.url());
    for body in [b"{\"name\":\"\xe5\xb7\xa5\xe5\x8d\x95\"}".to_vec(), vec![0xff, 0xfe]] {
        client.post(&url).body(body).send().await.unwrap();
    }
    let [(_, text), (_, binary)] = functions.calls().try_into().unwrap();
    assert_eq!((&text["body"], &text["isBase64Encoded"]), (&json!("{\"name\":\"工单\"}"), &json!(false)));
    assert_eq!((&binary["body"], &binary["isBase64Encoded"]), (&json!("//4="), &json!(true)));
    assert_eq!(text["rawPath"], "/tickets/单 1/close");
    assert_eq!(text["pathParameters"], json!({"id": "单 1"}));
    assert_eq!(text["routeKey"], "POST /tickets/{id}/close");
    server.shutdown().await;
}

#[tokio::test]
async fn every_route_of_the_template_reaches_its_function() {
    let functions = ok();
    let (server, client) = start(&functions).await;
    let routes = template().routes.clone();
    for route in &routes {
        let method: Method = route.method.parse().unwrap();
        let url = format!("{}{}", server.url(), route.path.replace("{id}", "01J"));
        let response = client.request(method, url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{}", route.key());
    }
    let calls = functions.calls();
    let reached = calls.iter().map(|(function, event)| (function.as_str(), event["routeKey"].as_str().unwrap()));
    let keys: Vec<String> = routes.iter().map(|route| route.key()).collect();
    let wanted = routes.iter().zip(&keys).map(|(route, key)| (route.function.as_str(), key.as_str()));
    assert_eq!(reached.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    server.shutdown().await;
}

#[tokio::test]
async fn an_unknown_route_gets_the_404_of_api_gateway() {
    let functions = ok();
    let (server, client) = start(&functions).await;
    for (method, path) in [(Method::GET, "/none"), (Method::PUT, "/tickets"), (Method::GET, "/tickets/1/close")] {
        let response = client.request(method, format!("{}{path}", server.url())).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": "Not Found"}));
    }
    assert!(functions.calls().is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn an_answer_becomes_a_response() {
    let functions = Scripted::new(|number| match number {
        1 => Ok(json!({
            "statusCode": 201,
            "headers": {"Content-Type": "application/problem+json", "X-Count": 3},
            "cookies": ["a=1", "b=2"],
            "body": "//4=",
            "isBase64Encoded": true,
        })),
        _ => Ok(json!({"any": "thing"})),
    });
    let (server, client) = start(&functions).await;
    let url = format!("{}/vendors", server.url());
    let response = client.get(&url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["x-count"], "3");
    let cookies = response.headers().get_all("set-cookie").iter();
    assert_eq!(cookies.collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(response.bytes().await.unwrap().as_ref(), [0xff, 0xfe]);

    let response = client.get(&url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"any": "thing"}));
    server.shutdown().await;
}

#[tokio::test]
async fn a_failed_invocation_and_a_bad_answer_are_a_500() {
    let functions = Scripted::new(|number| match number {
        1 => Err("scripted".to_owned()),
        2 => panic!("scripted"),
        3 => Ok(json!({"statusCode": 42})),
        4 => Ok(json!({"statusCode": 200, "body": {"no": "text"}})),
        5 => Ok(json!({"statusCode": 200, "body": "*", "isBase64Encoded": true})),
        _ => Ok(json!({"statusCode": 200, "headers": {"x": "a\nb"}})),
    });
    let (server, client) = start(&functions).await;
    for _ in 0..6 {
        let response = client.get(format!("{}/vendors", server.url())).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": "Internal Server Error"}));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn the_api_answers_503_for_a_slow_function_which_goes_on() {
    // GIVEN a function that is slower than the API
    let functions = Scripted::slow(Duration::from_millis(200), |_| Ok(json!({"statusCode": 204})));
    let gateway = gateway(functions.clone()).with_timeout(Duration::from_millis(20));
    let (server, client) = serve(gateway).await;
    // WHEN it is called
    let response = client.post(format!("{}/catalog/refresh", server.url())).send().await.unwrap();
    // THEN the API answers 503, and the function still ends, with its own deadline
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": "Service Unavailable"}));
    assert!(functions.calls().is_empty());
    while functions.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(functions.time_limits()[0] > Duration::from_secs(200));
    server.shutdown().await;
}

#[tokio::test]
async fn a_body_over_10_mib_is_refused() {
    let functions = ok();
    let (server, client) = start(&functions).await;
    let url = format!("{}/tickets", server.url());
    let limit = 10 * 1024 * 1024;
    let response = client.post(&url).body(vec![b'a'; limit]).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    // The server answers before it has read it all, so the client may see the connection close instead.
    if let Ok(response) = client.post(&url).body(vec![b'a'; limit + 1]).send().await {
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    assert_eq!(functions.calls().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn shutdown_lets_requests_finish_and_frees_the_port() {
    let functions = Scripted::slow(Duration::from_millis(200), |_| Ok(json!({"statusCode": 204})));
    let (server, client) = start(&functions).await;
    let port = server.address().port();
    let request = tokio::spawn(client.get(format!("{}/vendors", server.url())).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.shutdown().await;
    assert_eq!(request.await.unwrap().unwrap().status(), StatusCode::NO_CONTENT);
    let again = gateway(functions).start(port, &access().0).await.unwrap();
    assert_eq!(again.address().port(), port);
    again.shutdown().await;
}
