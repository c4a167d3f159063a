//! The requests of callers and their answers: the outside view that invariants are checked against.

use serde_json::Value;

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

/// A create of a caller.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// The idempotency key; the ticket's description begins with it.
    pub key: String,
    /// The request's body.
    pub body: Value,
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
    /// Every answer, with the reply's id.
    pub answers: Vec<RecordedAnswer>,
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
