//! Transcripts of closed tickets, written from what is stored.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::{
    domain::{Attachment, AttachmentCopy, MessagePosition, TicketId, Vendor},
    error::{Error, Result},
    invocation::Invocation,
};
use write_transcripts::{PutObject, handle_event, transcript::Transcript};

use crate::support::{ApiEvent, World, fetch};

/// A bucket in memory, which takes so many puts and refuses the next one.
#[derive(Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, (&'static str, String)>>,
    taken: Mutex<Option<usize>>,
}

#[async_trait]
impl PutObject for Bucket {
    async fn put(&self, key: &str, content_type: &'static str, bytes: Vec<u8>) -> Result<()> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match *taken {
            Some(0) => {
                *taken = None;
                return Err(Error::unavailable("The bucket does not answer."));
            }
            left => *taken = left.map(|left| left - 1),
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.insert(key.to_owned(), (content_type, String::from_utf8(bytes).unwrap()));
        Ok(())
    }
}

impl Bucket {
    fn objects(&self) -> BTreeMap<String, (&'static str, String)> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn object(&self, extension: &str) -> String {
        let objects = self.objects();
        let (_, object) = objects.iter().find(|(key, _)| key.ends_with(extension)).unwrap();
        object.1.clone()
    }
}

/// A bucket, and a store in which a copy of a file is begun before each page is put.
struct Changing<'a> {
    world: &'a World,
    bucket: &'a Bucket,
    copies: Mutex<Vec<AttachmentCopy>>,
}

#[async_trait]
impl PutObject for Changing<'_> {
    async fn put(&self, key: &str, content_type: &'static str, bytes: Vec<u8>) -> Result<()> {
        let copy = match key.ends_with("html") {
            true => self.copies.lock().unwrap_or_else(PoisonError::into_inner).pop(),
            false => None,
        };
        if let Some(copy) = copy {
            self.world.stack.app.store.register_attachment(&copy).await?;
        }
        self.bucket.put(key, content_type, bytes).await
    }
}

async fn write(world: &World, bucket: &dyn PutObject, id: &str) -> Result<Value> {
    let event = json!({"source": "polydesk", "detail-type": "TicketClosed", "detail": {"ticket_id": id}});
    let app = &world.stack.app;
    handle_event(app, bucket, &event, &Invocation::new(0, "r1", app.clock.as_ref())).await
}

/// A closed ticket with a conversation of that many messages or more.
async fn closed(world: &World, vendor: &str, account: &str, messages: usize) -> String {
    let (id, cloud_id) = world.create(vendor, account, "k1").await;
    world.simulated(vendor).add_messages(&cloud_id, messages);
    world.call(ApiEvent::close(&id)).await.expect(200);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_has_three_files() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = closed(&world, vendor, account, 12).await;
        let (ticket, bucket) = (world.ticket(&id).await, Bucket::default());
        let answer = write(&world, &bucket, &id).await.unwrap();
        let key = answer["key"].as_str().unwrap().to_owned();
        assert_eq!(answer, json!({"state": "written", "key": key}));
        let folder = key.strip_suffix(&format!("/{id}.json")).unwrap();
        let (vendor_folder, month) = folder.split_at(folder.len() - "/yyyy/mm".len());
        assert_eq!(vendor_folder, format!("transcripts/{vendor}"));
        assert!(month.chars().all(|c| c == '/' || c.is_ascii_digit()), "{month}");

        let objects = bucket.objects();
        let types: Vec<_> = objects.iter().map(|(key, (content_type, _))| (key.as_str(), *content_type)).collect();
        let [html, json, txt] = ["html", "json", "txt"].map(|extension| format!("{folder}/{id}.{extension}"));
        let (html_type, text_type) = ("text/html; charset=utf-8", "text/plain; charset=utf-8");
        assert_eq!(types, [(&*html, html_type), (&*json, "application/json"), (&*txt, text_type)]);
        let transcript: Transcript = serde_json::from_str(&objects[&json].1).unwrap();
        assert_eq!(json!(transcript.archive.digest), ticket["digest"]);
        assert_eq!(json!(transcript.messages.len()), ticket["message_count"]);
        assert!(transcript.ticket.product_name.is_some() && transcript.ticket.problem_type_name.is_some());
        let messages = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
        let texts: Vec<_> = messages.items().iter().map(|message| message["content"].clone()).collect();
        let written: Vec<_> = transcript.messages.iter().map(|message| json!(message.content)).collect();
        assert_eq!(written, texts);
        assert_eq!(objects[&html].1.matches("<li class=\"message ").count(), texts.len());
        assert!(objects[&txt].1.contains(&format!("\n[{}] ", texts.len())));

        write(&world, &bucket, &id).await.unwrap();
        assert_eq!(bucket.objects(), objects);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_committed_archive_is_written() {
    let (world, accounts) = World::ready().await;
    let (open, _) = world.create("ALIBABA", &accounts.alibaba, "open").await;
    let bucket = Bucket::default();
    for id in [open.as_str(), "01J0000000000000000000NONE"] {
        let answer = write(&world, &bucket, id).await.unwrap();
        assert_eq!(answer, json!({"state": "no_archive"}), "{id}");
    }
    let id = closed(&world, "ALIBABA", &accounts.alibaba, 3).await;
    let message = {
        let (client, table) = (world.stack.app.store.client(), &world.stack.app.config.table_name);
        let query = client.query().table_name(table).key_condition_expression("PK = :pk AND begins_with(SK, :sk)");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(format!("TICKET#{id}")));
        let items = query.expression_attribute_values(":sk", AttributeValue::S("MESSAGE#".into())).send().await;
        items.unwrap().items.unwrap().remove(0)["SK"].as_s().unwrap().clone()
    };
    let (pk, content) = (format!("TICKET#{id}"), AttributeValue::S("另一句话".into()));
    world.overwrite(&pk, &message, "content", content).await;
    let error = write(&world, &bucket, &id).await.unwrap_err();
    assert_eq!(error.message(), "The stored messages and files are not those of the committed archive.");
    assert_eq!(bucket.objects(), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_meanwhile_is_written_too() {
    let (world, accounts) = World::ready().await;
    let id = closed(&world, "ALIBABA", &accounts.alibaba, 3).await;
    let messages = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
    let message = &messages.items()[0];
    let position = MessagePosition {
        create_time: message["create_time"].as_i64().unwrap(),
        order: 0,
        message_id: message["message_id"].as_str().unwrap().to_owned(),
    };
    let file = |number: usize| Attachment { name: format!("日志{number}.txt"), id: None, url: None };
    let files: Vec<_> = (0..10).map(file).collect();
    let mut copies = AttachmentCopy::of_message(Vendor::Alibaba, &TicketId::parse(&id).unwrap(), &position, &files, 1);
    let bucket = Bucket::default();
    let during = |copies: Vec<AttachmentCopy>| Changing { world: &world, bucket: &bucket, copies: Mutex::new(copies) };
    write(&world, &during(vec![copies.remove(0)]), &id).await.unwrap();
    let [json, txt] = ["json", "txt"].map(|extension| bucket.object(extension));
    assert!(
        json.contains("\"name\":\"日志0.txt\",\"state\":\"pending\"")
            && txt.contains("日志0.txt · 待保存 not stored yet")
    );
    // It changes in each attempt: Lambda delivers the event again, and the next run writes all.
    assert!(write(&world, &during(copies), &id).await.is_err());
    write(&world, &bucket, &id).await.unwrap();
    let written: Transcript = serde_json::from_str(&bucket.object("json")).unwrap();
    assert_eq!(written.messages[0].attachments.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_that_fails_is_repeated_with_the_event() {
    let (world, accounts) = World::ready().await;
    let id = closed(&world, "HUAWEI", &accounts.huawei, 3).await;
    let bucket = Bucket::default();
    for taken in [0, 1, 2] {
        *bucket.taken.lock().unwrap() = Some(taken);
        assert!(write(&world, &bucket, &id).await.is_err());
        assert_eq!(bucket.objects().len(), taken);
    }
    write(&world, &bucket, &id).await.unwrap();
    assert_eq!(bucket.objects().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_is_written_whole() {
    let (world, accounts) = World::ready().await;
    let id = closed(&world, "ALIBABA", &accounts.alibaba, 2500).await;
    let bucket = Bucket::default();
    write(&world, &bucket, &id).await.unwrap();
    let line = bucket.object("json");
    let transcript: Transcript = serde_json::from_str(&line).unwrap();
    assert!(transcript.messages.len() >= 2500 && line.matches('\n').count() == 1);
    assert_eq!(transcript.archive.message_count, transcript.messages.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_each_form_once_it_is_written() {
    let (world, accounts) = World::ready().await;
    let transcript = |id: &str, format: &str| ApiEvent::of("GET /tickets/{id}/transcript").id(id).query(format);
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        world.call(transcript(&id, "")).await.expect_problem(409, "ticket_not_closed");
        world.call(ApiEvent::close(&id)).await.expect(200);
        world.call(transcript(&id, "")).await.expect_problem(409, "transcript_pending");
        assert_eq!(world.write_transcript(&id).await["state"], "written");
        for (format, content_type, begin) in [
            ("", "text/html; charset=utf-8", "<!DOCTYPE html>"),
            ("format=html", "text/html; charset=utf-8", "<!DOCTYPE html>"),
            ("format=json", "application/json", "{\"schema_version\":"),
            ("format=text", "text/plain; charset=utf-8", ""),
        ] {
            let answer = world.call(transcript(&id, format)).await.expect(302);
            let (head, body) = fetch(answer.header("location").unwrap()).await;
            assert_eq!((head.status.as_u16(), &head.headers["content-type"].to_str().unwrap()), (200, &content_type));
            let text = String::from_utf8(body).unwrap();
            assert!(text.starts_with(begin) && text.contains("云服务器"), "{vendor} {format}: {text}");
        }
        world.call(transcript(&id, "format=pdf")).await.expect_problem(400, "invalid_fields");
    }
}
