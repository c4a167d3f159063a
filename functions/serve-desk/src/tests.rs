//! The page and its files as a browser gets them, whatever is below `web`.

use std::{io::Read, sync::Arc};

use flate2::read::GzDecoder;
use http::{
    HeaderMap, HeaderName,
    header::{ACCEPT_ENCODING, CONTENT_SECURITY_POLICY, IF_NONE_MATCH},
};
use serde_json::Value;
use shared::{clock::SystemClock, domain::AccountAccess, invocation::Invocation, telemetry::Discard};

use super::*;

const FILES_ORIGIN: &str = "https://files.s3.eu-central-1.amazonaws.com";

async fn get(path: &str, headers: &[(HeaderName, &str)], variables: &[(&str, &str)]) -> Response<Vec<u8>> {
    let telemetry =
        Telemetry { sink: Arc::new(Discard), clock: Arc::new(SystemClock), namespace: "Polydesk".to_owned() };
    let desk = Desk { telemetry, files_origin: Some(FILES_ORIGIN.to_owned()) };
    let (route, rest) = match path.strip_prefix("/desk/") {
        Some(rest) => ("GET /desk/{path+}", rest),
        None if path == "/desk" => ("GET /desk", ""),
        None => ("GET /", ""),
    };
    let call = HttpCall {
        route: route.to_owned(),
        id: String::new(),
        reply_id: String::new(),
        attachment_id: String::new(),
        message_id: String::new(),
        path: rest.to_owned(),
        query: vec![("code".to_owned(), "c1".to_owned())],
        headers: headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect(),
        body: Default::default(),
        access: AccountAccess::All,
        scopes: None,
        invocation: Invocation::new(0, "r1", &SystemClock),
        stage_variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    handle(&desk, &call).await
}

async fn found(path: &str) -> Response<Vec<u8>> {
    let response = get(path, &[], &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response
}

#[track_caller]
fn text(headers: &HeaderMap, name: impl AsRef<str>) -> &str {
    let name = name.as_ref();
    headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}

#[tokio::test]
async fn each_file_has_an_address_that_is_kept_forever() {
    for file in files::all() {
        let path = format!("/desk/assets/{}/{}", files::digest(), file.path);
        let plain = found(&path).await;
        assert_eq!(text(plain.headers(), CACHE_CONTROL), "public, max-age=31536000, immutable", "{path}");
        assert_eq!(text(plain.headers(), VARY), "accept-encoding", "{path}");
        assert!(plain.headers().get(CONTENT_ENCODING).is_none(), "{path}");
        let asks = [(ACCEPT_ENCODING, "gzip, br")];
        let zipped = get(&path, &asks, &[]).await;
        assert_eq!(text(zipped.headers(), CONTENT_TYPE), text(plain.headers(), CONTENT_TYPE), "{path}");
        // A module is text, which compression always makes shorter.
        assert!(zipped.headers().contains_key(CONTENT_ENCODING) || !file.path.ends_with(".js"), "{path}");
        if zipped.headers().contains_key(CONTENT_ENCODING) {
            assert!(zipped.body().len() < plain.body().len(), "{path}");
            assert_ne!(zipped.headers()[ETAG], plain.headers()[ETAG], "{path}: one tag for two forms");
            let mut unzipped = Vec::new();
            GzDecoder::new(&**zipped.body()).read_to_end(&mut unzipped).unwrap();
            assert_eq!(&unzipped, plain.body(), "{path}");
        }
        let tag = text(zipped.headers(), ETAG).to_owned();
        let kept = get(&path, &[asks[0].clone(), (IF_NONE_MATCH, &*tag)], &[]).await;
        assert_eq!((kept.status(), kept.body().len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(kept.headers()[ETAG], *tag, "{path}");
        assert!(kept.headers().get(CONTENT_TYPE).is_none() && kept.headers().get(CONTENT_ENCODING).is_none());
    }
}

#[tokio::test]
async fn every_other_address_is_the_page_where_it_has_no_dot() {
    for path in ["/desk", "/desk/", "/desk/tickets", "/desk/tickets/01JD2Y5T9V7Z3M6Q8R4S0X1W2K", "/desk/a.b/c"] {
        let page = found(path).await;
        assert_eq!(text(page.headers(), CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
        assert_eq!(text(page.headers(), CACHE_CONTROL), "no-cache", "{path}");
        let html = String::from_utf8(page.body().clone()).unwrap();
        assert!(html.contains(&format!("\"/desk/assets/{}/", files::digest())) && !html.contains("{assets}"), "{html}");
        let tag = text(page.headers(), ETAG);
        let kept = get(path, &[(IF_NONE_MATCH, tag)], &[]).await;
        assert_eq!((kept.status(), kept.body().len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_that_nothing_keeps() {
    let digest = files::digest();
    for path in [
        "/desk/favicon.ico".to_owned(),
        "/desk/tickets/a.js".to_owned(),
        "/desk/assets".to_owned() + "/",
        format!("/desk/assets/{digest}"),
        format!("/desk/assets/{digest}/"),
        format!("/desk/assets/{digest}/none.js"),
        format!("/desk/assets/{digest}/../Cargo.toml"),
        format!("/desk/assets/{digest}/../../src/lib.rs"),
        format!("/desk/assets/{digest}//index.html"),
        format!("/desk/assets/{}/index.html", "0".repeat(32)),
        "/desk/assets/index.html".to_owned(),
    ] {
        let problem = get(&path, &[], &[]).await;
        assert_eq!(problem.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(text(problem.headers(), CONTENT_TYPE), "application/problem+json", "{path}");
        assert_eq!(text(problem.headers(), CACHE_CONTROL), "no-store", "{path}");
        let body: Value = serde_json::from_slice(problem.body()).unwrap();
        assert_eq!((&body["code"], &body["request_id"]), (&"route_not_found".into(), &"r1".into()), "{path}");
    }
}

#[tokio::test]
async fn the_address_of_the_api_leads_to_the_page() {
    let response = get("/", &[], &[]).await;
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(text(response.headers(), LOCATION), "/desk");
}

#[tokio::test]
async fn the_page_learns_how_people_sign_in() {
    let local = found("/desk/config.json").await;
    assert_eq!(text(local.headers(), CONTENT_TYPE), "application/json");
    assert_eq!(text(local.headers(), CACHE_CONTROL), "no-cache");
    assert_eq!(serde_json::from_slice::<Value>(local.body()).unwrap()["mode"], "local");
    let variables = [("desk_issuer", "https://id.example/realm"), ("desk_client_id", "c1")];
    let oidc = get("/desk/config.json", &[], &variables).await;
    assert_eq!(serde_json::from_slice::<Value>(oidc.body()).unwrap()["issuer"], "https://id.example/realm");
    // WHEN only half of it is set, nobody is asked for an access key
    let half = get("/desk/config.json", &[], &variables[..1]).await;
    assert_eq!(half.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_browser_is_told_with_everything_what_the_page_may_do() {
    let digest = files::digest();
    let variables = [("desk_issuer", "https://id.example/realm"), ("desk_client_id", "c1")];
    for path in ["/", "/desk/", "/desk/config.json", "/desk/no.js", &format!("/desk/assets/{digest}/index.html")] {
        let response = get(path, &[], &variables).await;
        let headers = response.headers();
        let policy = text(headers, CONTENT_SECURITY_POLICY);
        let policy: Vec<_> = policy.split("; ").collect();
        let expected = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "font-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "connect-src 'self' https://id.example https://files.s3.eu-central-1.amazonaws.com",
        ];
        assert_eq!(policy, expected, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(text(headers, name), value, "{path}");
        }
        let features = text(headers, "permissions-policy");
        assert!(features.split(", ").all(|feature| feature.ends_with("=()")), "{features}");
    }
}
