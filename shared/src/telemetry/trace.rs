//! Trace ids as AWS hands them from service to service.

use std::fmt;

/// The trace that an invocation is part of: the `Root` of an `X-Amzn-Trace-Id` header.
///
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// Reads a header. Callers can send one too, so anything but an id as AWS makes it is none.
    pub fn parse(header: &str) -> Option<Self> {
        let root = header.split(';').find_map(|part| part.trim().strip_prefix("Root="))?;
        is_trace_id(root).then(|| Self(root.to_owned()))
    }

    /// The id, as `1-67891233-abcdef012345678912345678`.
    pub fn root(&self) -> &str {
        &self.0
    }
}

/// As a header.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root={}", self.0)
    }
}

/// Version 1, eight hex digits of time, 24 of chance.
fn is_trace_id(text: &str) -> bool {
    let is_hex =
        |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    match text.split('-').collect::<Vec<_>>()[..] {
        ["1", time, chance] => is_hex(time, 8) && is_hex(chance, 24),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "1-67891233-abcdef012345678912345678";

    #[test]
    fn the_root_is_read_wherever_it_stands() {
        for header in [
            format!("Root={ROOT}"),
            format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"),
            format!("Self=1-67891234-12456789abcdef012345678;Root={ROOT}"),
        ] {
            let trace = Trace::parse(&header).unwrap();
            assert_eq!((trace.root(), trace.to_string()), (ROOT, format!("Root={ROOT}")));
        }
    }

    #[test]
    fn what_is_no_trace_id_is_not_taken() {
        for header in [
            "",
            ROOT,
            "Root=",
            "Root=canary",
            "Root=1-67891233-abc",
            "Root=2-67891233-abcdef012345678912345678",
        ] {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
    }
}
