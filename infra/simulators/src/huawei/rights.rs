//! What the keys may do: privileges, the agreement, verified contacts and the quota.

use serde_json::{Value, json};

use super::query::QueryParameters;
use super::{HuaweiFailure, HuaweiResult, HuaweiSettings, HuaweiSuccess};
use crate::simulator::AuthorizedCall;

pub(super) const OPERATIONS: [&str; 5] = [
    "ListPrivileges",
    "ShowCustomerPrivilegePolicy",
    "ShowSignedLatestPublishedAgreement",
    "ListHasVerifiedContacts",
    "ListCaseQuotas",
];

pub(super) fn perform(settings: &HuaweiSettings, call: &AuthorizedCall<'_>) -> HuaweiResult {
    let rights = &settings.rights;
    let query = QueryParameters::of(call.request);
    let body = match call.operation {
        "ListPrivileges" => {
            one_of(&query, "privilege", &["createCase", "export", "assumeCaseAll"])?;
            json!({ "has_privilege": u8::from(rights.may_create) })
        }
        "ShowCustomerPrivilegePolicy" => json!({ "policy_switch": rights.restricted }),
        "ShowSignedLatestPublishedAgreement" => {
            one_of(&query, "agreement_type", &["0", "1", "2"])?;
            json!({ "is_signed_latest": rights.signed })
        }
        "ListHasVerifiedContacts" => contacts(rights.contacts, &query)?,
        _ => match rights.quota {
            Some([total, un_used]) => json!({ "total": total, "un_used": un_used }),
            None => json!({ "total": 0, "un_used": 0 }),
        },
    };
    Ok(HuaweiSuccess::Body(body))
}

/// A value that must be there, and be one of these; its place among them.
fn one_of(query: &QueryParameters, name: &str, known: &[&str]) -> Result<usize, HuaweiFailure> {
    let value = query.text(name, 64)?;
    let place = value.and_then(|value| known.iter().position(|known| *known == value));
    place.ok_or_else(|| HuaweiFailure::parameter(name))
}

fn contacts(counts: [usize; 2], query: &QueryParameters) -> Result<Value, HuaweiFailure> {
    let way = one_of(query, "contact_way", &["0", "1"])?;
    let (offset, limit) = (query.number("offset", 0, 65_535)?, query.number("limit", 10, 100)?);
    let count = counts[way];
    let value = |number: usize| match way {
        0 => format!("1390000{number:04}"),
        _ => format!("contact{number}@example.com"),
    };
    let all = (0..count).map(|number| {
        json!({
            "contact_way": way, "contact_value": value(number), "area_code": "0086", "verified_id": number.to_string(),
        })
    });
    Ok(json!({ "count": count, "contact_list": all.skip(offset).take(limit).collect::<Vec<_>>() }))
}
