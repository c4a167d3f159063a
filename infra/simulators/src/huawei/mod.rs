//! Huawei Cloud tickets: OSM v2, JSON, signed with `SDK-HMAC-SHA256`.
//!
//! ListCaseCategories, ListProductCategories, ListProblemTypes, ListRegions, ListSeverities, ListCaseLimits,
//! ListExtendsParams, ListCaseTemplates, CreateCases, ShowCaseDetail, ShowCaseStatus, ListCases, ListMessages,
//! ListNewInstantMessages, CreateMessages, UpdateCases, CreateScores, ListSatisfactionDimensions, RevokeMessage,
//! DownloadAccessories, ShowDownloadAccessoryUrl, UploadJsonAccessories, ShowAccessoryLimits, ListPrivileges,
//! ShowCustomerPrivilegePolicy, ShowSignedLatestPublishedAgreement, ListHasVerifiedContacts, ListCaseQuotas; at the
//! same port IAM's KeystoneListAuthDomains, and the object storage where links lead. Business errors are HTTP 200 with
//! `error_code`.
//!
//! # Not modelled
//!
//! Tokens instead of keys, UploadAccessory (multipart), labels, groups, verification codes, texts of agreements, rich
//! text (`trim_osm_rich_text_label` is ignored), automatic closing, `X-Site`. The value of
//! `X-Domain-Id` is not compared with the account.
//!
//! # Assumptions where the vendor's behaviour is unknown
//!
//! | Case | Here |
//! |---|---|
//! | Action in the wrong status, message to an ended ticket | `OSM.01010014` |
//! | Missing, too long, ill-typed or unknown id | `OSM.01010001`; a body that is no JSON object: HTTP 400 `OSM.0001` |
//! | Another account's ticket | `OSM.01010015`, as an unknown one |
//! | Rating of a ticket that has not ended | `OSM.01010014`; a second rating is taken, as the first one |
//! | Withdrawing support's message, or an unknown one | `OSM.01010001`; the customer's at any time |
//! | Urging twice within 30 minutes | `OSM.01010004` |
//! | Length of the description | Unicode characters; see [`HuaweiSettings::count_utf16`] |
//! | Successful action | body `{}`; see [`HuaweiSettings::action_answer`] |
//! | Description as the first message | yes; see [`HuaweiSettings::description_is_first_message`] |
//! | Messages in the detail | all; see [`HuaweiSettings::detail_limit`], [`HuaweiSettings::detail_has_newest`] |
//! | Rating in the detail | the last one; see [`HuaweiSettings::detail_has_rating`] |
//! | Order of messages | oldest first; see [`HuaweiSettings::newest_message_first`] |
//! | `last_message_time_id` | the vendor's time in milliseconds; messages shown at that time or later are new |
//! | Tickets that are not the caller's, in ListNewInstantMessages | left out |
//! | ListCases | newest first, 10 by default; total `total_count`, see [`HuaweiSettings::total_as_count`] |
//! | Several `search_key` | any of them; `incident_status` is separated by commas |
//! | Unknown file, or another account's | `OSM.01010001` |
//! | Files | DownloadAccessories gives them; see [`HuaweiSettings::links_only`] |
//! | Files that are sent | within [`HuaweiSettings::accessories`]; an id of an unused file gives it for any use |
//! | `limit_file_type` | endings of names without the dot, separated by commas |
//! | A body of more than 12 MB | HTTP 413 `APIGW.0201` |
//! | Times | in queries without a zone: `X-Time-Zone` (`GMT+8` by default); in answers: UTC with `Z` |
//! | Statuses | create 0; support reply 0 to 1, 1 to 17; customer message 17 or 2 to 1; close 3; cancel 4; delete 13 |
//! | Support's message to an ended ticket | by [`Simulator::reply`] only; later scripted replies are dropped |
//! | A ticket opened again by a person | status 1; only after 3 and 4 |
//! | Tickets deleted by the customer; no product given | readable by id, not listed; all problem types |
//! | Extra fields | those of [`HuaweiSettings::extends_params`]; a ticket without a required one: `OSM.01010001` |
//! | Carbon copies | `cc_email` of `extension_map`, separated by commas; more than the limit: `OSM.01010001` |
//! | A contact that is not verified | accepted; see [`HuaweiSettings::registered_mail`] |
//! | Rights | read only, see [`HuaweiSettings::rights`]: a missing one refuses no ticket |
//! | Lock of a key | the sixth failed check in a row locks it for five minutes; unknown keys are not counted |

mod accessories;
mod cases;
mod catalog;
mod gateway;
mod list;
mod messages;
mod query;
mod rights;
mod settings;

pub(crate) use cases::ticket_id;
pub use messages::message_id;
pub use settings::{AccessorySettings, ActionSuccessBody, HuaweiSettings, RightsSettings};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::answer::VendorReply;
use crate::catalog::Catalog;
use crate::files::{self, SimulatedFile};
use crate::keys::Keys;
use crate::simulator::{AuthorizedCall, SimulatedError, Simulator, VendorRules};
use crate::vendor_state::VendorState;
use crate::wire::{header, hex_id};

/// The simulated Huawei Cloud.
pub type HuaweiSimulator = Simulator<HuaweiRules>;

/// Keys known from the start.
pub const DEMO_KEYS: Keys =
    Keys { id: "huawei-demo-key", secret: "huawei-demo-secret", account: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" };

/// Keys of a second customer, known from the start.
pub const SECOND_KEYS: Keys =
    Keys { id: "huawei-second-key", secret: "huawei-second-secret", account: "0f1e2d3c4b5a69788796a5b4c3d2e1f1" };

/// The only source a new ticket may name.
pub const SOURCE_ID: &str = "83aeb0f2834c4df49826c781d32a963e";

/// What makes a simulator Huawei Cloud.
#[derive(Debug)]
pub struct HuaweiRules;

#[expect(private_interfaces, reason = "the trait is implemented here only")]
impl VendorRules for HuaweiRules {
    type Settings = HuaweiSettings;
    const VENDOR: &'static str = "huawei";
    const KEYS: &'static [Keys] = &[DEMO_KEYS, SECOND_KEYS];
    const SUPPORT: &'static str = "华为云工程师";

    fn catalog() -> Catalog {
        catalog::generate()
    }

    fn operation(request: &Request<Bytes>) -> String {
        gateway::route(request).map_or("Unknown", |route| route.operation).to_owned()
    }

    fn authorize(
        state: &mut VendorState,
        settings: &HuaweiSettings,
        request: &Request<Bytes>,
        now_ms: i64,
    ) -> Result<String, VendorReply> {
        if files::operation(request).is_some() {
            return files::authorize(state, link_secret(state), request, now_ms);
        }
        gateway::authorize(&mut state.keys, settings, request, now_ms)
            .map_err(|refusal| gateway_error(refusal.status, refusal.code, &refusal.message, state.next_request()))
    }

    fn perform(state: &mut VendorState, settings: &HuaweiSettings, call: &AuthorizedCall<'_>) -> VendorReply {
        let number = state.next_request();
        let case = gateway::route(call.request).map(|route| route.case).unwrap_or_default();
        let case = case.as_str();
        let result = match call.operation {
            "CreateCases" => cases::create(state, settings, call),
            "ListCases" => list::list(state, settings, call),
            "ShowCaseDetail" => cases::detail(state, settings, call, case),
            "ShowCaseStatus" => cases::status(state, call, case),
            "UpdateCases" => cases::act(state, settings, call, case),
            "ListMessages" => messages::list(state, settings, call, case),
            "ListNewInstantMessages" => messages::list_new(state, call),
            "CreateMessages" => messages::create(state, settings, call, case),
            "CreateScores" => cases::rate(state, settings, call, case),
            "RevokeMessage" => messages::withdraw(state, call, case),
            gateway::DOWNLOAD => accessories::download(state, settings, call, case),
            gateway::ACCESS_URL => accessories::access_url(state, settings, call, case),
            gateway::UPLOAD => accessories::upload(state, settings, call),
            gateway::LIMITS => accessories::limits(settings),
            files::GET_OBJECT => return object(state, case),
            gateway::IDENTITY => Ok(HuaweiSuccess::Body(domains(call.account))),
            operation if rights::OPERATIONS.contains(&operation) => rights::perform(settings, call),
            _ => catalog::perform(state, settings, call),
        };
        let reply = match result {
            Ok(HuaweiSuccess::Body(body)) => VendorReply::json(200, &body),
            Ok(HuaweiSuccess::File(file)) => files::reply(Some(&file)),
            Ok(HuaweiSuccess::Action) => action_answer(settings.action_answer),
            Err(failure) => failure.into_reply(),
        };
        reply.with_header("x-request-id", hex_id(&format!("huawei/{number}")))
    }

    fn error_reply(error: &SimulatedError<'_>, number: u64) -> VendorReply {
        match error {
            SimulatedError::Throttled { .. } => gateway_error(
                429,
                "APIGW.0308",
                "The throttling threshold has been reached: policy user over ratelimit",
                number,
            ),
            SimulatedError::Status(500) => gateway_error(500, "OSM.0004", "Internal error.", number),
            SimulatedError::Status(status) => gateway_error(*status, "APIGW.0201", "Backend unavailable.", number),
            SimulatedError::Refused { code, message } => HuaweiFailure::new(code, message).into_reply(),
            SimulatedError::WrongShape => VendorReply::json(200, &json!({ "result": "ok", "data": [] })),
        }
    }

    fn status_after_support(status: i64) -> i64 {
        match status {
            0 => 1,
            1 => 17,
            other => other,
        }
    }

    fn status_after_customer(status: i64) -> i64 {
        match status {
            2 | 17 => 1,
            other => other,
        }
    }

    fn is_ended(status: i64) -> bool {
        cases::ended(status)
    }

    /// A waiting ticket is cancelled, any other closed.
    fn status_after_closing(status: i64) -> Option<i64> {
        let closed = if status == 0 { 4 } else { 3 };
        (!cases::ended(status)).then_some(closed)
    }

    /// The console brings a ticket back into processing; a deleted or invalid one stays what it is.
    fn status_after_reopening(status: i64) -> Option<i64> {
        matches!(status, 3 | 4).then_some(1)
    }
}

/// What links to files are signed with.
fn link_secret(state: &VendorState) -> &str {
    state.keys.get(DEMO_KEYS.id).map(|pair| pair.secret.as_str()).unwrap_or_default()
}

/// The answer of the object storage.
fn object(state: &VendorState, name: &str) -> VendorReply {
    files::reply(files::find(state, name).and_then(|(message, place)| message.files.get(place)))
}

/// A call that worked.
enum HuaweiSuccess {
    Body(Value),
    /// A file in place of JSON.
    File(SimulatedFile),
    /// An action whose answer has no fields.
    Action,
}

/// A business error.
#[derive(Debug, PartialEq, Eq)]
struct HuaweiFailure {
    status: u16,
    code: String,
    message: String,
}

impl HuaweiFailure {
    fn new(code: &str, message: &str) -> Self {
        Self { status: 200, code: code.to_owned(), message: message.to_owned() }
    }

    /// A parameter that does not pass.
    fn parameter(name: &str) -> Self {
        Self::new("OSM.01010001", &format!("Parameter verification failed: {name}"))
    }

    fn body() -> Self {
        Self { status: 400, ..Self::new("OSM.0001", "Invalid parameter.") }
    }

    fn unknown_ticket() -> Self {
        Self::new("OSM.01010015", "The incident does not exist.")
    }

    fn wrong_status() -> Self {
        Self::new("OSM.01010014", "Operation failed.")
    }

    fn into_reply(self) -> VendorReply {
        VendorReply::error(self.status, &self.code, &json!({ "error_code": self.code, "error_msg": self.message }))
    }
}

/// The one domain of a key.
fn domains(account: &str) -> Value {
    let domain = json!({ "id": account, "name": "customer", "enabled": true, "description": "" });
    json!({ "domains": [domain], "links": { "self": "/v3/auth/domains", "previous": null, "next": null } })
}

type HuaweiResult = Result<HuaweiSuccess, HuaweiFailure>;

fn action_answer(answer: ActionSuccessBody) -> VendorReply {
    match answer {
        ActionSuccessBody::Object => VendorReply::json(200, &json!({})),
        ActionSuccessBody::Empty => VendorReply::raw(200, "application/json", Bytes::new()),
        ActionSuccessBody::Nulls => VendorReply::json(200, &json!({ "error_code": null, "error_msg": null })),
        ActionSuccessBody::Zeros => {
            VendorReply::json(200, &json!({ "error_code": "OSM.0000", "error_msg": "success" }))
        }
    }
}

fn gateway_error(status: u16, code: &str, message: &str, number: u64) -> VendorReply {
    let request_id = hex_id(&format!("huawei/{number}"));
    let body = json!({ "error_code": code, "error_msg": message, "request_id": request_id });
    VendorReply::error(status, code, &body).with_header("x-request-id", request_id)
}

/// Whether names are wanted in English.
fn english(request: &Request<Bytes>) -> bool {
    header(request, "x-language").is_some_and(|language| language.to_lowercase().starts_with("en"))
}

#[cfg(test)]
mod tests;
