//! What a browser may do with the page: run its own files, call its own API, sign in, and load files by their links.

use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_SECURITY_POLICY};

use crate::sign_in::SignIn;

/// All but the origins that the page may call. `blob:` and `data:` are pictures that the page itself has loaded.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; connect-src 'self'";

/// The features that a page could use and this one does not.
const NO_FEATURES: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

const OTHERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    // A page of another origin can't find out by a picture or a script that the page is here.
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", NO_FEATURES),
];

/// The policy, with the origins to sign in at and that of the files.
pub(crate) fn content_security_policy(sign_in: Option<&SignIn>, files_origin: Option<&str>) -> String {
    let origins = sign_in.into_iter().flat_map(SignIn::origins);
    origins.chain(files_origin).fold(POLICY.to_owned(), |policy, origin| format!("{policy} {origin}"))
}

/// Adds them to an answer.
pub(crate) fn add(headers: &mut HeaderMap, policy: String) {
    // Origins are visible ASCII, so this is a header. If it ever were none, the page could call its own origin alone.
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(POLICY));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    for (name, value) in OTHERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}
