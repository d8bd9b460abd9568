//! A file of many in the browser: checked, shown, approved by a second officer, issued, counted.

use officer_access::{FourEyes, Role};
use serde_json::json;
use test_kit::browser::{Browser, Setting};

use super::super::desk::person;
use super::super::harness::{ADMIN, TestIssuer, issuer_with_access};
use super::{Eyes, serve};

/// Six rows: one without a name, one with a date that is none, two that would like to be obeyed.
const FILE: &str = "성명,자격번호,합격일,종목코드,생년월일\n\
    홍길동(가상인물),99999999991Z,2025-06-18,1320,1990-01-01\n\
    성춘향(가상인물),99999999992Z,2025-06-18,1320,1991-02-02\n\
    ,99999999993Z,2025-06-18,1320,\n\
    임꺽정(가상인물),99999999994Z,어제,1320,\n\
    <script>document.title='x'</script>똠뷁힣(가상인물),99999999995Z,2025-06-18,1320,\n\
    =HYPERLINK(\"http://evil.example\")(가상인물),99999999996Z,2025-06-18,1320,\n";

async fn office() -> TestIssuer {
    let issuer = issuer_with_access(FourEyes::default(), None).await;
    let list = include_str!("../../../../examples/kinds/qnet-list.xml");
    issuer.post_raw("/admin/kinds/import", Some(ADMIN), "application/xml", list).await.ok(200);
    issuer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_previewed_approved_and_issued() {
    let issuer = office().await;
    let kim = person(&issuer, "kim.damdang", &[Role::Officer]).await;
    let lee = person(&issuer, "lee.seungin", &[Role::Approver]).await;
    let work = issuer_service::run_background(
        std::sync::Arc::clone(&issuer.app),
        std::time::Duration::from_secs(3_600),
    );
    let work = tokio::spawn(work);
    let folder = tempfile::tempdir().unwrap();
    let setting = Setting { size: (1280, 860), ..Setting::default() };
    let browser = Browser::start(folder.path(), &setting).unwrap();
    let eyes = Eyes { browser: &browser, address: serve(&issuer).await, language: "ko" };
    eyes.sign_in(&issuer, &kim);
    eyes.open("/office/jobs");
    let csv = folder.path().join("합격자.csv");
    std::fs::write(&csv, FILE).unwrap();
    browser.upload("#file", &[csv]).unwrap();
    eyes.click("form[enctype] button");
    // The page asks again by itself while the check works.
    browser.wait_for_text("점검 끝").unwrap();
    let text = browser.text_of("#content").unwrap();
    assert!(!text.contains("홍길동"), "findings name columns and codes, never a cell: {text}");
    assert!(text.contains("파일을 올린 사람이 아닌 승인자"), "{text}");
    let rows = browser.texts_of("tbody tr").unwrap();
    for (row, says) in
        [("4", "꼭 있어야 하는 값이 비어"), ("5", "2025-06-18과 같이"), ("7", "수식으로 시작")]
    {
        let found = rows.iter().find(|line| line.starts_with(row) && line.contains(says));
        assert!(found.is_some(), "row {row}: {rows:?}");
    }
    assert_ne!(browser.title().unwrap(), "x");
    eyes.look("job-checked");
    let page = browser.address().unwrap().split(&eyes.address).nth(1).unwrap().to_owned();
    eyes.sign_out();
    // A second officer approves; the first one starts it.
    eyes.sign_in(&issuer, &lee);
    eyes.open(&page);
    eyes.click("form[action$='/approve'] button");
    browser.wait_for_text("승인됨").unwrap();
    eyes.sign_out();
    // A code of the phone opens once.
    issuer.clock.advance(60);
    eyes.sign_in(&issuer, &kim);
    eyes.open(&page);
    eyes.click("form[action$='/steps/run'] button");
    browser.wait_for_text("모든 행이 맞아떨어집니다").unwrap();
    let drawn = "const p = document.querySelector('progress'); return [p.value, p.max]";
    assert_eq!(browser.run(drawn, &[]).unwrap(), json!([6, 6]));
    eyes.look("job-done");
    eyes.open("/office/jobs");
    eyes.look("jobs-done");
    // The same file again is the same job, not six badges more.
    let csv = folder.path().join("다시.csv");
    std::fs::write(&csv, FILE).unwrap();
    browser.upload("#file", &[csv]).unwrap();
    eyes.click("form[enctype] button");
    browser.wait_for_text("모든 행이 맞아떨어집니다").unwrap();
    assert!(browser.address().unwrap().ends_with(&page));
    // What is no table at all is told, and the page stays usable.
    eyes.open("/office/jobs");
    let picture = folder.path().join("사진.csv");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    browser.upload("#file", &[picture]).unwrap();
    eyes.click("form[enctype] button");
    browser.wait_for_text("읽을 수 없음").unwrap();
    eyes.look("job-unreadable");
    work.abort();
}
