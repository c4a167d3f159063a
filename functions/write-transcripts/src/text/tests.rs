use serde_json::json;

use super::*;
use crate::testing::{CREATED, HOSTILE, copy, message, transcript};

#[test]
fn a_page_shows_the_ticket_and_its_conversation() {
    let messages = vec![
        message(json!({
            "type": 0, "message_id": "m0", "replier_name": null, "replier": null,
            "content": "第一行\r\n\r\n  第二行 <init>",
        })),
        message(json!({
            "content": "<p>您好</p><p>请看<a href=\"https://a.cn/\">文档</a></p>", "attachments": [{"name": "日志.txt"}],
            "revisions": [{"content": "旧", "replaced_time": CREATED}], "unreadable_attachments": 1,
            "from_console": true, "unreadable_time": true,
        })),
    ];
    let page = page(&transcript(
        json!({"region_id": "cn-hangzhou", "withdrawals": [{"message_id": "m0", "time": CREATED}]}),
        messages,
        &[copy("日志.txt")],
    ));
    let expected = format!(
        "ECS 无法连接\n{LINE}\
         工单 Ticket: 01KG9W0000000000000000TEST\n\
         云厂商 Vendor: 阿里云 Alibaba Cloud\n\
         云厂商工单号 Vendor's id: 0000059HB3\n\
         账号 Account: acc-1\n\
         产品 Product: 云服务器 ECS (ecs)\n\
         问题类型 Problem type: 1001\n\
         地域 Region: cn-hangzhou\n\
         紧急程度 Severity: 紧急 urgent\n\
         状态 State: 已关闭 closed\n\
         创建时间 Created: 2026-01-31 23:59:59 UTC\n\
         首次响应 First response: 2026-02-01 00:00:59 UTC\n\
         归档时间 Archived: 2026-02-01 01:59:59 UTC\n\
         解决用时 Time to resolution: 1 h 30 min\n\
         \n问题描述 Problem\n{LINE}  SSH 连接超时。\n\n  ref 01KG9W0000000000000000TEST\n\
         \n沟通记录 Conversation\n{LINE}\
         [1] 客户 Customer · 2026-02-01 00:00:59 UTC · 已撤回 withdrawn 2026-01-31 23:59:59 UTC\n  第一行\n\n    第二行 <init>\n\n\
         [2] 客服 Support · 小二 · 2026-02-01 00:00:59 UTC · 时间无法识别 time not readable · \
         来自厂商控制台 from the vendor's console\n  您好\n  请看文档 <https://a.cn/>\n  \
         修改前的内容，替换于 Older text, replaced 2026-01-31 23:59:59 UTC:\n    旧\n  \
         附件 Files:\n  - 日志.txt · 已保存 stored · 1234 B · b5aedc5843e40f4f60a7f5a606a41e31 · SHA-256 {}\n  \
         无法识别的附件数 Files that can't be read: 1\n\n{LINE}\
         消息数 Messages: 1\n归档摘要 Archive digest: SHA-256 {}\n",
        "cd".repeat(32),
        "ab".repeat(32)
    );
    assert_eq!(page, expected);
}

#[test]
fn an_empty_conversation_is_told() {
    let page = page(&transcript(json!({"name": "", "description": ""}), vec![], &[]));
    assert!(page.contains("没有消息 No messages\n"), "{page}");
}

#[test]
fn nothing_reaches_the_terminal_or_looks_like_a_heading() {
    for text in HOSTILE.into_iter().chain(["a\n[9] 客服 Support · x\u{85}\u{2028}[9] b\u{7}"]) {
        let messages = vec![message(json!({
            "replier_name": text, "content": text, "attachments": [{"name": text}],
            "revisions": [{"content": text, "replaced_time": 0}],
        }))];
        let page = page(&transcript(json!({"name": text, "description": text}), messages, &[]));
        assert!(!page.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text}");
        assert_eq!(page.lines().filter(|line| line.starts_with('[')).count(), 1, "{text}: {page}");
        let names = page.lines().filter(|line| line.starts_with('[') || line.starts_with("  - "));
        names.for_each(|line| assert!(!line.contains('\u{202e}'), "{line}"));
    }
}

#[test]
fn a_long_conversation_is_numbered_and_always_the_same() {
    let messages = || (0..2500).map(|number| message(json!({"content": format!("第 {number} 条")}))).collect();
    let one = page(&transcript(json!({}), messages(), &[]));
    assert_eq!(one, page(&transcript(json!({}), messages(), &[])));
    assert!(one.contains("\n[2500] 客服 Support · 小二 · 2026-02-01 00:00:59 UTC\n  第 2499 条\n"));
}
