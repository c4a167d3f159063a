//! The desk: what is there only with it, and what it needs.

use std::collections::BTreeSet;

use local::{
    files::{HEADERS_OF_PAGES, METHODS_OF_PAGES},
    template::RouteAuthorization,
};
use serde_json::{Value, json};

use super::TEMPLATE;

fn is_set(parameter: &str) -> Value {
    json!({"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]})
}

fn if_served(value: &Value) -> Value {
    json!({"Fn::If": ["ServesDesk", value, {"Ref": "AWS::NoValue"}]})
}

#[test]
fn the_page_is_served_only_where_people_can_sign_in() {
    let condition = json!({"Fn::And": [{"Condition": "UseJwt"}, is_set("DeskClientId")]});
    assert_eq!(TEMPLATE.document.at("/Conditions/ServesDesk"), Some(&condition));
    assert_eq!(TEMPLATE.document.at("/Parameters/DeskClientId/Default"), Some(&json!("")));
    let resources = TEMPLATE.document.at("/Resources").and_then(Value::as_object).unwrap();
    let conditional = |condition: &str| -> BTreeSet<&str> {
        let found = resources.iter().filter(|(_, resource)| resource["Condition"] == condition);
        found.map(|(id, _)| id.as_str()).collect()
    };
    let parts = ["Function", "Role", "LogGroup", "Permission", "Integration"].map(|part| format!("ServeDesk{part}"));
    let expected = parts.iter().map(String::as_str).chain(["GetHomeRoute", "GetDeskRoute", "GetDeskFileRoute"]);
    assert_eq!(conditional("ServesDesk"), expected.collect());
    assert_eq!(conditional("WatchesDesk"), ["ServeDeskErrorsAlarm", "ServeDeskThrottlesAlarm"].into());
}

#[test]
fn its_routes_are_open_to_anyone_and_have_no_data() {
    let open: BTreeSet<String> = TEMPLATE
        .routes
        .iter()
        .filter(|route| route.authorization == RouteAuthorization::None)
        .map(|route| {
            assert_eq!((&*route.function, route.scopes.len()), ("serve-desk", 0), "{}", route.logical_id);
            let properties = &TEMPLATE.document.resource(&route.logical_id).unwrap()["Properties"];
            assert_eq!(properties["AuthorizationType"], "NONE", "{}", route.logical_id);
            route.key()
        })
        .collect();
    assert_eq!(open, ["GET /", "GET /desk", "GET /desk/{path+}"].map(str::to_owned).into());
    // Its role may write its log.
    let function = TEMPLATE.function("serve-desk").unwrap();
    let actions: Vec<_> = function.statements.iter().flat_map(|statement| &statement.actions).collect();
    assert_eq!(actions, ["logs:CreateLogStream", "logs:PutLogEvents"]);
}

#[test]
fn it_is_refused_without_tokens() {
    let rule = TEMPLATE.document.at("/Rules/DeskNeedsTokens").unwrap();
    assert_eq!(rule["RuleCondition"], is_set("DeskClientId"));
    let asserted: Vec<_> = rule["Assertions"].as_array().unwrap().iter().map(|one| &one["Assert"]).collect();
    assert_eq!(asserted, [&is_set("JwtIssuer"), &is_set("JwtAudience")]);
}

#[test]
fn it_learns_from_the_stage_how_people_sign_in() {
    let (_, stage) = TEMPLATE.document.resources_of("AWS::ApiGatewayV2::Stage").next().unwrap();
    let variables = &stage["Properties"]["StageVariables"];
    assert_eq!(variables["desk_client_id"], if_served(&json!({"Ref": "DeskClientId"})));
    assert_eq!(variables["desk_issuer"], if_served(&json!({"Ref": "JwtIssuer"})));
    assert_eq!(variables["desk_scopes"], if_served(&json!({"Ref": "DeskScopes"})));
    for (name, condition, value, needed) in [
        (
            "desk_sign_in_origins",
            "DeskHasSignInOrigins",
            json!({"Ref": "DeskSignInOrigins"}),
            is_set("DeskSignInOrigins"),
        ),
        (
            "desk_read_scope",
            "DeskAsksForScopes",
            json!({"Fn::Sub": "${ScopePrefix}read"}),
            json!({"Condition": "UseScopes"}),
        ),
    ] {
        assert_eq!(variables[name], json!({"Fn::If": [condition, value, {"Ref": "AWS::NoValue"}]}));
        let expected = json!({"Fn::And": [{"Condition": "ServesDesk"}, needed]});
        assert_eq!(TEMPLATE.document.at(&format!("/Conditions/{condition}")), Some(&expected));
    }
}

#[test]
fn pages_of_the_api_and_of_those_that_may_call_it_may_use_links_to_files() {
    let rule = |origins: Value| {
        json!({
            "AllowedOrigins": origins,
            "AllowedMethods": METHODS_OF_PAGES.split(", ").collect::<Vec<_>>(),
            "AllowedHeaders": HEADERS_OF_PAGES.split(", ").collect::<Vec<_>>(),
            "MaxAge": 3600,
        })
    };
    let others = rule(json!({"Fn::Split": [",", {"Ref": "CorsAllowOrigins"}]}));
    let others = json!({"Fn::If": ["UseCors", others, {"Ref": "AWS::NoValue"}]});
    let own = rule(json!([{"Fn::GetAtt": ["HttpApi", "ApiEndpoint"]}]));
    let bucket = &TEMPLATE.document.resource("Files").unwrap()["Properties"];
    assert_eq!(bucket["CorsConfiguration"], if_served(&json!({"CorsRules": [own, others]})));
    // The bucket names the API, so the API may name nothing that needs the bucket.
    let api = TEMPLATE.document.resource("HttpApi").unwrap().to_string();
    assert!(!api.contains("Fn::GetAtt") && !api.contains("Fn::Sub"), "{api}");
}
