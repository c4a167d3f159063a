//! Files and transcripts: the functions that write them into the bucket run when a test asks for it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::World;

impl World {
    /// One run of the function that copies files, as its schedule starts it.
    pub async fn copy_files(&self) {
        let event = serde_json::from_str(include_str!("../../events/copy-attachments-schedule.json")).unwrap();
        self.stack.invoke("copy-attachments", event, Instant::now() + Duration::from_secs(300)).await.unwrap();
    }

    /// Writes the transcript of a ticket, as its events start it, and gives what the function answers.
    pub async fn write_transcript(&self, ticket: &str) -> Value {
        let event = json!({"source": "polydesk", "detail-type": "TicketClosed", "detail": {"ticket_id": ticket}});
        self.stack.invoke("write-transcripts", event, Instant::now() + Duration::from_secs(300)).await.unwrap()
    }
}
