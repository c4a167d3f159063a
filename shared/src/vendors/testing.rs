//! Shared by the tests of the clients: a scripted sender, a constant clock, fixtures.

mod answers;

use std::{
    collections::VecDeque,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;

pub use self::answers::{foreign_refusals, unusable_answers};
use super::{
    Access, TicketSearch,
    answer::VendorAnswer,
    call::VendorOperation,
    http::{AnswerLimit, HttpSend, SendError},
    pace::{FASTEST, PaceStore, Paces},
};
use crate::{
    clock::Clock,
    domain::{Account, AccountHealth, AccountId, AccountKeys, CloudId, NewTicket, Severity, Site, TicketId, Vendor},
    error::Result,
    ids::Random,
};

/// The marker of [`new_ticket`].
pub const MARKER: &str = "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K";

/// The ticket's id in [`MARKER`].
pub fn marked_id() -> TicketId {
    TicketId::parse("01JD2Y5T9V7Z3M6Q8R4S0X1W2K").unwrap()
}

/// The ids of the tickets that a search found.
pub fn found_ids(search: &TicketSearch) -> Vec<CloudId> {
    search.found.iter().map(|ticket| ticket.cloud_id.clone()).collect()
}

/// Now, for every test: 2026-01-15T08:30:00Z.
pub const NOW_MS: i64 = 1_768_465_800_000;

/// One scripted answer.
#[derive(Clone)]
pub enum Step {
    /// An answer with status, headers and body.
    Answer(u16, Vec<(&'static str, &'static str)>, String),
    /// The vendor is not reached.
    NotSent,
    /// The answer is lost.
    NoAnswer,
    /// The answer is too large.
    TooLarge,
}

/// A JSON answer with status 200.
pub fn ok(body: impl Into<String>) -> Step {
    Step::Answer(200, Vec::new(), body.into())
}

/// An answer with that status.
pub fn status(status: u16, body: impl Into<String>) -> Step {
    Step::Answer(status, Vec::new(), body.into())
}

/// A sender that answers by a script and records the requests.
#[derive(Default)]
pub struct ScriptedSender {
    steps: Mutex<VecDeque<Step>>,
    sent: Mutex<Vec<(Request<Bytes>, AnswerLimit)>>,
}

impl ScriptedSender {
    /// A sender with that script; a call past its end panics.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into_iter().collect()), sent: Mutex::default() })
    }

    /// How many calls were made.
    pub fn calls(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// The request of a call.
    pub fn request(&self, call: usize) -> Request<Bytes> {
        let sent = self.sent.lock().unwrap();
        let (request, _) = &sent[call];
        let mut copy = Request::new(request.body().clone());
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.headers_mut() = request.headers().clone();
        copy
    }

    /// The limit of a call.
    pub fn limit(&self, call: usize) -> AnswerLimit {
        self.sent.lock().unwrap()[call].1
    }

    /// Method and target of every call.
    pub fn targets(&self) -> Vec<String> {
        (0..self.calls())
            .map(|call| {
                let request = self.request(call);
                format!("{} {}", request.method(), request.uri().path_and_query().unwrap())
            })
            .collect()
    }
}

#[async_trait]
impl HttpSend for ScriptedSender {
    async fn send(&self, request: Request<Bytes>, limit: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        self.sent.lock().unwrap().push((request, limit));
        match self.steps.lock().unwrap().pop_front().expect("a call past the script's end") {
            Step::Answer(status, headers, body) => Ok(response(status, &headers, body)),
            Step::NotSent => Err(SendError::NotSent("refused".into())),
            Step::NoAnswer => Err(SendError::NoAnswer("cut".into())),
            Step::TooLarge => Err(SendError::TooLarge { max_bytes: limit.max_bytes }),
        }
    }
}

/// An answer.
pub fn response(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Response<Bytes> {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}

/// `response` as the answer to a call.
pub fn answered(operation: &VendorOperation, response: &Response<Bytes>) -> VendorAnswer {
    VendorAnswer { operation: *operation, response: response.clone() }
}

/// The body of a fixture, `<vendor>/<name>` without `.json`.
pub fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/wire");
    fs::read_to_string(folder.join(format!("{name}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The answers of `testdata/cases` whose file names begin with `prefix`; a further file needs no change here.
pub fn case_answers(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases/answers");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    let answers: Vec<_> = named
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    assert!(!answers.is_empty(), "{prefix}");
    answers
}

/// The names of a vendor's fixtures that begin with `error-`.
pub fn error_fixtures(vendor: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/wire").join(vendor);
    fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_suffix(".json")?.to_owned()).filter(|name| name.starts_with("error-"))
        })
        .collect()
}

/// A clock that does not move.
pub struct ConstantClock;

impl Clock for ConstantClock {
    fn now_ms(&self) -> i64 {
        NOW_MS
    }
}

/// Bytes that count up from call to call, or always the largest.
#[derive(Default)]
pub struct Counting(Mutex<u8>);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        let mut next = self.0.lock().unwrap();
        *next += 1;
        bytes.fill(*next);
        Ok(())
    }
}

/// The largest fraction: the longest jitter.
pub struct Largest;

impl Random for Largest {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(0xff);
        Ok(())
    }
}

/// An account of the site, with a minute left.
pub fn access(site: Site, region_id: &str) -> Access {
    Access {
        account: AccountId::parse("01JD2Y5T9V7Z3M6Q8R4S0X1ACC").unwrap(),
        keys: Arc::new(AccountKeys { secret_id: "testKeyId".into(), secret_key_secret: "testKeySecret".into() }),
        site,
        language: site,
        region_id: region_id.into(),
        endpoint: None,
        domain_id: None,
        deadline: Instant::now() + Duration::from_secs(60),
        pace: Paces::new(Arc::new(NoStore), Arc::new(ConstantClock), Arc::new(Largest)).of(&account()),
        pages: None,
    }
}

/// An account that may make as many calls as it wants.
pub fn account() -> Account {
    Account {
        id: AccountId::parse("01JD2Y5T9V7Z3M6Q8R4S0X1ACC").unwrap(),
        vendor: Vendor::Huawei,
        site: Site::China,
        region_id: "cn-south-1".into(),
        endpoint: None,
        domain_id: None,
        customer_id: None,
        created_by: None,
        changed_by: None,
        create_time: 0,
        health: AccountHealth::default(),
        adopt_since: None,
        adoption_read_until: None,
        wait_until: None,
        calls_per_minute: Some(FASTEST),
        new_messages_mark: None,
        blocked_close: None,
        last_ended: None,
        reopening_check: None,
        rights: None,
        deleting: None,
    }
}

/// Keeps no pace.
pub struct NoStore;

#[async_trait]
impl PaceStore for NoStore {
    async fn store_pace(&self, _: &AccountId, _: u32, _: Option<i64>) {}
}

/// A ticket with every field.
pub fn new_ticket() -> NewTicket {
    NewTicket {
        id: crate::domain::TicketId::parse("01JD2Y5T9V7Z3M6Q8R4S0X1W2K").unwrap(),
        name: "磁盘 a+b".into(),
        description: "line 1\nline & 2 = 50%".into(),
        email: Some("ops+alert@example.com".into()),
        product_id: crate::domain::ProductId::parse("7160").unwrap(),
        problem_type_id: crate::domain::ProblemTypeId::parse("7161").unwrap(),
        source_id: None,
        region_id: Some(crate::domain::RegionId::parse("cn-north-1").unwrap()),
        severity: Severity::Urgent,
        secret_info: None,
        details: crate::domain::TicketDetails::default(),
        sensitive: std::collections::BTreeSet::new(),
        files: Vec::new(),
    }
}

/// A vendor's ticket id.
pub fn cloud_id(text: &str) -> CloudId {
    CloudId::parse(text).unwrap()
}
