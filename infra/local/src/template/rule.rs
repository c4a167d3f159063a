//! EventBridge rules: event patterns on the project's bus, and schedules.

use serde_json::Value;

use super::{LambdaFunction, TemplateDocument, TemplateError, function::called};

const RULE: &str = "AWS::Events::Rule";

/// A rule that matches events.
#[derive(Clone, Debug)]
pub struct EventRule {
    /// The resource's name in the template.
    pub logical_id: String,
    /// What it matches.
    pub pattern: Pattern,
    /// The packages of the functions it calls.
    pub targets: Vec<String>,
}

/// A rule that fires on a schedule.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The resource's name in the template.
    pub logical_id: String,
    /// Its expression, as in [`TemplateDocument::text`]: `rate(1 day)`, or a reference to a parameter.
    pub expression: String,
    /// The packages of the functions it calls.
    pub targets: Vec<String>,
}

/// An event pattern: objects of lists. A list holds the values that match, or `{"prefix": …}` for a matching prefix.
#[derive(Clone, Debug)]
pub struct Pattern(Value);

impl Pattern {
    /// Checks `pattern`.
    ///
    /// # Errors
    ///
    /// It holds a content filter other than literal values and prefixes.
    pub fn new(pattern: &Value) -> Result<Self, String> {
        check(pattern)?;
        Ok(Self(pattern.clone()))
    }

    /// Whether `event` has one of the listed values in every field of the pattern.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        matches(&self.0, event)
    }
}

fn check(pattern: &Value) -> Result<(), String> {
    let Some(fields) = pattern.as_object() else {
        return Err(format!("{pattern} is not an event pattern"));
    };
    for (name, wanted) in fields {
        match wanted {
            Value::Object(_) => check(wanted)?,
            Value::Array(values) if values.iter().all(is_supported) => {}
            _ => return Err(format!("the filter on {name} is not supported")),
        }
    }
    Ok(())
}

fn is_supported(wanted: &Value) -> bool {
    match wanted {
        Value::Array(_) => false,
        Value::Object(filter) => filter.len() == 1 && filter.get("prefix").is_some_and(Value::is_string),
        _ => true,
    }
}

fn accepts(wanted: &[Value], found: &Value) -> bool {
    wanted.iter().any(|wanted| match (wanted["prefix"].as_str(), found.as_str()) {
        (Some(prefix), Some(found)) => found.starts_with(prefix),
        _ => wanted == found,
    })
}

fn matches(pattern: &Value, event: &Value) -> bool {
    let fields = pattern.as_object().into_iter().flatten();
    fields.into_iter().all(|(name, wanted)| match (wanted, event.get(name)) {
        (Value::Array(wanted), Some(Value::Array(found))) => found.iter().any(|value| accepts(wanted, value)),
        (Value::Array(wanted), Some(found)) => accepts(wanted, found),
        (nested, Some(found)) => matches(nested, found),
        (_, None) => false,
    })
}

pub(super) fn read(
    document: &TemplateDocument,
    functions: &[LambdaFunction],
) -> Result<(Vec<EventRule>, Vec<Schedule>), TemplateError> {
    let (mut rules, mut schedules) = (Vec::new(), Vec::new());
    for (id, resource) in document.resources_of(RULE) {
        let properties = &resource["Properties"];
        let logical_id = id.to_owned();
        let targets = targets(functions, id, properties)?;
        if let Some(pattern) = properties.get("EventPattern") {
            let pattern = Pattern::new(pattern).map_err(|problem| TemplateError::of(id, problem))?;
            rules.push(EventRule { logical_id, pattern, targets });
        } else {
            let expression = TemplateDocument::text(&properties["ScheduleExpression"]);
            let expression = expression.ok_or_else(|| TemplateError::of(id, "neither pattern nor schedule"))?;
            schedules.push(Schedule { logical_id, expression, targets });
        }
    }
    Ok((rules, schedules))
}

fn targets(functions: &[LambdaFunction], id: &str, properties: &Value) -> Result<Vec<String>, TemplateError> {
    let targets = properties["Targets"].as_array().into_iter().flatten();
    targets
        .map(|target| {
            let function = called(functions, &target["Arn"]);
            let transformed = ["Input", "InputPath", "InputTransformer"].iter().any(|name| target.get(name).is_some());
            match function {
                Some(function) if !transformed => Ok(function.package.clone()),
                Some(_) => Err(TemplateError::of(id, "a target's input is transformed, which is not supported")),
                None => Err(TemplateError::of(id, "a target is not the alias of a function")),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_match_by_literal_values() {
        let pattern =
            Pattern::new(&json!({"source": ["polydesk"], "detail": {"vendor": ["huawei", "tencent"]}})).unwrap();
        assert!(pattern.matches(&json!({"source": "polydesk", "detail": {"vendor": "huawei", "n": 1}})));
        assert!(pattern.matches(&json!({"source": "polydesk", "detail": {"vendor": ["alibaba", "tencent"]}})));
        assert!(!pattern.matches(&json!({"source": "polydesk", "detail": {"vendor": "alibaba"}})));
        assert!(!pattern.matches(&json!({"source": "polydesk", "detail": {}})));
        assert!(!pattern.matches(&json!({"source": "other", "detail": {"vendor": "huawei"}})));
        assert!(!pattern.matches(&json!({"source": "polydesk", "detail": "huawei"})));
    }

    #[test]
    fn patterns_match_by_prefix() {
        let pattern = Pattern::new(&json!({"source": ["aws.s3", {"prefix": "poly"}]})).unwrap();
        assert!(pattern.matches(&json!({"source": "polydesk"})));
        assert!(pattern.matches(&json!({"source": "aws.s3"})));
        assert!(!pattern.matches(&json!({"source": "apoly"})));
        assert!(!pattern.matches(&json!({"source": 5})));
    }

    #[test]
    fn any_other_content_filter_is_an_error() {
        assert!(Pattern::new(&json!({"source": [{"suffix": "end"}]})).is_err());
        assert!(Pattern::new(&json!({"source": [{"prefix": 5}]})).is_err());
        assert!(Pattern::new(&json!({"source": "polydesk"})).is_err());
        assert!(Pattern::new(&json!(["polydesk"])).is_err());
    }
}
