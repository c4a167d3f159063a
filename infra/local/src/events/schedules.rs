//! Fires the template's schedules while the stack runs.

use std::time::Duration;

use tokio::task::JoinSet;

use super::EventBridge;

/// The running schedules; they end when this is dropped.
#[derive(Debug)]
pub struct Schedules {
    _tasks: JoinSet<()>,
}

impl EventBridge {
    /// Fires each of the template's schedules at its rate, the first time after one period. A `cron` expression is not
    /// supported here.
    #[must_use]
    pub fn run_schedules(&self) -> Schedules {
        let mut tasks = JoinSet::new();
        for schedule in &self.template.schedules {
            let Some(period) = self.period(&schedule.expression) else {
                tracing::warn!(
                    schedule.logical_id,
                    schedule.expression,
                    "The local stack does not support this schedule."
                );
                continue;
            };
            let (bridge, id) = (self.clone(), schedule.logical_id.clone());
            tasks.spawn(async move {
                loop {
                    tokio::time::sleep(period).await;
                    // The id is from the template, so the schedule is known.
                    let _ = bridge.fire_schedule(&id);
                }
            });
        }
        Schedules { _tasks: tasks }
    }

    /// The period of an expression, or of the default of the parameter that it refers to.
    fn period(&self, expression: &str) -> Option<Duration> {
        match expression.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(parameter) => {
                let default = self.template.document.at(&format!("/Parameters/{parameter}/Default"))?;
                rate(default.as_str()?)
            }
            None => rate(expression),
        }
    }
}

/// `rate(5 minutes)` as a time.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        for (expression, seconds) in
            [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 hours)", 7_200), ("rate(1 day)", 86_400)]
        {
            assert_eq!(rate(expression), Some(Duration::from_secs(seconds)), "{expression}");
        }
        for other in ["cron(0 3 * * ? *)", "rate(1 month)", "rate(x minutes)", "rate(5)", "5 minutes"] {
            assert_eq!(rate(other), None, "{other}");
        }
    }
}
