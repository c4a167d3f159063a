//! A bucket with versions and locks, in memory: every version goes, and what the bucket keeps is not forgotten.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, request::Parts};
use loopback::{HttpService, Limits, Server};
use shared::domain::TicketId;

use super::{SETTLE, erase};
use crate::support::{ApiEvent, World};

/// How many versions a list has on a page.
const PAGE: usize = 2;

/// A version of an object: its key, its id, whether it is a delete marker, and whether it is locked.
type Version = (String, &'static str, bool, bool);

#[derive(Clone, Debug, Default)]
struct Versioned(Arc<Mutex<Vec<Version>>>);

impl Versioned {
    fn left(&self) -> Vec<(String, &'static str)> {
        self.0.lock().unwrap().iter().map(|(key, id, ..)| (key.clone(), *id)).collect()
    }

    fn list(&self, query: &[(String, String)]) -> String {
        let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let prefix = of("prefix").unwrap();
        let versions = self.0.lock().unwrap();
        let mut after = versions.iter().filter(|(key, ..)| key.starts_with(&prefix)).collect::<Vec<_>>();
        after.sort();
        if let Some(marker) = of("key-marker") {
            let id = of("version-id-marker").unwrap();
            after.retain(|(key, version, ..)| (key.as_str(), *version) > (marker.as_str(), id.as_str()));
        }
        let more = after.len() > PAGE;
        after.truncate(PAGE);
        let mut xml = format!("<ListVersionsResult><IsTruncated>{more}</IsTruncated>");
        if let Some((key, id, ..)) = after.last().filter(|_| more) {
            xml += &format!("<NextKeyMarker>{key}</NextKeyMarker><NextVersionIdMarker>{id}</NextVersionIdMarker>");
        }
        for (key, id, is_marker, _) in after {
            let name = if *is_marker { "DeleteMarker" } else { "Version" };
            xml += &format!("<{name}><Key>{key}</Key><VersionId>{id}</VersionId></{name}>");
        }
        xml + "</ListVersionsResult>"
    }

    /// Whether the version is gone.
    fn delete(&self, key: &str, id: &str) -> bool {
        let mut versions = self.0.lock().unwrap();
        versions.retain(|(its_key, its_id, _, is_locked)| its_key != key || *its_id != id || *is_locked);
        !versions.iter().any(|(its_key, its_id, ..)| its_key == key && *its_id == id)
    }
}

impl HttpService for Versioned {
    type Body = Bytes;

    fn refuse(&self, _: &Parts) -> Option<Response<Bytes>> {
        None
    }

    async fn answer(&self, request: Request<Bytes>) -> io::Result<Response<Bytes>> {
        let query = request.uri().query().unwrap_or_default();
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let (status, body) = if request.method() == Method::GET {
            (StatusCode::OK, self.list(&query))
        } else {
            let key = request.uri().path().splitn(3, '/').nth(2).unwrap();
            let (_, id) = query.iter().find(|(name, _)| name == "versionId").unwrap();
            let status = if self.delete(key, id) { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN };
            (status, String::new())
        };
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        Ok(response)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_goes_and_a_locked_one_once_its_lock_has_ended() {
    let bucket = Versioned::default();
    let server = Server::start(0, bucket.clone(), Limits::default()).await.unwrap();
    let (world, accounts) = World::ready_with(&[("AWS_ENDPOINT_URL_S3", &server.url())]).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        world.call(ApiEvent::close(&id)).await.expect(200);
        let ticket = world.stack.app.store.ticket(&TicketId::parse(&*id).unwrap()).await.unwrap().unwrap();
        let file = format!("attachments/{id}/f/a.log");
        let page = format!("{}html", ticket.transcript_prefix());
        let other = ("attachments/other/f/a.log".to_owned(), "v1", false, false);
        *bucket.0.lock().unwrap() = vec![
            (file.clone(), "v1", false, true),
            (file.clone(), "v2", false, false),
            (file.clone(), "v3", true, false),
            (page.clone(), "v1", false, false),
            (page, "v2", false, false),
            other.clone(),
        ];
        erase(&world, &id).await;
        // The locked version stays, however often it is tried, and the ticket says so.
        for _ in 0..3 {
            world.copy_files().await;
            assert_eq!(bucket.left(), [(file.clone(), "v1"), (other.0.clone(), "v1")], "{vendor}");
            assert_eq!(world.ticket(&id).await["erased"]["state"], "pending");
            world.clock.advance(SETTLE + Duration::from_hours(1));
        }
        bucket.0.lock().unwrap().iter_mut().for_each(|version| version.3 = false);
        world.copy_files().await;
        assert_eq!(bucket.left(), [(other.0, "v1")], "{vendor}");
        assert_eq!(world.ticket(&id).await["erased"]["state"], "done");
    }
}
