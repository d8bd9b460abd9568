use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use proptest::prelude::*;

use crate::*;

const OFFER: &str = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.test%2Foffers%2F0a1b2c3d4e5f";

fn picture(text: &str, scale: u32) -> GrayImage {
    image::load_from_memory(&encode_png(text, scale).unwrap()).unwrap().into_luma8()
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn read(picture: &GrayImage) -> Result<Vec<String>, QrError> {
    decode_grey(picture.width() as usize, picture.height() as usize, picture.as_raw())
}

/// A small fixed-seed generator: tests must not depend on chance.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// A code on a larger grey sheet, turned by an angle and sampled bilinearly, as a photo
/// would show it.
fn photographed(code: &GrayImage, degrees: f32, side: u32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let at = |x: i64, y: i64| -> f32 {
        let inside =
            (0..i64::from(code.width())).contains(&x) && (0..i64::from(code.height())).contains(&y);
        if inside { f32::from(code.get_pixel(x as u32, y as u32).0[0]) } else { 230.0 }
    };
    let scale = code.width() as f32 / (side as f32 * 0.6);
    GrayImage::from_fn(side, side, |x, y| {
        let (dx, dy) = (x as f32 - side as f32 / 2.0, y as f32 - side as f32 / 2.0);
        let sx = (dx * cos + dy * sin) * scale + code.width() as f32 / 2.0;
        let sy = (dy * cos - dx * sin) * scale + code.height() as f32 / 2.0;
        let (fx, fy) = (sx - sx.floor(), sy - sy.floor());
        let (ix, iy) = (sx.floor() as i64, sy.floor() as i64);
        let value = at(ix, iy) * (1.0 - fx) * (1.0 - fy)
            + at(ix + 1, iy) * fx * (1.0 - fy)
            + at(ix, iy + 1) * (1.0 - fx) * fy
            + at(ix + 1, iy + 1) * fx * fy;
        Luma([value as u8])
    })
}

#[test]
fn a_png_is_read_back_at_every_scale() {
    for scale in [2, 3, 7, 20] {
        assert_eq!(
            decode_image(&encode_png(OFFER, scale).unwrap()).unwrap(),
            [OFFER],
            "scale {scale}"
        );
    }
    let korean = "https://verifier.test/r/가상?이름=홍길동(가상인물)";
    assert_eq!(decode_image(&encode_png(korean, 4).unwrap()).unwrap(), [korean]);
    let longest = "A7".repeat(1100);
    assert_eq!(decode_image(&encode_png(&longest, 4).unwrap()).unwrap(), [longest]);
}

#[test]
fn output_is_the_same_every_time() {
    assert_eq!(encode_png(OFFER, 4).unwrap(), encode_png(OFFER, 4).unwrap());
    assert_eq!(encode_svg(OFFER).unwrap(), encode_svg(OFFER).unwrap());
}

#[test]
fn the_svg_draws_the_same_modules() {
    let svg = encode_svg(OFFER).unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
    assert!(!svg.contains("issuer.test") && !svg.contains("<script") && !svg.contains("style"));
    let side: u32 = svg.split('"').nth(3).unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    let mut drawn = GrayImage::from_pixel(side, side, Luma([255]));
    let path = svg.split("fill=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    for run in path.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (length, _) = rest.split_once('v').unwrap();
        let (x, y, length): (u32, u32, u32) =
            (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
        (x..x + length).for_each(|x| drawn.put_pixel(x, y, Luma([0])));
    }
    assert_eq!(drawn, picture(OFFER, 1));
}

#[test]
fn the_terminal_shows_the_same_modules() {
    let expected = picture(OFFER, 1);
    for (text, strip) in
        [(encode_terminal(OFFER).unwrap(), true), (encode_terminal_plain(OFFER).unwrap(), false)]
    {
        for (row, line) in text.lines().enumerate() {
            let line = if strip {
                assert!(line.starts_with('\u{1b}') && line.ends_with("\u{1b}[0m"));
                &line[line.find('m').unwrap() + 1..line.len() - 4]
            } else {
                assert!(!line.contains('\u{1b}'));
                line
            };
            for (x, c) in line.chars().enumerate() {
                let light = |y: usize| {
                    (y as u32) < expected.height()
                        && expected.get_pixel(x as u32, y as u32).0[0] == 255
                };
                let shown = match c {
                    '█' => (true, true),
                    '▀' => (true, false),
                    '▄' => (false, true),
                    ' ' => (false, false),
                    other => panic!("{other:?}"),
                };
                assert_eq!(shown, (light(row * 2), light(row * 2 + 1)), "row {row}, column {x}");
            }
        }
    }
}

#[test]
fn what_cannot_be_a_code_is_refused() {
    assert_eq!(encode_svg("").unwrap_err(), QrError::Empty);
    assert_eq!(encode_svg(&"a".repeat(MAX_TEXT_BYTES + 1)).unwrap_err(), QrError::TextTooLong);
    assert!(encode_svg(&"a".repeat(MAX_TEXT_BYTES)).is_ok());
    for text in ["a\nb", "a\u{0}", "a\u{202e}b", "\u{1b}[31m"] {
        assert_eq!(encode_png(text, 4).unwrap_err(), QrError::ControlCharacters);
        assert_eq!(encode_terminal(text).unwrap_err(), QrError::ControlCharacters);
    }
    for scale in [0, 21, u32::MAX] {
        assert_eq!(encode_png("a", scale).unwrap_err(), QrError::Scale);
    }
}

#[test]
fn jpeg_photos_are_read() {
    let bytes = file(photographed(&picture(OFFER, 6), 3.0, 480), ImageFormat::Jpeg);
    assert_eq!(decode_image(&bytes).unwrap(), [OFFER]);
}

#[test]
fn turned_codes_are_read() {
    let code = picture(OFFER, 6);
    for degrees in [0.0, 5.0, 12.0, 30.0, 45.0, 90.0, 180.0, 270.0, -20.0] {
        assert_eq!(
            read(&photographed(&code, degrees, 520)).as_deref(),
            Ok(&[OFFER.to_owned()][..]),
            "{degrees} degrees"
        );
    }
}

#[test]
fn mirrored_codes_are_read() {
    // Front cameras show a mirror image.
    let code = picture(OFFER, 5);
    let mirrored = GrayImage::from_fn(code.width(), code.height(), |x, y| {
        *code.get_pixel(code.width() - 1 - x, y)
    });
    assert_eq!(read(&mirrored).unwrap(), [OFFER]);
}

#[test]
fn noise_blur_low_contrast_and_shadow_are_survived() {
    let code = picture(OFFER, 6);
    let mut noise = Noise(2_463_534_242);
    let noisy = GrayImage::from_fn(code.width(), code.height(), |x, y| {
        let wobble = (noise.next() % 121) as i32 - 60;
        Luma([(i32::from(code.get_pixel(x, y).0[0]) * 150 / 255 + 50 + wobble).clamp(0, 255) as u8])
    });
    assert_eq!(read(&noisy).unwrap(), [OFFER]);

    let mut blurred = code.clone();
    for _ in 0..2 {
        blurred = GrayImage::from_fn(code.width(), code.height(), |x, y| {
            let near = |v: u32, end: u32| v.saturating_sub(1)..(v + 2).min(end);
            let all: Vec<u32> = near(y, code.height())
                .flat_map(|y| near(x, code.width()).map(move |x| (x, y)))
                .map(|(x, y)| u32::from(blurred.get_pixel(x, y).0[0]))
                .collect();
            Luma([(all.iter().sum::<u32>() / all.len() as u32) as u8])
        });
    }
    assert_eq!(read(&blurred).unwrap(), [OFFER]);

    let faint = GrayImage::from_fn(code.width(), code.height(), |x, y| {
        Luma([120 + code.get_pixel(x, y).0[0] / 12])
    });
    assert_eq!(read(&faint).unwrap(), [OFFER]);

    let shadowed = GrayImage::from_fn(code.width(), code.height(), |x, y| {
        let light = 90 + 165 * x / code.width();
        Luma([(u32::from(code.get_pixel(x, y).0[0]) * light / 255).max(light / 5) as u8])
    });
    assert_eq!(read(&shadowed).unwrap(), [OFFER]);
}

#[test]
fn light_on_dark_and_transparent_codes_are_read() {
    let code = picture(OFFER, 4);
    let inverted = GrayImage::from_fn(code.width(), code.height(), |x, y| {
        Luma([255 - code.get_pixel(x, y).0[0]])
    });
    assert_eq!(read(&inverted).unwrap(), [OFFER]);
    // Black modules on transparent black, as some editors export.
    let transparent = RgbaImage::from_fn(code.width(), code.height(), |x, y| {
        Rgba([0, 0, 0, 255 - code.get_pixel(x, y).0[0]])
    });
    assert_eq!(decode_image(&file(transparent, ImageFormat::Png)).unwrap(), [OFFER]);
}

#[test]
fn several_codes_are_read_from_one_picture() {
    let texts: Vec<String> = (0..4).map(|i| format!("https://issuer.test/offers/{i}")).collect();
    let codes: Vec<GrayImage> = texts.iter().map(|t| picture(t, 4)).collect();
    let side = codes[0].width() + 20;
    let sheet = GrayImage::from_fn(side * 2, side * 2, |x, y| {
        let code = &codes[(x / side + 2 * (y / side)) as usize];
        *code.get_pixel_checked(x % side, y % side).unwrap_or(&Luma([255]))
    });
    let mut found = read(&sheet).unwrap();
    found.sort();
    assert_eq!(found, texts);
    // The same code twice is one text.
    let twice = GrayImage::from_fn(side * 2, side, |x, y| {
        *codes[0].get_pixel_checked(x % side, y).unwrap_or(&Luma([255]))
    });
    assert_eq!(read(&twice).unwrap(), [texts[0].clone()]);
}

#[test]
fn pictures_without_a_code_say_so() {
    let blank = GrayImage::from_pixel(200, 200, Luma([255]));
    assert_eq!(read(&blank).unwrap_err(), QrError::NoCode);
    assert_eq!(read(&GrayImage::from_pixel(1, 1, Luma([0]))).unwrap_err(), QrError::NoCode);
    let mut noise = Noise(7);
    let noisy = GrayImage::from_fn(300, 300, |_, _| Luma([noise.next() as u8]));
    assert!(matches!(read(&noisy), Err(QrError::NoCode | QrError::Unreadable)));
    // Three corners with the middle painted over: found, but nothing to read.
    let mut code = picture(OFFER, 6);
    let (w, h) = code.dimensions();
    for y in 0..h {
        for x in w * 2 / 5..w * 3 / 5 {
            code.put_pixel(x, y, Luma([255]));
        }
    }
    assert!(matches!(read(&code), Err(QrError::NoCode | QrError::Unreadable)));
}

#[test]
fn codes_with_control_characters_are_refused() {
    for text in ["https://a.test/\r\nX: y", "wifi\u{0}", "https://a.test/\u{202e}gpj"] {
        let code = qrcode::QrCode::new(text).unwrap();
        let width = code.width() as u32;
        let colors = code.to_colors();
        let drawn = GrayImage::from_fn((width + 8) * 4, (width + 8) * 4, |x, y| {
            let (x, y) = ((x / 4).wrapping_sub(4), (y / 4).wrapping_sub(4));
            let dark =
                x < width && y < width && colors[(y * width + x) as usize] == qrcode::Color::Dark;
            Luma([if dark { 0 } else { 255 }])
        });
        assert_eq!(read(&drawn).unwrap_err(), QrError::ControlCharacters, "{text:?}");
    }
}

// ---- hostile files --------------------------------------------------------------------

/// A PNG file that claims a size; its pixel data is a few bytes.
fn png_claiming(width: u32, height: u32, bit_depth: u8, color: u8) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut out = (data.len() as u32).to_be_bytes().to_vec();
        out.extend_from_slice(kind);
        out.extend_from_slice(data);
        out.extend_from_slice(&crc32(&out[4..]).to_be_bytes());
        out
    };
    let mut header = width.to_be_bytes().to_vec();
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[bit_depth, color, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &header));
    png.extend(chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01]));
    png.extend(chunk(b"IEND", &[]));
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 }
        })
    })
}

#[test]
fn picture_bombs_are_stopped_before_decoding() {
    for (width, height) in
        [(65_535, 65_535), (u32::MAX / 2, 2), (10_000, 4_001), (16_385, 1), (1, 2_000_000)]
    {
        let png = png_claiming(width, height, 8, 6);
        assert_eq!(decode_image(&png).unwrap_err(), QrError::TooManyPixels, "{width} x {height}");
    }
    assert_eq!(decode_image(&vec![0; MAX_IMAGE_BYTES + 1]).unwrap_err(), QrError::FileTooLarge);
    // Sixteen bits in four channels: few enough pixels, but more memory than is given.
    assert_eq!(
        decode_image(&png_claiming(16_000, 2_400, 16, 6)).unwrap_err(),
        QrError::TooManyPixels
    );
}

#[test]
fn what_is_no_picture_is_refused() {
    let good = encode_png("https://issuer.test", 4).unwrap();
    let jpeg = file(picture(OFFER, 4), ImageFormat::Jpeg);
    for bytes in [
        Vec::new(),
        b"GIF89a\x01\x00\x01\x00".to_vec(),
        b"%PDF-1.7".to_vec(),
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
        good[..good.len() / 2].to_vec(),
        jpeg[..20].to_vec(),
        png_claiming(0, 10, 8, 0),
        png_claiming(100, 100, 8, 0),
        png_claiming(100, 100, 3, 9),
    ] {
        assert_eq!(
            decode_image(&bytes).unwrap_err(),
            QrError::NotAPicture,
            "{:?}",
            &bytes[..bytes.len().min(12)]
        );
    }
}

/// Turned by 45 degrees this strip would stand in a square of five thousand million pixels.
#[test]
fn a_long_strip_costs_no_more_than_its_pixels() {
    let strip: Vec<u8> = (0..30 * 100_000_u32).map(|at| (at % 251) as u8).collect();
    assert!(decode_grey(30, 100_000, &strip).is_err());
    assert!(decode_grey(100_000, 30, &strip).is_err());
}

#[test]
fn frames_must_fit_their_size() {
    for (width, height, len) in
        [(0, 0, 0), (10, 0, 0), (10, 10, 99), (10, 10, 101), (usize::MAX, 2, 4)]
    {
        assert_eq!(decode_grey(width, height, &vec![0; len]).unwrap_err(), QrError::FrameSize);
    }
}

#[test]
fn pictures_made_to_keep_the_finder_busy_cost_little() {
    let finder = |x: u32, y: u32| {
        let (x, y) = (x.abs_diff(3), y.abs_diff(3));
        x.max(y) <= 3 && x.max(y) != 2
    };
    // A wall of finder patterns, large and small, and a bar code that repeats 1:1:3:1:1.
    for scale in [1, 2, 4] {
        let wall = GrayImage::from_fn(900, 900, |x, y| {
            let dark = finder(x / scale % 9, y / scale % 9);
            Luma([if dark { 0 } else { 255 }])
        });
        assert!(read(&wall).is_err(), "scale {scale}");
    }
    let bars = GrayImage::from_fn(1200, 900, |x, _| {
        Luma([if [0, 2, 3, 4, 6].contains(&(x % 9)) { 0 } else { 255 }])
    });
    assert_eq!(read(&bars).unwrap_err(), QrError::NoCode);
    // A real code among bar codes is still read.
    let code = picture(OFFER, 6);
    let mixed = GrayImage::from_fn(700, 700, |x, y| {
        match code.get_pixel_checked(x.wrapping_sub(150), y.wrapping_sub(250)) {
            Some(pixel) => *pixel,
            None => Luma([if y < 150 && [0, 2, 3, 4, 6].contains(&(x / 2 % 9)) { 0 } else { 255 }]),
        }
    });
    assert_eq!(read(&mixed).unwrap(), [OFFER]);
}

// ---- links ----------------------------------------------------------------------------

#[test]
fn known_links_are_classified() {
    let request =
        "openid4vp://?client_id=x509_san_dns%3Av.test&request_uri=https%3A%2F%2Fv.test%2F1";
    assert_eq!(classify(OFFER).unwrap(), DeepLink::CredentialOffer(OFFER.to_owned()));
    assert_eq!(
        classify(&format!(" {request}\n")).unwrap(),
        DeepLink::PresentationRequest(request.to_owned())
    );
    assert_eq!(classify("HTTPS://V.TEST/r/1").unwrap().as_str(), "HTTPS://V.TEST/r/1");
    for page in [
        "https://v.test/r/1",
        "http://localhost:7002/r/1",
        "http://127.0.0.1/r",
        "http://[::1]:7002/",
    ] {
        assert!(matches!(classify(page).unwrap(), DeepLink::WebPage(_)), "{page}");
    }
}

#[test]
fn other_texts_are_refused() {
    for (text, error) in [
        ("", QrError::NotALink),
        ("   ", QrError::NotALink),
        ("hello", QrError::NotALink),
        ("//v.test/r", QrError::NotALink),
        ("openid4vp://", QrError::NotALink),
        ("openid-credential-offer://?", QrError::NotALink),
        ("https://", QrError::NotALink),
        ("javascript:alert(1)", QrError::SchemeNotAllowed),
        ("data:text/html,<script>", QrError::SchemeNotAllowed),
        ("file:///etc/passwd", QrError::SchemeNotAllowed),
        ("tel:112", QrError::SchemeNotAllowed),
        ("intent://x#Intent;end", QrError::SchemeNotAllowed),
        ("http://v.test/", QrError::SchemeNotAllowed),
        ("http://localhost.evil.test/", QrError::SchemeNotAllowed),
        ("http://169.254.169.254/", QrError::SchemeNotAllowed),
        ("https://bank.example@evil.test/", QrError::SchemeNotAllowed),
        ("haip://?x=1", QrError::SchemeNotAllowed),
        ("https://v.test/a b", QrError::ControlCharacters),
        ("https://v.test/\u{202e}gpj.exe", QrError::ControlCharacters),
        ("https://v.test/\u{0}", QrError::ControlCharacters),
        ("java\nscript:alert(1)", QrError::ControlCharacters),
    ] {
        assert_eq!(classify(text).unwrap_err(), error, "{text:?}");
    }
    let long = format!("https://v.test/{}", "a".repeat(MAX_LINK_BYTES));
    assert_eq!(classify(&long).unwrap_err(), QrError::LinkTooLong);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_survives_a_round_trip(text in "[ -~가-힣]{1,120}") {
        let png = encode_png(&text, 4).unwrap();
        prop_assert_eq!(decode_image(&png).unwrap(), vec![text]);
    }

    #[test]
    fn anything_may_be_classified(text in any::<String>()) {
        let _ = classify(&text);
    }

    #[test]
    fn damaged_files_do_no_harm(at in any::<prop::sample::Index>(), value: u8, cut in any::<prop::sample::Index>()) {
        let mut png = encode_png("https://issuer.test/offers/1", 3).unwrap();
        let at = at.index(png.len());
        png[at] = value;
        png.truncate(cut.index(png.len()) + 1);
        let _ = decode_image(&png);
    }

    /// Damage inside the pixels, where the file format does not notice.
    #[test]
    fn damaged_codes_do_no_harm(stripes in prop::collection::vec((0_u32..200, 0_u32..200, 1_u32..60, any::<u8>()), 1..6)) {
        let mut code = picture("https://issuer.test/offers/1", 5);
        let (w, h) = code.dimensions();
        for (x0, y0, size, value) in stripes {
            for y in y0..(y0 + size).min(h) {
                for x in x0..(x0 + size).min(w) {
                    code.put_pixel(x, y, Luma([value]));
                }
            }
        }
        if let Ok(texts) = read(&code) {
            prop_assert_eq!(texts, vec!["https://issuer.test/offers/1".to_owned()]);
        }
    }
}
