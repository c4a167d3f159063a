//! How the transport has to answer a call. No sockets here.

use bytes::Bytes;

/// The outcome of one call, and how long the transport waits before it carries it out.
///
/// The work of the call, if any, is done when the call arrives; the delay only holds the answer back.
#[derive(Debug)]
pub struct SimulatedAnswer {
    /// Milliseconds to wait before the outcome.
    pub delay_ms: u64,
    /// What happens then.
    pub outcome: WireOutcome,
}

/// How a call ends on the wire.
#[derive(Debug)]
pub enum WireOutcome {
    /// An HTTP response is sent.
    Respond(http::Response<Bytes>),
    /// An HTTP response is sent whose body is repeated without an end.
    RespondEndlessly(http::Response<Bytes>),
    /// An HTTP response is sent with the length that its head has, which is not that of its body.
    RespondShort(http::Response<Bytes>),
    /// Nothing was done, and the connection is closed without a byte of an answer.
    CutBefore,
    /// The work was done, and the connection is closed without a byte of an answer.
    CutAfter,
    /// Nothing was done, and the connection stays open without an answer.
    Hang,
    /// The work was done, and the connection stays open without an answer.
    AcceptThenHang,
}

impl SimulatedAnswer {
    /// An answer sent at once.
    #[must_use]
    pub fn now(response: http::Response<Bytes>) -> Self {
        Self { delay_ms: 0, outcome: WireOutcome::Respond(response) }
    }

    /// The response, when there is one.
    #[must_use]
    pub fn response(&self) -> Option<&http::Response<Bytes>> {
        match &self.outcome {
            WireOutcome::Respond(response) => Some(response),
            _ => None,
        }
    }
}

/// A vendor's answer before it becomes an HTTP response: status, headers, JSON, and the code for the log.
#[derive(Debug)]
pub struct VendorReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) content_type: &'static str,
    /// The vendor's error code, absent when the call succeeded.
    pub(crate) code: Option<String>,
}

impl VendorReply {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::from(body.to_string()),
            // Exactly this: the Tencent SDK reads errors under no other content type.
            content_type: "application/json",
            code: None,
        }
    }

    pub(crate) fn error(status: u16, code: &str, body: &serde_json::Value) -> Self {
        Self { code: Some(code.to_owned()), ..Self::json(status, body) }
    }

    pub(crate) fn raw(status: u16, content_type: &'static str, body: Bytes) -> Self {
        Self { status, headers: Vec::new(), body, content_type, code: None }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn into_response(self) -> http::Response<Bytes> {
        let mut response = http::Response::new(self.body);
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(self.content_type));
        for (name, value) in self.headers {
            if let Ok(value) = http::HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
