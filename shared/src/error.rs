//! The one error type: what went wrong by what the caller can do about it, and whether trying again is safe.

use std::{fmt, iter, time::Duration};

use serde::Serialize;

use crate::{domain::Vendor, problem_code::ProblemCode};

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type BoxedSource = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong, by what the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The caller, or the vendor in its place, finds the input wrong: correct it.
    InvalidInput,
    /// There is no such thing.
    NotFound,
    /// It was there, and was erased on purpose.
    Gone,
    /// It can't be done in the present state; another call, or time, can change that.
    Conflict,
    /// It is not as the caller has seen it: read it again.
    PreconditionFailed,
    /// An idempotency key was used before with another request: use a new key.
    KeyReused,
    /// The vendor refuses the account's keys: rotate them.
    CredentialInvalid,
    /// The keys are good but lack a permission at the vendor: grant it.
    PermissionDenied,
    /// Too many calls: wait.
    RateLimited,
    /// The vendor cannot do this through an API.
    Unsupported,
    /// The vendor did not answer, or with nothing usable: try later.
    VendorUnavailable,
    /// A service that Polydesk itself needs did not answer in time: try later.
    Unavailable,
    /// Polydesk itself is configured wrongly.
    ConfigInvalid,
    /// Anything else; a defect of ours.
    Unexpected,
}

impl ErrorKind {
    /// The HTTP status of an answer with an error of this kind.
    pub const fn status(self) -> u16 {
        match self {
            ErrorKind::InvalidInput => 400,
            ErrorKind::PermissionDenied => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Conflict => 409,
            ErrorKind::Gone => 410,
            ErrorKind::PreconditionFailed => 412,
            ErrorKind::KeyReused | ErrorKind::CredentialInvalid | ErrorKind::Unsupported => 422,
            ErrorKind::RateLimited => 429,
            ErrorKind::ConfigInvalid | ErrorKind::Unexpected => 500,
            ErrorKind::VendorUnavailable => 502,
            ErrorKind::Unavailable => 503,
        }
    }
}

/// Whether the same call may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again.
    No,
    /// Nothing was done; it is safe, after that wait where the vendor named one.
    Yes {
        /// The vendor's own hint.
        after: Option<Duration>,
    },
    /// A write was sent and its outcome is unknown: reconcile it before sending again.
    OutcomeUnknown,
}

/// One bad field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// JSON pointer into the body (`/name`), or the name of a query parameter or header.
    pub pointer: String,
    /// The rule that is broken, and the way out.
    pub detail: String,
}

/// What a vendor said of itself when it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VendorDetail {
    /// Which vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// Its error code, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its request id, for its support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// An error. `message` may be shown to the caller; `source` and `context` go to the log only.
pub struct Error(Box<ErrorParts>);

struct ErrorParts {
    kind: ErrorKind,
    code: ProblemCode,
    message: String,
    fields: Vec<FieldError>,
    vendor: Option<VendorDetail>,
    retry: Retry,
    context: Vec<(&'static str, String)>,
    source: Option<BoxedSource>,
}

impl Error {
    /// An error with that code, of the code's first kind. `message` is a sentence that may be shown to the caller: no
    /// secret, no message text.
    pub fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorParts {
            kind: code.kinds()[0],
            code,
            message: message.into(),
            fields: Vec::new(),
            vendor: None,
            retry: Retry::No,
            context: Vec::new(),
            source: None,
        }))
    }

    /// [`ErrorKind::InvalidInput`].
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ProblemCode::InvalidInput, message)
    }

    /// [`ErrorKind::InvalidInput`] with the bad fields named.
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let mut error = Self::invalid_input("The request has fields that break a rule; see errors.");
        error.0.fields = fields;
        error
    }

    /// [`ErrorKind::InvalidInput`] for one field.
    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    /// [`ErrorKind::Unavailable`]; it may be tried again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ProblemCode::Unavailable, message).with_retry(Retry::Yes { after: None })
    }

    /// [`ErrorKind::ConfigInvalid`].
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ProblemCode::ConfigInvalid, message)
    }

    /// [`ErrorKind::Unexpected`].
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::new(ProblemCode::Unexpected, message)
    }

    /// With a finer code; the kind stays, and must be one of the code's kinds.
    pub fn with_code(mut self, code: ProblemCode) -> Self {
        debug_assert!(code.kinds().contains(&self.0.kind), "{code:?} is no code of {:?}", self.0.kind);
        self.0.code = code;
        self
    }

    /// With what the vendor said.
    pub fn with_vendor(mut self, vendor: VendorDetail) -> Self {
        self.0.vendor = Some(vendor);
        self
    }

    /// With another message.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// With another answer to "may it be tried again?".
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// As an error of that field of the request, with its own message.
    pub fn at_field(mut self, pointer: impl Into<String>) -> Self {
        self.0.fields = vec![FieldError { pointer: pointer.into(), detail: self.0.message.clone() }];
        self
    }

    /// With a name and value for the log.
    pub fn with_context(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    /// With the error that caused it.
    pub fn with_source(mut self, source: impl Into<BoxedSource>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable problem `code`, as text.
    pub fn code(&self) -> &'static str {
        self.0.code.as_str()
    }

    /// With another of the code's kinds.
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        debug_assert!(self.0.code.kinds().contains(&kind), "{kind:?} is no kind of {:?}", self.0.code);
        self.0.kind = kind;
        self
    }

    /// Whether it carries that code.
    pub fn is(&self, code: ProblemCode) -> bool {
        self.0.code == code
    }

    /// The stable problem code.
    pub fn problem_code(&self) -> ProblemCode {
        self.0.code
    }

    /// The sentence that may be shown.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The bad fields, if it is about the request's fields.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// What the vendor said, if one was involved.
    pub fn vendor(&self) -> Option<&VendorDetail> {
        self.0.vendor.as_ref()
    }

    /// Whether the same call may be made again.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }
}

/// For the log: kind, code, message, vendor, context and the chain of sources.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({}): {}", self.0.kind, self.code(), self.0.message)?;
        if let Some(vendor) = &self.0.vendor {
            write!(f, "; vendor {}", vendor.vendor)?;
            write!(f, " code {}", vendor.code.as_deref().unwrap_or("-"))?;
            write!(f, " request_id {}", vendor.request_id.as_deref().unwrap_or("-"))?;
        }
        for field in &self.0.fields {
            write!(f, "; {}: {}", field.pointer, field.detail)?;
        }
        for (name, value) in &self.0.context {
            write!(f, "; {name}={value}")?;
        }
        for source in iter::successors(std::error::Error::source(self), |error| error.source()) {
            write!(f, "; caused by: {source}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
