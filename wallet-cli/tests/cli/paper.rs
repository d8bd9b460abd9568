//! Credentials on paper and in pictures, through the binary: printed, photographed, verified.

use std::path::{Path, PathBuf};
use std::process::Command;

use badge_pictures::Baked;
use image::{GrayImage, Luma};
use serde_json::Value;

use crate::support::issuer::{LDP, SD_JWT};
use crate::support::{Town, written};

/// Verifies a file without a net, outside the wallet, and gives the three answers.
fn verified(town: &Town, given: &str) -> serde_json::Value {
    let before = town.net.total();
    let ended = town.bare(&["--json", "verify", given, "--offline"]);
    assert_eq!(town.net.total(), before, "nobody was asked");
    ended.json()
}

fn printed(town: &Town, id: &str, more: &[&str]) -> PathBuf {
    let pdf = town.path("badge.pdf");
    let arguments = ["--json", "export", id, "--pdf", "--output", pdf.to_str().unwrap()];
    let ended = town.wallet(&[&arguments[..], more].concat());
    assert_eq!(ended.code, 0, "{} {}", ended.stdout, ended.stderr);
    eprintln!("{}", ended.stdout.trim());
    pdf
}

/// The page as a printer at 150 dpi shows it. Needs Debian's poppler-utils.
fn rendered(pdf: &Path) -> GrayImage {
    let out = pdf.with_extension("page");
    let done = Command::new("pdftoppm")
        .args(["-r", "150", "-gray", "-png", "-singlefile"])
        .args([pdf, &out])
        .status()
        .expect("pdftoppm (Debian: poppler-utils)");
    assert!(done.success());
    image::open(out.with_extension("page.png")).unwrap().to_luma8()
}

/// As a phone would take it: turned by some degrees, out of focus, noisy, in poor light.
fn photographed(page: &GrayImage, degrees: f32) -> GrayImage {
    let (width, height) = page.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (width as f32 / 2.0, height as f32 / 2.0);
    let at = |x: f32, y: f32| -> f32 {
        let inside = |v: f32, most: u32| (v.max(0.0) as u32).min(most - 1);
        f32::from(page.get_pixel(inside(x, width), inside(y, height)).0[0])
    };
    let turned = GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - cx, y as f32 - cy);
        let (sx, sy) = (cos * dx + sin * dy + cx, cos * dy - sin * dx + cy);
        let (fx, fy) = (sx.fract(), sy.fract());
        let top = at(sx, sy) * (1.0 - fx) + at(sx + 1.0, sy) * fx;
        let low = at(sx, sy + 1.0) * (1.0 - fx) + at(sx + 1.0, sy + 1.0) * fx;
        Luma([(top * (1.0 - fy) + low * fy) as u8])
    });
    let blurred = image::imageops::blur(&turned, 0.8);
    let mut state = 7_u32;
    GrayImage::from_fn(width, height, |x, y| {
        // A steady noise of up to 12 grey levels either way.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 16) as i32 % 25 - 12;
        let light = 60 + (120 * y / height) as i32 / 2;
        let grey =
            i32::from(blurred.get_pixel(x, y).0[0]) * (255 - light) / 255 + light / 2 + noise;
        Luma([grey.clamp(0, 255) as u8])
    })
}

#[test]
fn a_printed_badge_is_photographed_and_verifies_without_a_net() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let pdf = printed(&town, &ids[0], &[]);
    let attached = verified(&town, pdf.to_str().unwrap());
    assert_eq!(attached["verdict"]["authentic"], "yes", "the attached file: {attached}");

    // A camera takes many frames from a hand that is never still, and this code is a dense one
    // (version 23): about two frames in six can be read. None may ever be read as something else.
    let page = rendered(&pdf);
    let photo = town.path("photo.jpg");
    let (mut read, mut frames) = (0, 0);
    let hand = [0.0, 1.0, 3.0, -2.0, 8.0, 20.0].into_iter();
    for degrees in hand.chain((1..=24).map(|step| step as f32 * 0.7 - 8.0)) {
        if read == 2 {
            break;
        }
        frames += 1;
        photographed(&page, degrees).save(&photo).unwrap();
        let report = verified(&town, photo.to_str().unwrap());
        match report["error"]["code"].as_str() {
            None => {
                assert_eq!(report["verdict"], attached["verdict"], "turned by {degrees}: {report}");
                read += 1;
            }
            Some(code) => assert!(matches!(code, "qr_no_code" | "qr_unreadable"), "{report}"),
        }
    }
    eprintln!("{read} of {frames} frames were read");
    assert!(read >= 1, "none of {frames} frames");
}

#[test]
fn the_page_has_hangul_a_title_a_language_and_the_attached_credential() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    for (lang, said) in [("ko", "진위확인"), ("en", "To verify")] {
        let pdf = printed(&town, &ids[0], &["--lang", lang]);
        let text = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains("홍길동") && text.contains(said), "{text}");
        let info = Command::new("pdfinfo").arg(&pdf).output().unwrap();
        let info = String::from_utf8(info.stdout).unwrap();
        assert!(info.contains("Title:") && info.contains("Tagged:          yes"), "{info}");
        assert!(info.contains("JavaScript:      no"), "{info}");
        let bytes = std::fs::read(&pdf).unwrap();
        let whole = String::from_utf8_lossy(&bytes);
        for part in ["credential.json", "/AFRelationship", "/EmbeddedFile", "/Lang"] {
            assert!(whole.contains(part), "{part}");
        }
        assert!(bytes.len() < 400_000, "only the letters used are embedded: {}", bytes.len());
    }
}

#[test]
fn an_export_tells_how_dense_its_code_is() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let pdf = town.text("badge.pdf");
    let export = ["export", ids[0].as_str(), "--pdf", "--output", &pdf];
    let ended = town.wallet(&[&["--json"][..], &export].concat());
    let version = ended.json()["qr"]["version"].as_u64().unwrap();
    // The full badge; a compact edition would be below 15 (docs/decisions/0033).
    assert!((12..=25).contains(&version), "{version}");
    for (lang, said) in [("ko", "촘촘한 QR"), ("en", "dense code")] {
        std::fs::remove_file(&pdf).unwrap();
        let told = town.wallet(&[&export[..], &["--lang", lang]].concat());
        assert_eq!(told.code, 0, "{}", told.stderr);
        assert!(told.stdout.contains(&version.to_string()), "{}", told.stdout);
        assert!(told.stdout.contains(said) && told.stdout.contains(&pdf), "{}", told.stdout);
    }
    // What is no picture says nothing of a code.
    let plain = town.wallet(&["export", &ids[0], "--output", &town.text("badge.json")]);
    assert!(plain.code == 0 && !plain.stdout.contains("QR"), "{}", plain.stdout);
}

#[test]
fn a_link_on_paper_keeps_the_credential_behind_the_hash() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let picture = town.text("badge.png");
    let desk = ["--desk", "https://desk.example/"];
    let export = ["--json", "export", ids[0].as_str(), "--picture", "png", "--output", &picture];
    let ended = town.wallet(&[&export[..], &desk[..]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let texts = qr_code::decode_image(&std::fs::read(&picture).unwrap()).unwrap();
    assert!(texts[0].starts_with("https://desk.example/verify#VC1-B"), "{}", texts[0]);
    assert_eq!(verified(&town, &texts[0])["verdict"]["authentic"], "yes");
    // A letter changed: nothing of it is believed.
    let changed = texts[0].replace("VC1-BR", "VC1-BS");
    assert_eq!(town.bare(&["--json", "verify", &changed, "--offline"]).code, 2);
    for desk in ["http://desk.example", "javascript:alert(1)", "https://desk.example/#x"] {
        let refused = town.wallet(&[&export[..], &["--desk", desk]].concat());
        assert_eq!((refused.code, refused.error().as_str()), (2, "paper_bad_address"), "{desk}");
    }
}

#[test]
fn baked_pictures_verify_and_plain_ones_are_told_apart() {
    let town = Town::found();
    let ids = town.receive(&[LDP, SD_JWT]);
    for kind in ["png", "svg"] {
        let path = town.text(&format!("badge.{kind}"));
        let ended =
            town.wallet(&["--json", "export", &ids[0], "--picture", kind, "--output", &path]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_eq!(verified(&town, &path)["verdict"]["authentic"], "yes", "{kind}");
    }
    // The bare QR picture, as a messenger leaves it, still verifies by its QR.
    let baked = image::open(town.path("badge.png")).unwrap();
    let bare = town.path("bare.png");
    baked.save(&bare).unwrap();
    assert_eq!(verified(&town, bare.to_str().unwrap())["verdict"]["authentic"], "yes");
    // The other format does not fit into a QR.
    let path = town.text("x.pdf");
    let refused = town.wallet(&["--json", "export", &ids[1], "--pdf", "--output", &path]);
    assert_eq!((refused.code, refused.error().as_str()), (2, "paper_format"));
}

#[test]
fn vc_verify_reads_pictures_and_refuses_what_was_altered_in_them() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let told = |path: &str| {
        let ended = town.bare(&["--json", "vc", "verify", path]);
        (ended.code, ended.json())
    };
    let good = town.wallet(&["--json", "show", &ids[0], "--raw"]).json().to_string();
    let plain = told(&written(&town.path("plain.json"), good.as_bytes()));
    let altered = Baked::from_text(&good.replace("길동", "춘향")).unwrap();
    for (kind, bake) in [
        ("png", badge_pictures::bake_png as fn(&[u8], &Baked) -> _),
        ("svg", badge_pictures::bake_svg),
    ] {
        let path = town.text(&format!("badge.{kind}"));
        let export = ["--json", "export", &ids[0], "--picture", kind, "--output", &path];
        assert_eq!(town.wallet(&export).code, 0);
        let (code, answer) = told(&path);
        assert_eq!((code, &answer["credential"]), (plain.0, &plain.1["credential"]), "{answer}");
        assert_eq!((code, &answer["verified"]), (0, &Value::Bool(true)), "{kind}: {answer}");

        let empty = match kind {
            "png" => qr_code::encode_png("hello", 4).unwrap(),
            _ => qr_code::encode_svg("hello").unwrap().into_bytes(),
        };
        let forged = bake(&empty, &altered).unwrap();
        let (code, answer) = told(&written(&town.path("forged"), &forged));
        assert_eq!((code, &answer["verified"]), (1, &Value::Bool(false)), "{kind}: {answer}");
        assert_eq!(answer["problemDetails"][0]["code"], "proof_bad_signature", "{answer}");
        // Nothing is in it: that is no finding against a credential.
        let (code, answer) = told(&written(&town.path("empty"), &empty));
        assert_eq!((code, &answer["result"]), (2, &Value::from("unknown")), "{kind}: {answer}");
        // Cut in the middle.
        let (code, answer) = told(&written(&town.path("cut"), &forged[..forged.len() / 2]));
        assert_eq!((code, &answer["verified"]), (2, &Value::Bool(false)), "{kind}: {answer}");
    }
}

#[test]
fn what_is_no_badge_is_told_plainly() {
    let town = Town::without_wallet();
    let blank = town.path("blank.png");
    GrayImage::from_pixel(200, 200, Luma([255])).save(&blank).unwrap();
    let shop =
        written(&town.path("shop.png"), &qr_code::encode_png("https://shop.example/", 6).unwrap());
    let empty = written(&town.path("empty.pdf"), b"%PDF-1.7\n%%EOF\n");
    let script = written(
        &town.path("evil.svg"),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    );
    for (given, code) in [
        (blank.to_str().unwrap(), "qr_no_code"),
        (shop.as_str(), "paper_not_a_badge"),
        (empty.as_str(), "picture_without_credential"),
        (script.as_str(), "picture_without_credential"),
        ("VC1-R", "paper_damaged_bytes"),
        ("VC1-Rabc", "paper_damaged_text"),
    ] {
        let ended = town.bare(&["--json", "verify", given, "--offline"]);
        assert_eq!((ended.code, ended.error().as_str()), (2, code), "{given}");
        for lang in ["ko", "en"] {
            let said = town.bare(&["--lang", lang, "verify", given, "--offline"]).stderr;
            assert!(!said.contains('\u{27e6}') && said.lines().count() == 2, "{said}");
        }
    }
}

#[test]
fn a_smaller_badge_stays_readable_at_every_tilt() {
    // Its signature is of another document: this is about the picture alone.
    let badge = include_str!("../../../crates/paper-badges/tests/documents/badge-smallest.json");
    let text = paper_badges::to_qr_text(badge).unwrap();
    let code = image::load_from_memory(&qr_code::encode_png(&text, 6).unwrap()).unwrap().to_luma8();
    let mut page = GrayImage::from_pixel(1240, 1754, Luma([255]));
    image::imageops::replace(&mut page, &code, 250, 800);
    for degrees in [1.0, 4.0, -11.0, 20.0] {
        let photo = photographed(&page, degrees);
        let (width, height) = (photo.width() as usize, photo.height() as usize);
        let texts = qr_code::decode_grey(width, height, photo.as_raw());
        assert_eq!(texts.as_deref(), Ok(&[text.clone()][..]), "turned by {degrees}");
    }
}
