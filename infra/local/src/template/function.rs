//! The Lambda functions and the permissions of their roles.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{TemplateDocument, TemplateError, reference};

const FUNCTION: &str = "AWS::Serverless::Function";

/// One Lambda function.
#[derive(Clone, Debug)]
pub struct LambdaFunction {
    /// The resource's name in the template, as `CreateTicketFunction`.
    pub logical_id: String,
    /// Package and binary, as `create-ticket`.
    pub package: String,
    /// As `provided.al2023`.
    pub runtime: String,
    /// As `x86_64`.
    pub architectures: Vec<String>,
    /// Lambda stops an invocation after this time.
    pub timeout: Duration,
    /// Its memory in MiB.
    pub memory_mb: u64,
    /// Environment variables, the shared ones with its own; values as in [`TemplateDocument::text`].
    pub environment: BTreeMap<String, String>,
    /// The statements of its role. Policies that depend on a condition of the template are left out.
    pub statements: Vec<Statement>,
    /// The logical id of the log group it writes to.
    pub log_group: String,
    /// The alias that its callers name, as `live`.
    pub alias: String,
}

/// One statement of a policy. Only `Allow` statements are supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// As `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// Resources, as in [`TemplateDocument::text`].
    pub resources: Vec<String>,
    /// Its conditions, unparsed; null without any.
    pub condition: Value,
}

pub(super) fn read(document: &TemplateDocument) -> Result<Vec<LambdaFunction>, TemplateError> {
    document.resources_of(FUNCTION).map(|(id, resource)| Reader { document, id, resource }.function()).collect()
}

/// The function whose alias `value` refers to. A call without the alias would run `$LATEST`, which a deployment
/// replaces at once, so it is not supported.
pub(super) fn called<'a>(functions: &'a [LambdaFunction], value: &Value) -> Option<&'a LambdaFunction> {
    functions.iter().find(|function| *value == json!({"Ref": format!("{}.Alias", function.logical_id)}))
}

struct Reader<'a> {
    document: &'a TemplateDocument,
    id: &'a str,
    resource: &'a Value,
}

impl Reader<'_> {
    fn function(&self) -> Result<LambdaFunction, TemplateError> {
        Ok(LambdaFunction {
            logical_id: self.id.to_owned(),
            package: self.package()?,
            runtime: self.property_text("Runtime")?,
            architectures: texts(self.id, self.property("Architectures")?)?,
            timeout: Duration::from_secs(self.property_number("Timeout")?),
            memory_mb: self.property_number("MemorySize")?,
            environment: self.environment()?,
            statements: self.statements()?,
            log_group: self.log_group()?,
            alias: self.property_text("AutoPublishAlias")?,
        })
    }

    fn package(&self) -> Result<String, TemplateError> {
        let binary = self.resource.pointer("/Metadata/BuildProperties/Binary").and_then(Value::as_str);
        binary.map(str::to_owned).ok_or_else(|| self.missing("Metadata.BuildProperties.Binary"))
    }

    /// The function's own value, or the one in `Globals`.
    fn property(&self, name: &str) -> Result<&Value, TemplateError> {
        let own = self.resource["Properties"].get(name);
        let shared = self.document.at("/Globals/Function").and_then(|globals| globals.get(name));
        own.or(shared).ok_or_else(|| self.missing(name))
    }

    fn property_text(&self, name: &str) -> Result<String, TemplateError> {
        TemplateDocument::text(self.property(name)?).ok_or_else(|| self.missing(name))
    }

    /// A number, or the default of the parameter that stands for it.
    fn property_number(&self, name: &str) -> Result<u64, TemplateError> {
        let value = self.property(name)?;
        let parameter = value["Ref"].as_str().and_then(|id| self.document.at(&format!("/Parameters/{id}/Default")));
        parameter.unwrap_or(value).as_u64().ok_or_else(|| self.missing(name))
    }

    fn environment(&self) -> Result<BTreeMap<String, String>, TemplateError> {
        let shared = self.document.at("/Globals/Function/Environment/Variables");
        let own = self.resource.pointer("/Properties/Environment/Variables");
        let mut variables = BTreeMap::new();
        for (name, value) in [shared, own].into_iter().flatten().filter_map(Value::as_object).flatten() {
            let value = TemplateDocument::text(value).ok_or_else(|| self.missing(name))?;
            variables.insert(name.clone(), value);
        }
        Ok(variables)
    }

    fn log_group(&self) -> Result<String, TemplateError> {
        let log_group = self.property("LoggingConfig")?.get("LogGroup").and_then(TemplateDocument::text);
        let log_group = log_group.as_deref().and_then(reference).map(str::to_owned);
        log_group.ok_or_else(|| self.missing("LoggingConfig.LogGroup"))
    }

    fn statements(&self) -> Result<Vec<Statement>, TemplateError> {
        let role = self.property_text("Role")?;
        let role_id = reference(&role).ok_or_else(|| self.missing("Role"))?;
        let role = self.document.resource(role_id).ok_or_else(|| self.missing("Role"))?;
        let properties = &role["Properties"];
        if properties.get("ManagedPolicyArns").is_some() {
            return Err(TemplateError::of(role_id, "managed policies are not supported"));
        }
        let policies = properties["Policies"].as_array().into_iter().flatten();
        let policies = policies.filter(|policy| policy.get("Fn::If").is_none());
        let statements = policies.flat_map(|policy| policy.pointer("/PolicyDocument/Statement"));
        statements.filter_map(Value::as_array).flatten().map(|statement| statement_of(role_id, statement)).collect()
    }

    fn missing(&self, name: &str) -> TemplateError {
        TemplateError::of(self.id, format!("{name} is missing or not supported"))
    }
}

fn statement_of(role: &str, statement: &Value) -> Result<Statement, TemplateError> {
    let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
    let members = statement.as_object().into_iter().flat_map(|members| members.keys());
    if statement["Effect"] != "Allow" || members.into_iter().any(|name| !known.contains(&name.as_str())) {
        return Err(TemplateError::of(role, "a statement that is not a plain Allow"));
    }
    Ok(Statement {
        actions: texts(role, &statement["Action"])?,
        resources: texts(role, &statement["Resource"])?,
        condition: statement["Condition"].clone(),
    })
}

/// A text or a list of texts, as a list.
fn texts(resource: &str, value: &Value) -> Result<Vec<String>, TemplateError> {
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let texts: Option<Vec<String>> = values.iter().map(TemplateDocument::text).collect();
    texts.ok_or_else(|| TemplateError::of(resource, format!("{value} is not text")))
}

#[cfg(test)]
mod tests {
    use super::super::Template;

    const TEXT: &str = include_str!("../../../template.yaml");

    /// The resource with the call, the resource that the error names, the place of the call, the function.
    const CALLS: [[&str; 4]; 3] = [
        ["CreateTicketIntegration", "CreateAttachmentRoute", "      IntegrationUri:\n        ", "CreateTicketFunction"],
        ["RefreshRequestedRule", "RefreshRequestedRule", "          Arn:\n            ", "RefreshCatalogFunction"],
        ["PublishEventsStream", "PublishEventsStream", "      FunctionName:\n        ", "PublishEventsFunction"],
    ];

    #[test]
    fn a_call_without_the_alias_is_an_error() {
        for [owner, id, place, function] in CALLS {
            let start = TEXT.find(&format!("\n  {owner}:\n")).unwrap();
            let (before, rest) = TEXT.split_at(start);
            let call = format!("{place}Ref: {function}.Alias\n");
            assert!(rest.contains(&call), "{owner}");
            for bare in [format!("Ref: {function}"), format!("Fn::GetAtt: [{function}, Arn]")] {
                let changed = rest.replacen(&call, &format!("{place}{bare}\n"), 1);
                let error = Template::parse(&format!("{before}{changed}")).unwrap_err().to_string();
                assert!(error.starts_with(&format!("{id}: ")) && error.contains("alias"), "{error}");
            }
        }
    }
}
