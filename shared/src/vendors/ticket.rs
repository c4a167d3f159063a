//! A ticket as its vendor shows it, for tickets that were opened in the vendor's console.

use ulid::Ulid;

use super::{VendorStatus, text};
use crate::domain::{CloudId, ProblemTypeId, ProductId, RegionId, Severity, TicketId, ticket::marker};

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
    /// The id in the marker, if the marker is the last line of the text in the sense of `text::has_last_line`.
    pub fn marker_ticket_id(&self) -> Option<TicketId> {
        text::last_words(&self.text)
            .into_iter()
            .filter(|word| is_ulid(word))
            .filter_map(|word| TicketId::parse(word).ok())
            .find(|id| text::has_last_line(&self.text, &marker(id)))
    }
}

/// Whether `word` has the exact form of our ids.
fn is_ulid(word: &str) -> bool {
    Ulid::from_string(word).is_ok_and(|id| id.to_string() == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::{Phase, testing::cloud_id};

    const ID: &str = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";

    fn marked(text: &str) -> Option<String> {
        let ticket = VendorTicket {
            cloud_id: cloud_id("0005PYGCW"),
            name: None,
            text: text.to_owned(),
            create_time: None,
            status: VendorStatus { phase: Phase::Waiting, raw: "1".into() },
            product_id: None,
            problem_type_id: None,
            region_id: None,
            severity: None,
        };
        ticket.marker_ticket_id().map(String::from)
    }

    #[test]
    fn a_marker_in_the_last_line_names_our_ticket() {
        for text in [
            format!("ref {ID}"),
            format!("磁盘\n\nref {ID}\r\n\r\n"),
            format!("<p>磁盘</p><p>ref {ID}</p>"),
            format!("磁盘 ref {ID} "),
            format!("a < b\n\nref {ID}"),
        ] {
            assert_eq!(marked(&text).as_deref(), Some(ID), "{text:?}");
        }
    }

    #[test]
    fn a_text_that_only_resembles_a_marker_names_no_ticket() {
        for text in [
            String::new(),
            "磁盘".to_owned(),
            ID.to_owned(),
            format!("see ref {ID}\nplease help"),
            format!("please help\nwith ref {ID}"),
            format!("ref {}", &ID[..25]),
            format!("ref {ID}0"),
            format!("ref {}", ID.to_lowercase()),
            "ref 81JD2Y5T9V7Z3M6Q8R4S0X1W2K".to_owned(),
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2I".to_owned(),
            "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2-".to_owned(),
            format!("Ref {ID}"),
        ] {
            assert_eq!(marked(&text), None, "{text:?}");
        }
        assert!(is_ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
        for character in ["I", "L", "O", "U", "a", "_"] {
            assert!(!is_ulid(&format!("{}{character}", &ID[..25])), "{character}");
        }
    }
}
