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
    /// Index of the account.
    pub account: usize,
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
    /// The ticket's id that it names.
    pub ticket: Option<String>,
}

/// Everything callers asked and were told.
#[derive(Debug, Default)]
pub struct History {
    /// Creates, by caller.
    pub creates: Vec<Create>,
    /// Tickets that somebody asked to be closed.
    pub closes: Vec<String>,
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
