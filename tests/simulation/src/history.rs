//! The requests of callers and their answers: the outside view that invariants are checked against.

use serde_json::Value;
use simulators::SimulatedMessage;

/// How an invocation ended, as its caller sees it.
#[derive(Clone, Debug)]
pub enum InvocationEnd {
    /// It returned an answer.
    Answered(HttpAnswer),
    /// A function that is called by an event returned an error.
    Failed(String),
    /// The process crashed.
    Crashed,
    /// It reached its timeout.
    TimedOut,
    /// It panicked.
    Panicked,
}

impl InvocationEnd {
    /// The answer's status; 0 without an answer.
    pub fn status(&self) -> u16 {
        match self {
            InvocationEnd::Answered(answer) => answer.status,
            _ => 0,
        }
    }

    /// The answer's body; null without an answer.
    pub fn body(&self) -> &Value {
        match self {
            InvocationEnd::Answered(answer) => &answer.body,
            _ => &Value::Null,
        }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
    /// Status, headers and body as text, for the search for secrets.
    pub text: String,
}

/// A file of a caller in the bucket.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    /// The upload's id.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Its number.
    pub number: u64,
    /// The link to which it is put.
    pub link: String,
}

/// A create of a caller.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// The idempotency key; the ticket's description begins with it.
    pub key: String,
    /// The request's body.
    pub body: Value,
    /// The files that it names.
    pub files: Vec<UploadedFile>,
    /// Every answer, in the order of their ends.
    pub answers: Vec<RecordedAnswer>,
}

impl CreateRequest {
    /// Whether there is a final answer: the ticket, or a refusal as the last one.
    pub fn is_answered(&self) -> bool {
        let last = self.answers.last().map_or(0, |answer| answer.status);
        self.answers.iter().any(|answer| answer.status == 201) || matches!(last, 400 | 403 | 404 | 422)
    }
}

/// One answer to a create or reply.
#[derive(Clone, Debug)]
pub struct RecordedAnswer {
    /// HTTP status; 0 without an answer.
    pub status: u16,
    /// The id of the ticket or the reply in it.
    pub ticket: Option<String>,
    /// The code of a problem.
    pub code: Option<String>,
}

impl RecordedAnswer {
    /// The answer of an invocation.
    pub fn of(ended: &InvocationEnd) -> Self {
        let text = |member: &str| ended.body()[member].as_str().map(str::to_owned);
        Self { status: ended.status(), ticket: text("id"), code: text("code") }
    }
}

/// A reply of a caller.
#[derive(Clone, Debug)]
pub struct ReplyRequest {
    /// The idempotency key.
    pub key: String,
    /// Our ticket.
    pub ticket: String,
    /// The text.
    pub content: String,
    /// Whether no other reply has the text.
    pub unique_text: bool,
    /// Whether it opens its closed ticket again.
    pub reopening: bool,
    /// The files that it names.
    pub files: Vec<UploadedFile>,
    /// Every answer, with the reply's id.
    pub answers: Vec<RecordedAnswer>,
}

/// What a caller does with a ticket at its vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerAction {
    /// Support is urged (Huawei).
    Urge,
    /// Support is rated, with the key as the comment.
    Rate,
    /// The message with this id is withdrawn (Huawei).
    Withdraw(String),
}

/// An action of a caller.
#[derive(Clone, Debug)]
pub struct ActionRequest {
    /// The idempotency key.
    pub key: String,
    /// Our ticket.
    pub ticket: String,
    /// What is done.
    pub action: CallerAction,
    /// HTTP status of every answer.
    pub answers: Vec<u16>,
}

/// A registration of an account.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The customer of its keys.
    pub customer: String,
    /// Whether the customer may have another account.
    pub allow_same_customer: bool,
}

/// The requests of all callers.
#[derive(Debug, Default)]
pub struct CallHistory {
    /// Creates, by caller.
    pub creates: Vec<CreateRequest>,
    /// Replies, by caller.
    pub replies: Vec<ReplyRequest>,
    /// Actions, by caller.
    pub actions: Vec<ActionRequest>,
    /// Registrations of accounts.
    pub registrations: Vec<Registration>,
    /// The answer to the first key when it was used for another request after its lifetime.
    pub key_reuse: Option<RecordedAnswer>,
    /// The final answers of `GET /tickets/{id}` for each id in an answer to a create: id, status, state.
    pub final_reads: Vec<(String, u16, String)>,
    /// The text of every answer.
    pub texts: Vec<String>,
}

impl CallHistory {
    /// Records an answer to the create at `index`.
    pub fn answered(&mut self, index: usize, ended: &InvocationEnd) {
        if let Some(create) = self.creates.get_mut(index) {
            create.answers.push(RecordedAnswer::of(ended));
        }
    }
}

/// A call that has withdrawn a message at its vendor, or found it withdrawn.
#[derive(Clone, Debug)]
pub struct WithdrawalCall {
    /// The vendor's id of the ticket.
    pub cloud_id: String,
    /// The vendor's id of the message.
    pub message_id: String,
    /// The message's number in the simulator, where this call has withdrawn it.
    pub withdrawn: Option<u64>,
}

/// The reopening of a ticket at its vendor. Times are Unix milliseconds.
#[derive(Clone, Debug)]
pub struct Reopening {
    /// The vendor's id.
    pub cloud_id: String,
    /// When it had been closed.
    pub closed_ms: i64,
    /// When it was reopened.
    pub at_ms: i64,
}

/// The deletion of a ticket at its vendor.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// The vendor's id.
    pub cloud_id: String,
    /// The messages that were shown for long enough before it.
    pub shown: Vec<SimulatedMessage>,
}
