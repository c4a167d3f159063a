//! Invariants that are checked while a schedule runs, and counts for those that are checked at its end.

use super::SimulatedWorld;
use crate::{
    invariants::{Invariant, Violation},
    process::{RunningInvocation, lock},
    retry_budget::RetryBudgetModel,
};

impl SimulatedWorld {
    /// Checks that a ticket that is closed at its vendor now was not closed there before.
    ///
    /// Limits: a process that sleeps may have read the ticket before that, and one whose clock is ahead may take a
    /// lease too early.
    pub fn check_close(&self, is_about: impl Fn(&str) -> bool) {
        if self.plan.sleeps > 0 || self.plan.process_clock_ms > 0 {
            return;
        }
        let open = self.table.of_index("GSI2", "STATUS#1");
        let closed = open.iter().filter(|item| !item["close_accepted"].is_null() || !item["close_ended"].is_null());
        for id in closed.filter_map(|item| item["cloud_id"].as_str()).filter(|id| is_about(id)) {
            let what = format!("{id} is closed at its vendor again");
            self.report_violation(Violation::new(Invariant::ClosedAgainOnlyIfAsked, what));
        }
    }

    /// Counts a call at a vendor with a limit.
    pub fn count_limited_call(&self, key_id: String, is_throttled: bool) {
        let mut calls = lock(&self.limited_calls);
        let (all, throttled) = calls.entry(key_id).or_default();
        *all += 1;
        *throttled += u64::from(is_throttled);
    }

    /// Reports that an invocation sent again what Huawei refused with 401.
    pub fn report_repeated_refusal(&self, run: &RunningInvocation) {
        self.report_violation(Violation::new(
            Invariant::RetriesAreBounded,
            format!("{} sent again what Huawei refused with 401", run.function),
        ));
    }

    /// Counts a retry against the budget of the process and account.
    pub fn count_retry(&self, process: u64, run: &RunningInvocation, vendor: &str, key_id: &str) {
        let now_ms = self.clock.elapsed_ms();
        let mut budgets = lock(&self.budgets);
        let retry_budget = budgets.entry((process, key_id.to_owned())).or_insert_with(|| RetryBudgetModel::new(now_ms));
        if !retry_budget.spend(now_ms) {
            let what = format!("{}#{} retried past the budget at {vendor}", run.function, run.id);
            drop(budgets);
            self.report_violation(Violation::new(Invariant::RetriesAreBounded, what));
        }
    }
}
