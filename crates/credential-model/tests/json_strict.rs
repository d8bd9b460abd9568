//! The strict JSON parser: what it refuses, and that it otherwise agrees with serde_json.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::json::{JsonError, Limits, parse_strict};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(text: &str) -> Result<Value, JsonError> {
    parse_strict(text.as_bytes(), &Limits::default())
}

fn code(text: &str) -> &'static str {
    read(text).expect_err(text).code()
}

#[test]
fn reads_what_is_json() {
    assert_eq!(
        read(" {\"a\":[1,-2.5,\"x\\u00e9\\ud83d\\ude00\",null,true,false,{}]}\n").unwrap(),
        json!({"a":[1,-2.5,"xé😀",null,true,false,{}]})
    );
    assert_eq!(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"").unwrap(), json!("\"\\/\u{8}\u{c}\n\r\t"));
    assert_eq!(read("9007199254740991").unwrap(), json!(9_007_199_254_740_991_i64));
    assert_eq!(read("1E30").unwrap().as_f64(), Some(1e30));
    assert_eq!(read("-0").unwrap().as_f64().map(f64::is_sign_negative), Some(true));
}

#[test]
fn refuses_duplicate_names_however_written() {
    assert_eq!(code(r#"{"a":1,"a":1}"#), "json_duplicate_key");
    assert_eq!(code(r#"{"a":1,"\u0061":2}"#), "json_duplicate_key");
    assert_eq!(code(r#"[{"x":{"k":1,"k":2}}]"#), "json_duplicate_key");
}

#[test]
fn refuses_numbers_that_readers_see_differently() {
    for text in ["9007199254740992", "-9007199254740992", "1e400", "123456789012345678901234"] {
        assert_eq!(code(text), "json_number_out_of_range", "{text}");
    }
}

#[test]
fn refuses_lone_surrogates() {
    for text in
        [r#""\ud800""#, r#""\ud800x""#, r#""\udc00""#, r#""\ud800\u0041""#, r#""\ud83d\ud83d""#]
    {
        assert_eq!(code(text), "json_lone_surrogate", "{text}");
    }
}

#[test]
fn refuses_byte_order_mark_and_foreign_encodings() {
    assert_eq!(code("\u{feff}{}"), "json_byte_order_mark");
    assert_eq!(parse_strict(b"\"\xff\"", &Limits::default()).unwrap_err().code(), "json_not_utf8");
    assert_eq!(
        parse_strict(b"\xff\xfe{\0}\0", &Limits::default()).unwrap_err().code(),
        "json_not_utf8"
    );
}

#[test]
fn refuses_what_is_too_deep_or_too_long() {
    let at_limit = format!("{}{}", "[".repeat(32), "]".repeat(32));
    assert!(read(&at_limit).is_ok());
    assert_eq!(code(&format!("{}{}", "[".repeat(33), "]".repeat(33))), "json_too_deep");
    // Unclosed and absurdly deep: an error, not a stack overflow.
    assert_eq!(code(&"[".repeat(200_000)), "json_too_deep");
    assert_eq!(code(&"{\"a\":".repeat(40_000)), "json_too_deep");
    let long = format!("\"{}\"", "a".repeat(256 * 1024));
    assert_eq!(code(&long), "json_too_large");
}

#[test]
fn refuses_reserved_names_of_the_json_library() {
    assert_eq!(code(r#"{"$serde_json::private::Number":"1"}"#), "json_reserved_key");
    assert_eq!(code(r#"{"a":{"$serde_json::private::RawValue":"{}"}}"#), "json_reserved_key");
}

#[test]
fn refuses_broken_grammar() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "[1 2]",
        "tru",
        "nul",
        "NaN",
        "Infinity",
        "-Infinity",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "--1",
        "\"a",
        "\"\t\"",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "{} {}",
        "[]]",
        "1 // c",
        "/* c */1",
        "\"a\"b",
        "{\"a\"}",
        "{\"a\" 1}",
        "[,1]",
        "{,}",
        "\u{a0}1",
    ] {
        assert_eq!(code(text), "json_malformed", "{text:?}");
    }
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_strict(&bytes, &Limits::default());
    }

    #[test]
    fn never_panics_on_json_like_text(text in r#"[\[\]{}",:0-9eE+\-.\\u a-ftrun]{0,80}"#) {
        let ours = read(&text);
        // Whatever we accept, serde_json accepts with the same meaning.
        if let Ok(value) = ours {
            let theirs: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(
                credential_model::jcs::canonicalize(&value).unwrap(),
                credential_model::jcs::canonicalize(&theirs).unwrap()
            );
        }
    }

    #[test]
    fn reads_back_what_serde_json_writes(
        names in prop::collection::btree_map(any::<String>(), any::<String>(), 0..8),
        numbers in prop::collection::vec(-9_007_199_254_740_991i64..=9_007_199_254_740_991, 0..5),
    ) {
        let value = json!({ "names": names, "numbers": numbers });
        let text = serde_json::to_vec(&value).unwrap();
        prop_assert_eq!(parse_strict(&text, &Limits::default()).unwrap(), value);
    }
}
