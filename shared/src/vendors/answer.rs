//! A vendor's answer, and what every vendor's decoder reads in it. Knows no vendor's wire format.

use std::{collections::HashSet, hash::Hash};

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{
    call::VendorOperation,
    conversation::RawRows,
    failure::{self, Class, VendorError, default_class},
    lenient::{self, Integer, Text},
};
use crate::{
    domain::CustomerId,
    error::{Error, Result, VendorDetail},
    seeded_bugs::{self, SeededBug},
    telemetry::metrics,
};

/// Finds the rows of a list in a JSON body.
pub type RowsOf = for<'a> fn(&'a [u8]) -> serde_json::Result<Option<Vec<&'a RawValue>>>;

/// The whole answer to a call, with any status.
pub struct VendorAnswer {
    pub operation: VendorOperation,
    pub response: Response<Bytes>,
}

impl VendorAnswer {
    /// The JSON body; the answer is a bad one when it has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        lenient::json(&self.response).map_err(|reason| self.bad(&reason))
    }

    /// The rows of a list as they stand in the JSON body; `rows` finds the list. `None` where there is none.
    pub fn raw_rows(&self, rows: RowsOf) -> Result<Option<RawRows>> {
        let body = self.response.body();
        let read = |json: &Bytes| {
            let rows = rows(json)?.map(|rows| RawRows::new(json, rows.iter().map(|row| row.get())));
            Ok::<_, serde_json::Error>(rows)
        };
        // Most bodies need no repair.
        let read = read(body).or_else(|_| read(&lenient::unicode(body).into()));
        read.map_err(|error| self.bad(&lenient::reason(&error)))
    }

    /// The rows of a list. A missing list is an empty one only when the total is 0: an incomplete answer must not mean
    /// an empty catalog or "no such ticket".
    pub fn rows<T>(&self, rows: Option<Vec<T>>, total: Integer, missing: &str) -> Result<Vec<T>> {
        match rows {
            Some(rows) => Ok(rows),
            None if total.0 == Some(0) => Ok(Vec::new()),
            None => Err(self.bad(missing)),
        }
    }

    /// The id of a row of a list. The whole answer is a bad one when a row has no id: the item of that row would count
    /// as removed.
    pub fn row_id<T>(&self, text: Text, parse: impl FnOnce(String) -> Result<T>) -> Result<T> {
        let id = text.non_blank().and_then(|text| parse(text).ok());
        id.ok_or_else(|| self.bad("a row without a usable id"))
    }

    /// The id of the customer behind the keys; the answer is a bad one without it.
    pub fn customer_id(&self, text: Text) -> Result<CustomerId> {
        let id = text.non_blank().and_then(|text| CustomerId::parse(text).ok());
        id.ok_or_else(|| self.bad("no usable id of a customer"))
    }

    /// Counts and logs rows of a list of tickets that can't be read, and gives their number.
    ///
    /// # Errors
    /// None but with a seeded bug.
    pub fn unreadable_rows(&self, count: usize) -> Result<usize> {
        if count > 0 {
            if seeded_bugs::enabled(SeededBug::OddRowFailsTheList) {
                return Err(self.bad("a row that can't be read"));
            }
            metrics::UNREADABLE_ROWS.add([], count.try_into().unwrap_or(u64::MAX));
            let VendorOperation { vendor, name, .. } = self.operation;
            tracing::warn!(%vendor, operation = name, count, "A vendor's list has rows that can't be read.");
        }
        Ok(count)
    }

    /// The error for a refusal in the vendor's format. A wait hint or request id that `error` lacks is read in the
    /// headers.
    pub fn refusal(&self, class: Class, error: VendorError) -> Error {
        let retry_after = error.retry_after.or_else(|| failure::retry_after(self.response.headers()));
        let request_id = error.request_id.or_else(|| self.request_id());
        VendorError { request_id, retry_after, ..error }.into_error(&self.operation, class)
    }

    /// The error for an answer that is not in the vendor's format: it may come from a proxy on the way, behind which
    /// the vendor did the work. So it is `VendorOutcomeUnknown` for writes, whatever the status is. For reads the
    /// statuses of refused keys, throttling and a failed server decide; with any other it is `VendorBadAnswer`.
    /// `reason` goes to the log and must not hold text of the answer.
    pub fn bad(&self, reason: &str) -> Error {
        let status = self.response.status();
        let error = match default_class(status) {
            class @ (Class::Keys | Class::Permission | Class::Throttled)
                if seeded_bugs::enabled(SeededBug::ForeignPageCountsAsRefusal) =>
            {
                self.refusal(class, VendorError::default())
            }
            class @ (Class::Keys | Class::Throttled | Class::Internal) if !self.operation.write => {
                self.refusal(class, VendorError::default())
            }
            _ => failure::unusable(&self.operation).with_vendor(VendorDetail {
                vendor: self.operation.vendor,
                code: None,
                request_id: self.request_id(),
            }),
        };
        error
            .with_context("status", status.as_str())
            .with_context("body_bytes", self.response.body().len().to_string())
            .with_context("reason", reason)
    }

    fn request_id(&self) -> Option<String> {
        failure::header_text(self.response.headers(), self.operation.request_id_header)
    }
}

/// The items, each once: of those with the same key the first.
pub fn distinct<T, K: Eq + Hash>(items: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(key(item))).collect()
}
