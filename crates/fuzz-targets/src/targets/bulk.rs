//! Files of bulk jobs, and verification receipts.

use credential_issuance::bulk::preview;
use credential_model::catalogue::CredentialType;
use verification_receipts::Receipt;

use crate::Seen;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "성명",
    "생년월일",
    "자격번호",
    "합격일",
    "종목코드",
    "name",
    "kind",
    "subject.",
    ",",
    "\t",
    "\"",
    "\"\"",
    "\r\n",
    "\n",
    "\r",
    "\u{feff}",
    "\0",
    "=1+1",
    "900101-1234567",
    "2025-06-18",
    "1320",
    "(가상인물)",
];

pub(super) const RECEIPT: &[&str] = &[
    "format",
    "sinpyo-verification-receipt/1",
    "statement",
    "verifier",
    "examined_at",
    "inputs_sha256",
    "jws",
    "inputs",
    "documents",
    "e30.e30.AA",
];

/// The same however it is cut, once the first line is whole; as CP949 and as UTF-8.
pub(super) fn file(input: &[u8]) -> Seen {
    let of = |pieces: &[&[u8]]| preview(pieces, CredentialType::QualificationBadge, false);
    let whole = of(&[input]);
    if let Some(end) = input.iter().position(|byte| *byte == b'\n') {
        let rest = input.len() - end;
        for cut in [end + 1, end + rest / 2, input.len() - 1] {
            let (one, two) = input.split_at(cut.min(input.len()));
            if one.len() > end {
                assert_eq!(of(&[one, two]), whole, "cut at {cut}");
            }
        }
    }
    let lines = input.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
    assert!(whole.rows + whole.unreadable <= lines + 1, "more rows than lines");
    let columns = match &whole.columns {
        Ok(names) => Seen::of(names.len()),
        Err(fault) => Seen::of(fault.code.as_str()),
    };
    let count = |count: u64| magnitude(usize::try_from(count).unwrap_or(usize::MAX));
    columns
        .and(format!("{:?}", whole.encoding))
        .and(count(whole.rows))
        .and(count(whole.unreadable))
        .and(count(whole.no_text))
}

pub(super) fn files() -> Vec<Vec<u8>> {
    let text = "성명,생년월일,자격번호,합격일,종목코드\n홍길동(가상인물),1990-01-01,1,2025-06-18,1320\n\
                \"홍,길\"\"동\n(가상인물)\",1990-01-01,2,2025-06-18,1320\n";
    let cp949 = b"name,licenseNumber,awardedDate,kind\n\xb0\xa1\xb0\xa2,1,2025-06-18,1320\n";
    vec![
        text.into(),
        format!("\u{feff}{text}").into(),
        text.replace(',', "\t").into(),
        cp949.into(),
    ]
}

/// What is read is whole: written again and read again it is the same.
pub(super) fn receipt(input: &[u8]) -> Seen {
    match Receipt::read(input) {
        Err(error) => {
            // What is missing or wrong, without places and quoted text.
            let told = error.to_string();
            let told = told.split(['`', '"']).next().unwrap_or_default();
            let told: String = told.chars().filter(|c| !c.is_ascii_digit()).collect();
            Seen::of(error.code()).and(told)
        }
        Ok(receipt) => {
            let again = serde_json::to_vec(&receipt).unwrap_or_default();
            assert!(Receipt::read(&again).is_ok_and(|read| read == receipt), "not the same again");
            Seen::of("ok")
        }
    }
}
