//! The HTTP API's routes: from a method and a path to a function.

use std::time::Duration;

use serde_json::Value;

use super::{LambdaFunction, TemplateDocument, TemplateError, function::called, reference};

const ROUTE: &str = "AWS::ApiGatewayV2::Route";
const INTEGRATION: &str = "AWS::ApiGatewayV2::Integration";

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRoute {
    /// The resource's name in the template.
    pub logical_id: String,
    /// As `POST`.
    pub method: String,
    /// As `/tickets/{id}`, or `/desk/{path+}` with the rest of a path as its last parameter.
    pub path: String,
    /// The function's package, as `create-ticket`.
    pub function: String,
    /// The function's own time limit, which may be longer than the API's.
    pub timeout: Duration,
    /// Who may call it.
    pub authorization: RouteAuthorization,
    /// The scopes of which a token needs one, where scopes are required, without their prefix.
    pub scopes: Vec<String>,
}

/// Who may call a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteAuthorization {
    /// Anyone.
    None,
    /// One kind, as `AWS_IAM`.
    Fixed(String),
    /// One of two kinds, by a condition of the template.
    If {
        /// The condition's name.
        condition: String,
        /// The kind when it holds.
        then: String,
        /// The kind when it does not.
        otherwise: String,
    },
}

impl ApiRoute {
    /// The route key, as `POST /tickets`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub(super) fn read(document: &TemplateDocument, functions: &[LambdaFunction]) -> Result<Vec<ApiRoute>, TemplateError> {
    document.resources_of(ROUTE).map(|(id, resource)| route(document, functions, id, &resource["Properties"])).collect()
}

fn route(
    document: &TemplateDocument,
    functions: &[LambdaFunction],
    id: &str,
    properties: &Value,
) -> Result<ApiRoute, TemplateError> {
    let key = properties["RouteKey"].as_str().unwrap_or_default();
    let (method, path) =
        key.split_once(' ').ok_or_else(|| TemplateError::of(id, "RouteKey is not a method and a path"))?;
    if method == "ANY" {
        return Err(TemplateError::of(id, "ANY is not supported"));
    }
    let function = function_of(document, functions, id, properties)?;
    let authorization = authorization(id, &properties["AuthorizationType"])?;
    Ok(ApiRoute {
        logical_id: id.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        function: function.package.clone(),
        timeout: function.timeout,
        scopes: match authorization {
            RouteAuthorization::None => Vec::new(),
            _ => scopes(id, &properties["AuthorizationScopes"])?,
        },
        authorization,
    })
}

/// From route to integration to function.
fn function_of<'a>(
    document: &TemplateDocument,
    functions: &'a [LambdaFunction],
    id: &str,
    properties: &Value,
) -> Result<&'a LambdaFunction, TemplateError> {
    let target = TemplateDocument::text(&properties["Target"]).unwrap_or_default();
    let integration = target.strip_prefix("integrations/").and_then(reference);
    let integration = integration.and_then(|integration| document.resource(integration));
    let integration = integration.filter(|integration| integration["Type"] == INTEGRATION);
    let integration = &integration.ok_or_else(|| TemplateError::of(id, "Target is not an integration"))?["Properties"];
    if integration["IntegrationType"] != "AWS_PROXY" || integration["PayloadFormatVersion"] != "2.0" {
        return Err(TemplateError::of(id, "the integration is not AWS_PROXY with payload format 2.0"));
    }
    let function = called(functions, &integration["IntegrationUri"]);
    function.ok_or_else(|| TemplateError::of(id, "the integration does not call the alias of a function"))
}

/// `Fn::If: [UseScopes, [{Fn::Sub: "${ScopePrefix}read"}], no value]`.
fn scopes(id: &str, value: &Value) -> Result<Vec<String>, TemplateError> {
    let unsupported = || TemplateError::of(id, "AuthorizationScopes are not supported");
    let choice = value["Fn::If"].as_array().map(Vec::as_slice);
    let Some([Value::String(condition), Value::Array(scopes), _]) = choice else { return Err(unsupported()) };
    let scope = |scope: &Value| scope["Fn::Sub"].as_str()?.strip_prefix("${ScopePrefix}").map(str::to_owned);
    let scopes: Option<Vec<_>> = scopes.iter().map(scope).collect();
    scopes.filter(|scopes| condition == "UseScopes" && !scopes.is_empty()).ok_or_else(unsupported)
}

fn authorization(id: &str, value: &Value) -> Result<RouteAuthorization, TemplateError> {
    if value.is_null() || value == "NONE" {
        return Ok(RouteAuthorization::None);
    }
    if let Some(kind) = value.as_str() {
        return Ok(RouteAuthorization::Fixed(kind.to_owned()));
    }
    let choice = value["Fn::If"].as_array().map(Vec::as_slice);
    let Some([Value::String(condition), Value::String(then), Value::String(otherwise)]) = choice else {
        return Err(TemplateError::of(id, "AuthorizationType is not supported"));
    };
    Ok(RouteAuthorization::If { condition: condition.clone(), then: then.clone(), otherwise: otherwise.clone() })
}
