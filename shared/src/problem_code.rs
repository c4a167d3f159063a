//! Every stable problem code in one table: its name, the kinds of errors that carry it, and what it means.
//!
//! The status of an answer follows from the kind ([`ErrorKind::status`]). The OpenAPI document is made of this table.

use serde::{Deserialize, Serialize};

use crate::error::ErrorKind;

macro_rules! problem_codes {
    ($($variant:ident $code:literal $scope:ident [$($kind:ident),+] $meaning:literal)+) => {
        /// The `code` of a problem. Callers match on it, so a code keeps its name and its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String")]
        pub enum ProblemCode {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant,)+
        }

        impl ProblemCode {
            /// Every code, in the order of the names.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$variant),+];

            /// The name as it stands in answers, for example `ticket_not_found`.
            pub const fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$variant => $code,)+ }
            }

            /// What it means, as the API's document says it.
            pub const fn meaning(self) -> &'static str {
                match self { $(ProblemCode::$variant => $meaning,)+ }
            }

            /// The kinds of errors with this code; the first one is the kind of
            /// [`Error::new`](crate::error::Error::new).
            pub const fn kinds(self) -> &'static [ErrorKind] {
                match self { $(ProblemCode::$variant => &[$(ErrorKind::$kind),+],)+ }
            }

            /// Whether a problem of the API can carry it. The others are in logs, metrics and stored items, such as the
            /// error of a refresh run.
            pub const fn is_public(self) -> bool {
                match self { $(ProblemCode::$variant => problem_codes!(@ $scope),)+ }
            }
        }
    };
    (@ public) => { true };
    (@ internal) => { false };
}

problem_codes! {
    AccountDeleting "account_deleting" public [Conflict] "The account is being removed."
    AccountExists "account_exists" public [Conflict] "Another account has keys of the same customer."
    AccountHasDueWork "account_has_due_work" public [Conflict]
        "Rechecks, replies of unknown outcome or abandoned tickets of the account are still due."
    AccountHasOpenTickets "account_has_open_tickets" public [Conflict] "Tickets of the account are not closed."
    AccountKeysOfAnotherCustomer "account_keys_of_another_customer" public [CredentialInvalid]
        "The keys are not, or not certainly, of the account's customer. The old ones stay."
    AccountKeysRefused "account_keys_refused" public [CredentialInvalid] "The vendor refuses the account's keys."
    AccountNotFound "account_not_found" public [NotFound, InvalidInput, Conflict]
        "There is no such account, or the ticket's account is gone."
    AllAccountsNeeded "all_accounts_needed" public [PermissionDenied]
        "The caller is bound to accounts, and this is for callers that may use every account."
    AnotherAccountAdopts "another_account_adopts" public [Conflict]
        "Another account of the same customer adopts the tickets of the vendor's console."
    ArchivePartMissing "archive_part_missing" public [Unexpected]
        "A part of an archived message is gone from the store."
    AttachmentFailed "attachment_failed" public [Conflict]
        "The file could not be copied within a day, and is not tried any more."
    AttachmentNotFound "attachment_not_found" public [NotFound]
        "The ticket has no such file, or its message is not stored."
    AttachmentPending "attachment_pending" public [Conflict] "The file is not copied yet, or is tried again."
    AttachmentTooLarge "attachment_too_large" public [Conflict] "The file has more bytes than this stack stores."
    AttachmentsPending "attachments_pending" internal [VendorUnavailable]
        "Files of the messages are not copied yet."
    BodyEmpty "body_empty" public [InvalidInput] "The body is empty."
    BodyNotAnObject "body_not_an_object" public [InvalidInput] "The body is JSON, but no object."
    BodyNotJson "body_not_json" public [InvalidInput] "The body is not JSON in UTF-8."
    BodyTooLarge "body_too_large" public [InvalidInput] "The body has more than 64 KiB."
    BucketUnavailable "bucket_unavailable" public [Unavailable] "The bucket for files did not answer as it should."
    CapabilityNotSupported "capability_not_supported" public [Unsupported]
        "The vendor has no API for this; `detail` names its console."
    CatalogNotRefreshed "catalog_not_refreshed" public [Conflict]
        "The catalog of the account's vendor and site was never refreshed."
    CloseLeaseLost "close_lease_lost" internal [Unavailable] "Another run has the lease of the close or recheck."
    ConfigInvalid "config_invalid" internal [ConfigInvalid] "Polydesk itself is configured wrongly."
    ContentTooLong "content_too_long" public [InvalidInput] "The vendor takes fewer characters in a reply."
    CustomerUnknown "customer_unknown" public [Conflict]
        "The customer behind the account's keys is not known yet; a refresh reads it."
    CustomerUnreadable "customer_unreadable" public [VendorUnavailable]
        "The vendor does not say whose keys these are. Nothing was changed."
    DeadlineReached "deadline_reached" public [Unavailable, VendorUnavailable] "The time of the run was up."
    DescriptionTooLong "description_too_long" public [InvalidInput] "The vendor takes fewer characters in a ticket."
    EndpointNotAllowed "endpoint_not_allowed" public [ConfigInvalid]
        "The account's stored endpoint is none of the vendor's hosts; it was not called."
    EventsUnavailable "events_unavailable" public [Unavailable]
        "The bus did not take the event that starts the refresh."
    FileDiffers "file_differs" public [Conflict]
        "A file to send has other bytes, or another number of them, than before. It was not sent whole."
    FileLengthWrong "file_length_wrong" internal [VendorUnavailable]
        "The vendor sends another number of bytes of a file than it announces."
    FileLinkExpired "file_link_expired" public [VendorUnavailable]
        "The link to a file is refused: it has expired, or another reading of the message has a new one."
    FileLinkNotAllowed "file_link_not_allowed" public [VendorUnavailable]
        "The link to a file leads to a host that is not the vendor's, or to an address that is not public."
    FileNotFound "file_not_found" internal [NotFound] "The vendor does not have the file."
    FileQuotaExceeded "file_quota_exceeded" public [Conflict] "The vendor takes no more files of the account today."
    FileRedirected "file_redirected" public [VendorUnavailable]
        "The link to a file leads to another one, which is not followed."
    FileRefused "file_refused" public [InvalidInput]
        "The vendor does not take the file: its size, its type or its name."
    FileTooLarge "file_too_large" public [Conflict, InvalidInput]
        "The file is larger than this stack stores, or the vendor takes."
    FormMismatch "form_mismatch" public [InvalidInput]
        "The ticket is not as the form of its problem type says (`GET /catalog/form`)."
    IdempotencyKeyInUse "idempotency_key_in_use" public [Conflict] "A request with this key is still running."
    IdempotencyKeyRequired "idempotency_key_required" public [InvalidInput] "The route demands an Idempotency-Key."
    IdempotencyKeyReused "idempotency_key_reused" public [KeyReused] "The key was used with another request."
    InvalidCursor "invalid_cursor" public [InvalidInput] "The cursor was not made for this list and these filters."
    InvalidFields "invalid_fields" public [InvalidInput] "Fields break a rule; `errors` names each."
    InvalidId "invalid_id" public [InvalidInput] "The path's id can't be one."
    InvalidIdempotencyKey "invalid_idempotency_key" public [InvalidInput] "The Idempotency-Key can't be one."
    InvalidInput "invalid_input" internal [InvalidInput] "The input breaks a rule."
    MessageNotFound "message_not_found" public [NotFound] "The ticket's conversation has no such message."
    MessageNotWithdrawable "message_not_withdrawable" public [Conflict] "The message is not one that can be withdrawn."
    PreconditionFailed "precondition_failed" public [PreconditionFailed]
        "It is not as `If-Match` names it: it was changed since. Nothing was done."
    ProblemTypeNotFound "problem_type_not_found" public [InvalidInput] "The catalog has no such problem type."
    ProblemTypeOfOtherProduct "problem_type_of_other_product" public [InvalidInput]
        "The problem type belongs to another product."
    ProblemTypeRemoved "problem_type_removed" public [InvalidInput] "The vendor no longer lists the problem type."
    ProductNotFound "product_not_found" public [InvalidInput] "The catalog has no such product."
    ProductRemoved "product_removed" public [InvalidInput] "The vendor no longer lists the product."
    QueueUnavailable "queue_unavailable" internal [Unavailable] "The queue for dead letters did not take one."
    RefreshLost "refresh_lost" internal [Unavailable] "The refresh was not done in time."
    RefreshNotFound "refresh_not_found" public [NotFound] "There is no such refresh."
    RegionNotFound "region_not_found" public [InvalidInput]
        "The catalog has no such region, or the vendor's tickets name none."
    RegionRequired "region_required" public [InvalidInput] "The problem type reports a fault, which needs a region."
    ReplyIndeterminate "reply_indeterminate" public [Conflict]
        "Whether the vendor has the message can't be determined. It is not sent again."
    ReplyNotFound "reply_not_found" public [NotFound] "The ticket has no such reply."
    ReplyNotIndeterminate "reply_not_indeterminate" public [Conflict] "Only an indeterminate reply needs a decision."
    ReplyPending "reply_pending" public [Conflict]
        "A reply that may be the message has no certain outcome yet; send the same request again in a minute."
    RouteNotFound "route_not_found" internal [NotFound] "The function does not serve the route."
    SecretInText "secret_in_text" public [InvalidInput]
        "A text seems to hold a secret, and the request allows none."
    SecretInfoNotSupported "secret_info_not_supported" public [InvalidInput] "The vendor's tickets have no secret text."
    SecretsUnavailable "secrets_unavailable" public [Unavailable] "The store of account keys did not answer."
    SeverityNotSupported "severity_not_supported" public [InvalidInput] "The vendor's tickets can only be normal."
    SourceNotFound "source_not_found" public [InvalidInput]
        "The catalog has no such source, or the vendor's tickets have none."
    StoreContention "store_contention" public [Conflict] "Too many requests change the same account or ticket at once."
    StoreRefused "store_refused" public [Unexpected] "The store refuses what it was given; a defect."
    StoreUnavailable "store_unavailable" public [Unavailable] "The store did not answer."
    TicketErased "ticket_erased" public [Gone] "The ticket's texts and files were erased."
    TicketIndeterminate "ticket_indeterminate" public [Conflict]
        "Whether the vendor has the ticket can't be determined. It is not created again."
    TicketNotClosed "ticket_not_closed" public [Conflict]
        "Only a closed ticket has an archive and a transcript, and can be erased."
    TicketNotFound "ticket_not_found" public [NotFound] "There is no such ticket."
    TicketNotIndeterminate "ticket_not_indeterminate" public [Conflict]
        "Only an indeterminate ticket needs a decision."
    TicketNotOpen "ticket_not_open" public [Conflict] "The ticket's state does not allow it."
    TicketOnHold "ticket_on_hold" public [Conflict] "The ticket is on hold, so it is not erased."
    TooManyFiles "too_many_files" public [InvalidInput] "The vendor takes fewer files with a ticket or a reply."
    TranscriptPending "transcript_pending" public [Conflict] "The transcript is not written yet; try again in a minute."
    Unavailable "unavailable" internal [Unavailable] "A service that Polydesk needs did not answer."
    Unexpected "unexpected" public [Unexpected] "A defect; the log has more under `request_id`."
    UploadNotComplete "upload_not_complete" public [InvalidInput]
        "The file is not in the bucket yet, or has another size than was announced."
    UploadNotFound "upload_not_found" public [InvalidInput] "There is no such upload, or it has expired."
    UrgedTooOften "urged_too_often" public [Conflict] "The vendor lets a ticket be urged again only after a while."
    VendorActionRefused "vendor_action_refused" public [Conflict]
        "The vendor does not do this with the ticket as it is now."
    VendorBadAnswer "vendor_bad_answer" public [VendorUnavailable] "The vendor's answer can't be used."
    VendorCatalogEmpty "vendor_catalog_empty" internal [VendorUnavailable]
        "The vendor lists nothing where it listed something before."
    VendorClockRefused "vendor_clock_refused" public [VendorUnavailable]
        "The vendor finds the time of the request too far off. The keys are not to blame."
    VendorClosePending "vendor_close_pending" internal [VendorUnavailable]
        "The vendor took the close and does not show it yet."
    VendorCloseRefused "vendor_close_refused" public [Conflict] "The vendor does not close the ticket."
    VendorIdNotFound "vendor_id_not_found" public [InvalidInput] "The vendor has no such ticket or message here."
    VendorIdTaken "vendor_id_taken" public [Conflict] "The vendor's ticket or message belongs to another one here."
    VendorMessagePending "vendor_message_pending" internal [VendorUnavailable]
        "The vendor does not show a message yet that was sent."
    VendorOutcomeUnknown "vendor_outcome_unknown" internal [VendorUnavailable]
        "A write at the vendor may or may not have been done."
    VendorPermissionDenied "vendor_permission_denied" public [PermissionDenied]
        "The account's keys lack a permission at the vendor."
    VendorRejected "vendor_rejected" public [InvalidInput] "The vendor rejects the request."
    VendorThrottled "vendor_throttled" public [RateLimited] "The vendor throttles the account."
    VendorTicketNotFound "vendor_ticket_not_found" public [NotFound] "The vendor has no such ticket."
    VendorUnavailable "vendor_unavailable" public [VendorUnavailable] "The vendor failed or gave no answer."
    VendorUnreachable "vendor_unreachable" public [VendorUnavailable] "The vendor could not be reached."
}

/// A stored code that this version does not know is read as [`ProblemCode::Unexpected`].
impl From<String> for ProblemCode {
    fn from(name: String) -> Self {
        ProblemCode::ALL.iter().copied().find(|code| code.as_str() == name).unwrap_or(ProblemCode::Unexpected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_listed_once_and_in_order() {
        assert!(ProblemCode::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
    }

    #[test]
    fn a_code_is_stored_under_its_name() {
        for code in ProblemCode::ALL {
            let stored = serde_json::json!(code);
            assert_eq!(stored, code.as_str());
            assert_eq!(serde_json::from_value::<ProblemCode>(stored).unwrap(), *code);
        }
        assert_eq!(serde_json::from_str::<ProblemCode>(r#""of_a_later_version""#).unwrap(), ProblemCode::Unexpected);
    }
}
