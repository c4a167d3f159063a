use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;
use crate::testing::{CREATED, HOSTILE, copy, message, transcript};

#[test]
fn the_policy_allows_the_pages_own_style_alone() {
    assert_eq!(STYLE_HASH, STANDARD.encode(Sha256::digest(STYLE)));
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</"));
    let page = page(&transcript(json!({}), vec![], &[]));
    assert!(page.contains(&format!("content=\"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src 'none'; ")));
}

#[test]
fn a_page_shows_the_ticket_and_its_conversation() {
    let messages = vec![
        message(json!({
            "type": 0, "message_id": "m0", "replier_name": null, "replier": "u<1>",
            "content": "第一行\n  第二行 <init> & \"x\"", "from_console": true, "unreadable_time": true,
        })),
        message(json!({
            "content": "<p>您好</p>", "attachments": [{"name": "日志.txt"}], "unreadable_attachments": 1,
            "revisions": [{"content": "a<b", "replaced_time": CREATED}],
        })),
    ];
    let page = page(&transcript(
        json!({"withdrawals": [{"message_id": "m0", "time": CREATED}]}),
        messages,
        &[copy("日志.txt")],
    ));
    for part in [
        "<html lang=\"zh-CN\">",
        "<title>ECS 无法连接 · 01KG9W0000000000000000TEST</title>",
        "<h1 dir=\"auto\">ECS 无法连接</h1>",
        "<dt>云厂商 <span lang=\"en\">Vendor</span></dt><dd><bdi>阿里云 Alibaba Cloud</bdi></dd>",
        "<dt>产品 <span lang=\"en\">Product</span></dt><dd><bdi>云服务器 ECS (ecs)</bdi></dd>",
        "<dt>问题类型 <span lang=\"en\">Problem type</span></dt><dd><bdi>1001</bdi></dd>",
        "<dt>创建时间 <span lang=\"en\">Created</span></dt><dd><bdi>2026-01-31 23:59:59 UTC</bdi></dd>",
        "<dt>解决用时 <span lang=\"en\">Time to resolution</span></dt><dd><bdi>1 h 30 min</bdi></dd>",
        "<div class=\"content plain\" dir=\"auto\">SSH 连接超时。\n\nref 01KG9W0000000000000000TEST</div>",
        "<li class=\"message customer\">\n<header><strong>客户 <span lang=\"en\">Customer</span></strong>\
         <bdi>u&lt;1&gt;</bdi><time datetime=\"2026-02-01T00:00:59.999Z\">2026-02-01 00:00:59 UTC</time>\
         <span>时间无法识别 <span lang=\"en\">time not readable</span></span>\
         <span>来自厂商控制台 <span lang=\"en\">from the vendor's console</span></span>\
         <span>已撤回 <span lang=\"en\">withdrawn</span> 2026-01-31 23:59:59 UTC</span></header>\n\
         <div class=\"content plain\" dir=\"auto\">第一行\n  第二行 &lt;init&gt; &amp; &quot;x&quot;</div>\n</li>",
        "<li class=\"message support\">",
        "<div class=\"content\" dir=\"auto\"><p>您好</p></div>",
        "<p>修改前的内容，替换于 <span lang=\"en\">Older text, replaced</span> 2026-01-31 23:59:59 UTC</p>\n\
         <div class=\"content plain\" dir=\"auto\">a&lt;b</div>",
        "<li><bdi>日志.txt</bdi> · 已保存 <span lang=\"en\">stored</span> · 1234 B \
         <span class=\"hash\">b5aedc5843e40f4f60a7f5a606a41e31</span> <span class=\"hash\">SHA-256 cdcd",
        "<li>无法识别的附件数 <span lang=\"en\">Files that can't be read</span>: 1</li>",
        "<dd><bdi>SHA-256 abab",
    ] {
        assert!(page.contains(part), "{part}\nis not in\n{page}");
    }
    assert!(!page.contains("ops@example.com"));
}

#[test]
fn a_ticket_without_texts_has_a_page() {
    let page = page(&transcript(json!({"name": "", "description": ""}), vec![], &[]));
    assert!(page.contains("<p>没有消息 <span lang=\"en\">No messages</span></p>") && !page.contains("<ol"));
    assert!(!page.contains("问题描述"));
}

#[test]
fn nothing_that_harms_gets_into_a_page() {
    for text in HOSTILE {
        let messages = vec![message(json!({
            "message_id": "m1", "replier_name": text, "content": text, "attachments": [{"name": text}],
            "revisions": [{"content": text, "replaced_time": 0}],
        }))];
        let copies = [copy(text)];
        let page = page(&transcript(json!({"name": text, "description": text}), messages, &copies));
        for tag in tags(&page) {
            let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap();
            assert!(PAGE_TAGS.contains(&name), "{text}: <{tag}>");
            assert!(!tag.contains(" on") && !tag.contains("style=") && !tag.contains(" src"), "{text}: <{tag}>");
            let safe = ["href=\"http://", "href=\"https://", "href=\"mailto:"];
            assert!(!tag.contains("href") || safe.iter().any(|safe| tag.contains(safe)), "{text}: <{tag}>");
        }
        let count = |tag: &str| page.matches(tag).count();
        assert_eq!((count("<title>"), count("<style>"), count("<main>"), count("<h1")), (1, 1, 1, 1), "{text}");
        assert!(!page.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text}");
        let title = &page[page.find("<title>").unwrap()..page.find("</title>").unwrap()];
        assert!(!title.contains('\u{202e}'), "{text}");
    }
}

/// The tags that a page may have.
const PAGE_TAGS: [&str; 32] = [
    "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "dl", "dt", "dd", "bdi",
    "section", "h2", "div", "ol", "li", "strong", "span", "time", "p", "ul", "footer", "a", "b", "i", "br", "pre",
    "table", "em",
];

/// What is between `<` and `>` outside the style.
fn tags(page: &str) -> Vec<&str> {
    let (before, rest) = page.split_once(STYLE).unwrap();
    let texts = before.split('<').skip(1).chain(rest.split('<').skip(1));
    texts.map(|text| text.split_once('>').expect("each tag ends").0).collect()
}

#[test]
fn the_same_transcript_gives_the_same_page() {
    let messages = || (0..2500).map(|number| message(json!({"message_id": format!("m{number}"), "content": RICH})));
    let one = transcript(json!({}), messages().collect(), &[]);
    let page_of_one = page(&one);
    assert_eq!(page_of_one, page(&transcript(json!({}), messages().collect(), &[])));
    assert_eq!(page_of_one.matches("<li class=\"message support\">").count(), 2500);
    assert_eq!(page_of_one.matches("rel=\"noopener noreferrer\"").count(), 2500);
}

const RICH: &str = "<p>您好，请看 <a href=\"https://help.aliyun.com/\">文档</a>。</p>";
