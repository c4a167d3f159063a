//! What a name in a catalog is found by: the name itself, and its Chinese characters as pinyin, whole and by initials.

use pinyin::{Pinyin, ToPinyin};

/// Of a longer name only so many characters are found by pinyin. A search has at most 100.
const MAX_CHARS: usize = 200;

/// The most ways to read a name: each character with two readings doubles them.
const MAX_READINGS: usize = 16;

/// Readings that names of products have, beside those that the library gives first: 弹性, 调度, 银行, 长连接, 重启, 还原,
/// 校验, 角色, 模板, 密钥.
const OTHER_READINGS: [(char, &str); 10] = [
    ('弹', "tan"),
    ('调', "tiao"),
    ('行', "hang"),
    ('长', "chang"),
    ('重', "chong"),
    ('还', "huan"),
    ('校', "jiao"),
    ('角', "jue"),
    ('模', "mu"),
    ('钥', "yue"),
];

/// The text in which a search looks for a part, lower case: the name, and in lines of their own the name with pinyin in
/// place of Chinese characters, and the same with initials, both without white space. `ü` is written `v`.
pub fn search_name(name: &str) -> String {
    let name = name.to_lowercase();
    let mut lines = vec![name.clone()];
    let mut add = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    if name.chars().any(|one| one.to_pinyin().is_some()) {
        for (whole, initials) in readings(&name) {
            add(whole);
            add(initials);
        }
    }
    lines.join("\n")
}

/// How a search for `part` is written to be found in pinyin.
pub fn search_part(part: &str) -> String {
    part.chars().filter(|one| !one.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Each way to read the name, whole and by initials.
fn readings(name: &str) -> Vec<(String, String)> {
    let mut readings = vec![(String::new(), String::new())];
    for one in name.chars().take(MAX_CHARS).filter(|one| !one.is_whitespace()) {
        let first = one.to_pinyin().map_or_else(|| one.to_string(), |first| Pinyin::plain(first).replace('ü', "v"));
        let other = OTHER_READINGS.iter().find(|(of, _)| *of == one && readings.len() < MAX_READINGS);
        let with_other = other.map(|(_, other)| readings.iter().map(|reading| and(reading, other)).collect::<Vec<_>>());
        for (whole, initials) in &mut readings {
            whole.push_str(&first);
            initials.extend(first.chars().next());
        }
        readings.extend(with_other.unwrap_or_default());
    }
    readings
}

fn and((whole, initials): &(String, String), reading: &str) -> (String, String) {
    (format!("{whole}{reading}"), initials.chars().chain(reading.chars().next()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_is_found_by_pinyin_and_by_initials() {
        for (name, parts) in [
            ("云服务器 ECS", vec!["云服务器 ecs", "yunfuwuqi", "yfwqecs", "fuwuqiecs"]),
            ("绿网", vec!["绿网", "lvwang", "lw", "wang"]),
            ("Éclair 主机", vec!["éclair 主机", "éclairzhuji", "éclairzj", "zhuji"]),
            ("云服务器性能调优", vec!["yfwqxnty", "xingnengtiaoyou"]),
            ("大数据服务重启", vec!["fuwuchongqi", "dsjfwcq"]),
            ("弹性伸缩服务调整", vec!["tanxing", "danxing", "tiaozheng", "txssfwtz"]),
        ] {
            for part in parts {
                assert!(search_name(name).contains(part), "{part} in {:?}", search_name(name));
            }
        }
    }

    #[test]
    fn a_rare_reading_finds_no_name() {
        assert!(!search_name("云服务器").contains("bi"));
        assert!(!search_name("大数据").contains("tai"));
    }

    #[test]
    fn each_line_stands_once_and_a_long_name_has_few() {
        assert_eq!(search_name("服务器"), "服务器\nfuwuqi\nfwq");
        let long = search_name(&"重".repeat(70_000));
        assert_eq!(long.lines().count(), 1 + 2 * MAX_READINGS);
        assert!(long.len() < 3 * 70_000 + 7 * MAX_CHARS * MAX_READINGS);
    }

    #[test]
    fn a_name_without_chinese_characters_stays_alone() {
        assert_eq!(search_name("Éclair Metal"), "éclair metal");
        assert_eq!(search_name(""), "");
    }

    #[test]
    fn a_search_has_no_white_space() {
        assert_eq!(search_part(" Yun Zhu　Ji"), "yunzhuji");
    }
}
