use proptest::prelude::*;

use super::*;

const JSON: &str = r#"{"type":["VerifiableCredential"],"name":"용접기능사 ]]> <&> 똠"}"#;
const JWS: &str = "eyJhbGciOiJFZERTQSJ9.e30.c2ln";
const DRAWING: &str = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\"><script>alert(1)</script><g><a/></g></svg>\n";

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(3, 2, image::Luma([7]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn both() -> [Baked; 2] {
    [Baked::from_text(JSON).unwrap(), Baked::from_text(JWS).unwrap()]
}

#[test]
fn what_is_baked_comes_out_again_and_the_picture_stays() {
    for credential in both() {
        let baked = bake_png(&picture(), &credential).unwrap();
        assert_eq!(read(&baked), Ok(credential.clone()));
        let seen = image::load_from_memory(&baked).unwrap().to_luma8();
        assert_eq!((seen.dimensions(), seen.get_pixel(2, 1).0), ((3, 2), [7]));

        let baked = bake_svg(DRAWING.as_bytes(), &credential).unwrap();
        assert_eq!(read(&baked), Ok(credential));
        let text = String::from_utf8(baked).unwrap();
        assert!(text.contains("<g><a/></g></svg>\n"), "the drawing is whole: {text}");
    }
}

#[test]
fn baking_again_replaces() {
    let [json, jws] = both();
    let twice = bake_png(&bake_png(&picture(), &json).unwrap(), &jws).unwrap();
    assert_eq!(read_png(&twice), Ok(jws.clone()));
    let twice = bake_svg(&bake_svg(DRAWING.as_bytes(), &json).unwrap(), &jws).unwrap();
    assert_eq!(read_svg(&twice), Ok(jws));
}

#[test]
fn a_picture_without_or_with_two_credentials_is_refused() {
    assert_eq!(read(&picture()), Err(PictureError::NoCredential));
    assert_eq!(read(DRAWING.as_bytes()), Err(PictureError::NoCredential));
    let [json, jws] = both();
    let one = bake_png(&picture(), &json).unwrap();
    let other = bake_png(&picture(), &jws).unwrap();
    // The signature and IHDR take 33 bytes; the chunk of the other follows.
    let extra = &other[33..other.len() - (picture().len() - 33)];
    let both = [&one[..33], extra, &one[33..]].concat();
    assert_eq!(read(&both), Err(PictureError::SeveralCredentials));
    let one = String::from_utf8(bake_svg(DRAWING.as_bytes(), &json).unwrap()).unwrap();
    let element =
        "<o:credential xmlns:o='https://purl.imsglobal.org/ob/v3p0' verify='a.b.c'/></svg>";
    let both = one.replace("</svg>", element);
    assert_eq!(read(both.as_bytes()), Err(PictureError::SeveralCredentials));
    let mixed = DRAWING.replace(
        "</svg>",
        "<o:credential xmlns:o='https://purl.imsglobal.org/ob/v3p0' verify='a.b.c'>{}</o:credential></svg>",
    );
    assert_eq!(read(mixed.as_bytes()), Err(PictureError::SeveralCredentials));
}

#[test]
fn a_credential_deeper_in_the_drawing_does_not_count() {
    let deep =
        "<g><o:credential xmlns:o='https://purl.imsglobal.org/ob/v3p0' verify='a.b.c'/></g></svg>";
    let text = DRAWING.replace("</svg>", deep);
    assert_eq!(read(text.as_bytes()), Err(PictureError::NoCredential));
}

#[test]
fn older_badges_are_named() {
    let old = DRAWING
        .replace("</svg>", "<o:assertion xmlns:o='http://openbadges.org' verify='x'/></svg>");
    assert_eq!(read(old.as_bytes()), Err(PictureError::OlderGeneration));
    let credential = Baked::from_text(JWS).unwrap();
    let mut baked = bake_png(&picture(), &credential).unwrap();
    let at = baked.windows(19).position(|part| part == b"openbadgecredential").unwrap();
    // "openbadges\0" and the rest as text; the checksum follows suit.
    baked[at + 9] = b's';
    baked[at + 10] = 0;
    let length = u32::from_be_bytes(baked[at - 8..at - 4].try_into().unwrap()) as usize;
    let sum = crc32fast::hash(&baked[at - 4..at + length]);
    baked[at + length..at + length + 4].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(read(&baked), Err(PictureError::OlderGeneration));
}

#[test]
fn hostile_pictures_are_refused() {
    let credential = Baked::from_text(JWS).unwrap();
    let good = bake_png(&picture(), &credential).unwrap();
    assert_eq!(read(&good[..good.len() - 1]), Err(PictureError::Damaged), "broken off");
    let mut bent = good.clone();
    let at = bent.windows(5).position(|part| part == b"eyJhb").unwrap();
    bent[at] ^= 1;
    assert_eq!(read(&bent), Err(PictureError::Damaged), "checksum");
    let mut long = good;
    long[33..37].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(read(&long), Err(PictureError::Damaged), "length");
    assert_eq!(read(b""), Err(PictureError::UnknownPicture));
    assert_eq!(read(b"<html/>"), Err(PictureError::UnknownPicture));
    assert_eq!(read(b"<svg/>"), Err(PictureError::UnknownPicture), "no namespace");
    assert_eq!(read(&vec![b' '; MAX_PICTURE_BYTES + 1]), Err(PictureError::PictureTooLarge));
    let bomb = format!("<!DOCTYPE svg [<!ENTITY a 'b'>]>{DRAWING}");
    assert_eq!(read(bomb.as_bytes()), Err(PictureError::Damaged));
    for wrong in ["[]", "a.b", "a.b.c.d", "a..c", "a.b.c\"", "<x/>", ""] {
        assert_eq!(Baked::from_text(wrong), Err(PictureError::NotACredential), "{wrong}");
    }
    let large = format!("{{{}}}", " ".repeat(MAX_CREDENTIAL_BYTES));
    assert_eq!(Baked::from_text(&large), Err(PictureError::CredentialTooLarge));
}

#[test]
fn a_compressed_chunk_is_named() {
    let credential = Baked::from_text(JWS).unwrap();
    let mut baked = bake_png(&picture(), &credential).unwrap();
    let at = baked.windows(19).position(|part| part == b"openbadgecredential").unwrap();
    baked[at + 20] = 1;
    let length = u32::from_be_bytes(baked[at - 8..at - 4].try_into().unwrap()) as usize;
    let sum = crc32fast::hash(&baked[at - 4..at + length]);
    baked[at + length..at + length + 4].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(read(&baked), Err(PictureError::Compressed));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..400, byte: u8) {
        let _ = read(&bytes);
        let mut png = bake_png(&picture(), &Baked::from_text(JWS).unwrap()).unwrap();
        let place = at % png.len();
        png[place] = byte;
        let _ = read(&png);
        let mut svg = bake_svg(DRAWING.as_bytes(), &Baked::from_text(JSON).unwrap()).unwrap();
        let place = at % svg.len();
        svg[place] = byte;
        let _ = read(&svg);
    }

    #[test]
    fn any_json_text_survives(text in "\\PC{0,200}") {
        let json = format!("{{{text}}}");
        let credential = Baked::from_text(&json).unwrap();
        let svg = bake_svg(DRAWING.as_bytes(), &credential).unwrap();
        prop_assert_eq!(read(&svg).unwrap(), credential.clone());
        let png = bake_png(&picture(), &credential).unwrap();
        prop_assert_eq!(read(&png).unwrap(), credential);
    }
}

/// A PDF with these attached files: dictionary entries and bytes.
fn pdf(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
    for (at, (entries, content)) in files.iter().enumerate() {
        let head = format!(
            "{} 0 obj\n<</Type/EmbeddedFile/Length {}{entries}>>\nstream\n",
            at + 2,
            content.len()
        );
        bytes.extend(head.into_bytes());
        bytes.extend(content);
        bytes.extend(b"\nendstream\nendobj\n");
    }
    bytes.extend(b"%%EOF\n");
    bytes
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

#[test]
fn the_file_attached_to_a_pdf_is_read() {
    let json = Baked::from_text(JSON).unwrap();
    for file in [
        pdf(&[("", JSON.into())]),
        pdf(&[("/Filter/FlateDecode", deflated(JSON.as_bytes()))]),
        pdf(&[("", b"a note".to_vec()), ("/Filter/FlateDecode", deflated(JSON.as_bytes()))]),
        // The same file twice is one credential.
        pdf(&[("", JSON.into()), ("", JSON.into())]),
    ] {
        assert_eq!(read(&file), Ok(json.clone()));
    }
    assert_eq!(read(&pdf(&[("", JWS.into())])), Ok(Baked::from_text(JWS).unwrap()));
}

#[test]
fn a_pdf_without_with_two_and_with_a_bomb() {
    assert_eq!(read(&pdf(&[])), Err(PictureError::NoCredential));
    assert_eq!(read(&pdf(&[("", b"only a note".to_vec())])), Err(PictureError::NoCredential));
    let two = pdf(&[("", JSON.into()), ("", JWS.into())]);
    assert_eq!(read(&two), Err(PictureError::SeveralCredentials));
    let many: Vec<(&str, Vec<u8>)> = (0..20).map(|_| ("", b"x".to_vec())).collect();
    assert_eq!(read(&pdf(&many)), Err(PictureError::SeveralCredentials));
    let bomb = deflated(&vec![b'{'; 20 * 1024 * 1024]);
    let bomb = pdf(&[("/Filter/FlateDecode", bomb)]);
    assert_eq!(read(&bomb), Err(PictureError::NoCredential));
    let whole = pdf(&[("/Filter/FlateDecode", deflated(JSON.as_bytes()))]);
    for end in 0..whole.len() - 40 {
        assert!(read(&whole[..end]).is_err(), "{end}");
    }
    let pages = b"stream\nx\nendstream\n".repeat(5_000);
    assert_eq!(read(&[&b"%PDF-1.7\n"[..], &pages].concat()), Err(PictureError::Damaged));
}
