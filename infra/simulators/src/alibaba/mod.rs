//! Alibaba Cloud tickets: `Workorder` 2021-06-10, RPC style, signed with `ACS3-HMAC-SHA256`.
//!
//! ListProducts, ListCategories, CreateTicket, GetTicket, ListTicketNotes, CloseTicket, ListTickets, ReplyTicket,
//! ReopenTicket, EvaluateTicket, GetAttachmentUploadUrl; and at the same port `Sts` 2015-04-01 GetCallerIdentity, and
//! the object storage where the links of notes and uploads lead. Parameters count only where the vendor's metadata
//! places them (query or form); a GET carries all of them in the query.
//!
//! # Not modelled
//!
//! The old HMAC-SHA1 signature, `SecretInfo` (accepted, ignored), `Uid` and `CreatorId` of resellers (ignored),
//! GetMqConsumerTag, separate hosts by site.
//!
//! # Assumptions where the vendor's behaviour is unknown
//!
//! | Case | Here |
//! |---|---|
//! | Unknown ticket or category | HTTP 400 `param.illegal` |
//! | Another account's ticket | HTTP 401 `illegal.auth` |
//! | Close of a closed ticket | HTTP 200, `Success: false`, `Code: -101`; see [`AlibabaSettings::close_closed`] |
//! | Close from any open status | accepted, status becomes 6 |
//! | Reply to a closed ticket, reopen or rating of an open one | HTTP 200, `Success: false`, `Code: -101` |
//! | A second rating | taken, as the first one |
//! | Missing or ill-typed parameter | HTTP 400 `Missing<Param>` or `Invalid<Param>` |
//! | Severity other than 1 and 2, within the schema | HTTP 400 `param.illegal` |
//! | Description as the first message | no; see [`AlibabaSettings::description_as_note`] |
//! | Order of ListTickets | newest first |
//! | Links to files | valid for an hour; see [`AlibabaSettings::link_seconds`]; expired: HTTP 403 |
//! | An object key that is unknown, another account's, or without bytes | HTTP 400 `param.illegal` |
//! | A PUT to a link | any size; with `Content-Type`: HTTP 403, with `Authorization`: HTTP 400 |
//! | Statuses | create 1, support replies 3, customer replies 4, close 6, reopen 1 |
//! | Clock window | 15 minutes |
//! | Support's message to a closed ticket | by [`Simulator::reply`] only; later scripted replies are dropped |
//! | A nonce | is used up by every call with a good signature, throttled or not |
//! | Names in languages other than `en`, `jp` | Chinese; `jp` gives English |
//! | An unsigned `x-acs-` header, or one of the required ones unsigned | `IncompleteSignature` |

mod catalog;
mod gateway;
mod messages;
mod params;
mod tickets;
mod uploads;

pub(crate) use tickets::ticket_id;

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::answer::VendorReply;
use crate::catalog::Catalog;
use crate::files;
use crate::keys::Keys;
use crate::simulator::{AuthorizedCall, SimulatedError, Simulator, VendorRules};
use crate::vendor_state::VendorState;
use crate::wire::{header, uuid};

/// The simulated Alibaba Cloud.
pub type AlibabaSimulator = Simulator<AlibabaRules>;

/// Keys known from the start.
pub const DEMO_KEYS: Keys = Keys { id: "alibaba-demo-key", secret: "alibaba-demo-secret", account: "1936753548534516" };

/// Keys of a second customer, known from the start.
pub const SECOND_KEYS: Keys =
    Keys { id: "alibaba-second-key", secret: "alibaba-second-secret", account: "1936753548534517" };

/// The host errors name that were asked for by a fault.
const HOST: &str = "workorder.aliyuncs.com";

/// What closing a closed ticket answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseClosed {
    /// HTTP 200 with `Success: false`.
    #[default]
    Refuse,
    /// Success, as the first time.
    Accept,
}

/// What can be switched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlibabaSettings {
    /// What closing a closed ticket answers.
    pub close_closed: CloseClosed,
    /// Whether new tickets carry their description as the first message.
    pub description_as_note: bool,
    /// Whether `Status.Value` is the status's name instead of its number.
    pub status_names: bool,
    /// How long links to files are valid, in seconds; an hour without it.
    pub link_seconds: Option<u32>,
    /// The link that GetAttachmentUploadUrl gives in place of its own.
    pub upload_link: Option<String>,
}

/// What makes a simulator Alibaba Cloud.
#[derive(Debug)]
pub struct AlibabaRules;

#[expect(private_interfaces, reason = "the trait is implemented here only")]
impl VendorRules for AlibabaRules {
    type Settings = AlibabaSettings;
    const VENDOR: &'static str = "alibaba";
    const KEYS: &'static [Keys] = &[DEMO_KEYS, SECOND_KEYS];
    const SUPPORT: &'static str = "工单小二";

    fn catalog() -> Catalog {
        catalog::generate()
    }

    fn operation(request: &Request<Bytes>) -> String {
        files::operation(request).or(header(request, "x-acs-action")).unwrap_or("Unknown").to_owned()
    }

    fn authorize(
        state: &mut VendorState,
        _: &AlibabaSettings,
        request: &Request<Bytes>,
        now_ms: i64,
    ) -> Result<String, VendorReply> {
        if files::operation(request).is_some() {
            return files::authorize(state, link_secret(state), request, now_ms);
        }
        gateway::authorize(state, request, now_ms).map_err(|failure| failure.into_reply(state.next_request(), request))
    }

    fn perform(state: &mut VendorState, settings: &AlibabaSettings, call: &AuthorizedCall<'_>) -> VendorReply {
        let number = state.next_request();
        match call.operation {
            files::GET_OBJECT => return uploads::get(state, call.request),
            files::PUT_OBJECT => return uploads::put(state, call.request),
            gateway::IDENTITY => return identity(call.account, number),
            _ => {}
        }
        let result = match call.operation {
            "ListProducts" => catalog::list_products(state, call),
            "ListCategories" => catalog::list_categories(state, call),
            _ => tickets::perform(state, settings, call),
        };
        match result {
            Ok(success) => success.into_reply(number),
            Err(failure) => failure.into_reply(number, call.request),
        }
    }

    fn error_reply(error: &SimulatedError<'_>, number: u64) -> VendorReply {
        match error {
            SimulatedError::Throttled { retry_after_ms } => {
                let message = "Request was denied due to user flow control.";
                let reply = AlibabaFailure::gateway(400, "Throttling.User", message).reply(number, HOST);
                match retry_after_ms {
                    Some(ms) => reply.with_header("x-acs-retry-after", ms.to_string()),
                    None => reply,
                }
            }
            SimulatedError::Status(status) => {
                let code = if *status == 503 { "ServiceUnavailable" } else { "InternalError" };
                let message = "The request processing has failed due to some unknown error.";
                AlibabaFailure::gateway(*status, code, message).reply(number, HOST)
            }
            SimulatedError::Refused { code, message } => match code.parse() {
                Ok(code) => AlibabaFailure::Business { code, message: (*message).to_owned() }.reply(number, HOST),
                Err(_) => AlibabaFailure::gateway(400, code, message).reply(number, HOST),
            },
            SimulatedError::WrongShape => AlibabaSuccess::done(0).into_reply(number),
        }
    }

    fn status_after_support(status: i64) -> i64 {
        if status == tickets::CLOSED { status } else { 3 }
    }

    fn status_after_customer(status: i64) -> i64 {
        if status == tickets::CLOSED { status } else { 4 }
    }

    fn is_ended(status: i64) -> bool {
        status == tickets::CLOSED
    }

    fn status_after_closing(status: i64) -> Option<i64> {
        (status != tickets::CLOSED).then_some(tickets::CLOSED)
    }

    fn status_after_reopening(status: i64) -> Option<i64> {
        (status == tickets::CLOSED).then_some(tickets::REOPENED)
    }
}

/// What links to files are signed with.
fn link_secret(state: &VendorState) -> &str {
    state.keys.get(DEMO_KEYS.id).map(|pair| pair.secret.as_str()).unwrap_or_default()
}

/// A call that worked: the envelope's fields.
struct AlibabaSuccess {
    code: i32,
    fields: Map<String, Value>,
}

impl AlibabaSuccess {
    fn done(code: i32) -> Self {
        Self { code, fields: Map::new() }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    fn data(code: i32, data: Value) -> Self {
        Self::done(code).with("Data", data)
    }

    fn into_reply(mut self, number: u64) -> VendorReply {
        self.fields.insert("Code".into(), json!(self.code));
        self.fields.insert("Success".into(), json!(true));
        self.fields.insert("Message".into(), json!(if self.code == 0 { "successful" } else { "success" }));
        self.fields.insert("RequestId".into(), json!(request_id(number)));
        VendorReply::json(200, &Value::Object(self.fields))
    }
}

/// A call that did not work, in one of the vendor's two shapes.
#[derive(Debug, PartialEq, Eq)]
enum AlibabaFailure {
    /// HTTP 4xx or 5xx with a text as `Code`.
    Gateway { status: u16, code: String, message: String },
    /// HTTP 200 with `Success: false` and a number as `Code`.
    Business { code: i32, message: String },
}

impl AlibabaFailure {
    fn gateway(status: u16, code: &str, message: &str) -> Self {
        Self::Gateway { status, code: code.to_owned(), message: message.to_owned() }
    }

    fn illegal(message: &str) -> Self {
        Self::gateway(400, "param.illegal", message)
    }

    fn into_reply(self, number: u64, request: &Request<Bytes>) -> VendorReply {
        self.reply(number, header(request, "host").unwrap_or_default())
    }

    fn reply(self, number: u64, host: &str) -> VendorReply {
        let request_id = request_id(number);
        match self {
            Self::Gateway { status, code, message } => {
                let recommend = format!("https://api.aliyun.com/troubleshoot?q={code}&product=Workorder");
                let body = json!({
                    "RequestId": request_id, "HostId": host, "Code": code, "Message": message, "Recommend": recommend,
                });
                VendorReply::error(status, &code, &body)
            }
            Self::Business { code, message } => {
                let body = json!({ "RequestId": request_id, "Success": false, "Code": code, "Message": message });
                VendorReply::error(200, &code.to_string(), &body)
            }
        }
    }
}

/// The answer of STS, without the envelope of the ticket actions. The keys are a RAM user's.
fn identity(account: &str, number: u64) -> VendorReply {
    let user = "216959339000654321";
    VendorReply::json(
        200,
        &json!({
            "IdentityType": "RAMUser", "AccountId": account, "UserId": user, "PrincipalId": user,
            "Arn": format!("acs:ram::{account}:user/support"), "RequestId": request_id(number),
        }),
    )
}

fn request_id(number: u64) -> String {
    uuid("alibaba", number).to_uppercase()
}

#[cfg(test)]
mod tests;
