//! One run of a function: its deadline, its id, and the trace that it is part of. Knows neither Lambda's nor HTTP's
//! types.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{clock::Clock, domain::Actor};

/// The time between the deadline and the end of the run, in which the answer is sent.
const ANSWER_RESERVE: Duration = Duration::from_millis(500);

/// The time of a run without a known end: the template's timeout of the HTTP functions.
const DEFAULT_TIME: Duration = Duration::from_secs(29);

/// One run of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// When the answer must have been made.
    pub deadline: Instant,
    /// Lambda's id of the run, shown in problems and logs.
    pub request_id: String,
    /// The caller's trace, or Lambda's own.
    pub trace: Option<Trace>,
    /// Who asked for it; absent where nobody did, or API Gateway does not know.
    pub actor: Option<Actor>,
}

impl Invocation {
    /// A run that Lambda ends at `ends_at_ms` (Unix milliseconds).
    ///
    /// A time in the past counts as unknown: `cargo lambda watch` always sends the same past time.
    pub fn new(ends_at_ms: u64, request_id: &str, clock: &dyn Clock) -> Self {
        let now_ms = u64::try_from(clock.now_ms()).unwrap_or_default();
        let left = ends_at_ms.checked_sub(now_ms).filter(|left| *left > 0);
        let left = left.map_or(DEFAULT_TIME, Duration::from_millis);
        Self {
            deadline: Instant::now() + left.saturating_sub(ANSWER_RESERVE),
            request_id: request_id.to_owned(),
            trace: None,
            actor: None,
        }
    }

    /// The same run as part of the trace in this header, if it holds one.
    #[must_use]
    pub fn traced(self, header: Option<&str>) -> Self {
        Self { trace: header.and_then(Trace::parse).or(self.trace), ..self }
    }

    /// The same run for that actor.
    #[must_use]
    pub fn by(self, actor: Option<Actor>) -> Self {
        Self { actor, ..self }
    }

    /// The time that is left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The same run for an HTTP answer: API Gateway waits at most 30 seconds, whatever the function's own timeout is.
    #[must_use]
    pub fn for_http(self) -> Self {
        let latest = Instant::now() + DEFAULT_TIME - ANSWER_RESERVE;
        Self { deadline: self.deadline.min(latest), ..self }
    }

    /// The deadline less `reserve`, and never before now.
    pub fn deadline_minus(&self, reserve: Duration) -> Instant {
        Instant::now() + self.remaining().saturating_sub(reserve)
    }
}

/// The trace that an invocation is part of: the `Root` of an `X-Amzn-Trace-Id` header.
///
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// Reads a header. Callers can send one too, so only an id in the form of AWS is accepted.
    pub fn parse(header: &str) -> Option<Self> {
        let root = header.split(';').find_map(|part| part.trim().strip_prefix("Root="))?;
        is_trace_id(root).then(|| Self(root.to_owned()))
    }

    /// The id, as `1-67891233-abcdef012345678912345678`.
    pub fn root(&self) -> &str {
        &self.0
    }
}

/// As a header.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root={}", self.0)
    }
}

/// Version 1, eight hex digits of time, 24 random hex digits.
fn is_trace_id(text: &str) -> bool {
    let is_hex = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    match text.split('-').collect::<Vec<_>>()[..] {
        ["1", time, chance] => is_hex(time, 8) && is_hex(chance, 24),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "1-67891233-abcdef012345678912345678";

    #[test]
    fn the_root_is_read_wherever_it_stands() {
        for header in [
            format!("Root={ROOT}"),
            format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"),
            format!("Self=1-67891234-12456789abcdef012345678;Root={ROOT}"),
        ] {
            let trace = Trace::parse(&header).unwrap();
            assert_eq!((trace.root(), trace.to_string()), (ROOT, format!("Root={ROOT}")));
        }
    }

    #[test]
    fn an_invalid_trace_id_is_ignored() {
        for header in
            ["", ROOT, "Root=", "Root=canary", "Root=1-67891233-abc", "Root=2-67891233-abcdef012345678912345678"]
        {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
    }
}
