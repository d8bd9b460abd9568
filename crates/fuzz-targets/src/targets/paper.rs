//! Badges on paper and in PDFs.

use badge_pictures::read_pdf;
use paper_badges::{from_cbor, from_text, to_cbor, to_qr_text};

use crate::Seen;
use crate::samples::samples;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &["VC1-R", "VC1-B", "https://desk.example/#VC1-B"];

/// CBOR-LD, and the text of a QR.
pub(super) fn sheets() -> Vec<Vec<u8>> {
    let badges: Vec<String> = samples().secured.iter().map(ToString::to_string).collect();
    let bytes = badges.iter().filter_map(|badge| to_cbor(badge).ok());
    let texts = badges.iter().filter_map(|badge| to_qr_text(badge).ok());
    let made: Vec<Vec<u8>> = bytes.chain(texts.map(String::into_bytes)).collect();
    assert!(!made.is_empty(), "no sample fits on paper");
    made
}

/// What can be read and printed again reads as the same credential.
pub(super) fn sheet(input: &[u8]) -> Seen {
    let read = match std::str::from_utf8(input) {
        Ok(text) if paper_badges::is_paper_text(text) => from_text(text),
        _ => from_cbor(input),
    };
    let json = match read {
        Err(error) => return Seen::of(error.code()),
        Ok(json) => json,
    };
    let printed = to_cbor(&json);
    if let Ok(bytes) = &printed {
        let again = from_cbor(bytes).map(|json| value(&json));
        assert_eq!(again, Ok(value(&json)), "read, print, read");
    }
    Seen::of(printed.map_err(|error| error.code()).map(|bytes| magnitude(bytes.len())))
}

fn value(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_default()
}

pub(super) const PDF_WORDS: &[&str] = &[
    "%PDF-1.7\n",
    " 0 obj",
    "<</Type/EmbeddedFile",
    "/Length ",
    "/Filter/FlateDecode",
    ">>\nstream\n",
    "\nendstream\nendobj\n",
    "trailer",
    "/Encrypt",
];

/// One file attached plainly, one deflated, two of them, and a length that lies.
pub(super) fn files() -> Vec<Vec<u8>> {
    let json = r#"{"type":["VerifiableCredential"]}"#;
    let plain = attached("", json.as_bytes(), json.len());
    let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut deflated, json.as_bytes()).unwrap_or_default();
    let deflated = deflated.finish().unwrap_or_default();
    let deflated = attached("/Filter/FlateDecode", &deflated, deflated.len());
    let lying = attached("", json.as_bytes(), 7);
    let file = |parts: &[&[u8]]| [b"%PDF-1.7\n", parts.concat().as_slice()].concat();
    vec![file(&[&plain]), file(&[&deflated]), file(&[&plain, &deflated]), file(&[&lying])]
}

fn attached(filter: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("4 0 obj <</Type/EmbeddedFile{filter}/Length {length}>>\nstream\n");
    [head.as_bytes(), body, b"\nendstream\nendobj\n"].concat()
}

pub(super) fn pdf(input: &[u8]) -> Seen {
    let found = read_pdf(input);
    if let Ok(baked) = &found {
        assert!(baked.text().len() <= badge_pictures::MAX_CREDENTIAL_BYTES);
    }
    Seen::of(found.map(|baked| magnitude(baked.text().len())).map_err(|error| error.code()))
}
