//! The numbered list of invariants. `docs/simulation.md` has the same numbers and sentences.

use std::fmt;

/// Declares the enum, the list in order, and each sentence. Numbers follow the order.
macro_rules! invariants {
    ($($name:ident: $sentence:literal,)+) => {
        /// An invariant of the product: what must hold after every schedule, whatever failed in it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant {
            $(#[doc = $sentence] $name,)+
        }

        impl Invariant {
            /// All of them, in the order of their numbers.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What must hold.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)+
                }
            }
        }
    };
}

invariants! {
    OncePerKey:
        "One idempotency key creates at most one ticket, or adds at most one message, at the vendor.",
    AnswersHold:
        "What was answered with 201 and an id is at the vendor; else it ends there, or as removed or indeterminate.",
    NoTicketLost:
        "Every ticket at a vendor that carries our marker is in the store under its vendor id.",
    ReadsAreTrue:
        "`GET /tickets/{id}` answers the state in the store, and 404 for a removed ticket.",
    ExpiredKeyIsNew:
        "An idempotency key is a new key once its lifetime has ended.",
    NothingStuck:
        "A bounded time after the last fault no ticket, reply or refresh is unfinished; nothing panics.",
    OpenTicketsCounted:
        "An account counts exactly its tickets that are not closed.",
    ArchiveIsComplete:
        "A closed ticket's archive is the vendor's messages in order; count and digest are those of the archive.",
    ArchiveIsCompleteAtClose:
        "`TicketClosed` counts the messages that the vendor showed at the close and each reply answered with 201.",
    ClosedMeansEnded:
        "A ticket is closed in the store if, and only if, it has ended at the vendor.",
    ChangesArePublished:
        "Each change that is an event is published under its own id, in order per ticket; no event lacks a change.",
    NoSecretLeaks:
        "No account key is in an item, answer, event or log line; no ticket text or e-mail address is in an event.",
    VendorsAreIsolated:
        "A vendor that does not answer delays no call to another vendor.",
    RetriesAreBounded:
        "Retries stay within the budget of process and account; what Huawei refused with 401 is not sent again.",
    CatalogEntriesRetained:
        "No catalog entry that its vendor still lists is marked as removed.",
    OneTicketOfOurs:
        "Each ticket of a vendor has at most one ticket of ours.",
    ConsoleTicketsAdopted:
        "A bounded time after the last fault an account that adopts has its console tickets, unless one may be lost.",
    FailingTicketDelaysNoOther:
        "A ticket of which each call fails delays the other tickets by less than a run of the sync.",
    AbsenceIsProved:
        "No ticket or reply is removed as absent while its vendor shows one that may be it.",
    AccountsHaveKeys:
        "Every account has its keys, no keys are without an account, and a customer has one account unless allowed.",
    SameRequestIsTheSame:
        "A request that is sent again under its key, in another form of JSON, is not refused as another one.",
    ClosedAgainOnlyIfAsked:
        "A ticket whose close the vendor accepted is closed there again only if a caller asks for it.",
    DueTimesGrow:
        "Due work that a run looked at and could not end gets a later due time.",
    ThrottledAccountSlowsDown:
        "At a vendor with a limit of calls a second, few calls of an account are throttled.",
    StatisticsAreOfTickets:
        "The statistics that the stream has counted are those of the tickets, and a rebuild comes to the same.",
    FilesAreSent:
        "A ticket or message of ours has at its vendor exactly the files of its request, each of them whole.",
    FilesAreArchived:
        "A closed ticket's files are whole in the bucket, with the SHA-256 of their items; missing ones are counted.",
    ShownIsKept:
        "What a vendor told of before a sync run, or showed for the time of a copy, outlives the ticket's deletion.",
    ActionsOncePerKey:
        "Support is urged or rated at most once for each key, and was where the answer says so.",
    WithdrawalsHold:
        "A message is withdrawn at most once for each key, and was where the answer says so; the archive keeps it.",
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I{}", *self as usize + 1)
    }
}

/// One observation that contradicts an invariant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The violated invariant.
    pub invariant: Invariant,
    /// The observation.
    pub what: String,
}

impl Violation {
    /// `invariant` is violated, as `what` says.
    pub fn new(invariant: Invariant, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} violated: {}\n      ({})", self.invariant, self.what, self.invariant.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of the table.
    fn row(invariant: Invariant) -> String {
        format!("| {invariant} | {} |", invariant.sentence())
    }

    #[test]
    fn the_architecture_document_lists_every_invariant_under_its_number() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md");
        let document = std::fs::read_to_string(path).unwrap();
        // The columns may be aligned with spaces.
        let rows: Vec<_> = document.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        for invariant in Invariant::ALL {
            let row = row(*invariant);
            assert!(rows.contains(&row), "docs/simulation.md lacks {row}");
        }
        let is_numbered = |row: &&String| {
            row.strip_prefix("| I").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        assert_eq!(rows.iter().filter(is_numbered).count(), Invariant::ALL.len());
    }
}
