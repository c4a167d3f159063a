//! Seeded bugs: known defects that tests switch on to show that the simulation finds them.
//!
//! They exist only with the cargo feature `seeded-bugs`, which only `tests/simulation` turns on, for one of its runs.
//! Without it [`enabled`] is a constant `false`, and the compiler removes every switch.

/// Declares the enum with the name and the sentence of each bug.
macro_rules! seeded_bugs {
    ($($bug:ident $name:literal: $sentence:literal,)+) => {
        /// A known defect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SeededBug {
            $(#[doc = $sentence] $bug,)+
        }

        /// The bugs of this build: none without the feature.
        pub const ALL: &[SeededBug] = if cfg!(feature = "seeded-bugs") { &[$(SeededBug::$bug,)+] } else { &[] };

        impl SeededBug {
            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$bug => $name,)+
                }
            }

            /// What the product does wrong.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$bug => $sentence,)+
                }
            }
        }
    };
}

seeded_bugs! {
    AbandonBeforeSettleTime "abandon-before-settle-time":
        "A ticket that the vendor does not list is abandoned before the settle time has passed.",
    ActionAgain "action-again": "The key of an urge or a rating of unknown outcome is free again.",
    ArchiveWithoutLastReply "archive-without-last-reply":
        "A close does not wait until the vendor shows the last reply.",
    CandidatesIgnored "candidates-ignored":
        "Before a ticket counts as absent, the vendor's tickets that may be it are not looked for.",
    CloseAgainUnasked "close-again-unasked":
        "A ticket that support opened again while its close waits is closed again although nobody asked.",
    CommitBeforeMessages "commit-before-messages": "A close is committed before its last messages are stored.",
    CopiedMarkerCounts "copied-marker-counts":
        "A ticket that quotes the id of one of ours is taken for it, although that one has another id of the vendor.",
    CountedTicketNotMarked "counted-ticket-not-marked":
        "The statistics do not keep what they have counted of a ticket, and count it again with each change.",
    CreateAgainWithoutReconcile "create-again-without-reconcile":
        "A create whose outcome is unknown is sent again without reading the vendor's list.",
    DueCloseIgnored "due-close-ignored": "The sync does not continue a close that is due.",
    DueTimeStays "due-time-stays": "Due work that a run could not end keeps its due time.",
    EditOverwritesText "edit-overwrites-text": "A message that was edited loses its older text.",
    EndedElsewhereIgnored "ended-elsewhere-ignored":
        "A ticket that ended at the vendor is not closed once its status was recorded.",
    EqualFencingTokens "equal-fencing-tokens": "All leases have the same fencing token.",
    ExpiryLeftToTimeToLive "expiry-left-to-time-to-live": "An idempotency record is valid until DynamoDB deletes it.",
    FailedFileLeftOut "failed-file-left-out":
        "A file that can't be sent to the vendor is left out of the ticket or the message.",
    FailedReadCountsAsAbsent "failed-read-counts-as-absent":
        "A failed read of the vendor's list counts as proof that the ticket is not there.",
    FilesRegisteredLate "files-registered-late":
        "A message is archived before its files are registered to be copied.",
    FingerprintOfBytes "fingerprint-of-bytes":
        "The fingerprint of a request is that of its bytes, so another form of the same JSON is another request.",
    ForeignPageCountsAsRefusal "foreign-page-counts-as-refusal":
        "A page that is not in the vendor's format counts as a refusal when its status is 401, 403 or 429.",
    KeysInLog "keys-in-log": "The id of an access key is logged.",
    NoIdempotencyCondition "no-idempotency-condition": "An idempotency record is written without its condition.",
    NoPostCloseRecheck "no-post-close-recheck": "A closed ticket gets no post-close recheck.",
    NoReadAfterClose "no-read-after-close": "The messages are not read again after the close at the vendor.",
    OddRowFailsTheList "odd-row-fails-the-list": "A row of a list that can't be read fails the whole list.",
    OtherTextCountsAsAbsent "other-text-counts-as-absent":
        "A reply counts as absent although an unexplained message of its time has another text.",
    PublishBeforeCommit "publish-before-commit": "The event of a created ticket is published before the commit.",
    RefusedEventIgnored "refused-event-ignored": "An event that the bus refused counts as published.",
    ReopeningsIgnored "reopenings-ignored": "A closed ticket stays closed although its vendor has opened it again.",
    RepeatWriteWithoutAnswer "repeat-write-without-answer": "A write at a vendor that got no answer is repeated.",
    ReplyAgainWithoutReconcile "reply-again-without-reconcile":
        "A reply whose outcome is unknown is sent again without reading the vendor's messages.",
    ReplyWithoutIdIsProven "reply-without-id-is-proven":
        "A reply that the vendor accepted without an id is not looked for in the conversation.",
    RetryWithoutBudget "retry-without-budget":
        "Retries are not limited by the retry budget, and there are twelve attempts instead of three.",
    RotationToAnyCustomer "rotation-to-any-customer": "A rotation takes the keys of another customer.",
    SettleTimeTooShort "settle-time-too-short": "A ticket is abandoned while its request may still be held back.",
    StoreErrorIgnored "store-error-ignored": "An error of the store while messages are archived is logged and ignored.",
    TextsComparedExactly "texts-compared-exactly": "A text that the vendor shows in another form is another text.",
    ThrottlingIgnored "throttling-ignored": "A throttled call does not lower the account's pace.",
    ToldMessagesIgnored "told-messages-ignored":
        "The messages that a vendor tells of are copied only when the ticket's own time comes.",
    UnprocessedWritesIgnored "unprocessed-writes-ignored":
        "Writes that DynamoDB returns as unprocessed are not repeated.",
    VendorTimeIgnored "vendor-time-ignored":
        "Requests keep our time although the vendor refuses it and says its own.",
    VendorsOneByOne "vendors-one-by-one": "The sync works on one vendor after the other.",
}

/// Whether this thread runs with `bug`; never without the feature.
#[cfg(not(feature = "seeded-bugs"))]
pub const fn enabled(_: SeededBug) -> bool {
    false
}

#[cfg(feature = "seeded-bugs")]
thread_local! {
    static SELECTED: std::cell::Cell<Option<SeededBug>> = const { std::cell::Cell::new(None) };
}

/// Whether this thread runs with `bug`.
#[cfg(feature = "seeded-bugs")]
pub fn enabled(bug: SeededBug) -> bool {
    SELECTED.get() == Some(bug)
}

/// Makes this thread run with `bug`, or with none. Has no effect without the feature.
#[cfg(not(feature = "seeded-bugs"))]
pub const fn select(_: Option<SeededBug>) {}

/// Makes this thread run with `bug`, or with none.
#[cfg(feature = "seeded-bugs")]
pub fn select(bug: Option<SeededBug>) {
    SELECTED.set(bug);
}

#[cfg(all(test, not(feature = "seeded-bugs")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_the_feature_has_no_seeded_bug() {
        const { assert!(!enabled(SeededBug::KeysInLog), "known while compiling") };
        assert_eq!(ALL, []);
    }
}
