//! What callers asked and were told: the outside view that promises are checked against.

use serde_json::Value;

/// How an invocation ended, as its caller sees it.
#[derive(Clone, Debug)]
pub enum Ended {
    /// With an answer.
    Answered(Answer),
    /// With the function's own error, where it is not called by HTTP.
    Failed(String),
    /// The process died.
    Crashed,
    /// Lambda ended it.
    TimedOut,
    /// It panicked.
    Panicked,
}

impl Ended {
    /// How an invocation by an event ended.
    pub fn of_event(done: Result<(), shared::error::Error>) -> Self {
        match done {
            Ok(()) => Ended::Answered(Answer { status: 200, body: Value::Null, text: String::new() }),
            Err(error) => Ended::Failed(error.code().to_owned()),
        }
    }

    /// The answer's status; 0 without an answer.
    pub fn status(&self) -> u16 {
        match self {
            Ended::Answered(answer) => answer.status,
            _ => 0,
        }
    }

    /// The answer's body; null without an answer.
    pub fn body(&self) -> &Value {
        match self {
            Ended::Answered(answer) => &answer.body,
            _ => &Value::Null,
        }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
    /// The whole text, headers and all, for finding secrets.
    pub text: String,
}

/// One create that a caller asked for.
#[derive(Clone, Debug)]
pub struct Create {
    /// The idempotency key; the ticket's description begins with it.
    pub key: String,
    /// The request's body.
    pub body: Value,
    /// Every answer, in the order of their ends; 0 where there was none.
    pub answers: Vec<Answered>,
}

impl Create {
    /// Whether there is a final answer: the ticket, or the last word was a refusal.
    pub fn is_answered(&self) -> bool {
        let last = self.answers.last().map_or(0, |answer| answer.status);
        self.answers.iter().any(|answer| answer.status == 201) || matches!(last, 400 | 403 | 404 | 422)
    }
}

/// One answer to a create.
#[derive(Clone, Debug)]
pub struct Answered {
    /// HTTP status; 0 without an answer.
    pub status: u16,
    /// The id that it names, of the ticket or the reply.
    pub ticket: Option<String>,
}

/// One reply that a caller asked for.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The idempotency key.
    pub key: String,
    /// Our ticket.
    pub ticket: String,
    /// The text.
    pub content: String,
    /// Whether no other reply has the text.
    pub alone: bool,
    /// Every answer; its id is the reply's.
    pub answers: Vec<Answered>,
}

/// Everything callers asked and were told.
#[derive(Debug, Default)]
pub struct History {
    /// Creates, by caller.
    pub creates: Vec<Create>,
    /// Replies, by caller.
    pub replies: Vec<Reply>,
    /// What the first key was answered when it was used for something else after its life: status and ticket.
    pub returned: Option<Answered>,
    /// What `GET /tickets/{id}` said in the end of tickets that a create had named: id, status, state.
    pub looks: Vec<(String, u16, String)>,
    /// The text of every answer.
    pub texts: Vec<String>,
}

impl History {
    /// Notes an answer to the create at `index`.
    pub fn answered(&mut self, index: usize, ended: &Ended) {
        let ticket = ended.body()["id"].as_str().map(str::to_owned);
        if let Some(create) = self.creates.get_mut(index) {
            create.answers.push(Answered { status: ended.status(), ticket });
        }
    }
}

/// A ticket that was opened again at its vendor, in Unix milliseconds.
#[derive(Clone, Debug)]
pub struct Reopening {
    /// The vendor's id.
    pub cloud_id: String,
    /// When it had been closed.
    pub closed_ms: i64,
    /// When it was opened again.
    pub at_ms: i64,
}
