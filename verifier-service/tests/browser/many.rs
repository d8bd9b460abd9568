//! A hundred applicants in one table, and a collection that wallets answer.

use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};
use test_kit::browser::Setting;

use crate::kit::{Asked, Holder, Issuer, badge_paths, claims_of, now, path_of};
use crate::stage::{Stage, flawless, picture};

/// A ZIP with stored files.
pub(crate) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = out.len() as u32;
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for number in [bytes.len() as u32, bytes.len() as u32] {
            head.extend(number.to_le_bytes());
        }
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(bytes);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, count) = (out.len() as u32, (files.len() as u16).to_le_bytes());
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_mixed_files_make_the_expected_table() {
    let stage = Stage::set().await;
    let service = &stage.service;
    // One revoked, one suspended.
    service.issuer.publish_list(&service.world, &[(50, 2), (51, 1)], 2, now().minus_seconds(60));
    let stranger = Issuer::new("stranger.example", 900);
    stranger.publish(&service.world);
    stranger.publish_list(&service.world, &[], 1, now().minus_seconds(60));
    let badge = CredentialType::QualificationBadge;
    let holder = service.holder.did();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut expected: Vec<(&str, &str)> = Vec::new();
    for at in 0..100 {
        let name = format!("지원자-{at:03}.json");
        let unique = |parts: &mut credential_model::catalogue::DocumentParts| {
            parts.subject["person"]["name"] = json!(format!("지원자{at}(가상인물)"));
        };
        let genuine = || {
            service.issuer.secure(&service.issuer.credential_with(
                badge,
                holder.as_str(),
                100 + at,
                unique,
            ))
        };
        let (bytes, overall) = match at {
            90 | 91 => {
                let revoked =
                    service.issuer.credential_with(badge, holder.as_str(), at - 40, unique);
                (service.issuer.secure(&revoked).to_string(), "reject")
            }
            92 | 93 => (genuine().to_string().replace("정보처리기사", "정보처리기능사"), "reject"),
            94 => {
                let over = service.issuer.credential_with(badge, holder.as_str(), 194, |parts| {
                    unique(parts);
                    parts.valid_until = Some(now().minus_seconds(3_600));
                });
                (service.issuer.secure(&over).to_string(), "reject")
            }
            95 => {
                let foreign = stranger.credential_with(badge, holder.as_str(), 1, unique);
                (stranger.secure(&foreign).to_string(), "reject")
            }
            96 | 97 => (String::from_utf8(files[at - 96].1.clone()).unwrap(), "accept"),
            98 => ("a letter, no credential".to_owned(), "unread"),
            99 => ("%PDF-1.7\n%%EOF".to_owned(), "unread"),
            _ => (genuine().to_string(), "accept"),
        };
        files.push((name, bytes.into_bytes()));
        expected.push((overall, if at == 96 || at == 97 { "dup" } else { "" }));
    }
    let packed = zip(&files);
    let browser =
        stage.browser(&Setting { language: "ko", size: (1500, 1200), ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", &[stage.file("applicants.zip", &packed)]).unwrap();
    browser.wait_for("a[href$='table.csv']").unwrap();
    let rows = "return [...document.querySelectorAll('.rows tbody tr')]\
        .map(row => [row.dataset.overall, row.className])";
    let found = browser.run(rows, &[]).unwrap();
    assert_eq!(found, json!(expected), "{}", browser.text().unwrap());
    flawless(&browser, "table");
    let text = browser.text().unwrap();
    assert!(
        text.contains("인정 92") && text.contains("불인정 6") && text.contains("중복 2"),
        "{text}"
    );
    let asked = service.world.asked.lock().unwrap().clone();
    let list = service.issuer.list_url();
    assert_eq!(asked.iter().filter(|url| **url == list).count(), 1, "one list, fetched once");
    browser.click("input[value=dup]").unwrap();
    let visible = "return [...document.querySelectorAll('.rows tbody tr')]\
        .filter(row => row.getClientRects().length).length";
    assert_eq!(browser.run(visible, &[]).unwrap(), json!(2));
    browser.click("input[value=reject]").unwrap();
    assert_eq!(browser.run(visible, &[]).unwrap(), json!(6));
    picture(&browser, "batch-ko");
    browser.click("a[href$='table.csv']").unwrap();
    let csv = std::fs::read_to_string(browser.downloaded("sinpyo-results.csv").unwrap()).unwrap();
    assert_eq!(csv.lines().count(), 101);
    assert!(csv.starts_with('\u{feff}') && csv.contains("\"지원자0(가상인물)\""));
    browser.click("a[href^='/receipts/']").unwrap();
    browser.wait_for_text("검증 영수증").unwrap();
    flawless(&browser, "receipt of a batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drop_too_large_is_refused_before_it_is_sent() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    // A sparse gigabyte.
    let path = stage.file("huge.bin", b"");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    browser.upload("#file", &[path]).unwrap();
    browser.wait_for_text("too large").unwrap();
    let bomb = zip(&[("a".to_owned(), vec![1; 10])]);
    let mut lying = bomb.clone();
    // The directory promises a gigabyte.
    let at = lying.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    lying[at + 24..at + 28].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    browser.open(&stage.url("/collections")).unwrap();
    browser.upload("#batch-files", &[stage.file("bomb.zip", &lying)]).unwrap();
    browser.click("#files-form button").unwrap();
    browser.wait_for_text("was not opened").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_takes_many_answers_until_its_deadline() {
    let stage = Stage::set().await;
    let service = &stage.service;
    let browser =
        stage.browser(&Setting { language: "ko", size: (1500, 1200), ..Setting::default() });
    browser.open(&stage.url("/collections")).unwrap();
    browser.type_into("#purpose", "2026년 하반기 채용(가상)").unwrap();
    browser.click("#template ~ p button, form[action='/collections'] button").unwrap();
    browser.wait_for("#link").unwrap();
    flawless(&browser, "collection");
    let link = browser.attribute("#link", "value").unwrap().unwrap();
    let public = path_of(&link);
    for (seed, index) in [(11, 11), (12, 12), (11, 11)] {
        let answer = answer(&stage, &public, seed, index).await;
        assert_eq!(answer, 200);
    }
    browser.wait_for("tr:nth-child(3)[class=dup]").unwrap();
    picture(&browser, "collection-ko");
    flawless(&browser, "collection with answers");
    browser.open(&link).unwrap();
    flawless(&browser, "invitation");
    picture(&browser, "invitation-ko");
    service.clock.advance(8 * 86_400);
    browser.open(&link).unwrap();
    browser.wait_for_text("마감되었습니다").unwrap();
    let late = service.get(&format!("{public}/request")).await;
    assert_eq!(late.status, 410);
    assert!(late.refusal().contains("collection_over"), "{}", late.text());
}

/// A wallet of its own fetches the request and answers.
pub(crate) async fn answer(stage: &Stage, public: &str, seed: u64, index: usize) -> u16 {
    let service = &stage.service;
    let object = service.get(&format!("{public}/request")).await;
    assert_eq!(object.status, 200, "{}", object.text());
    let claims = claims_of(&object.text());
    let holder = Holder::new(seed);
    let kind = CredentialType::QualificationBadge;
    let document = service.issuer.credential_with(kind, holder.did().as_str(), index, |parts| {
        parts.subject["person"]["name"] = json!(format!("지원자{seed}(가상인물)"));
    });
    let token = service.issuer.sd_jwt(kind, &document, &holder.key());
    let created = json!({"client_id": claims["client_id"]});
    let asked = Asked { created, claims: claims.clone() };
    let paths = [badge_paths(), vec![vec![json!("achievement"), json!("humanCode")]]].concat();
    let shown = holder.bind(&token, &paths, asked.client_id(), asked.nonce(), now());
    let vp_token: Value = json!({"badge_sd": [shown]});
    service.answer(&asked, &vp_token).await.status.as_u16()
}
