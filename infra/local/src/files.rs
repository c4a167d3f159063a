//! The bucket on one machine: S3 over a folder, for callers that name the access key.
//!
//! A page of the API may use a signed link, as the bucket's CORS rule allows it on AWS, and nothing else.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ORIGIN,
        VARY,
    },
    request::Parts,
};
use loopback::{AccessKey, HttpService, Limits, ResponseBody, Server, private_file};
use rustix::{fs::Mode, process::umask};
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;

/// The longest body: the largest file that is sent in one call, and some more.
const MAX_BODY_BYTES: usize = 128 << 20;

/// What a page may do with a link.
pub const METHODS_OF_PAGES: &str = "GET, HEAD, PUT";
/// The headers of an upload that a page may set.
pub const HEADERS_OF_PAGES: &str = "content-type, x-amz-checksum-sha256";

/// The port of the API, whose pages may use links; empty until it has one.
pub type ApiPort = Arc<OnceLock<u16>>;

/// The folder with the files. One among the temporary files is removed when this is dropped.
#[derive(Debug)]
pub struct FilesFolder {
    path: PathBuf,
    is_temporary: bool,
}

impl FilesFolder {
    /// The folder with what is in it, which only its owner can read; `None`: a new one among the temporary files.
    ///
    /// # Errors
    ///
    /// It can't be made, or belongs to another user.
    pub fn open(path: Option<PathBuf>) -> io::Result<Self> {
        let is_temporary = path.is_none();
        let path = match path {
            Some(path) => path,
            None => std::env::temp_dir().join(format!("polydesk-files-{}", loopback::random_text()?)),
        };
        private_file::open_folder(&path)?;
        Ok(Self { path, is_temporary })
    }

    /// The folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for FilesFolder {
    fn drop(&mut self) {
        if self.is_temporary {
            // What stays is among the temporary files, and private.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Serves `bucket` in `folder` on `127.0.0.1:port`; port 0 takes a free one. `secret` is that of the access key.
/// `pages` is the API. From here on, what the process makes is its owner's alone.
///
/// # Errors
///
/// The port is in use, or the folder can't be used.
pub async fn start(
    folder: &FilesFolder,
    bucket: &str,
    port: u16,
    access_key: &AccessKey,
    secret: &str,
    pages: ApiPort,
) -> io::Result<Server> {
    // `s3s-fs` makes files and folders with the permissions that the process leaves to it.
    umask(Mode::RWXG | Mode::RWXO);
    std::fs::create_dir_all(folder.path.join(bucket))?;
    let files = FileSystem::new(&folder.path).map_err(|error| io::Error::other(format!("{error:?}")))?;
    let mut builder = S3ServiceBuilder::new(files);
    // The signature is checked too: a link is valid for one file and a short time.
    builder.set_auth(SimpleAuth::from_single(access_key.as_str(), secret));
    let service = FilesService { service: builder.build(), access_key: access_key.clone(), pages };
    Server::start(port, service, Limits { body_bytes: MAX_BODY_BYTES, ..Limits::default() }).await
}

struct FilesService {
    service: S3Service,
    access_key: AccessKey,
    pages: ApiPort,
}

impl HttpService for FilesService {
    type Body = ResponseBody;

    fn pages(&self) -> Option<u16> {
        self.pages.get().copied()
    }

    fn refuse(&self, head: &Parts) -> Option<Response<Bytes>> {
        let has_link = self.access_key.is_in_link(&head.uri);
        let is_allowed = match head.headers.contains_key(ORIGIN) {
            true => has_link && [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT].contains(&head.method),
            false => has_link || self.access_key.is_credential(&head.headers),
        };
        (!is_allowed).then(|| {
            let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>InvalidAccessKeyId</Code></Error>";
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            response
        })
    }

    async fn answer(&self, request: Request<Bytes>) -> io::Result<Response<ResponseBody>> {
        let origin = request.headers().get(ORIGIN).cloned();
        if origin.is_some() && request.method() == Method::OPTIONS {
            // A browser asks whether the page may use the link.
            let mut response = Response::new(ResponseBody::from(Bytes::new()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            show_to(response.headers_mut(), origin);
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS_OF_PAGES));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS_OF_PAGES));
            return Ok(response);
        }
        let answer = self.service.call(request.map(Body::from)).await;
        let mut response = answer.map_err(io::Error::other)?.map(ResponseBody::streamed);
        show_to(response.headers_mut(), origin);
        Ok(response)
    }
}

/// Lets a page of the origin read the response.
fn show_to(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}
