//! The accounts of a test.

use std::array::IntoIter;

use super::{CaseIterator, cases};

/// An account at each vendor with tickets.
pub struct Accounts {
    /// The account's id at Alibaba.
    pub alibaba: String,
    /// The account's id at Huawei.
    pub huawei: String,
}

impl Accounts {
    /// Each vendor with its account.
    pub fn both(&self) -> CaseIterator<IntoIter<(&'static str, &str), 2>> {
        cases([("ALIBABA", self.alibaba.as_str()), ("HUAWEI", self.huawei.as_str())])
    }
}
