//! The statistics of a stack: counted or rebuilt where a test asks for it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{ApiEvent, World};

impl World {
    /// Counts every ticket that the table's stream shows as changed.
    pub async fn count_statistics(&self) {
        self.statistics_paused.lock().await.take();
        self.stack.statistics.wait_until_idle().await;
        *self.statistics_paused.lock().await = Some(self.stack.statistics.pause().await);
    }

    /// Rebuilds the statistics by the operator's event, and gives the answer.
    pub async fn rebuild_statistics(&self) -> Value {
        let event = serde_json::from_str(include_str!("../../events/update-statistics-rebuild.json")).unwrap();
        self.stack.invoke("update-statistics", event, Instant::now() + Duration::from_secs(300)).await.unwrap()
    }

    /// `GET /statistics` with that query.
    pub async fn statistics(&self, query: &str) -> Value {
        self.call(ApiEvent::of("GET /statistics").query(query)).await.expect(200).body
    }
}
