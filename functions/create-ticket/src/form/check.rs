//! Checks a ticket's own fields by its vendor's form. What the vendor did not tell, or what can't be read, refuses
//! nothing.

use shared::{
    domain::{
        TicketDetails, TicketForm,
        ticket_form::{ExtraField, FormPart},
    },
    http::fields::escaped,
    problem_code::ProblemCode,
    vendors::Capability,
};

use super::rules;
use crate::broken::BrokenFields;

/// Records every field that breaks a rule. `form` is `None` where it could not be read.
pub fn check(details: &TicketDetails, capability: &Capability, form: Option<&TicketForm>, broken: &mut BrokenFields) {
    if !capability.forms {
        return refuse_all(details, broken);
    }
    let Some(form) = form else { return };
    if form.has(FormPart::Extra) {
        check_extra(details, form, broken);
    }
    let mut add = |pointer: &str, rule: String| broken.add(pointer, ProblemCode::FormMismatch, rule);
    if let Some(id) = &details.severity_id
        && form.has(FormPart::Severities)
        && !form.severities.iter().any(|severity| severity.id == *id)
    {
        let known: Vec<_> = form.severities.iter().map(|one| format!("{} ({})", one.id, one.name)).collect();
        let rule = match known.is_empty() {
            true => "this account has no choice of severities; leave it out".to_owned(),
            false => format!("must be one of: {}", known.join(", ")),
        };
        add("/severity_id", rule);
    }
    if let Some(max) = form.max_cc.filter(|max| details.cc.len() > *max) {
        add("/cc", format!("must have at most {max} addresses; it has {}", details.cc.len()));
    }
}

fn refuse_all(details: &TicketDetails, broken: &mut BrokenFields) {
    let given = [
        ("/severity_id", details.severity_id.is_some()),
        ("/extra", !details.extra.is_empty()),
        ("/cc", !details.cc.is_empty()),
        ("/contact", details.contact.is_some()),
    ];
    for (pointer, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        broken.add(pointer, ProblemCode::FormMismatch, "this vendor's tickets do not have it; leave it out");
    }
}

fn check_extra(details: &TicketDetails, form: &TicketForm, broken: &mut BrokenFields) {
    for field in &form.extra {
        let rule = match details.extra.get(&field.key) {
            Some(value) => rules::check(field, value).err(),
            None if field.required => Some(missing(field)),
            None => None,
        };
        if let Some(rule) = rule {
            broken.add(pointer(&field.key), ProblemCode::FormMismatch, rule);
        }
    }
    let is_known = |key: &String| form.extra.iter().any(|field| field.key == *key);
    for key in details.extra.keys().filter(|key| form.is_whole() && !is_known(key)) {
        let rule = "is not in the form of this problem type; GET /catalog/form has its fields";
        broken.add(pointer(key), ProblemCode::FormMismatch, rule);
    }
}

fn missing(field: &ExtraField) -> String {
    format!("is required ({}); GET /catalog/form has the fields of this problem type", field.name)
}

/// The place of a value in the body (RFC 6901), of at most 120 characters.
fn pointer(key: &str) -> String {
    format!("/extra/{}", escaped(key)).chars().take(120).collect()
}
