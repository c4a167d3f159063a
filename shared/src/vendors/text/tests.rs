//! A text as it was sent, and as a vendor gives it back.

use super::*;

#[test]
fn a_marker_is_found_as_the_last_line_only() {
    let marker = "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
    for yes in [
        "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "text\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "text a < b\r\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\r\n \r\n",
        "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X\n<b\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "<p>text</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p>\n",
        "<p>a < b</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p>",
        "text ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K ",
    ] {
        assert!(has_last_line(yes, marker), "{yes:?}");
    }
    for no in [
        "see ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K please\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
        "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\nplease help",
        "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
        "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\n<b\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
        "<p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X</p>",
        "please help\nwith ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2",
        "xref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "",
    ] {
        assert!(!has_last_line(no, marker), "{no:?}");
    }
}

#[test]
fn the_last_word_is_read_with_and_without_tags() {
    assert_eq!(last_words("<p>text</p><p>ref A</p>"), ["A</p>", "A"]);
    assert_eq!(last_words("text\nref A \n"), ["A", "A"]);
    assert_eq!(last_words(" \n"), Vec::<String>::new());
}

#[test]
fn tags_are_line_breaks_and_other_angle_brackets_do_not_change() {
    for (text, plain) in [
        ("a<br/>b", "a\nb"),
        ("<p>a</p>", "\na\n"),
        ("a <!-- c --> b", "a \n b"),
        ("a < b > c", "a < b > c"),
        ("1<2>1", "1<2>1"),
        ("a <b", "a <b"),
        ("<<b>", "<\n"),
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
        ("a b", "ab"),
        ("ab", "a b"),
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
    for text in ["R&D", "?a=1&copy=2", "&copy", "&nope;", "& &; &#; &#x;", "&#xD800;", "&#x110000;", "&Copy;"] {
        assert_eq!(rendered(text), text);
    }
}
