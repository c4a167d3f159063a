//! Huawei's tickets: create, read, and the actions.

use serde_json::{Map, Value, json};

use super::accessories::named;
use super::catalog::{DIMENSIONS, is_severity, severity_name};
use super::messages::with_ids;
use super::query::{QueryParameters, body, field, required};
use super::{HuaweiFailure, HuaweiResult, HuaweiSettings, HuaweiSuccess, SOURCE_ID, english};
use crate::simulator::AuthorizedCall;
use crate::ticket::{MessageAuthor, SimulatedRating, SimulatedTicket};
use crate::vendor_state::VendorState;
use crate::wire::utc_text;

/// How often a ticket may be urged.
const URGE_EVERY_MS: i64 = 30 * 60 * 1000;

/// Whether nothing more happens with a ticket in that status.
pub(super) fn ended(status: i64) -> bool {
    matches!(status, 3 | 4 | 12 | 13)
}

/// The ticket, when it is the caller's.
pub(super) fn own<'a>(
    state: &'a VendorState,
    call: &AuthorizedCall<'_>,
    id: &str,
) -> Result<&'a SimulatedTicket, HuaweiFailure> {
    state.ticket(id).filter(|ticket| ticket.account == call.account).ok_or_else(HuaweiFailure::unknown_ticket)
}

pub(super) fn create(state: &mut VendorState, settings: &HuaweiSettings, call: &AuthorizedCall<'_>) -> HuaweiResult {
    let fields = body(call.request, false)?;
    let (ticket, description) = read_ticket(state, settings, call, &fields)?;
    let id = ticket.id.clone();
    state.open(ticket, call.operation, call.now_ms);
    if settings.description_is_first_message {
        state.add_message(&id, MessageAuthor::Customer, "customer", &description, call.now_ms);
        state.begin_with(&id);
    }
    Ok(HuaweiSuccess::Body(json!({ "incident_id": id })))
}

fn read_ticket(
    state: &VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    fields: &Map<String, Value>,
) -> Result<(SimulatedTicket, String), HuaweiFailure> {
    let problem_type = required(fields, "business_type_id", 512, settings)?;
    let description = required(fields, "simple_description", 1200, settings)?;
    if required(fields, "source_id", 32, settings)? != SOURCE_ID {
        return Err(HuaweiFailure::parameter("source_id"));
    }
    let optional = |name, most| Ok(field(fields, name, most, settings)?.filter(|text| !text.is_empty()));
    let product = optional("product_category_id", 64)?;
    let group = optional("incident_sub_type_id", 32)?;
    let region = optional("region_id", 64)?;
    let email = optional("remind_mail", 128)?;
    let severity = optional("severity_id", 64)?;
    for (name, most) in
        [("remind_mobile", 32), ("area_code", 16), ("remind_time", 16), ("verify_code", 6), ("project_id", 64)]
    {
        optional(name, most)?;
    }
    let details = details(fields, problem_type, settings)?;
    let files = named(state, settings, call, fields)?;
    let catalog = state.catalog();
    let (owner, known) =
        catalog.problem_type(problem_type).ok_or_else(|| HuaweiFailure::parameter("business_type_id"))?;
    if product.is_some_and(|id| id != owner.id) {
        return Err(HuaweiFailure::parameter("product_category_id"));
    }
    if group.is_some_and(|id| catalog.groups.iter().all(|group| group.id != id)) {
        return Err(HuaweiFailure::parameter("incident_sub_type_id"));
    }
    let region_known = region.map(|id| catalog.regions.iter().any(|region| region.id == id));
    if region_known == Some(false) || (region_known.is_none() && known.fault) {
        return Err(HuaweiFailure::parameter("region_id"));
    }
    if severity.is_some_and(|id| !is_severity(id)) {
        return Err(HuaweiFailure::new("OSM.01010006", "The severity does not exist."));
    }
    if settings.registered_mail.is_some() && email.is_some() && settings.registered_mail.as_deref() != email {
        return Err(HuaweiFailure::new("OSM.01010010", "Verification failed."));
    }
    let ticket = SimulatedTicket {
        id: ticket_id(state.ticket_count(), call.now_ms),
        account: call.account.to_owned(),
        created_at_ms: call.now_ms,
        visible_at_ms: call.now_ms,
        status: 0,
        title: String::new(),
        description: description.to_owned(),
        sent: None,
        product: Some(owner.id.clone()),
        problem_type: problem_type.to_owned(),
        region: region.map(str::to_owned),
        severity: severity.map(str::to_owned),
        email: email.map(str::to_owned),
        secret_info: None,
        details,
        closed_at_ms: None,
        urged_at_ms: None,
        ratings: Vec::new(),
        deleted: false,
        searchable_at_ms: 0,
        defect: None,
        files,
        messages: Vec::new(),
    };
    Ok((ticket, description.to_owned()))
}

/// The ticket's own fields as they were sent: extra ones, carbon copies and the contact.
fn details(fields: &Map<String, Value>, problem_type: &str, settings: &HuaweiSettings) -> Result<Value, HuaweiFailure> {
    let rows = settings.extends_params.get(problem_type).map_or(&[][..], Vec::as_slice);
    let given = fields.get("extends_map").unwrap_or(&Value::Null);
    let is_required = |row: &&Value| row["required"] == json!(1) && row["is_show"] != json!(0);
    for key in rows.iter().filter(is_required).filter_map(|row| row["param_key"].as_str()) {
        if given.get(key).is_none_or(|value| value.is_null() || *value == json!("")) {
            return Err(HuaweiFailure::parameter(key));
        }
    }
    let cc = fields.get("extension_map").and_then(|map| map.get("cc_email")).and_then(Value::as_str);
    if cc.is_some_and(|cc| cc.split(',').count() > settings.max_cc) {
        return Err(HuaweiFailure::parameter("cc_email"));
    }
    let names = ["extends_map", "extension_map", "remind_mobile", "area_code", "remind_mail", "remind_time"];
    let given = names.into_iter().filter_map(|name| Some((name.to_owned(), fields.get(name)?.clone())));
    Ok(Value::Object(given.collect()))
}

/// `TT`, the day, and a running number.
pub(crate) fn ticket_id(count: u64, now_ms: i64) -> String {
    let day: String = utc_text(now_ms).chars().take(10).filter(|c| *c != '-').collect();
    format!("TT{day}{:06}", count + 1)
}

/// Names of a ticket's problem type, product and region in the caller's language.
pub(super) fn names(state: &VendorState, ticket: &SimulatedTicket, english: bool) -> (String, String, String) {
    let pick = |zh: &str, en: &str| if english { en.to_owned() } else { zh.to_owned() };
    let known = state.catalog().problem_type(&ticket.problem_type);
    let (problem_type, product) = known.map_or_else(Default::default, |(product, problem_type)| {
        (pick(&problem_type.name, &problem_type.name_en), pick(&product.name, &product.name_en))
    });
    let region = state.catalog().regions.iter().find(|region| Some(&region.id) == ticket.region.as_ref());
    (problem_type, product, region.map(|region| pick(&region.name, &region.name_en)).unwrap_or_default())
}

pub(super) fn detail(
    state: &VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    case: &str,
) -> HuaweiResult {
    let ticket = own(state, call, case)?;
    let english = english(call.request);
    let (problem_type, _, region) = names(state, ticket, english);
    let rating = ticket.ratings.last().filter(|_| settings.detail_has_rating);
    let mut detail = json!({
        "incident_id": ticket.id,
        "status": ticket.status,
        "simple_description": ticket.description,
        "business_type_name": problem_type,
        "incident_type_name": if english { "Technical" } else { "技术类" },
        "dc_name": region,
        "source_name": if english { "API" } else { "用户中心" },
        "severity_name": severity_name(ticket.severity.as_deref().unwrap_or_default(), english),
        "customer_id": ticket.account,
        "xcustomer_id": ticket.account,
        "xcustomer_name": "customer",
        "create_time": utc_text(ticket.created_at_ms),
        "judgement": rating.map_or("", |rating| rating.comment.as_str()),
        "business_ownership": 0,
        "message_list": with_ids(ticket, settings, call.now_ms),
        "incident_satisfaction": rating.map_or_else(Vec::new, given_scores),
        "ext_info": { "remind_mail": ticket.email },
    });
    if let Some(closed_at_ms) = ticket.closed_at_ms {
        detail["resolve_time"] = json!(closed_at_ms);
    }
    Ok(HuaweiSuccess::Body(json!({ "incident_detail_info": detail })))
}

/// The score of each dimension, in the form in which CreateScores takes them.
fn given_scores(rating: &SimulatedRating) -> Vec<Value> {
    let scores = DIMENSIONS.iter().zip(&rating.scores);
    scores.map(|((id, ..), score)| json!({ "satisfaction_id": id, "satisfaction_value": score })).collect()
}

pub(super) fn status(state: &VendorState, call: &AuthorizedCall<'_>, case: &str) -> HuaweiResult {
    Ok(HuaweiSuccess::Body(json!({ "status": own(state, call, case)?.status })))
}

pub(super) fn act(
    state: &mut VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    case: &str,
) -> HuaweiResult {
    let query = QueryParameters::of(call.request);
    let action = query.text("action_id", 32)?.unwrap_or_default();
    if !matches!(action, "cancel" | "close" | "press" | "delete") {
        return Err(HuaweiFailure::new("OSM.01010013", "The action must be cancel, close, press or delete."));
    }
    let fields = body(call.request, true)?;
    field(&fields, "operate_desc", 400, settings)?;
    field(&fields, "judgement", 400, settings)?;
    let ticket = own(state, call, case)?;
    let next = match (action, ticket.status) {
        ("cancel", 0) => 4,
        ("close", 1 | 2 | 5 | 17) => 3,
        ("delete", 3 | 4) => 13,
        ("press", status @ (0 | 1)) => {
            if ticket.urged_at_ms.is_some_and(|urged| call.now_ms.saturating_sub(urged) < URGE_EVERY_MS) {
                return Err(HuaweiFailure::new("OSM.01010004", "The incident is urged too often."));
            }
            status
        }
        _ => return Err(HuaweiFailure::wrong_status()),
    };
    if let Some(ticket) = state.ticket_mut(case) {
        ticket.status = next;
        match action {
            "press" => ticket.urged_at_ms = Some(call.now_ms),
            _ => {
                ticket.closed_at_ms.get_or_insert(call.now_ms);
            }
        }
    }
    Ok(HuaweiSuccess::Action)
}

pub(super) fn rate(
    state: &mut VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    case: &str,
) -> HuaweiResult {
    let fields = body(call.request, false)?;
    let comment = field(&fields, "judgement", 400, settings)?.unwrap_or_default().to_owned();
    let list = fields.get("incident_satisfaction_list").and_then(Value::as_array);
    let list = list.ok_or_else(|| HuaweiFailure::parameter("incident_satisfaction_list"))?;
    let score = |entry: &Value| {
        let known = DIMENSIONS.iter().any(|(id, ..)| entry["satisfaction_id"] == *id);
        entry["satisfaction_value"].as_i64().filter(|value| known && (1..=5).contains(value))
    };
    let scores = list.iter().map(score).collect::<Option<Vec<_>>>();
    let scores = scores.ok_or_else(|| HuaweiFailure::parameter("incident_satisfaction_list"))?;
    if !ended(own(state, call, case)?.status) {
        return Err(HuaweiFailure::wrong_status());
    }
    if let Some(ticket) = state.ticket_mut(case) {
        ticket.ratings.push(SimulatedRating { solved: None, scores, comment });
    }
    Ok(HuaweiSuccess::Action)
}
