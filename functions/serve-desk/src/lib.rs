//! The desk: a page for the people who work with the tickets, as files that are part of the program.
//!
//! `files` has what is below `web`; [`sign_in`] what the page must know of its stack; `headers` what a browser may do
//! with it. Its routes are open to anyone, so nothing here reads the table. Only the gateway of one machine says who
//! calls.

mod files;
mod headers;
pub mod sign_in;

use std::sync::Arc;

use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LOCATION, VARY},
};
use shared::{
    clock::Clock,
    config::METRICS_NAMESPACE,
    domain::EntityTag,
    error::{Error, Result},
    http::{HttpCall, conditional::is_known, no_route, problem},
    start::Connection,
    telemetry::{self, Sink, Telemetry},
};

use self::{
    files::{Representation, WebFile},
    sign_in::SignIn,
};

/// The connections that its invocations use: none.
pub const CONNECTIONS: &[Connection] = &[];

/// Where the page is.
const HOME: &str = "/desk";

/// What may be kept for how long: an address with a digest has one content, any other one is asked for again.
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
/// Of what is not there: another version of the page may have it.
const NEVER: &str = "no-store";

/// What every invocation uses.
pub struct Desk {
    /// Takes metrics and gives their time.
    pub telemetry: Telemetry,
    /// The origin of links to files, as `https://<bucket>.s3.<region>.amazonaws.com`.
    pub files_origin: Option<String>,
}

impl Desk {
    /// Reads the settings through `lookup`: `FILES_ORIGIN`, the bucket's origin; `METRICS_NAMESPACE`, `Polydesk` without.
    ///
    /// # Errors
    /// `config_invalid`: the origin is none.
    pub fn from_lookup(
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let setting = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let namespace = setting("METRICS_NAMESPACE").unwrap_or_else(|| METRICS_NAMESPACE.to_owned());
        let files_origin = setting("FILES_ORIGIN").map(|url| sign_in::origin(&url)).transpose()?;
        Ok(Self { telemetry: Telemetry { sink, clock, namespace }, files_origin })
    }
}

/// Serves the function's routes.
pub async fn handle(desk: &Desk, call: &HttpCall) -> Response<Vec<u8>> {
    let work = async {
        let sign_in = SignIn::read(call);
        let csp = headers::content_security_policy(sign_in.as_ref().ok(), desk.files_origin.as_deref());
        let answered = sign_in.and_then(|sign_in| answer(&sign_in, call));
        let mut response = answered.unwrap_or_else(|error| {
            telemetry::record_defect(&error);
            let mut response = problem::answer(&error, &call.invocation.request_id).map(String::into_bytes);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(NEVER));
            response
        });
        headers::add(response.headers_mut(), csp);
        response
    };
    telemetry::run_instrumented(&desk.telemetry, env!("CARGO_PKG_NAME"), &call.invocation, Box::pin(work)).await
}

fn answer(sign_in: &SignIn, call: &HttpCall) -> Result<Response<Vec<u8>>> {
    match call.route.as_str() {
        "GET /" => Ok(to_the_page()),
        "GET /desk" | "GET /desk/{path+}" => page(sign_in, call),
        _ => Err(no_route()),
    }
}

fn to_the_page() -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(HOME));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN));
    response
}

fn page(sign_in: &SignIn, call: &HttpCall) -> Result<Response<Vec<u8>>> {
    let path = call.path.as_str();
    if let Some(asset) = path.strip_prefix("assets/") {
        let (digest, path) = asset.split_once('/').unwrap_or_default();
        let file = WebFile::find(path).filter(|_| digest == files::digest()).ok_or_else(no_route)?;
        return file_answer(call, &file.representation(&call.headers), FOREVER);
    }
    if path == "config.json" {
        let text = sign_in.to_json()?;
        let tag = EntityTag::of(&text).to_string();
        let config = Representation::of("application/json", tag, text.as_bytes());
        return file_answer(call, &config, ASK_AGAIN);
    }
    // The page's own router knows which of its pages it is.
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        return Err(no_route());
    }
    let index = files::index().ok_or_else(|| Error::unexpected("The page has no index.html."))?;
    let tag = EntityTag::of(&index).to_string();
    file_answer(call, &Representation::of(files::HTML, tag, index.as_bytes()), ASK_AGAIN)
}

/// The file, or `304` to a browser that has it.
fn file_answer(call: &HttpCall, file: &Representation<'_>, cache: &'static str) -> Result<Response<Vec<u8>>> {
    let is_kept = is_known(&call.headers, &file.tag);
    let mut response = Response::new(if is_kept { Vec::new() } else { file.body.to_vec() });
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    let tag = HeaderValue::try_from(&file.tag);
    headers.insert(ETAG, tag.map_err(|source| Error::unexpected("A tag is not a header.").with_source(source))?);
    if is_kept {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    if file.is_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests;
