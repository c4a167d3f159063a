//! One simulated vendor: checks a call, applies a fault, carries the call out, and logs it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answer::{SimulatedAnswer, VendorReply};
use crate::catalog::Catalog;
use crate::control_api;
use crate::fault::Fault;
use crate::fault_answer::{fail, finish, name_of, reads_as_success, replaces_answer};
use crate::files;
use crate::keys::{Keyring, Keys};
use crate::ticket::{LoggedCall, MessageAuthor};
use crate::vendor_state::VendorState;

/// The part of a simulator that differs by vendor.
///
/// Public for functions over any vendor's simulator (`fn f<R: VendorRules>(simulator: &Simulator<R>)`); it cannot be
/// implemented outside this crate.
pub trait VendorRules: Sized + Send + Sync + 'static {
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
    fn authorize(
        state: &mut VendorState,
        settings: &Self::Settings,
        request: &Request<Bytes>,
        now_ms: i64,
    ) -> Result<String, VendorReply>;
    /// Carries out an authorized call.
    #[expect(private_interfaces, reason = "the trait is implemented here only")]
    fn perform(state: &mut VendorState, settings: &Self::Settings, call: &AuthorizedCall<'_>) -> VendorReply;
    /// An error in the vendor's own shape.
    fn error_reply(error: &SimulatedError<'_>, request_number: u64) -> VendorReply;
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
pub struct AuthorizedCall<'a> {
    pub(crate) request: &'a Request<Bytes>,
    pub(crate) operation: &'a str,
    pub(crate) account: &'a str,
    pub(crate) now_ms: i64,
}

/// An error that a fault requests.
#[derive(Debug)]
pub enum SimulatedError<'a> {
    /// Too many calls.
    Throttled { retry_after_ms: Option<u64> },
    /// An HTTP status.
    Status(u16),
    /// A business error.
    Refused { code: &'a str, message: &'a str },
    /// Success without the expected fields.
    WrongShape,
}

pub(crate) struct SimulatorState<R: VendorRules> {
    pub(crate) state: VendorState,
    pub(crate) settings: R::Settings,
}

/// A simulated vendor. Has no socket and no clock: [`Self::handle`] maps a call and the time to a [`SimulatedAnswer`].
pub struct Simulator<R: VendorRules> {
    state: Mutex<SimulatorState<R>>,
    uses: AtomicU64,
}

/// A simulator as the HTTP server uses it.
pub trait RequestHandler: Send + Sync {
    /// Answers one call that arrived at `now_ms` (Unix milliseconds). The whole request must be given as it
    /// came over the wire, `Host` header included.
    fn handle(&self, request: Request<Bytes>, now_ms: i64) -> SimulatedAnswer;
}

impl<R: VendorRules> Default for Simulator<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: VendorRules> std::fmt::Debug for Simulator<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("vendor", &R::VENDOR).finish_non_exhaustive()
    }
}

impl<R: VendorRules> RequestHandler for Simulator<R> {
    fn handle(&self, request: Request<Bytes>, now_ms: i64) -> SimulatedAnswer {
        Self::handle(self, request, now_ms)
    }
}

impl<R: VendorRules> Simulator<R> {
    /// A simulator with the demo keys, the built-in catalog and no tickets.
    #[must_use]
    pub fn new() -> Self {
        let state = VendorState::new(Keyring::with(R::KEYS), R::catalog());
        Self { state: Mutex::new(SimulatorState { state, settings: R::Settings::default() }), uses: AtomicU64::new(0) }
    }

    /// An independent copy of the present state.
    #[must_use]
    pub fn copy(&self) -> Self {
        let SimulatorState { state, settings } = &*self.lock();
        let state = SimulatorState { state: state.clone(), settings: settings.clone() };
        Self { state: Mutex::new(state), uses: AtomicU64::new(0) }
    }

    /// The vendor's name: `alibaba`, `huawei` or `tencent`.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        R::VENDOR
    }

    /// Grows with every use of the simulator, so that the state is written to a file only when it may have changed.
    /// Taking a snapshot does not count.
    #[must_use]
    pub fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    /// The state, for reading or changing.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SimulatorState<R>> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        self.read_lock()
    }

    /// The state, also after a panic elsewhere: every change of it is complete in itself.
    pub(crate) fn read_lock(&self) -> MutexGuard<'_, SimulatorState<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one call that arrived at `now_ms` (Unix milliseconds), control calls included.
    ///
    /// Order: the gateway's checks, then faults, then the work. A fault therefore never hides a bad signature.
    pub fn handle(&self, request: Request<Bytes>, now_ms: i64) -> SimulatedAnswer {
        if request.uri().path().starts_with(control_api::PREFIX) {
            return SimulatedAnswer::now(control_api::answer(self, &request, now_ms).into_response());
        }
        let operation = R::operation(&request);
        let mut guard = self.lock();
        let SimulatorState { state, settings } = &mut *guard;
        add_due_replies::<R>(state, now_ms);
        let mut call = LoggedCall {
            at_ms: now_ms,
            operation: operation.clone(),
            account: None,
            status: None,
            outcome: "ok".into(),
            done: false,
        };
        let account = match R::authorize(state, settings, &request, now_ms) {
            Ok(account) => account,
            Err(reply) => return finish(state, call, reply),
        };
        call.account = Some(account.clone());
        // The object storage is another service.
        if files::operation(&request).is_none() && state.limit.exceeds(&account, now_ms) {
            let number = state.next_request();
            let reply = R::error_reply(&SimulatedError::Throttled { retry_after_ms: None }, number);
            return finish(state, call, reply);
        }
        let matched = state.faults.hit(&operation);
        let work = |state: &mut VendorState, call: &mut LoggedCall| {
            let authorized = AuthorizedCall { request: &request, operation: &operation, account: &account, now_ms };
            let reply = R::perform(state, settings, &authorized);
            add_due_replies::<R>(state, now_ms);
            call.done = reply.code.is_none();
            reply
        };
        let mut answer = match matched.fault {
            None => {
                let reply = work(state, &mut call);
                finish(state, call, reply)
            }
            Some((fault, after)) => {
                let accepted = matches!(fault, Fault::CutAfter | Fault::AcceptThenHang);
                let reply = (accepted || (after && replaces_answer(&fault))).then(|| work(state, &mut call));
                match reply {
                    Some(refusal) if !call.done && reads_as_success(&fault) => finish(state, call, refusal),
                    _ => {
                        call.outcome = format!("fault:{}", name_of(&fault));
                        fail::<R>(state, call, &fault)
                    }
                }
            }
        };
        answer.delay_ms = matched.delay_ms;
        answer
    }
}

/// Adds the scripted replies that are due, except to tickets that have ended.
pub(crate) fn add_due_replies<R: VendorRules>(state: &mut VendorState, now_ms: i64) {
    for reply in state.due(now_ms) {
        if state.ticket(&reply.ticket).is_some_and(|known| !R::is_ended(known.status)) {
            support_reply::<R>(state, &reply.ticket, R::SUPPORT, &reply.content, reply.at_ms);
        }
    }
}

/// Adds a support reply and moves the ticket's status; `None` when the ticket is unknown.
pub(crate) fn support_reply<R: VendorRules>(
    state: &mut VendorState,
    ticket: &str,
    name: &str,
    content: &str,
    at_ms: i64,
) -> Option<u64> {
    let known = state.ticket_mut(ticket)?;
    known.status = R::status_after_support(known.status);
    state.add_message(ticket, MessageAuthor::Support, name, content, at_ms)
}
