//! The route of a request, by API Gateway's rules: the path is split first and then decoded, and a fixed segment goes
//! before a parameter. The parameter of a greedy route (`{path+}`) takes all segments that are left. It takes none as
//! well: that is a rule of this gateway, and of API Gateway it is not known.

use std::collections::{BTreeMap, HashMap};

use matchit::Router;
use percent_encoding::{AsciiSet, percent_decode_str, utf8_percent_encode};

use crate::template::{ApiRoute, TemplateError};

/// What stays encoded inside one segment, so that a decoded slash does not split it.
const ENCODED_IN_SEGMENT: AsciiSet = AsciiSet::EMPTY.add(b'%').add(b'/');

/// The routes, by method.
pub(super) struct Routes(HashMap<String, Router<ApiRoute>>);

/// The route of a request, with the values of its path parameters, decoded.
pub(super) struct RouteMatch<'a> {
    pub route: &'a ApiRoute,
    pub path_parameters: BTreeMap<String, String>,
}

impl Routes {
    /// Fails when two routes fit the same requests.
    pub fn new(routes: Vec<ApiRoute>) -> Result<Self, TemplateError> {
        let mut by_method: HashMap<String, Router<ApiRoute>> = HashMap::new();
        for route in routes {
            let (id, path) = (route.logical_id.clone(), route.path.clone());
            let router = by_method.entry(route.method.clone()).or_default();
            let mut insert = |path: String, route: ApiRoute| {
                router.insert(path, route).map_err(|error| TemplateError::of(&id, error.to_string()))
            };
            match path.strip_suffix("+}").and_then(|path| path.rsplit_once('{')) {
                Some((before, name)) => {
                    insert(before.to_owned(), route.clone())?;
                    insert(format!("{before}{{*{name}}}"), route)?;
                }
                None => insert(path, route)?,
            }
        }
        Ok(Self(by_method))
    }

    /// The route for a method and a path as the client sent it (percent-encoded).
    pub fn find(&self, method: &str, path: &str) -> Option<RouteMatch<'_>> {
        let segments = path.split('/').map(|segment| {
            let segment = decode(segment);
            utf8_percent_encode(&segment, &ENCODED_IN_SEGMENT).to_string()
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let found = self.0.get(method)?.at(&path).ok()?;
        // matchit accepts an empty segment in the middle of a path as a parameter, API Gateway does not.
        if found.params.iter().any(|(_, value)| value.is_empty()) {
            return None;
        }
        let path_parameters = found.params.iter().map(|(name, value)| (name.to_owned(), decode(value)));
        Some(RouteMatch { route: found.value, path_parameters: path_parameters.collect() })
    }
}

/// Percent-decoding as API Gateway does it: bytes that are not UTF-8 are replaced.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::template::RouteAuthorization;

    fn route(method: &str, path: &str) -> ApiRoute {
        ApiRoute {
            logical_id: "Route".into(),
            method: method.into(),
            path: path.into(),
            function: "f".into(),
            timeout: Duration::from_secs(29),
            authorization: RouteAuthorization::None,
            scopes: vec!["read".into()],
        }
    }

    fn routes(keys: &[(&str, &str)]) -> Routes {
        Routes::new(keys.iter().map(|(method, path)| route(method, path)).collect()).unwrap()
    }

    #[test]
    fn a_request_takes_the_most_exact_route() {
        let routes = routes(&[
            ("GET", "/tickets/{id}"),
            ("GET", "/tickets"),
            ("GET", "/tickets/new"),
            ("GET", "/tickets/{id}/messages"),
            ("POST", "/tickets/{id}/close"),
            ("GET", "/desk/{path+}"),
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
            ("GET", "/%74ickets", Some("/tickets")),
            ("GET", "/tickets/01J%2Fmessages", Some("/tickets/{id}")),
            ("GET", "/tickets//messages", None),
            ("GET", "/tickets/new/messages", Some("/tickets/{id}/messages")),
            ("GET", "/desk", None),
            ("GET", "/desk/", Some("/desk/{path+}")),
            ("GET", "/desk/assets/1/a.js", Some("/desk/{path+}")),
            ("POST", "/desk/", None),
        ];
        for (method, path, expected) in cases {
            let found = routes.find(method, path).map(|found| found.route.path.as_str());
            assert_eq!(found, expected, "{method} {path}");
        }
    }

    #[test]
    fn parameters_are_decoded_after_the_path_is_split() {
        let routes = routes(&[("GET", "/tickets/{id}")]);
        for (path, id) in
            [("/tickets/%E5%B7%A5%E5%8D%95%2F1", "工单/1"), ("/tickets/1%252F2", "1%2F2"), ("/tickets/%FF", "\u{fffd}")]
        {
            let found = routes.find("GET", path).unwrap();
            assert_eq!(found.path_parameters["id"], id, "{path}");
        }
    }

    #[test]
    fn a_greedy_parameter_has_the_rest_of_the_path_decoded() {
        let routes = routes(&[("GET", "/desk/{path+}")]);
        for (path, rest) in [
            ("/desk/", None),
            ("/desk/a", Some("a")),
            ("/desk/a/b.js", Some("a/b.js")),
            ("/desk/a/..%2fb%20c", Some("a/../b c")),
            ("/desk/%252e", Some("%2e")),
        ] {
            let found = routes.find("GET", path).unwrap();
            assert_eq!(found.path_parameters.get("path").map(String::as_str), rest, "{path}");
        }
    }

    #[test]
    fn two_routes_for_the_same_requests_are_an_error() {
        let conflict = Routes::new(vec![route("GET", "/tickets/{id}"), route("GET", "/tickets/{ticket}")]);
        let error = conflict.err().unwrap().to_string();
        assert!(error.starts_with("Route: ") && error.contains("/tickets/{id}"), "{error}");
    }
}
