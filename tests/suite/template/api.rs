//! Routes, who may call them, and the stage.

use std::time::Duration;

use local::template::{Authorization, Document};
use serde_json::{Value, json};

use super::TEMPLATE;

const ROUTES: [(&str, &str); 19] = [
    ("DELETE /accounts/{id}", "manage-accounts"),
    ("GET /accounts", "manage-accounts"),
    ("GET /accounts/{id}", "manage-accounts"),
    ("GET /catalog/product-types", "query-catalog"),
    ("GET /catalog/products", "query-catalog"),
    ("GET /catalog/refreshes/{id}", "query-catalog"),
    ("GET /catalog/regions", "query-catalog"),
    ("GET /catalog/sources", "query-catalog"),
    ("GET /tickets", "query-tickets"),
    ("GET /tickets/{id}", "query-tickets"),
    ("GET /tickets/{id}/messages", "query-tickets"),
    ("GET /vendors", "query-catalog"),
    ("PATCH /accounts/{id}", "manage-accounts"),
    ("POST /accounts", "manage-accounts"),
    ("POST /catalog/refresh", "refresh-catalog"),
    ("POST /tickets", "create-ticket"),
    ("POST /tickets/{id}/close", "close-ticket"),
    ("POST /tickets/{id}/messages", "reply-ticket"),
    ("PUT /accounts/{id}/keys", "manage-accounts"),
];

#[test]
fn the_routes_are_these() {
    let mut routes: Vec<(String, &str)> =
        TEMPLATE.routes.iter().map(|route| (route.key(), route.function.as_str())).collect();
    routes.sort();
    let routes: Vec<(&str, &str)> = routes.iter().map(|(key, function)| (key.as_str(), *function)).collect();
    assert_eq!(routes, ROUTES);
}

#[test]
fn every_route_asks_for_authorisation() {
    let iam_or_jwt =
        Authorization::If { condition: "UseJwt".into(), then: "JWT".into(), otherwise: "AWS_IAM".into() };
    for route in &TEMPLATE.routes {
        assert_eq!(route.authorization, iam_or_jwt, "{}", route.logical_id);
        let resource = TEMPLATE.document.resource(&route.logical_id).unwrap();
        let authorizer = json!({"Fn::If": ["UseJwt", {"Ref": "JwtAuthorizer"}, {"Ref": "AWS::NoValue"}]});
        assert_eq!(resource["Properties"]["AuthorizerId"], authorizer, "{}", route.logical_id);
    }
    // By default there is neither issuer nor audience, so IAM it is.
    for parameter in ["JwtIssuer", "JwtAudience"] {
        assert_eq!(TEMPLATE.document.at(&format!("/Parameters/{parameter}/Default")), Some(&json!("")));
    }
}

#[test]
fn time_limits_are_these() {
    for (id, integration) in TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Integration") {
        assert_eq!(integration["Properties"]["TimeoutInMillis"], 30_000, "{id}");
    }
    for function in &TEMPLATE.functions {
        let expected = match function.package.as_str() {
            "refresh-catalog" => 300,
            "sync-tickets" => 55,
            "publish-events" => 60,
            _ => 29,
        };
        assert_eq!(function.timeout, Duration::from_secs(expected), "{}", function.package);
    }
}

#[test]
fn the_stage_is_deployed_logged_and_throttled() {
    let (_, stage) = TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Stage").next().unwrap();
    let properties = &stage["Properties"];
    assert_eq!(properties["StageName"], "$default");
    assert_eq!(properties["AutoDeploy"], true);
    let throttling = json!({
        "ThrottlingRateLimit": {"Ref": "ThrottleRate"},
        "ThrottlingBurstLimit": {"Ref": "ThrottleBurst"},
    });
    assert_eq!(properties["DefaultRouteSettings"], throttling);
    let access_log = &properties["AccessLogSettings"];
    assert_eq!(Document::text(&access_log["DestinationArn"]).unwrap(), "${HttpApiLogGroup.Arn}");
    let format: Value = serde_json::from_str(access_log["Format"].as_str().unwrap()).unwrap();
    assert_eq!(format["requestId"], "$context.requestId");
}
