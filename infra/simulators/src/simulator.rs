//! One simulated vendor: the order in which a call is checked, failed on demand, carried out and logged.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answer::{Answer, Outcome, Reply};
use crate::catalog::Catalog;
use crate::control_api;
use crate::fault::Fault;
use crate::keys::{Keyring, Keys};
use crate::ticket::{Call, Side};
use crate::vendor_state::VendorState;

/// The longest body the `huge` fault makes.
const HUGE_LIMIT: usize = 64 << 20;

/// What a vendor adds to the common simulator.
///
/// Public for functions over any vendor's simulator (`fn f<R: Rules>(simulator: &Simulator<R>)`); it cannot be
/// implemented outside this crate.
pub trait Rules: Sized + Send + Sync + 'static {
    /// What can be switched where the vendor's behaviour is unknown.
    type Settings: Clone + std::fmt::Debug + Default + Serialize + DeserializeOwned + Send + Sync;
    /// The vendor's name.
    const VENDOR: &'static str;
    /// The keys known from the start.
    const KEYS: &'static [Keys];
    /// The name under which support replies.
    const SUPPORT: &'static str;

    /// The catalog at the start.
    fn catalog() -> Catalog;
    /// The operation's name, before anything is checked.
    fn operation(request: &Request<Bytes>) -> String;
    /// The gateway's checks; gives the customer account.
    #[expect(private_interfaces, reason = "the trait is implemented here only")]
    fn admit(
        desk: &mut VendorState,
        settings: &Self::Settings,
        request: &Request<Bytes>,
        now_ms: i64,
    ) -> Result<String, Reply>;
    /// The work of an admitted call.
    #[expect(private_interfaces, reason = "the trait is implemented here only")]
    fn perform(desk: &mut VendorState, settings: &Self::Settings, call: &Admitted<'_>) -> Reply;
    /// An error in the vendor's own shape.
    fn trouble(trouble: &Trouble<'_>, request_number: u64) -> Reply;
    /// A ticket's status after a support reply.
    fn status_after_support(status: i64) -> i64;
    /// A ticket's status after a customer's message.
    fn status_after_customer(status: i64) -> i64;
    /// Whether nothing more can be written to a ticket in that status.
    fn is_ended(status: i64) -> bool;
    /// A ticket's status once a person has closed or cancelled it; `None` where it has ended already.
    fn status_after_closing(status: i64) -> Option<i64>;
    /// A ticket's status once a person has opened it again; `None` where that can't be.
    fn status_after_reopening(status: i64) -> Option<i64>;
}

/// A call that passed the gateway.
#[derive(Debug)]
pub struct Admitted<'a> {
    pub(crate) request: &'a Request<Bytes>,
    pub(crate) operation: &'a str,
    pub(crate) account: &'a str,
    pub(crate) now_ms: i64,
}

/// An error asked for by a fault.
#[derive(Debug)]
pub enum Trouble<'a> {
    /// Too many calls.
    Throttled { retry_after_ms: Option<u64> },
    /// An HTTP status.
    Status(u16),
    /// A business error.
    Refused { code: &'a str, message: &'a str },
    /// Success without what was asked for.
    WrongShape,
}

pub(crate) struct State<R: Rules> {
    pub(crate) desk: VendorState,
    pub(crate) settings: R::Settings,
}

/// A simulated vendor. Has no socket and no clock: a call and the time go in, an [`Answer`] comes out.
pub struct Simulator<R: Rules> {
    state: Mutex<State<R>>,
    uses: AtomicU64,
}

/// What a transport needs of a simulator.
pub trait Handle: Send + Sync {
    /// Answers one call that arrived at `now_ms` (Unix milliseconds). The whole request must be given as it
    /// came over the wire, `Host` header included.
    fn handle(&self, request: Request<Bytes>, now_ms: i64) -> Answer;
}

impl<R: Rules> Default for Simulator<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Rules> std::fmt::Debug for Simulator<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("vendor", &R::VENDOR).finish_non_exhaustive()
    }
}

impl<R: Rules> Handle for Simulator<R> {
    fn handle(&self, request: Request<Bytes>, now_ms: i64) -> Answer {
        Self::handle(self, request, now_ms)
    }
}

impl<R: Rules> Simulator<R> {
    /// A simulator with the demo keys, the built-in catalog and no tickets.
    #[must_use]
    pub fn new() -> Self {
        let desk = VendorState::new(Keyring::with(R::KEYS), R::catalog());
        Self { state: Mutex::new(State { desk, settings: R::Settings::default() }), uses: AtomicU64::new(0) }
    }

    /// A simulator of its own that knows what this one knows now.
    #[must_use]
    pub fn copy(&self) -> Self {
        let State { desk, settings } = &*self.lock();
        let state = State { desk: desk.clone(), settings: settings.clone() };
        Self { state: Mutex::new(state), uses: AtomicU64::new(0) }
    }

    /// The vendor's name: `alibaba`, `huawei` or `tencent`.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        R::VENDOR
    }

    /// Grows with every use of the simulator, so that a keeper of its state knows when to look again.
    /// Taking a snapshot is no use.
    #[must_use]
    pub fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    /// The state, for reading or changing.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        self.look()
    }

    /// The state, also after a panic elsewhere: every change of it is complete in itself.
    pub(crate) fn look(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one call that arrived at `now_ms` (Unix milliseconds), scripting calls included.
    ///
    /// Order: the gateway's checks, then faults, then the work. A fault therefore never hides a bad signature.
    pub fn handle(&self, request: Request<Bytes>, now_ms: i64) -> Answer {
        if request.uri().path().starts_with(control_api::PREFIX) {
            return Answer::now(control_api::answer(self, &request, now_ms).into_response());
        }
        let operation = R::operation(&request);
        let mut state = self.lock();
        let State { desk, settings } = &mut *state;
        deliver::<R>(desk, now_ms);
        let mut call = Call {
            at_ms: now_ms,
            operation: operation.clone(),
            account: None,
            status: None,
            outcome: "ok".into(),
            done: false,
        };
        let account = match R::admit(desk, settings, &request, now_ms) {
            Ok(account) => account,
            Err(reply) => return finish(desk, call, reply),
        };
        call.account = Some(account.clone());
        let verdict = desk.faults.hit(&operation);
        let work = |desk: &mut VendorState, call: &mut Call| {
            let admitted = Admitted { request: &request, operation: &operation, account: &account, now_ms };
            let reply = R::perform(desk, settings, &admitted);
            deliver::<R>(desk, now_ms);
            call.done = reply.code.is_none();
            reply
        };
        let mut answer = match verdict.fault {
            None => {
                let reply = work(desk, &mut call);
                finish(desk, call, reply)
            }
            Some((fault, after)) => {
                let accepted = matches!(fault, Fault::CutAfter | Fault::AcceptThenHang);
                let reply = (accepted || (after && replaces_answer(&fault))).then(|| work(desk, &mut call));
                match reply {
                    Some(refusal) if !call.done && reads_as_success(&fault) => finish(desk, call, refusal),
                    _ => {
                        call.outcome = format!("fault:{}", name_of(&fault));
                        fail::<R>(desk, call, &fault)
                    }
                }
            }
        };
        answer.delay_ms = verdict.delay_ms;
        answer
    }
}

/// Carries out a fault whose work, if any, is done.
fn fail<R: Rules>(desk: &mut VendorState, mut call: Call, fault: &Fault) -> Answer {
    let number = desk.next_request();
    let silent = match fault {
        Fault::CutBefore => Some(Outcome::CutBefore),
        Fault::CutAfter => Some(Outcome::CutAfter),
        Fault::Hang => Some(Outcome::Hang),
        Fault::AcceptThenHang => Some(Outcome::AcceptThenHang),
        _ => None,
    };
    if let Some(outcome) = silent {
        desk.log(call);
        return Answer { delay_ms: 0, outcome };
    }
    let html =
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
    let reply = match fault {
        Fault::Throttle { retry_after_ms } => {
            R::trouble(&Trouble::Throttled { retry_after_ms: *retry_after_ms }, number)
        }
        Fault::Status { code } => R::trouble(&Trouble::Status(*code), number),
        Fault::Refuse { code, message } => R::trouble(&Trouble::Refused { code, message }, number),
        Fault::WrongShape => R::trouble(&Trouble::WrongShape, number),
        Fault::Html => Reply::raw(502, "text/html", Bytes::from_static(html.as_bytes())),
        Fault::Huge { bytes } => {
            Reply::raw(200, "application/json", Bytes::from(vec![b'x'; (*bytes).min(HUGE_LIMIT)]))
        }
        Fault::Rubbish => Reply::raw(200, "application/json", Bytes::from_static(b"{\"RequestId\":\"4C2")),
        _ => Reply::raw(200, "application/json", Bytes::new()),
    };
    call.status = Some(reply.status);
    desk.log(call);
    Answer::now(reply.into_response())
}

fn finish(desk: &mut VendorState, mut call: Call, reply: Reply) -> Answer {
    call.status = Some(reply.status);
    if let Some(code) = &reply.code {
        call.outcome.clone_from(code);
    }
    desk.log(call);
    Answer::now(reply.into_response())
}

fn replaces_answer(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Status { .. }
            | Fault::Html
            | Fault::EmptyBody
            | Fault::Huge { .. }
            | Fault::Rubbish
            | Fault::WrongShape
    )
}

/// Whether the fault's answer may be read as "done", which no vendor says of what it refused.
fn reads_as_success(fault: &Fault) -> bool {
    matches!(fault, Fault::EmptyBody | Fault::WrongShape)
}

/// The fault's name as it stands in JSON.
fn name_of(fault: &Fault) -> String {
    let value = serde_json::to_value(fault).unwrap_or_default();
    value.get("fault").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Adds the scripted replies that are due; those to a ticket that has ended meanwhile are never written.
pub(crate) fn deliver<R: Rules>(desk: &mut VendorState, now_ms: i64) {
    for reply in desk.due(now_ms) {
        if desk.ticket(&reply.ticket).is_some_and(|known| !R::is_ended(known.status)) {
            support_reply::<R>(desk, &reply.ticket, R::SUPPORT, &reply.content, reply.at_ms);
        }
    }
}

/// Adds a support reply and moves the ticket's status; `None` when the ticket is unknown.
pub(crate) fn support_reply<R: Rules>(
    desk: &mut VendorState,
    ticket: &str,
    name: &str,
    content: &str,
    at_ms: i64,
) -> Option<u64> {
    let known = desk.ticket_mut(ticket)?;
    known.status = R::status_after_support(known.status);
    desk.add_message(ticket, Side::Support, name, content, at_ms)
}
