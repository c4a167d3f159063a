//! The control API over HTTP: JSON under `/_simulator/` on the vendor's own port. The server asks for
//! the access key.

use bytes::Bytes;
use http::{Method, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::VendorReply;
use crate::catalog::CatalogChange;
use crate::fault::FaultRule;
use crate::files::SimulatedFile;
use crate::simulator::{Simulator, VendorRules};
use crate::ticket::SupportScript;

pub(crate) const PREFIX: &str = "/_simulator/";

#[derive(Deserialize)]
struct ReplyBody {
    ticket: String,
    content: String,
    replier_name: Option<String>,
    at: Option<i64>,
    #[serde(default)]
    files: Vec<SimulatedFile>,
}

#[derive(Deserialize)]
struct MessagesBody {
    ticket: String,
    count: usize,
    at: Option<i64>,
}

#[derive(Deserialize)]
struct MessageBody {
    ticket: String,
    content: String,
    at: Option<i64>,
    #[serde(default)]
    files: Vec<SimulatedFile>,
}

#[derive(Deserialize)]
struct TicketBody {
    ticket: String,
    at: Option<i64>,
}

#[derive(Deserialize)]
struct StatusBody {
    ticket: String,
    status: i64,
}

#[derive(Deserialize)]
struct KeysBody {
    id: String,
    secret: String,
    account: Option<String>,
    token: Option<String>,
}

#[derive(Deserialize)]
struct LimitBody {
    calls_per_second: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        }
    }
}

const NO_MESSAGE: &str = "unknown or ended ticket";

/// Answers a control call.
pub(crate) fn answer<R: VendorRules>(simulator: &Simulator<R>, request: &Request<Bytes>, now_ms: i64) -> VendorReply {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let answer = match (request.method(), path) {
        (&Method::POST, "reply") => read(request, |body: ReplyBody| {
            let at_ms = body.at.unwrap_or(now_ms);
            let name = body.replier_name.as_deref();
            let id = simulator.reply_with_files(&body.ticket, name, &body.content, at_ms, body.files);
            id.map(|id| json!({ "message": id })).ok_or("unknown ticket")
        }),
        (&Method::POST, "customer_message") => read(request, |body: MessageBody| {
            let at_ms = body.at.unwrap_or(now_ms);
            let id = simulator.customer_message_with_files(&body.ticket, &body.content, at_ms, body.files);
            id.map(|id| json!({ "message": id })).ok_or(NO_MESSAGE)
        }),
        (&Method::POST, "support_message") => read(request, |body: MessageBody| {
            let at_ms = body.at.unwrap_or(now_ms);
            let id = simulator.support_message_with_files(&body.ticket, &body.content, at_ms, body.files);
            id.map(|id| json!({ "message": id })).ok_or(NO_MESSAGE)
        }),
        (&Method::POST, "close_in_console") => read(request, |body: TicketBody| {
            let closed = simulator.close_in_console(&body.ticket, body.at.unwrap_or(now_ms));
            done(closed, "unknown or ended ticket")
        }),
        (&Method::POST, "reopen_in_console") => read(request, |body: TicketBody| {
            done(simulator.reopen_in_console(&body.ticket), "unknown ticket, or one that can't be reopened")
        }),
        (&Method::POST, "delete_ticket") => {
            read(request, |body: TicketBody| done(simulator.delete_ticket(&body.ticket), "unknown ticket"))
        }
        (&Method::POST, "messages") => read(request, |body: MessagesBody| {
            done(simulator.add_messages(&body.ticket, body.count.min(100_000), body.at), "unknown ticket")
        }),
        (&Method::POST, "status") => {
            read(request, |body: StatusBody| done(simulator.set_status(&body.ticket, body.status), "unknown ticket"))
        }
        (&Method::POST, "faults") => read(request, |rules: OneOrMany<FaultRule>| {
            simulator.add_faults(rules.into_vec());
            Ok(json!({ "faults": simulator.faults() }))
        }),
        (&Method::GET, "faults") => Ok(json!({ "faults": simulator.faults() })),
        (&Method::DELETE, "faults") => {
            simulator.clear_faults();
            Ok(json!({}))
        }
        (&Method::POST, "limit") => read(request, |body: LimitBody| {
            simulator.limit_calls(body.calls_per_second);
            Ok(json!({}))
        }),
        (&Method::POST, "script") => read(request, |script: SupportScript| {
            simulator.set_script(script);
            Ok(json!({}))
        }),
        (&Method::POST, "catalog") => read(request, |changes: OneOrMany<CatalogChange>| {
            let unknown = changes.into_vec().into_iter().filter(|change| !simulator.change_catalog(change.clone()));
            done(unknown.count() == 0, "unknown id")
        }),
        (&Method::GET, "catalog") => Ok(json!(simulator.catalog())),
        (&Method::POST, "keys") => read(request, |body: KeysBody| {
            let account = body.account.as_deref().unwrap_or(&body.id);
            match &body.token {
                Some(token) => simulator.add_temporary_keys(account, &body.id, &body.secret, token),
                None => simulator.add_keys_for(account, &body.id, &body.secret),
            }
            Ok(json!({}))
        }),
        (&Method::GET, "settings") => Ok(json!(simulator.settings())),
        (&Method::POST, "settings") => read(request, |patch: serde_json::Map<String, Value>| {
            let mut settings = json!(simulator.settings());
            for (name, value) in patch {
                settings[name.as_str()] = value;
            }
            let settings = serde_json::from_value(settings).map_err(|_| "unknown setting")?;
            simulator.set_settings(settings);
            Ok(json!(simulator.settings()))
        }),
        (&Method::GET, "uploads") => Ok(json!({ "uploads": simulator.uploads() })),
        (&Method::GET, "tickets") => Ok(json!({ "tickets": simulator.tickets() })),
        (&Method::GET, "calls") => Ok(json!({ "calls": simulator.calls(), "counts": simulator.counts() })),
        (&Method::DELETE, "calls") => {
            simulator.clear_calls();
            Ok(json!({}))
        }
        _ => Err((404, "unknown control call".to_owned())),
    };
    match answer {
        Ok(body) => VendorReply::json(200, &body),
        Err((status, message)) => VendorReply::json(status, &json!({ "error": message })),
    }
}

fn done(found: bool, otherwise: &'static str) -> Result<Value, &'static str> {
    if found { Ok(json!({})) } else { Err(otherwise) }
}

/// Reads the body and carries the call out: 400 when it cannot be read, 404 when it names something unknown.
fn read<T: DeserializeOwned>(
    request: &Request<Bytes>,
    act: impl FnOnce(T) -> Result<Value, &'static str>,
) -> Result<Value, (u16, String)> {
    let body = serde_json::from_slice(request.body()).map_err(|error| (400, error.to_string()))?;
    act(body).map_err(|unknown| (404, unknown.to_owned()))
}
