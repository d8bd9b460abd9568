use super::*;
use crate::spoken::{Catalogue, text_arguments};
use fluent::FluentValue;

#[path = "../build/check.rs"]
mod check;

fn area(name: &str, source: &str) -> Vec<check::AreaSource> {
    vec![check::AreaSource {
        file: format!("{name}.ftl"),
        area: name.to_owned(),
        source: source.to_owned(),
    }]
}

fn findings(ko: &str, en: &str) -> Vec<String> {
    check::check(&area("verdict", ko), &area("verdict", en))
}

#[test]
fn locales_are_read_from_tags() {
    for (tag, locale) in [
        ("ko", Some(Locale::Ko)),
        ("ko-KR", Some(Locale::Ko)),
        ("KO_kr.UTF-8", Some(Locale::Ko)),
        (" en-US ", Some(Locale::En)),
        ("en@latin", Some(Locale::En)),
        ("korean", None),
        ("kok", None),
        ("", None),
        ("-", None),
    ] {
        assert_eq!(Locale::parse(tag), locale, "{tag}");
        assert_eq!(tag.parse::<Locale>().ok(), locale);
    }
    assert_eq!(serde_json::to_string(&Locale::En).unwrap(), "\"en\"");
    assert!(serde_json::from_str::<Locale>("\"fr\"").is_err());
    assert_eq!(Locale::Ko.to_string(), "ko");
}

#[test]
fn accept_language_is_weighed() {
    for (header, locale) in [
        ("", Locale::Ko),
        ("*", Locale::Ko),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Locale::Ko),
        ("en-US,en;q=0.9,ko;q=0.8", Locale::En),
        ("en;q=0.5,ko;q=0.9", Locale::Ko),
        ("en;q=0.5;x=1, ko ; q=0.6", Locale::Ko),
        ("en,ko", Locale::En),
        ("ko;q=0,en;q=0.1", Locale::En),
        ("ko;q=0", Locale::Ko),
        ("fr-FR,de;q=0.5", Locale::En),
        ("fr,*;q=0.1", Locale::Ko),
        ("fr,ko;q=0.001", Locale::Ko),
        ("ko;q=2,en;q=0.1", Locale::En),
        ("ko;q=x,en", Locale::En),
        ("ko;q=0.1234,en;q=0.1", Locale::En),
        (";;;,,,", Locale::Ko),
        ("<script>", Locale::Ko),
    ] {
        assert_eq!(Locale::from_accept_language(header), locale, "{header}");
    }
    assert_eq!(Locale::from_accept_language(&"en,".repeat(1000)), Locale::Ko);
}

#[test]
fn the_environment_falls_back_to_english() {
    assert_eq!(Locale::from_env("ko_KR.UTF-8"), Locale::Ko);
    for lang in ["C", "POSIX", "", "C.UTF-8", "ja_JP.UTF-8"] {
        assert_eq!(Locale::from_env(lang), Locale::En);
    }
}

#[test]
fn foreign_text_is_made_harmless() {
    for (text, safe) in [
        ("홍길동(가상인물)", "홍길동(가상인물)"),
        ("a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{61c}f", "abcdef"),
        ("\u{1b}[31mred\u{1b}[0m", "[31mred[0m"),
        ("two\r\nlines\tand\u{2028}more", "two lines and more"),
        ("nul\u{0}bell\u{7}\u{9b}", "nulbell"),
        ("zero\u{200b}\u{200d}\u{feff}width", "zerowidth"),
        ("soft\u{ad}hyphen\u{3164}filler\u{e0041}tag", "softhyphenfillertag"),
        ("é한글 漢字 🙂", "é한글 漢字 🙂"),
    ] {
        assert_eq!(harmless(text), safe);
    }
}

#[test]
fn both_catalogues_load_every_message_and_have_the_same_ids() {
    assert_eq!(ids(Locale::Ko), ids(Locale::En));
    for locale in Locale::ALL {
        for id in ids(locale) {
            assert!(has(locale, &id));
            let sentence = say(locale, &id);
            assert!(!sentence.is_empty() && !sentence.starts_with('⟦'), "{id}: {sentence}");
            assert!(!sentence.contains(['\u{2068}', '\u{2069}']));
        }
    }
}

#[test]
fn a_missing_message_shows_its_id() {
    assert_eq!(say(Locale::Ko, "verdict-nonsense"), "⟦verdict-nonsense⟧");
    assert_eq!(say_with(Locale::En, "x\u{202e}", &[("a", "b")]), "⟦x⟧");
    assert!(!has(Locale::En, "verdict-nonsense"));
}

#[test]
fn arguments_enter_sentences_harmless_and_without_marks() {
    let file = "greeting-a = 안녕하세요, { $name }님. { $count ->\n    [one] { $count } item\n   *[other] { $count } items\n }\n";
    let catalogue = Catalogue::of_files(&[("greetings", file)], "en");
    assert_eq!(catalogue.areas[0].ids().collect::<Vec<_>>(), ["greeting-a"]);
    let mut arguments = text_arguments(&[("name", "홍\u{202e}길동\n(가상인물)")]);
    arguments.set("count", FluentValue::from(1_u64));
    assert_eq!(
        catalogue.format("greeting-a", Some(&arguments)).unwrap(),
        "안녕하세요, 홍길동 (가상인물)님. 1 item"
    );
    arguments.set("count", FluentValue::from(1320_u64));
    assert!(catalogue.format("greeting-a", Some(&arguments)).unwrap().ends_with("1320 items"));
    // Text stays text: codes keep their zeros.
    let mut arguments = text_arguments(&[("name", "0012")]);
    arguments.set("count", FluentValue::from("0012"));
    assert!(
        catalogue.format("greeting-a", Some(&arguments)).unwrap().contains("0012님. 0012 items")
    );
    // A forgotten argument is visible, not fatal.
    assert!(catalogue.format("greeting-a", None).unwrap().contains("$name"));
}

#[test]
fn matching_catalogues_pass_the_build_check() {
    assert!(findings("", "").is_empty());
    assert!(findings("### verdict\n", "### verdict\n").is_empty());
    assert!(findings(
        "verdict-a = 진본입니다 { $at }\nverdict-b = { verdict-a } { -term }\n-term = 신표\n",
        "# comment\nverdict-a = Authentic { $at ->\n   *[other] { $at }\n }\nverdict-b = { verdict-a }\n",
    )
    .is_empty());
    let plural =
        check::check(&area("problems", "problem-x = 가\n"), &area("problems", "problem-x = a\n"));
    assert!(plural.is_empty(), "{plural:?}");
}

#[test]
fn an_area_leans_on_no_other() {
    let two = |first: &str, second: &str| {
        [area("verdict", first), area("wallet", second)].into_iter().flatten().collect::<Vec<_>>()
    };
    let files = two("verdict-a = { wallet-b } { -term }\n", "wallet-b = b\n-term = t\n");
    let findings = check::check(&files, &files).join("\n");
    assert!(findings.contains("the message wallet-b does not exist in this area"), "{findings}");
    assert!(findings.contains("the term -term does not exist in this area"), "{findings}");
}

#[test]
fn differing_catalogues_stop_the_build_with_file_and_line() {
    for (ko, en, expected) in [
        (
            "verdict-a = 가\nverdict-b = 나\n",
            "verdict-a = a\n",
            "verdict.ftl:2: verdict-b has no counterpart",
        ),
        (
            "verdict-a = 가\n",
            "verdict-a = a\n\nverdict-b = b\n",
            "verdict.ftl:3: verdict-b has no counterpart",
        ),
        (
            "verdict-a = { $x }\n",
            "verdict-a = { $y }\n",
            "verdict.ftl:1: verdict-a uses the variables",
        ),
        (
            "verdict-a = 가\n",
            "verdict-a = { $n ->\n   *[other] a { $n }\n }\n",
            "uses the variables",
        ),
        ("verdict-a = { $x\n", "verdict-a = { $x }\n", "verdict.ftl:"),
        (
            "verdict-a = 가\nverdict-a = 나\n",
            "verdict-a = a\n",
            "verdict.ftl:2: verdict-a is already defined",
        ),
        (
            "verdict-a = { verdict-b }\n",
            "verdict-a = a\n",
            "the message verdict-b does not exist in this area",
        ),
        (
            "verdict-a = { -term }\n",
            "verdict-a = a\n",
            "the term -term does not exist in this area",
        ),
        ("verdict-a = { NUMBER($x) }\n", "verdict-a = { $x }\n", "calls NUMBER"),
        ("verdict-a = 가\n    .title = 나\n", "verdict-a = a\n", "has attributes"),
        ("verdict-a =\n    .title = 나\n", "verdict-a = a\n", "has no text"),
        ("other-a = 가\n", "other-a = a\n", "lacks the prefix"),
        ("verdict-A = 가\n", "verdict-A = a\n", "not kebab-case"),
        ("verdict_a = 가\n", "verdict_a = a\n", "not kebab-case"),
    ] {
        let found = findings(ko, en);
        assert!(found.iter().any(|f| f.contains(expected)), "{expected}: {found:?}");
    }
    let missing = check::check(&area("verdict", ""), &[]);
    assert_eq!(missing, ["verdict.ftl:1: the other language has no file for this area"]);
    let moved = check::check(
        &[area("verdict", "verdict-a = 가\n"), area("verdict-extra", "")].concat_areas(),
        &[area("verdict", ""), area("verdict-extra", "verdict-a = a\n")].concat_areas(),
    );
    assert!(moved.iter().any(|f| f.contains("stands in another area")), "{moved:?}");
}

trait ConcatAreas {
    fn concat_areas(self) -> Vec<check::AreaSource>;
}

impl<const N: usize> ConcatAreas for [Vec<check::AreaSource>; N] {
    fn concat_areas(self) -> Vec<check::AreaSource> {
        self.into_iter().flatten().collect()
    }
}

#[test]
fn a_browser_says_what_fluent_says() {
    let given = [("what", "기사\u{202e}"), ("when", "2026-11-24"), ("reason", "{ $what } = 뷁")];
    for locale in Locale::ALL {
        let verdicts: Vec<String> =
            ids(locale).into_iter().filter(|id| id.starts_with("verdict-")).collect();
        assert!(verdicts.len() > 100, "{}", verdicts.len());
        for id in verdicts {
            assert_eq!(plain::format(locale, &id, &given), Some(say_with(locale, &id, &given)));
            assert_eq!(plain::format(locale, &id, &[]), Some(say(locale, &id)), "{id}");
        }
        for id in ["", "verdict", "verdict-", "#", "verdict-title =", "nothing"] {
            assert_eq!(plain::format(locale, id, &[]), None, "{id:?}");
        }
    }
}
