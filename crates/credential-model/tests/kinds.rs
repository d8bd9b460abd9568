//! Import of kinds: Q-Net XML and JSON, CSV, bad rows and bad files.
#![cfg(feature = "schema-check")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::kinds::{
    Grade, ImportError, ImportOutcome, KindCatalogue, MAX_ROWS, import_csv, import_json,
    import_xml, starter,
};
use proptest::prelude::*;
use serde_json::json;

fn codes(outcome: &ImportOutcome) -> Vec<&str> {
    outcome.kinds.iter().map(|kind| kind.code.as_str()).collect()
}

fn refusals(outcome: &ImportOutcome) -> Vec<(usize, &str)> {
    outcome.refused.iter().map(|r| (r.row, r.reason_code)).collect()
}

fn xml(items: &str) -> String {
    format!(
        "<response><header><resultCode>00</resultCode></header><body><items>{items}</items></body></response>"
    )
}

fn item(code: &str, name: &str) -> String {
    format!("<item><jmcd>{code}</jmcd><jmfldnm>{name}</jmfldnm></item>")
}

#[test]
fn reads_the_example_files_alike() {
    let from_xml = import_xml(include_bytes!("../../../examples/kinds/qnet-list.xml")).unwrap();
    let from_json = import_json(include_bytes!("../../../examples/kinds/qnet-list.json")).unwrap();
    let from_csv = import_csv(include_bytes!("../../../examples/kinds/kinds.csv")).unwrap();
    assert_eq!(codes(&from_xml), ["1320", "2290"]);
    assert_eq!(codes(&from_json), ["1320", "2290"]);
    assert_eq!(codes(&from_csv), ["1320", "2290", "7910"]);
    let badge = &from_xml.kinds[0];
    assert_eq!((badge.name_ko.as_str(), badge.grade), ("정보처리기사", Some(Grade::Engineer)));
    assert_eq!(badge.field_large.as_ref().unwrap().name, "정보통신");
    assert_eq!(badge.series.as_ref().unwrap().code, "03");
    assert_eq!(
        from_xml.kinds[1].grade,
        Some(Grade::IndustrialEngineer),
        "series 03 alone would mislead"
    );
    assert!(
        from_xml.refused.is_empty() && from_json.refused.is_empty() && from_csv.refused.is_empty()
    );
}

#[test]
fn tells_grades_from_korean_names() {
    for (name, grade) in [
        ("정보관리기술사", Some(Grade::ProfessionalEngineer)),
        ("제과기능장", Some(Grade::MasterCraftsman)),
        ("소방설비기사(기계분야)", Some(Grade::Engineer)),
        ("건축산업기사", Some(Grade::IndustrialEngineer)),
        ("제빵기능사", Some(Grade::Craftsman)),
        ("사회복지사 1급", Some(Grade::Grade1)),
        ("공인노무사", None),
    ] {
        assert_eq!(Grade::from_korean_name(name), grade, "{name}");
    }
    assert_eq!(serde_json::to_value(Grade::Grade1).unwrap(), json!(Grade::Grade1.as_str()));
}

#[test]
fn a_refused_row_never_sinks_the_import() {
    let long = "가".repeat(101);
    let rows = [
        item("1320", "정보처리기사"),
        item("1320", "정보처리기사"),
        item("", "이름만"),
        item("1150", ""),
        item("115", "전기기사"),
        item("11a0", "전기기사"),
        item("1160", &long),
        item("1170", "=HYPERLINK(1)"),
        item("1180", "900101-1234567"),
        "<item><jmcd>1190</jmcd><jmcd>1191</jmcd><jmfldnm>둘</jmfldnm></item>".to_owned(),
        item("1200", "방향\u{202e}문자"),
        item("7910", "한식조리기능사"),
    ];
    let outcome = import_xml(xml(&rows.concat()).as_bytes()).unwrap();
    assert_eq!(codes(&outcome), ["1320", "7910"]);
    assert_eq!(
        refusals(&outcome),
        [
            (2, "duplicate_code"),
            (3, "code_missing"),
            (4, "name_missing"),
            (5, "code_malformed"),
            (6, "code_malformed"),
            (7, "field_too_long"),
            (8, "name_suspicious"),
            (9, "forbidden_number"),
            (10, "row_malformed"),
            (11, "control_character"),
        ]
    );
    assert!(!format!("{:?}", outcome.refused).contains("1234567"), "no refusal repeats a number");
}

#[test]
fn reads_json_in_the_forms_the_service_uses() {
    let one = json!({ "jmCd": "1320", "jmFldNm": "정보처리기사" });
    for file in [
        json!({ "response": { "body": { "items": { "item": one } } } }),
        json!({ "header": { "resultCode": "00" }, "body": { "items": [one] } }),
        json!({ "body": { "items": { "item": [one] } } }),
        json!([one]),
    ] {
        assert_eq!(codes(&import_json(file.to_string().as_bytes()).unwrap()), ["1320"], "{file}");
    }
    let empty = json!({ "body": { "items": "" } }).to_string();
    assert!(import_json(empty.as_bytes()).unwrap().kinds.is_empty());
    // Codes written as numbers lost their zeros.
    let numbers = json!([{ "jmcd": 752, "jmfldnm": "가스기술사", "seriescd": 1 }]).to_string();
    let outcome = import_json(numbers.as_bytes()).unwrap();
    assert_eq!(codes(&outcome), ["0752"]);
    assert_eq!(outcome.kinds[0].series.as_ref().unwrap().code, "01");
    let mixed = json!([1, { "jmcd": [], "jmfldnm": "x" }, one]).to_string();
    let outcome = import_json(mixed.as_bytes()).unwrap();
    assert_eq!(refusals(&outcome), [(1, "row_malformed"), (2, "row_malformed")]);
    assert_eq!(outcome.kinds.len(), 1);
}

#[test]
fn refuses_files_that_are_no_list() {
    let json_code = |text: &str| import_json(text.as_bytes()).expect_err(text).code();
    assert_eq!(json_code("{}"), "kinds_not_a_list");
    assert_eq!(json_code("{\"body\":{\"items\":7}}"), "kinds_not_a_list");
    assert_eq!(json_code("{\"body\":{},\"body\":{}}"), "json_duplicate_key");
    assert_eq!(json_code("nonsense"), "json_malformed");
    assert_eq!(
        json_code("{\"header\":{\"resultCode\":\"30\"},\"body\":{\"items\":[]}}"),
        "kinds_service_error"
    );
    let xml_code = |text: &str| import_xml(text.as_bytes()).expect_err(text).code();
    assert_eq!(xml_code("<a/>"), "kinds_not_a_list");
    assert_eq!(xml_code("plain text"), "kinds_not_a_list");
    assert_eq!(xml_code("<response><body><items>"), "kinds_xml_malformed");
    assert_eq!(xml_code("<a></b>"), "kinds_xml_malformed");
    assert_eq!(xml_code(&"<a>".repeat(50)), "kinds_xml_malformed");
    assert_eq!(xml_code("<!DOCTYPE x [<!ENTITY a \"b\">]><response/>"), "kinds_xml_malformed");
    assert_eq!(xml_code(&xml(&item("1320", "&a;"))), "kinds_xml_malformed");
    assert_eq!(
        xml_code("<response><header><resultCode>22</resultCode></header></response>"),
        "kinds_service_error"
    );
    assert_eq!(import_xml(b"\xff\xff\xff").unwrap_err(), ImportError::NotText);
}

#[test]
fn resolves_plain_references_in_xml() {
    let outcome = import_xml(xml(&item("1320", "A&amp;B &#xAC00;")).as_bytes()).unwrap();
    assert_eq!(outcome.kinds[0].name_ko, "A&B 가");
    assert!(import_xml(xml("").as_bytes()).unwrap().kinds.is_empty());
}

#[test]
fn reads_csv_in_utf_8_and_cp949_with_either_header() {
    let korean = "종목코드,종목명,계열명,모르는 열\r\n1320,정보처리기사,기사,x\r\n,,,\r\n";
    let (cp949, _, bad) = encoding_rs::EUC_KR.encode(korean);
    assert!(!bad && std::str::from_utf8(&cp949).is_err());
    let mut with_mark = vec![0xEF, 0xBB, 0xBF];
    with_mark.extend_from_slice(korean.as_bytes());
    for bytes in [korean.as_bytes(), &cp949, &with_mark] {
        let outcome = import_csv(bytes).unwrap();
        assert_eq!(codes(&outcome), ["1320"]);
        assert_eq!(outcome.kinds[0].name_ko, "정보처리기사");
        assert!(outcome.refused.is_empty());
    }
    let english = "name_en\tgrade\tcode\tname\nEngineer Information Processing\tENGINEER\t1320\t정보처리기사\nx\tNONSENSE\t1321\ty\nshort\n";
    let outcome = import_csv(english.as_bytes()).unwrap();
    assert_eq!(outcome.kinds[0].name_en.as_deref(), Some("Engineer Information Processing"));
    assert_eq!(refusals(&outcome), [(2, "grade_unknown"), (3, "row_malformed")]);
}

#[test]
fn reads_quoted_csv_and_refuses_bad_headers() {
    let quoted = "code,name\n\"1320\",\"정보처리, \"\"기사\"\"\"\n";
    assert_eq!(import_csv(quoted.as_bytes()).unwrap().kinds[0].name_ko, "정보처리, \"기사\"");
    let code = |text: &str| import_csv(text.as_bytes()).expect_err(text).code();
    assert_eq!(code(""), "kinds_missing_column");
    assert_eq!(code("code\n1320\n"), "kinds_missing_column");
    assert_eq!(code("name\n정보처리기사\n"), "kinds_missing_column");
    assert_eq!(code("code,name,code\n"), "kinds_bad_header");
    assert_eq!(code("code,name,주민등록번호\n"), "kinds_bad_header");
    assert_eq!(code(&format!("code,name{}\n", ",x".repeat(100))), "kinds_bad_header");
    assert_eq!(code("code,name\n\0\n"), "kinds_not_text");
    let wide = format!("code,name{}\n1320,정보처리기사{}\n", ",x".repeat(3), ",".repeat(1_000_000));
    assert_eq!(refusals(&import_csv(wide.as_bytes()).unwrap()), [(1, "row_malformed")]);
}

#[test]
fn takes_thousands_of_kinds_and_refuses_absurdly_many() {
    let mut csv = "code,name\n".to_owned();
    for number in 0..5_000 {
        csv.push_str(&format!("{number:04},가상종목 {number} 기사\n"));
    }
    let outcome = import_csv(csv.as_bytes()).unwrap();
    assert_eq!((outcome.kinds.len(), outcome.refused.len()), (5_000, 0));
    let catalogue: KindCatalogue = outcome.kinds.into_iter().collect();
    assert_eq!(catalogue.search("종목 4999").len(), 1);
    assert_eq!(catalogue.search("49").iter().filter(|k| k.code.starts_with("49")).count(), 100);
    let many = format!("code,name\n{}", "1,1\n".repeat(MAX_ROWS + 1));
    assert_eq!(import_csv(many.as_bytes()).unwrap_err(), ImportError::TooManyRows);
    let huge = vec![b' '; 16 * 1024 * 1024 + 1];
    assert_eq!(import_csv(&huge).unwrap_err(), ImportError::TooLarge);
    assert_eq!(import_xml(&huge).unwrap_err(), ImportError::TooLarge);
    assert_eq!(import_json(&huge).unwrap_err(), ImportError::TooLarge);
}

#[test]
fn the_starter_catalogue_is_sound() {
    let starter = starter();
    assert!(starter.len() >= 40);
    let badge = starter.get("1320").unwrap();
    assert_eq!((badge.name_ko.as_str(), badge.grade), ("정보처리기사", Some(Grade::Engineer)));
    for kind in starter.iter() {
        assert_eq!(kind.grade, Grade::from_korean_name(&kind.name_ko), "{}", kind.name_ko);
        assert_eq!(kind.code.len(), 4);
    }
    // What we ship also passes the import it would have to pass.
    let rows: Vec<_> =
        starter.iter().map(|k| json!({ "jmcd": k.code, "jmfldnm": k.name_ko })).collect();
    let outcome = import_json(json!(rows).to_string().as_bytes()).unwrap();
    assert_eq!((outcome.kinds.len(), outcome.refused.len()), (starter.len(), 0));
}

#[test]
fn catalogue_finds_by_code_name_and_spacing() {
    let mut catalogue = starter();
    assert!(catalogue.search("정보 처리 기사").iter().any(|k| k.code == "1320"));
    assert!(catalogue.search("1320").iter().any(|k| k.code == "1320"));
    assert_eq!(catalogue.search("없는 자격").len(), 0);
    assert_eq!(catalogue.search("").len(), catalogue.len());
    let kind = catalogue.get("1320").unwrap().clone();
    assert_eq!(catalogue.insert(kind.clone()), Some(kind));
    assert!(catalogue.get("0000").is_none());
}

proptest! {
    #[test]
    fn imports_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/a-z&;!\\[\\],\"\n가]{0,120}") {
        let _ = import_csv(&bytes);
        let _ = import_xml(&bytes);
        let _ = import_json(&bytes);
        let _ = import_csv(text.as_bytes());
        let _ = import_xml(text.as_bytes());
    }
}
