use super::*;
use crate::testing::HOSTILE;

#[test]
fn rich_text_is_known_by_its_form() {
    for text in [
        "<p>hi</p>",
        " <P>您好</P>\n<p>a &lt; b</p> ",
        "<div><p>a < b 与 3<4</p><br/></div>",
        "<span style=\"color:red\">a</span><br>",
        "<img src=\"https://a.aliyuncs.com/a.png?Expires=1\">",
        "<p>Word<o:p></o:p></p>",
        "<html><head><style>p{}</style></head><body><p>a</p></body></html>",
    ] {
        assert!(is_rich(text), "{text}");
    }
    for text in [
        "",
        "hi",
        "a < b > c",
        "<init>",
        "<i-1> 无法启动 <i-2>",
        "<b>加粗</b> 不起作用 <br>",
        "<p>hi</p> 谢谢",
        "请看 <p>hi</p>",
        "<p>实例 <i-1></p>",
        "<p>a</p><script>b</script>",
        "<p>a<!-- b --></p>",
        "<p",
        "<p>a",
        "</p>",
        "<>",
        "<中>",
        "<?xml version=\"1.0\"?><p>a</p>",
    ] {
        assert!(!is_rich(text), "{text}");
    }
    assert!(is_rich(&"<p>a</p>".repeat(2500)) && !is_rich(&"<p>a</p>".repeat(2501)));
}

#[test]
fn what_may_be_shown_stays() {
    for (text, shown) in [
        ("<P CLASS=x style='color:red' id=a>您好<BR>a</p>", "<p>您好<br>a</p>"),
        (
            "<p><a href=\"https://a.cn/?a=1&amp;b=2\" target=_blank title=x>文档</a></p>",
            "<p><a href=\"https://a.cn/?a=1&amp;b=2\" rel=\"noopener noreferrer\">文档</a></p>",
        ),
        (
            "<p><a href=\"mailto:a@b.cn\">b</a></p>",
            "<p><a href=\"mailto:a@b.cn\" rel=\"noopener noreferrer\">b</a></p>",
        ),
        ("<p><a href=\"/ticket/1\">a</a></p>", "<p><a rel=\"noopener noreferrer\">a</a></p>"),
        ("<p><a href=\"//evil.cn\">a</a></p>", "<p><a rel=\"noopener noreferrer\">a</a></p>"),
        ("<p><a href=\"ftp://a.cn/\">a</a></p>", "<p><a rel=\"noopener noreferrer\">a</a></p>"),
        ("<ul><li>一<li>二</ul>", "<ul><li>一</li><li>二</li></ul>"),
        ("<p>a<IMG alt='x>y' src=\"https://a.cn/b.png\">b</p>", "<p>a[图片 Picture]b</p>"),
        ("<div><p>a</div></main></body>", "<div><p>a</p></div>"),
        ("<p>a</p><img src=\"b", "<p>a</p>[图片 Picture]"),
        ("<style>p{}</style><title>t</title><p>a</p>", "<p>a</p>"),
    ] {
        assert_eq!(sanitised(text), shown, "{text}");
    }
}

#[test]
fn nothing_that_harms_stays() {
    for text in HOSTILE {
        let shown = sanitised(text).to_ascii_lowercase();
        for word in
            ["<script", "<svg", "<math", "<style", "<img", "<iframe", "<form", "<input", "<base", "<meta", "<!--"]
        {
            assert!(!shown.contains(word), "{text}: {shown}");
        }
        let mut rest = shown.as_str();
        while let Some((_, tag)) = rest.split_once('<') {
            let (tag, after) = tag.split_once('>').unwrap();
            assert!(!tag.contains(" on") && !tag.contains("style") && !tag.contains("script:"), "{text}: {tag}");
            rest = after;
        }
    }
}

#[test]
fn rich_text_becomes_lines() {
    for (text, lines) in [
        ("<p>您好，</p>\n<p>请&nbsp;&nbsp;重启 &lt;i-1&gt;<br>谢谢</p>", "您好，\n请 重启 <i-1>\n谢谢"),
        ("<div><div>a</div></div><div><br></div><p>b</p>", "a\n\nb"),
        ("<p>a</p><br><br><br><br><p>b</p>", "a\n\nb"),
        ("<ul><li>一</li><li>二 <b>粗</b></li></ul>", "- 一\n- 二 粗"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2"),
        ("<pre>  a\n    b</pre>", "  a\n    b"),
        ("<p>见<a href=\"https://a.cn/?a=1&amp;b=2\">文档</a>。</p>", "见文档 <https://a.cn/?a=1&b=2>。"),
        ("<p><a href=\"https://a.cn/\">https://a.cn/</a></p>", "https://a.cn/"),
        ("<p><a href=\"javascript:alert(1)\">a</a></p>", "a"),
        ("<p><img src=\"https://a.cn/a.png\"></p>", "[图片 Picture]"),
        ("<p></p>", ""),
        ("<p>𠮷野家</p>", "𠮷野家"),
    ] {
        assert_eq!(plain(text), lines, "{text}");
    }
    HOSTILE.iter().for_each(|text| assert!(!plain(text).contains("evil.cn/x.js"), "{text}"));
}

#[test]
fn a_text_of_very_many_tags_is_read_in_time() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<b><p>", "</p></i>"),
        ("<a href=\"https://a.cn/\"><div>", "</a></div>"),
        ("<table><tr><td>", ""),
        ("<ul><li>", "</li></ul>"),
    ] {
        let deep = |count: usize| format!("<p>{}a{}</p>", open.repeat(count), close.repeat(count));
        let tags = open.matches('<').count();
        let text = deep(98 / tags);
        assert!(is_rich(&text) && sanitised(&text).contains('a') && plain(&text).contains('a'), "{open}");
        assert!(!is_rich(&deep(100)), "{open}");
        assert!(sanitised(&deep(1000)).contains('a'), "{open}");
    }
}
