//! Whether a request is for this server, and not sent by a page of another one.
//!
//! A page can send requests to 127.0.0.1; the browser adds the page's `Origin`. With DNS rebinding the page's own name
//! resolves to 127.0.0.1, so that the page reads the responses too; the browser then sends that name in `Host`.

use http::{
    header::{HOST, ORIGIN},
    request::Parts,
};

/// Whether the request names this server in `Host`, and in `Origin`, where it has one, this server or the one with the
/// port `pages`.
pub(crate) fn is_own(head: &Parts, port: u16, pages: Option<u16>) -> bool {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host_is_own = host.to_str().is_ok_and(|host| is_own_authority(host, port));
    // A request line with a whole URL replaces `Host`.
    let target_is_own = head.uri.authority().is_none_or(|target| is_own_authority(target.as_str(), port));
    let mut origins = head.headers.get_all(ORIGIN).iter().map(|origin| origin.to_str().unwrap_or_default());
    let is_own_origin = |origin: &str| {
        let mut ports = [Some(port), pages].into_iter().flatten();
        let authority = origin.strip_prefix("http://");
        authority.is_some_and(|authority| ports.any(|port| is_own_authority(authority, port)))
    };
    host_is_own && target_is_own && origins.all(is_own_origin)
}

fn is_own_authority(authority: &str, port: u16) -> bool {
    let (host, given) = match authority.rsplit_once(':') {
        Some((host, digits)) if !digits.ends_with(']') => (host, digits.parse().ok()),
        _ => (authority, Some(80)),
    };
    given == Some(port) && ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| own.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_the_loopback_addresses_with_the_own_port_are_own() {
        for (host, port, own) in [
            ("127.0.0.1:8787", 8787, true),
            ("localhost:8787", 8787, true),
            ("LOCALHOST:8787", 8787, true),
            ("[::1]:8787", 8787, true),
            ("localhost", 80, true),
            ("[::1]", 80, true),
            ("127.0.0.1", 8787, false),
            ("127.0.0.1:8788", 8787, false),
            ("127.0.0.2:8787", 8787, false),
            ("0.0.0.0:8787", 8787, false),
            ("page.example:8787", 8787, false),
            ("localhost.page.example:8787", 8787, false),
            ("127.0.0.1:8787.page.example", 8787, false),
            ("user@127.0.0.1:8787", 8787, false),
            ("", 8787, false),
            ("", 80, false),
        ] {
            assert_eq!(is_own(&head("/", &[("host", host)]), port, None), own, "{host}");
        }
    }

    #[test]
    fn a_foreign_origin_a_second_host_and_a_foreign_target_are_refused() {
        let host = ("host", "127.0.0.1:8787");
        for (target, headers, own) in [
            ("/", &[host][..], true),
            ("/", &[host, ("origin", "http://127.0.0.1:8787")], true),
            ("/", &[host, ("origin", "http://localhost:8787")], true),
            ("http://localhost:8787/", &[host], true),
            ("/", &[host, ("origin", "https://page.example")], false),
            ("/", &[host, ("origin", "http://127.0.0.1:8788")], false),
            ("/", &[host, ("origin", "https://127.0.0.1:8787")], false),
            ("/", &[host, ("origin", "null")], false),
            ("/", &[host, ("origin", "http://localhost:8787"), ("origin", "https://page.example")], false),
            ("/", &[host, ("host", "page.example")], false),
            ("http://page.example:8787/", &[host], false),
            ("/", &[], false),
        ] {
            assert_eq!(is_own(&head(target, headers), 8787, None), own, "{target} {headers:?}");
        }
    }

    #[test]
    fn a_page_of_the_other_port_is_let_in_and_no_other_name_of_this_server() {
        let host = ("host", "127.0.0.1:8788");
        for (headers, own) in [
            (&[host, ("origin", "http://127.0.0.1:8787")][..], true),
            (&[host, ("origin", "http://localhost:8787")], true),
            (&[host, ("origin", "http://127.0.0.1:8788")], true),
            (&[host, ("origin", "http://127.0.0.1:8789")], false),
            (&[host, ("origin", "https://127.0.0.1:8787")], false),
            (&[host, ("origin", "http://page.example:8787")], false),
            (&[host, ("origin", "null")], false),
            (&[("host", "127.0.0.1:8787")], false),
        ] {
            assert_eq!(is_own(&head("/", headers), 8788, Some(8787)), own, "{headers:?}");
        }
    }
}
