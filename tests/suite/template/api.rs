//! Routes, who may call them, and the stage.

use std::{collections::BTreeSet, path::Path, time::Duration};

use local::template::{RouteAuthorization, TemplateDocument};
use serde_json::{Value, json};

use super::TEMPLATE;

const ROUTES: [(&str, &str); 40] = [
    ("DELETE /accounts/{id}", "manage-accounts"),
    ("DELETE /tickets/{id}", "close-ticket"),
    ("DELETE /tickets/{id}/hold", "close-ticket"),
    ("DELETE /tickets/{id}/messages/{message_id}", "resolve-outcome"),
    ("GET /", "serve-desk"),
    ("GET /accounts", "manage-accounts"),
    ("GET /accounts/{id}", "manage-accounts"),
    ("GET /audit", "query-tickets"),
    ("GET /catalog/changes", "query-catalog"),
    ("GET /catalog/form", "create-ticket"),
    ("GET /catalog/product-types", "query-catalog"),
    ("GET /catalog/products", "query-catalog"),
    ("GET /catalog/refreshes/{id}", "query-catalog"),
    ("GET /catalog/regions", "query-catalog"),
    ("GET /catalog/sources", "query-catalog"),
    ("GET /desk", "serve-desk"),
    ("GET /desk/{path+}", "serve-desk"),
    ("GET /statistics", "query-tickets"),
    ("GET /tickets", "query-tickets"),
    ("GET /tickets/{id}", "query-tickets"),
    ("GET /tickets/{id}/attachments/{attachment_id}", "query-tickets"),
    ("GET /tickets/{id}/messages", "query-tickets"),
    ("GET /tickets/{id}/transcript", "query-tickets"),
    ("GET /tickets/{id}/verification", "query-tickets"),
    ("GET /vendors", "query-catalog"),
    ("GET /version", "query-catalog"),
    ("PATCH /accounts/{id}", "manage-accounts"),
    ("POST /accounts", "manage-accounts"),
    ("POST /attachments", "create-ticket"),
    ("POST /catalog/refresh", "refresh-catalog"),
    ("POST /tickets", "create-ticket"),
    ("POST /tickets/{id}/close", "close-ticket"),
    ("POST /tickets/{id}/messages", "reply-ticket"),
    ("POST /tickets/{id}/rating", "resolve-outcome"),
    ("POST /tickets/{id}/reopen", "reply-ticket"),
    ("POST /tickets/{id}/replies/{reply_id}/resolution", "resolve-outcome"),
    ("POST /tickets/{id}/resolution", "resolve-outcome"),
    ("POST /tickets/{id}/urge", "resolve-outcome"),
    ("PUT /accounts/{id}/keys", "manage-accounts"),
    ("PUT /tickets/{id}/hold", "close-ticket"),
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
fn every_route_with_data_asks_for_authorisation() {
    let iam_or_jwt =
        RouteAuthorization::If { condition: "UseJwt".into(), then: "JWT".into(), otherwise: "AWS_IAM".into() };
    // `desk.rs` has the others.
    for route in TEMPLATE.routes.iter().filter(|route| route.function != "serve-desk") {
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
fn tokens_are_checked_by_an_authoriser_that_is_there_only_with_jwt() {
    let authorizers: Vec<_> = TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Authorizer").collect();
    let [(id, authorizer)] = authorizers.as_slice() else { panic!("there must be one authoriser") };
    assert_eq!((*id, &authorizer["Condition"]), ("JwtAuthorizer", &json!("UseJwt")));
    let properties = &authorizer["Properties"];
    assert_eq!(properties["AuthorizerType"], "JWT");
    assert_eq!(properties["IdentitySource"], json!(["$request.header.Authorization"]));
    let configuration = json!({"Issuer": {"Ref": "JwtIssuer"}, "Audience": [{"Ref": "JwtAudience"}]});
    assert_eq!(properties["JwtConfiguration"], configuration);
    // With one of the two alone, tokens could not be checked in full: IAM stays.
    let both = json!({"Fn::And": [is_set("JwtIssuer"), is_set("JwtAudience")]});
    assert_eq!(TEMPLATE.document.at("/Conditions/UseJwt"), Some(&both));
}

/// `tests/suite/access.rs` has the scopes of each route.
#[test]
fn scopes_are_required_by_a_parameter_and_with_tokens_alone() {
    assert_eq!(TEMPLATE.document.at("/Parameters/RequireScopes/Default"), Some(&json!("false")));
    let condition = json!({"Fn::And": [{"Condition": "UseJwt"}, {"Fn::Equals": [{"Ref": "RequireScopes"}, "true"]}]});
    assert_eq!(TEMPLATE.document.at("/Conditions/UseScopes"), Some(&condition));
    for route in TEMPLATE.routes.iter().filter(|route| route.function != "serve-desk") {
        let properties = &TEMPLATE.document.resource(&route.logical_id).unwrap()["Properties"];
        let prefixed = |scope: &String| json!({"Fn::Sub": format!("${{ScopePrefix}}{scope}")});
        let scopes: Vec<Value> = route.scopes.iter().map(prefixed).collect();
        let wanted = json!({"Fn::If": ["UseScopes", scopes, {"Ref": "AWS::NoValue"}]});
        assert_eq!(properties["AuthorizationScopes"], wanted, "{}", route.logical_id);
        assert!(route.scopes.iter().all(|scope| ["read", "write", "admin"].contains(&&**scope)));
        // Who did what is for administrators.
        let is_read = route.method == "GET" && route.key() != "GET /audit";
        assert_eq!(route.scopes.iter().any(|scope| scope == "read"), is_read, "{}", route.logical_id);
    }
}

#[test]
fn scopes_and_bound_accounts_are_refused_without_tokens() {
    let is_set = |parameter: &str| json!({"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]});
    let required = json!({"Fn::Equals": [{"Ref": "RequireScopes"}, "true"]});
    for (rule, condition) in [("ScopesNeedTokens", required), ("AccountsClaimNeedsTokens", is_set("AccountsClaim"))] {
        let rule = &TEMPLATE.document.at("/Rules").unwrap()[rule];
        assert_eq!(rule["RuleCondition"], condition);
        let asserted: Vec<_> = rule["Assertions"].as_array().unwrap().iter().map(|one| &one["Assert"]).collect();
        assert_eq!(asserted, [&is_set("JwtIssuer"), &is_set("JwtAudience")]);
    }
}

#[test]
fn pages_of_other_origins_may_not_call_unless_a_parameter_names_them() {
    assert_eq!(TEMPLATE.document.at("/Parameters/CorsAllowOrigins/Default"), Some(&json!("")));
    assert_eq!(TEMPLATE.document.at("/Conditions/UseCors"), Some(&is_set("CorsAllowOrigins")));
    let (_, api) = TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Api").next().unwrap();
    let choice = api["Properties"]["CorsConfiguration"]["Fn::If"].as_array().unwrap();
    let [condition, cors, otherwise] = choice.as_slice() else { panic!("{choice:?}") };
    assert_eq!((condition, otherwise), (&json!("UseCors"), &json!({"Ref": "AWS::NoValue"})));
    assert_eq!(cors["AllowOrigins"], json!({"Fn::Split": [",", {"Ref": "CorsAllowOrigins"}]}));
    assert!(cors.get("AllowCredentials").is_none());
    assert_eq!(texts(&cors["ExposeHeaders"]), answered_headers());
    let allowed = texts(&cors["AllowHeaders"]);
    assert!(asked_headers().iter().all(|name| allowed.contains(name)), "{allowed:?}");
    let methods: BTreeSet<String> = TEMPLATE.routes.iter().map(|route| route.method.clone()).collect();
    assert_eq!(texts(&cors["AllowMethods"]), methods);
}

#[test]
fn the_claims_that_functions_read_are_named_by_parameters() {
    let (_, stage) = TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Stage").next().unwrap();
    let variables = &stage["Properties"]["StageVariables"];
    is_named_by("AccountsClaim", "BindsCallers", &variables["accounts_claim"]);
    is_named_by("ActorNameClaim", "NamesActors", &variables["actor_name_claim"]);
}

/// Asserts that the stage variable has the parameter's value, which is empty by default. API Gateway takes no empty
/// variable.
#[track_caller]
fn is_named_by(parameter: &str, condition: &str, variable: &Value) {
    assert_eq!(*variable, json!({"Fn::If": [condition, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]}));
    assert_eq!(TEMPLATE.document.at(&format!("/Conditions/{condition}")), Some(&is_set(parameter)));
    assert_eq!(TEMPLATE.document.at(&format!("/Parameters/{parameter}/Default")), Some(&json!("")));
}

fn openapi() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/openapi.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The headers that some request of the OpenAPI document has.
fn asked_headers() -> BTreeSet<String> {
    let shared = &openapi()["components"]["parameters"];
    let headers = shared.as_object().unwrap().values().filter(|parameter| parameter["in"] == "header");
    let names: BTreeSet<_> = headers.map(|header| header["name"].as_str().unwrap().to_ascii_lowercase()).collect();
    assert!(names.contains("if-none-match") && names.contains("idempotency-key"), "{names:?}");
    names
}

/// The headers that some answer of the OpenAPI document has. It names none that a page sees anyway.
fn answered_headers() -> BTreeSet<String> {
    let document = openapi();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let responses = operations.filter_map(|operation| operation["responses"].as_object()).flat_map(|all| all.values());
    let headers = responses.filter_map(|response| response["headers"].as_object()).flat_map(|all| all.keys());
    headers.map(|name| name.to_ascii_lowercase()).collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The condition that a parameter is not empty.
fn is_set(parameter: &str) -> Value {
    json!({"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]})
}

#[test]
fn time_limits_are_these() {
    for (id, integration) in TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Integration") {
        assert_eq!(integration["Properties"]["TimeoutInMillis"], 30_000, "{id}");
    }
    for function in &TEMPLATE.functions {
        let expected = match function.package.as_str() {
            "copy-attachments" | "manage-accounts" | "refresh-catalog" | "update-statistics" | "write-transcripts" => {
                300
            }
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
    // The files of the desk have limits of their own.
    let files = json!({"GET /desk/{path+}": {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 500}});
    assert_eq!(properties["RouteSettings"], json!({"Fn::If": ["ServesDesk", files, {"Ref": "AWS::NoValue"}]}));
    assert!(properties["Description"].to_string().contains("${GetDeskFileRoute}"), "made before the route");
    let access_log = &properties["AccessLogSettings"];
    assert_eq!(TemplateDocument::text(&access_log["DestinationArn"]).unwrap(), "${HttpApiLogGroup.Arn}");
    let format: Value = serde_json::from_str(access_log["Format"].as_str().unwrap()).unwrap();
    assert_eq!(format["requestId"], "$context.requestId");
    // Who was let in, or why not. With IAM the caller is an ARN, with tokens the subject.
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    assert_eq!(format["caller"], "$context.identity.userArn");
    assert_eq!(format["subject"], "$context.authorizer.claims.sub");
    assert_eq!(format["authorizerError"], "$context.authorizer.error");
    // Paths, queries and tokens' claims hold customers' data.
    let others = access_log["Format"].as_str().unwrap().replacen("$context.authorizer.claims.sub\"", "", 1);
    for part in ["$context.path", "claims", "querystring"] {
        assert!(!others.contains(part), "{part}");
    }
}
