//! Tickets as their vendor shows them: in a list, and alone.

use std::collections::BTreeSet;

use super::{Phase, text};
use crate::{
    domain::{Candidate, CloudId, ProblemTypeId, ProductId, RegionId, Severity, TicketId},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
};

/// A ticket's status at the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorStatus {
    /// What the status means, the same for all vendors.
    pub phase: Phase,
    /// The vendor's code, as text.
    pub raw: String,
}

/// A ticket in a vendor's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTicket {
    /// The vendor's id.
    pub cloud_id: CloudId,
    /// The status.
    pub status: VendorStatus,
    /// When it was created, Unix milliseconds; `None` where the list does not say it.
    pub create_time: Option<i64>,
}

/// Which tickets have new messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMessages {
    /// The tickets with the digest of their new messages, so that the same ones are recognised when they are told
    /// again.
    pub tickets: Vec<(CloudId, String)>,
    /// The vendor's own mark: later messages are new in the next call.
    pub mark: Option<String>,
}

/// One page of a vendor's ticket list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketPage {
    /// The tickets, in the vendor's order.
    pub tickets: Vec<ListedTicket>,
    /// How many rows can't be read: each may be any ticket.
    pub unreadable: usize,
    /// The position of the next page, if there may be one.
    pub next: Option<u32>,
}

/// A ticket as its vendor gives it. Fields that the vendor does not give are `None`: Alibaba and Huawei give no ids of
/// product and region, and Huawei gives no id of the problem type, only names in the language of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorTicket {
    /// The vendor's id.
    pub cloud_id: CloudId,
    /// The title, at a vendor where tickets have one.
    pub name: Option<String>,
    /// The whole problem text at the vendor, marker included.
    pub text: String,
    /// When it was created, Unix milliseconds; `None` when the vendor's time can't be read.
    pub create_time: Option<i64>,
    /// The latest time at which it may have been created. It is later than `create_time` where the vendor's time is in
    /// whole seconds, or has no time zone.
    pub latest_create_time: Option<i64>,
    /// The status.
    pub status: VendorStatus,
    /// The product.
    pub product_id: Option<ProductId>,
    /// The problem type.
    pub problem_type_id: Option<ProblemTypeId>,
    /// The region of the problem.
    pub region_id: Option<RegionId>,
    /// The severity.
    pub severity: Option<Severity>,
}

impl VendorTicket {
    /// Whether the title or the text contains `id`, whatever stands around it.
    pub fn mentions(&self, id: &TicketId) -> bool {
        [self.name.as_deref(), Some(&self.text)].into_iter().flatten().any(|text| text::contains_id(text, id.as_str()))
    }

    /// Whether it is the ticket with that id: it mentions it, and no other id of the form of ours behind it. The marker
    /// is the last line, so an id before another one is a quotation.
    pub fn is_marked_by(&self, id: &TicketId) -> bool {
        let last = text::ulids(&self.text).pop().map(|last| last.to_string());
        self.mentions(id) && last.is_none_or(|last| last == id.as_str())
    }

    /// It as the result of a search for its marker.
    pub fn found(&self) -> FoundTicket {
        let text = self.name.clone().unwrap_or_else(|| self.text.clone());
        FoundTicket { cloud_id: self.cloud_id.clone(), create_time: self.create_time, text }
    }

    /// What a person is shown of it.
    pub fn candidate(&self) -> Candidate {
        Candidate::new(self.cloud_id.clone(), self.create_time, self.name.as_deref().unwrap_or(&self.text))
    }

    /// Every id of the form of our tickets' ids in title and text, each once. The text of a ticket may quote other
    /// tickets, so an id alone does not make it ours.
    pub fn mentioned_ids(&self) -> BTreeSet<TicketId> {
        let texts = [self.name.as_deref(), Some(&self.text)].into_iter().flatten();
        texts.flat_map(text::ulids).filter_map(|id| TicketId::parse(id.to_string()).ok()).collect()
    }
}

/// A ticket that our id marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTicket {
    /// The vendor's id.
    pub cloud_id: CloudId,
    /// When it was created, Unix milliseconds; `None` when the vendor's time can't be read.
    pub create_time: Option<i64>,
    /// The title or the text.
    pub text: String,
}

impl FoundTicket {
    /// What a person is shown of it.
    pub fn candidate(&self) -> Candidate {
        Candidate::new(self.cloud_id.clone(), self.create_time, &self.text)
    }
}

/// What is known of a ticket that the vendor lists and does not show.
impl From<FoundTicket> for VendorTicket {
    fn from(found: FoundTicket) -> Self {
        Self {
            cloud_id: found.cloud_id,
            name: None,
            text: found.text,
            create_time: found.create_time,
            latest_create_time: found.create_time,
            status: VendorStatus { phase: Phase::Other, raw: String::new() },
            product_id: None,
            problem_type_id: None,
            region_id: None,
            severity: None,
        }
    }
}

/// The result of a search for a ticket by our id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketSearch {
    /// The tickets that the id marks, in the vendor's order.
    pub found: Vec<FoundTicket>,
    /// The hits of the vendor's search that it does not show, or shows without a text: each may have the id.
    pub unreadable: Vec<CloudId>,
    /// Those that quote the id.
    pub quoting: Vec<CloudId>,
    /// Those that could not be read because the vendor is not available. Reading them again may help.
    pub failed: Vec<CloudId>,
}

impl TicketSearch {
    /// Whether the hit was added before: two pages of a list may have it.
    pub(super) fn contains(&self, hit: &CloudId) -> bool {
        let found = self.found.iter().map(|found| &found.cloud_id);
        found.chain(&self.unreadable).chain(&self.quoting).chain(&self.failed).any(|added| added == hit)
    }

    /// Adds a hit of the search for `id`, by what the vendor shows of it.
    ///
    /// # Errors
    /// The failure to read it, unless it may be a matter of this one ticket.
    pub(crate) fn add(&mut self, hit: CloudId, id: &TicketId, shown: Result<VendorTicket>) -> Result<()> {
        match shown {
            Ok(ticket) if ticket.is_marked_by(id) => self.found.push(ticket.found()),
            Ok(ticket) if ticket.mentions(id) => self.quoting.push(hit),
            Ok(_) => {}
            Err(error) if is_unreadable(&error) => self.unreadable.push(hit),
            Err(error) if error.kind() == ErrorKind::VendorUnavailable => self.failed.push(hit),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Whether the vendor answered and a listed ticket can't be read all the same. Reading it again may give no more.
pub fn is_unreadable(error: &Error) -> bool {
    error.is(ProblemCode::VendorTicketNotFound) || error.is(ProblemCode::VendorBadAnswer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing::cloud_id;

    const ID: &str = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";

    fn mentioned(name: Option<&str>, text: &str) -> Vec<String> {
        let ticket = VendorTicket {
            cloud_id: cloud_id("0005PYGCW"),
            name: name.map(str::to_owned),
            text: text.to_owned(),
            create_time: None,
            latest_create_time: None,
            status: VendorStatus { phase: Phase::Waiting, raw: "1".into() },
            product_id: None,
            problem_type_id: None,
            region_id: None,
            severity: None,
        };
        ticket.mentioned_ids().into_iter().map(String::from).collect()
    }

    #[test]
    fn an_id_in_title_or_text_is_mentioned() {
        for text in [
            format!("磁盘\n\nref {ID}\r\n\r\n"),
            format!("<p>磁盘</p><p>ref {ID}</p>sent by API"),
            format!("see ref {ID}\nplease help"),
            format!("ref {}", ID.to_lowercase()),
        ] {
            assert_eq!(mentioned(None, &text), [ID], "{text:?}");
            assert_eq!(mentioned(Some(&text), ""), [ID], "{text:?}");
        }
        let second = "01JD2Y5T9V7Z3M6Q8R4S0X1W2M";
        assert_eq!(mentioned(Some(ID), &format!("{second} {ID}")), [ID, second]);
    }

    #[test]
    fn a_text_that_only_resembles_an_id_mentions_no_ticket() {
        for text in [
            String::new(),
            "磁盘".to_owned(),
            format!("ref {}", &ID[..25]),
            "ref 81JD2Y5T9V7Z3M6Q8R4S0X1W2K".to_owned(),
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2U".to_owned(),
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2-".to_owned(),
            // The time in it is in the year 1970, or 3084.
            "00000000017Z3M6Q8R4S0X1W2K".to_owned(),
            "11JD2Y5T9V7Z3M6Q8R4S0X1W2K".to_owned(),
        ] {
            assert_eq!(mentioned(None, &text), Vec::<String>::new(), "{text:?}");
        }
    }
}
