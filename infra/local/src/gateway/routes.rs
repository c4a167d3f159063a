//! Which route a request takes.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::template::Route;

/// The routes, the most exact first.
pub(super) struct Routes(Vec<Route>);

/// A route that fits, with the values of its path parameters, decoded.
pub(super) struct Found<'a> {
    pub route: &'a Route,
    pub path_parameters: BTreeMap<String, String>,
}

impl Routes {
    pub fn new(mut routes: Vec<Route>) -> Self {
        // `/tickets/new` goes before `/tickets/{id}`, as in API Gateway.
        routes.sort_by_key(|route| segments(&route.path).map(|s| parameter(s).is_some()).collect::<Vec<_>>());
        Self(routes)
    }

    /// The route for a method and a path as it came (still percent-encoded).
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_>> {
        self.0.iter().filter(|route| route.method == method).find_map(|route| {
            let path_parameters = fit(&route.path, path)?;
            Some(Found { route, path_parameters })
        })
    }
}

fn fit(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    if segments(pattern).count() != segments(path).count() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (wanted, found) in segments(pattern).zip(segments(path)) {
        let found = decode(found);
        match parameter(wanted) {
            Some(name) if !found.is_empty() => drop(parameters.insert(name.to_owned(), found)),
            None if wanted == found => {}
            _ => return None,
        }
    }
    Some(parameters)
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Percent-decoding as API Gateway does it: what is no UTF-8 is replaced.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::template::Authorization;

    fn routes(keys: &[(&str, &str)]) -> Routes {
        let route = |&(method, path): &(&str, &str)| Route {
            logical_id: "Route".into(),
            method: method.into(),
            path: path.into(),
            function: "f".into(),
            timeout: Duration::from_secs(29),
            authorization: Authorization::None,
        };
        Routes::new(keys.iter().map(route).collect())
    }

    #[test]
    fn a_request_takes_the_most_exact_route() {
        let routes = routes(&[
            ("GET", "/tickets/{id}"),
            ("GET", "/tickets"),
            ("GET", "/tickets/new"),
            ("GET", "/tickets/{id}/messages"),
            ("POST", "/tickets/{id}/close"),
        ]);
        let cases = [
            ("GET", "/tickets", Some("/tickets")),
            ("GET", "/tickets/new", Some("/tickets/new")),
            ("GET", "/tickets/01J", Some("/tickets/{id}")),
            ("GET", "/tickets/01J/messages", Some("/tickets/{id}/messages")),
            ("POST", "/tickets/01J/close", Some("/tickets/{id}/close")),
            ("POST", "/tickets", None),
            ("GET", "/tickets/", None),
            ("GET", "/tickets/01J/close", None),
            ("GET", "/tickets/01J/messages/1", None),
            ("GET", "/", None),
        ];
        for (method, path, expected) in cases {
            let found = routes.find(method, path).map(|found| found.route.path.as_str());
            assert_eq!(found, expected, "{method} {path}");
        }
    }

    #[test]
    fn parameters_are_decoded_after_the_path_is_split() {
        let routes = routes(&[("GET", "/tickets/{id}")]);
        let found = routes.find("GET", "/tickets/%E5%B7%A5%E5%8D%95%2F1").unwrap();
        assert_eq!(found.path_parameters["id"], "工单/1");
    }
}
