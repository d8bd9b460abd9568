//! Hostile files: each is refused by name, and none costs more than its bounds.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::Write as _;

use super::{MAX_DOCUMENT_BYTES, Refusal, read, zip};

/// A token that reads as a credential; nobody signed it.
const TOKEN: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6InZjK2p3dCJ9.eyJAY29udGV4dCI6WyJodHRwczovL3d3dy53My5vcmcvbnMvY3JlZGVudGlhbHMvdjIiXX0.AA";

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A PDF of these streams: dictionary and content.
fn pdf(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    for (dictionary, content) in streams {
        out.extend(format!("1 0 obj << {dictionary} >> stream\r\n").into_bytes());
        out.extend_from_slice(content);
        // As browsers and office programs write it: each word on a line of its own.
        out.extend(b"\nendstream\nendobj\n");
    }
    out
}

/// A grey picture of a code, eight pixels a module, as raw samples.
fn code(text: &str) -> (usize, Vec<u8>) {
    let drawn = qr_code::encode_terminal_plain(text).unwrap();
    let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
    let side = lines[0].len();
    let light =
        |x: usize, y: usize| matches!((lines[y / 2][x], y % 2), ('█', _) | ('▀', 0) | ('▄', 1));
    let wide = side * 8;
    let pixels = (0..wide * wide)
        .map(|at| if light(at % wide / 8, at / wide / 8) { 255 } else { 0 })
        .collect();
    (wide, pixels)
}

#[test]
fn text_and_files_of_other_kinds_are_told_apart() {
    assert_eq!(read(b""), Err(Refusal::Nothing));
    assert_eq!(read(b" \n "), Err(Refusal::Nothing));
    assert_eq!(read(&[0xff, 0xfe, 0x00]), Err(Refusal::UnknownFile));
    assert_eq!(read(&vec![b'a'; MAX_DOCUMENT_BYTES + 1]), Err(Refusal::TooLarge));
    assert_eq!(read(b"https://evil.example/"), Err(Refusal::OtherCode));
    assert_eq!(read(b"openid-credential-offer://?x=1"), Err(Refusal::WalletLink));
    // A picture with a program in it is no badge; it is read as text and never drawn.
    let svg = read(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
    assert!(matches!(svg, Err(Refusal::NoCode | Refusal::UnknownFile)), "{svg:?}");
    let staple = br#"{"credential": "a.b.c", "staple": 7}"#;
    assert_eq!(read(staple), Err(Refusal::Staple));
    // What is simply no credential is examined, and its report says so.
    assert_eq!(read("\u{feff} hello ".as_bytes()).unwrap().bytes, b"hello");
}

#[test]
fn a_pdf_gives_its_attachment_before_its_pictures() {
    let (wide, pixels) = code("https://evil.example/");
    let picture = format!(
        "/Subtype /Image /Width {wide} /Height {wide} /BitsPerComponent 8 /Filter /FlateDecode"
    );
    let attached = ("/Type /EmbeddedFile /Filter /FlateDecode", deflated(TOKEN.as_bytes()));
    let both = pdf(&[(&picture, deflated(&pixels)), attached.clone()]);
    assert_eq!(read(&both).unwrap().bytes, TOKEN.as_bytes());
    assert_eq!(read(&pdf(&[(&picture, deflated(&pixels))])), Err(Refusal::OtherCode));
    let other = ("/Type /EmbeddedFile", TOKEN.replace(".AA", ".AB").into_bytes());
    assert_eq!(read(&pdf(&[attached.clone(), other])), Err(Refusal::Several));
    assert!(read(&pdf(&[attached.clone(), attached])).is_ok(), "the same one twice is one");
}

#[test]
fn the_code_of_a_page_scanned_into_a_pdf_is_read() {
    let (wide, pixels) = code(TOKEN);
    let colours: Vec<u8> = pixels.iter().flat_map(|shade| [*shade; 3]).collect();
    let filtered: Vec<u8> = pixels.chunks(wide).flat_map(|row| [&[0], row].concat()).collect();
    for (bits, content) in [(8, pixels.clone()), (8, colours), (8, filtered)] {
        let dictionary = format!(
            "/Subtype /Image /Width {wide} /Height {wide} /BitsPerComponent {bits} /Filter /FlateDecode"
        );
        let found = read(&pdf(&[(&dictionary, deflated(&content))])).unwrap();
        assert_eq!(found.bytes, TOKEN.as_bytes());
    }
}

#[test]
fn pdfs_without_end_or_with_bombs_are_bounded() {
    let many: Vec<(&str, Vec<u8>)> = vec![("/Length 1", vec![b'q']); 5_000];
    assert_eq!(read(&pdf(&many)), Err(Refusal::PdfTooLong));
    let bomb = ("/Type /EmbeddedFile /Filter /FlateDecode", deflated(&vec![0; 60_000_000]));
    assert_eq!(read(&pdf(&[bomb])), Err(Refusal::PdfWithout));
    for broken in ["stream\n", "/EmbeddedFile stream\nendstream", "obj stream\r\nx"] {
        let bytes = format!("%PDF-1.4 {broken}").into_bytes();
        assert_eq!(read(&bytes), Err(Refusal::PdfWithout), "{broken}");
    }
}

#[test]
fn zips_are_opened_whole_or_not_at_all() {
    for bad in [b"PK\x03\x04".to_vec(), b"PK\x05\x06".to_vec(), vec![b'P'; 100]] {
        assert_eq!(zip::files(&bad), Err(zip::ZipError::Unreadable));
    }
    let mut many = b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff".to_vec();
    many.extend([0; 10]);
    assert_eq!(zip::files(&many), Err(zip::ZipError::TooMany));
    let mut empty = b"PK\x05\x06".to_vec();
    empty.extend([0; 18]);
    assert_eq!(zip::files(&empty), Ok(Vec::new()));
}
