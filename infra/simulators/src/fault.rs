//! Injected faults: the calls they apply to, how often, and their effect.

use serde::{Deserialize, Serialize};

use crate::rewrite::TextRewrite;
use crate::row_defect::RowDefect;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The vendor's own throttling answer; nothing is done.
    Throttle {
        /// Alibaba only: the value of `x-acs-retry-after`, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// The answer is held back. May stand together with one other fault.
    Delay {
        /// How long.
        ms: u64,
    },
    /// The connection is closed, nothing was done.
    CutBefore,
    /// The work is done, then the connection is closed without an answer.
    CutAfter,
    /// Nothing is done and no answer comes.
    Hang,
    /// The work is done and no answer comes.
    AcceptThenHang,
    /// An HTTP status in the vendor's own error shape.
    Status {
        /// The status, usually 5xx.
        code: u16,
    },
    /// A proxy's HTML page with status 502.
    Html,
    /// A proxy's HTML page with that status.
    HtmlPage {
        /// The status.
        code: u16,
    },
    /// Status 200 without a body.
    EmptyBody,
    /// Status 200 with that many meaningless bytes (64 MiB at most).
    Huge {
        /// Length of the body.
        bytes: usize,
    },
    /// Status 302 to that address.
    Redirect {
        /// The address.
        location: String,
    },
    /// Status 200 with a body that does not end.
    Endless,
    /// Status 200 with 1,000 bytes, and another length in the head.
    WrongLength {
        /// The length in the head. A larger one closes the connection before it is reached.
        announced: u64,
    },
    /// Status 200 with truncated JSON.
    Rubbish,
    /// Status 200 with valid JSON of another shape: success without what was asked for.
    WrongShape,
    /// A business error in the vendor's own shape.
    Refuse {
        /// The vendor's code. At Alibaba a number gives HTTP 200 with `Success: false`, a text HTTP 400.
        code: String,
        /// The vendor's message.
        message: String,
    },
    /// New tickets appear in list calls, and messages in conversations, only that much later: the customer's, and
    /// those of support that a person writes (operation `Console`). Counted by what is created.
    ListLag {
        /// How much later.
        ms: u64,
    },
    /// New tickets and messages of the customer are stored with another text. Counted by what is created.
    Rewrite(TextRewrite),
    /// A search by text finds new tickets only that much later than lists show them. Counted by what is created.
    SearchLag {
        /// How much later.
        ms: u64,
    },
    /// Rows of new tickets and messages have a defect. Counted as `list_lag` is.
    OddRow {
        /// The defect.
        defect: RowDefect,
    },
}

/// A fault and the calls it hits.
///
/// As JSON: `{"operation": "CreateTicket", "times": 1, "skip": 0, "after": false, "fault": "throttle"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRule {
    /// The vendor's operation name, such as `CreateTicket`, or `*`.
    #[serde(default = "any")]
    pub operation: String,
    /// How many calls are hit; absent means until cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How many matching calls go through first.
    #[serde(default)]
    pub skip: u32,
    /// For `status`, `html`, `html_page`, `empty_body`, `huge`, `rubbish` and `wrong_shape`: the work is done first,
    /// and only the answer is replaced.
    #[serde(default)]
    pub after: bool,
    /// What happens.
    #[serde(flatten)]
    pub fault: Fault,
}

fn any() -> String {
    "*".to_owned()
}

impl FaultRule {
    /// A rule for one operation that hits until cleared.
    #[must_use]
    pub fn always(operation: &str, fault: Fault) -> Self {
        Self { operation: operation.to_owned(), times: None, skip: 0, after: false, fault }
    }

    /// A rule for one operation that hits `times` calls.
    #[must_use]
    pub fn times(operation: &str, times: u32, fault: Fault) -> Self {
        Self { times: Some(times), ..Self::always(operation, fault) }
    }

    /// The same rule, with the work done before the answer is replaced. A refusal is not replaced by an answer that
    /// may be read as success (`EmptyBody`, `WrongShape`).
    #[must_use]
    pub fn after_the_work(self) -> Self {
        Self { after: true, ..self }
    }
}

/// The rules that apply to one call.
#[derive(Debug, Default)]
pub(crate) struct FaultMatch {
    pub(crate) delay_ms: u64,
    pub(crate) fault: Option<(Fault, bool)>,
}

/// The rules in force, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
}

impl Faults {
    pub(crate) fn add(&mut self, rules: impl IntoIterator<Item = FaultRule>) {
        self.rules.extend(rules);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// Counts a call against the rules: all delays add up, and the first other fault is the one that hits.
    pub(crate) fn hit(&mut self, operation: &str) -> FaultMatch {
        let mut matched = FaultMatch::default();
        for rule in &mut self.rules {
            let is_about_data = matches!(
                rule.fault,
                Fault::ListLag { .. } | Fault::Rewrite(_) | Fault::SearchLag { .. } | Fault::OddRow { .. }
            );
            let is_delay = matches!(rule.fault, Fault::Delay { .. });
            if is_about_data || (!is_delay && matched.fault.is_some()) || !use_up(rule, operation) {
                continue;
            }
            match &rule.fault {
                Fault::Delay { ms } => matched.delay_ms += ms,
                other => matched.fault = Some((other.clone(), rule.after)),
            }
        }
        self.rules.retain(|rule| rule.times != Some(0));
        matched
    }

    /// Counts a created ticket or message against the rewriting rules, and gives its text as it is stored, where that
    /// is another one.
    pub(crate) fn rewritten(&mut self, operation: &str, sent: &str) -> Option<String> {
        let rewrites = self.used(operation, |fault| match fault {
            Fault::Rewrite(rewrite) => Some(rewrite.clone()),
            _ => None,
        });
        let text = rewrites.iter().fold(sent.to_owned(), |text, rewrite| rewrite.apply(&text));
        (text != sent).then_some(text)
    }

    /// Counts a created ticket or message against the lag rules and gives the lag.
    pub(crate) fn list_lag_ms(&mut self, operation: &str) -> i64 {
        self.lag_ms(operation, |fault| match fault {
            Fault::ListLag { ms } => Some(*ms),
            _ => None,
        })
    }

    /// Counts a created ticket against the rules about searches and gives the lag.
    pub(crate) fn search_lag_ms(&mut self, operation: &str) -> i64 {
        self.lag_ms(operation, |fault| match fault {
            Fault::SearchLag { ms } => Some(*ms),
            _ => None,
        })
    }

    fn lag_ms(&mut self, operation: &str, lag: impl Fn(&Fault) -> Option<u64>) -> i64 {
        let lag_ms = self.used(operation, lag).into_iter().max().unwrap_or_default();
        i64::try_from(lag_ms).unwrap_or(i64::MAX / 2)
    }

    /// Counts a created ticket or message against the rules about rows and gives the defect.
    pub(crate) fn row_defect(&mut self, operation: &str) -> Option<RowDefect> {
        let defects = self.used(operation, |fault| match fault {
            Fault::OddRow { defect } => Some(*defect),
            _ => None,
        });
        defects.first().copied()
    }

    /// What `pick` finds in the rules of the operation; these rules are used up once.
    fn used<T>(&mut self, operation: &str, pick: impl Fn(&Fault) -> Option<T>) -> Vec<T> {
        let mut used = Vec::new();
        for rule in &mut self.rules {
            if let Some(picked) = pick(&rule.fault)
                && use_up(rule, operation)
            {
                used.push(picked);
            }
        }
        self.rules.retain(|rule| rule.times != Some(0));
        used
    }
}

fn use_up(rule: &mut FaultRule, operation: &str) -> bool {
    if rule.operation != "*" && rule.operation != operation {
        return false;
    }
    if rule.skip > 0 {
        rule.skip -= 1;
        return false;
    }
    match &mut rule.times {
        Some(0) => false,
        Some(left) => {
            *left -= 1;
            true
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_used_up_and_delays_add_up() {
        let mut faults = Faults::default();
        faults.add([
            FaultRule { skip: 1, ..FaultRule::times("Create", 1, Fault::CutAfter) },
            FaultRule::always("*", Fault::Delay { ms: 5 }),
        ]);
        assert_eq!(faults.hit("Create").fault, None);
        assert_eq!(faults.hit("List").delay_ms, 5);
        assert_eq!(faults.hit("Create").fault, Some((Fault::CutAfter, false)));
        assert_eq!(faults.hit("Create").fault, None);
        assert_eq!(faults.rules().len(), 1);
    }

    #[test]
    fn a_rule_reads_from_flat_json() {
        let rule: FaultRule =
            serde_json::from_str(r#"{"operation":"X","times":2,"fault":"throttle","retry_after_ms":700}"#).unwrap();
        assert_eq!(rule, FaultRule::times("X", 2, Fault::Throttle { retry_after_ms: Some(700) }));
        let rule: FaultRule = serde_json::from_str(r#"{"fault":"list_lag","ms":9}"#).unwrap();
        assert_eq!(rule, FaultRule::always("*", Fault::ListLag { ms: 9 }));
    }
}
