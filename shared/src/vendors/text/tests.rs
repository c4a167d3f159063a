//! A text as it was sent, and as a vendor gives it back.

use super::*;

const ID: &str = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";

#[test]
fn an_id_is_found_whatever_stands_around_it() {
    for yes in [
        format!("ref {ID}"),
        format!("[ref {ID}] 磁盘"),
        format!("text a < b\r\nref {ID}\r\n \r\n"),
        format!("it said\nref {ID}\nplease help"),
        format!("<p>text</p><p>ref\u{200b}{ID}</p>\n"),
        format!("text，ref：{ID}。"),
        format!("xref {ID}x"),
        format!("ref {}", ID.to_lowercase()),
        format!("ref {}<wbr>{}", &ID[..10], &ID[10..]),
        format!("ref {}\r\n {}", &ID[..10], &ID[10..]),
        format!("ref {}\u{ad}{}", &ID[..10], &ID[10..]),
        "ref ０１JD2Y5T9V7Z3M6Q8R4S0X1W2K".to_owned(),
        format!("ref &#48;&#x31;{}", &ID[2..]),
    ] {
        assert!(contains_id(&yes, ID), "{yes:?}");
    }
    for no in [String::new(), "ref ".to_owned(), format!("ref {}", &ID[..25]), format!("ref {}X", &ID[..25])] {
        assert!(!contains_id(&no, ID), "{no:?}");
    }
}

#[test]
fn tags_go_and_other_angle_brackets_do_not_change() {
    for (text, plain) in [
        ("a<br/>b", "ab"),
        ("<p>a</p>", "a"),
        ("a <!-- c --> b", "a  b"),
        ("a < b > c", "a < b > c"),
        ("1<2>1", "1<2>1"),
        ("a <b", "a <b"),
        ("<<b>", "<"),
        ("restart <i-1> now", "restart <i-1> now"),
        ("<TH class=\"x\">a</th>", "a"),
        ("", ""),
    ] {
        assert_eq!(without_tags(text), plain, "{text:?}");
    }
}

#[test]
fn the_same_text_is_recognised_in_every_form_that_a_vendor_may_give_it() {
    for (sent, received) in [
        ("日志如下 📎", "日志如下 📎"),
        ("", ""),
        ("第一行\n第二行", "<p>第一行</p><p>第二行</p>"),
        ("第一行\r\n第二行\r\n", "第一行\n第二行"),
        ("a\tb", " a  b "),
        ("a b", "a\u{a0}b"),
        ("a b", "a&nbsp;b"),
        ("好的 👍🏽", "<p>好的&nbsp;👍🏽</p>\n"),
        ("a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;"),
        ("it's", "it&apos;s"),
        ("use <b>this</b>", "<div>use &lt;b&gt;this&lt;/b&gt;</div>"),
        ("<p>a</p>", "a"),
        ("<p>a &amp; b</p>", "a & b"),
        ("&lt;", "&amp;lt;"),
        ("&lt;", "&lt;"),
        ("R&D", "R&D"),
        ("R&D &", "R&amp;D &amp;"),
        ("&copy;", "<p>&copy;</p>"),
        // Numeric entities, decimal and hexadecimal.
        ("it's \"it\"", "it&#x27;s &#x22;it&#x22;"),
        ("it's", "it&#X27;s"),
        ("好的 👍", "&#22909;&#x7684;&#32;&#128077;"),
        ("a b", "a&#160;b"),
        ("it's", "it&#0039;s"),
        // White space, invisible characters, forms of a character.
        ("重启 ECS 实例", "重启ECS实例"),
        ("a\n\nb", "a<br><br/>b"),
        ("a b", "\u{feff}a\u{200b} b\u{200e}"),
        ("好的 ❤️", "好的 ❤"),
        ("👩‍💻", "👩💻"),
        ("café", "cafe\u{301}"),
        ("Å", "\u{212b}"),
        ("１２３，ＡＢＣ", "123,ABC"),
        ("it\u{1b}[0m", "it[0m"),
        // A text that is nothing without its tags.
        ("<init>", "<init>"),
        ("<init>", "&lt;init&gt;"),
        ("<init>", "<p>&lt;init&gt;</p>"),
        // Links.
        (
            "see https://a.example/b?c=1&d=2.",
            "see <a href='https://a.example/b?c=1&amp;d=2'>https://a.example/b?c=1&amp;d=2</a>.",
        ),
        // Every named entity, once.
        ("© 2026 — “a” … ×", "&copy; 2026 &mdash; &ldquo;a&rdquo; &hellip; &times;"),
        ("x ≤ y ∑ ℵ", "x &le; y &sum; &alefsym;"),
        ("&hellip;", "&amp;hellip;"),
        ("&#39;", "&amp;#39;"),
        ("?a=1&copy=2", "?a=1&amp;copy=2"),
        ("?a=1&copy=2", "<p>?a=1&copy=2</p>"),
    ] {
        assert!(same_text(sent, received), "{sent:?} {received:?}");
    }
}

#[test]
fn a_different_text_is_not_recognised() {
    for (sent, received) in [
        ("好的", "好"),
        ("好的", "好的。"),
        ("好的👍", "好的"),
        ("<init>", ""),
        ("<init>", "<start>"),
        ("a", "A"),
        ("a < b", "a > b"),
        ("a", ""),
        ("&lt;", "&amp;amp;lt;"),
        ("&", "&lt;"),
        ("&#39;", "&amp;amp;#39;"),
        ("'", "&#40;"),
        ("©", "&copy"),
        ("重启 1 次", "重启 2 次"),
    ] {
        assert!(!same_text(sent, received), "{sent:?} {received:?}");
    }
}

#[test]
fn text_that_is_no_entity_does_not_change() {
    for text in ["R&D", "?a=1&copy=2", "&copy", "&nope;", "&;&#;&#x;", "&#xD800;", "&#x110000;", "&Copy;"] {
        assert_eq!(readings(text), [text; 3]);
    }
}
