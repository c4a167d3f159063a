//! The HTTP API's routes: from a method and a path to a function.

use std::time::Duration;

use serde_json::Value;

use super::{Document, Function, TemplateError, function::called, reference};

const ROUTE: &str = "AWS::ApiGatewayV2::Route";
const INTEGRATION: &str = "AWS::ApiGatewayV2::Integration";

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The resource's name in the template.
    pub logical_id: String,
    /// As `POST`.
    pub method: String,
    /// As `/tickets/{id}`.
    pub path: String,
    /// The function's package, as `create-ticket`.
    pub function: String,
    /// The function's own time limit, which may be longer than the API's.
    pub timeout: Duration,
    /// Who may call it.
    pub authorization: Authorization,
}

/// Who may call a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
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

impl Route {
    /// The route key, as `POST /tickets`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub(super) fn read(document: &Document, functions: &[Function]) -> Result<Vec<Route>, TemplateError> {
    document
        .resources_of(ROUTE)
        .map(|(id, resource)| route(document, functions, id, &resource["Properties"]))
        .collect()
}

fn route(
    document: &Document,
    functions: &[Function],
    id: &str,
    properties: &Value,
) -> Result<Route, TemplateError> {
    let key = properties["RouteKey"].as_str().unwrap_or_default();
    let (method, path) =
        key.split_once(' ').ok_or_else(|| TemplateError::of(id, "RouteKey is no method and path"))?;
    if path.contains("+}") || method == "ANY" {
        return Err(TemplateError::of(id, "greedy routes and ANY are not understood"));
    }
    let function = function_of(document, functions, id, properties)?;
    Ok(Route {
        logical_id: id.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        function: function.package.clone(),
        timeout: function.timeout,
        authorization: authorization(id, &properties["AuthorizationType"])?,
    })
}

/// Route → integration → function.
fn function_of<'a>(
    document: &Document,
    functions: &'a [Function],
    id: &str,
    properties: &Value,
) -> Result<&'a Function, TemplateError> {
    let target = Document::text(&properties["Target"]).unwrap_or_default();
    let integration = target.strip_prefix("integrations/").and_then(reference);
    let integration = integration.and_then(|integration| document.resource(integration));
    let integration = integration.filter(|integration| integration["Type"] == INTEGRATION);
    let integration =
        &integration.ok_or_else(|| TemplateError::of(id, "Target is no integration"))?["Properties"];
    if integration["IntegrationType"] != "AWS_PROXY" || integration["PayloadFormatVersion"] != "2.0" {
        return Err(TemplateError::of(id, "the integration is not AWS_PROXY with payload format 2.0"));
    }
    let function = called(functions, &integration["IntegrationUri"]);
    function.ok_or_else(|| TemplateError::of(id, "the integration calls no function's alias"))
}

fn authorization(id: &str, value: &Value) -> Result<Authorization, TemplateError> {
    if value.is_null() || value == "NONE" {
        return Ok(Authorization::None);
    }
    if let Some(kind) = value.as_str() {
        return Ok(Authorization::Fixed(kind.to_owned()));
    }
    let choice = value["Fn::If"].as_array().map(Vec::as_slice);
    let Some([Value::String(condition), Value::String(then), Value::String(otherwise)]) = choice else {
        return Err(TemplateError::of(id, "AuthorizationType is not understood"));
    };
    Ok(Authorization::If { condition: condition.clone(), then: then.clone(), otherwise: otherwise.clone() })
}
