//! The office in a real browser, in both languages: sign in, offer, revoke with two officers; axe
//! on every page.

#[path = "browser/every_page.rs"]
mod every_page;
#[path = "browser/jobs.rs"]
mod jobs;
#[path = "browser/keyboard.rs"]
mod keyboard;

use std::path::{Path, PathBuf};

use officer_access::{FourEyes, Role};
use test_kit::browser::{Browser, Setting};

use super::desk::{PASSWORD, Person, person};
use super::harness::wallet::Holder;
use super::harness::{TestIssuer, badge_offer, issuer_with_access, training_offer};

/// Where pictures go: the folder that the variable names, else nowhere (see docs/pages.md).
fn pictures() -> Option<PathBuf> {
    let wanted = std::env::var_os("SINPYO_PICTURES")?;
    Some(PathBuf::from(wanted))
}

/// Pictures are in Korean; of these pages in English too.
const ENGLISH: [&str; 3] = ["home", "credential", "approvals"];

struct Eyes<'b> {
    browser: &'b Browser,
    address: String,
    language: &'static str,
}

impl Eyes<'_> {
    /// Looks at the page as it is: nothing serious by axe, no breach of the policy, a picture.
    fn look(&self, name: &str) {
        assert_eq!(self.browser.serious_violations().unwrap(), [], "{name} {}", self.language);
        let wanted = self.language == "ko" || ENGLISH.contains(&name);
        if let Some(folder) = pictures().filter(|_| wanted) {
            let file = format!("office-{name}-{}.png", self.language);
            self.browser.screenshot(&folder.join(file)).unwrap();
        }
    }

    /// Scrolls there at once: the shared look scrolls gently, and a click would miss.
    fn click(&self, selector: &str) {
        let script = "document.querySelector(arguments[0]).scrollIntoView({behavior: 'instant', block: 'center'})";
        self.browser.run(script, &[selector.into()]).unwrap();
        self.browser.click(selector).unwrap();
    }

    fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.address)).unwrap();
    }

    fn sign_in(&self, issuer: &TestIssuer, person: &Person) {
        self.open(&format!("/office/language?to={}&back=/office/sign-in", self.language));
        self.browser.type_into("#login", &person.login).unwrap();
        self.browser.type_into("#password", PASSWORD).unwrap();
        self.browser.type_into("#code", &person.code(issuer)).unwrap();
        self.click("button.wide");
        self.browser.wait_for("form[action='/office/sign-out']").unwrap();
    }

    fn sign_out(&self) {
        self.click("form[action='/office/sign-out'] button");
        self.browser.wait_for("#password").unwrap();
    }
}

/// A month of work, so that the pages have something to show.
async fn month(issuer: &TestIssuer) {
    let list = include_str!("../../../examples/kinds/qnet-list.xml");
    let token = Some(super::harness::ADMIN);
    issuer.post_raw("/admin/kinds/import", token, "application/xml", list).await.ok(200);
    for day in 0..26_i64 {
        let count = [1, 3, 2, 4, 2, 0, 1, 5][usize::try_from(day).unwrap() % 8];
        for _ in 0..count {
            issuer
                .issue(&badge_offer(&["ldp_vc"]), "KrQualificationBadge.ldp_vc", &Holder::usual())
                .await;
        }
        if day % 5 == 1 {
            let last =
                issuer.credentials().await.last().unwrap()["id"].as_str().unwrap().to_owned();
            let change = serde_json::json!({ "action": "suspend", "reason": "서류 확인 중" });
            issuer.admin_post(&format!("/admin/credentials/{last}/status"), &change).await.ok(200);
            let change = serde_json::json!({ "action": "reinstate", "reason": "확인 끝" });
            issuer.admin_post(&format!("/admin/credentials/{last}/status"), &change).await.ok(200);
        }
        issuer.clock.advance(86_400);
    }
    issuer
        .issue(&training_offer(&["dc+sd-jwt"]), "KrTrainingHistory.dc+sd-jwt", &Holder::usual())
        .await;
    for _ in 0..4 {
        issuer
            .issue(&badge_offer(&["ldp_vc"]), "KrQualificationBadge.ldp_vc", &Holder::usual())
            .await;
    }
}

async fn serve(issuer: &TestIssuer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let router = issuer.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Printed, an offer is its QR code: the transaction code goes another way, and menus stay here.
fn on_paper(browser: &Browser) {
    let paper = serde_json::json!({"media": "print"});
    browser.devtools("Emulation.setEmulatedMedia", paper).unwrap();
    let seen = "return ['.qr', '.spoken', '.told', '.top', 'button'].map(part => \
        [...document.querySelectorAll(part)].some(e => e.getClientRects().length > 0))";
    let wanted = serde_json::json!([true, true, false, false, false]);
    assert_eq!(browser.run(seen, &[]).unwrap(), wanted);
    browser.devtools("Emulation.setEmulatedMedia", serde_json::json!({"media": ""})).unwrap();
}

async fn story(language: &'static str, folder: &Path) {
    let rules = FourEyes { revoke: vec!["*".to_owned()], ..FourEyes::default() };
    let issuer = issuer_with_access(rules, None).await;
    month(&issuer).await;
    let kim = person(&issuer, "kim.damdang", &[Role::Officer]).await;
    let lee = person(&issuer, "lee.seungin", &[Role::Approver]).await;
    let choi = person(&issuer, "choi.gamsa", &[Role::Auditor]).await;
    let address = serve(&issuer).await;
    let setting = Setting { language, size: (1280, 860), ..Setting::default() };
    let browser = Browser::start(folder, &setting).unwrap();
    let eyes = Eyes { browser: &browser, address, language };

    eyes.open(&format!("/office/language?to={language}&back=/office/sign-in"));
    eyes.look("sign-in");
    eyes.sign_in(&issuer, &kim);
    eyes.look("home");
    eyes.open("/office/kinds");
    eyes.look("kinds");
    eyes.open("/office/kinds/1320");
    eyes.look("kind");
    eyes.click(".titled a.button");
    eyes.browser.wait_for("#name").unwrap();
    eyes.look("offer-form");
    eyes.browser.type_into("#name", "홍길동(가상인물)").unwrap();
    eyes.browser.type_into("#number", "99999999999Z").unwrap();
    // A date field takes what its locale types; the value is what counts.
    eyes.browser.run("document.querySelector('#awarded').value = '2025-06-18'", &[]).unwrap();
    eyes.click("p.row button");
    eyes.browser.wait_for(".qr").unwrap();
    assert_eq!(eyes.browser.text_of(".match").unwrap().trim().len(), 6);
    eyes.look("offer");
    on_paper(&browser);
    // What the citizen opens who got the link.
    let made = eyes.browser.address().unwrap();
    let link = eyes.browser.text_of("p.link").unwrap();
    let public = link.trim().split("/offers/").nth(1).unwrap();
    eyes.open(&format!("/offers/{public}?lang={language}"));
    eyes.look("public-offer");
    eyes.browser.open(&made).unwrap();
    for (path, name) in [
        ("/office/offers", "offers"),
        ("/office/credentials", "credentials"),
        ("/office/figures", "figures"),
        ("/office/keys", "keys"),
        ("/office/account", "account"),
        ("/office/jobs", "jobs"),
    ] {
        eyes.open(path);
        eyes.look(name);
    }
    let id = issuer.credentials().await.last().unwrap()["id"].as_str().unwrap().to_owned();
    eyes.open(&format!("/office/credentials/{id}"));
    eyes.browser.type_into("#reason", "자격 취소 처분 확정(시험)").unwrap();
    eyes.click("button[value=revoke]");
    eyes.browser.wait_for("p.verdict.yes").unwrap();
    eyes.look("credential");
    eyes.sign_out();
    eyes.sign_in(&issuer, &lee);
    eyes.look("approver");
    eyes.open("/office/approvals");
    eyes.look("approvals");
    eyes.click(".decide form button");
    eyes.browser.wait_for(".empty").unwrap();
    let shown = issuer.admin_get(&format!("/admin/credentials/{id}")).await.ok(200).json();
    assert_eq!(shown["credential"]["status"], "revoked");
    eyes.open(&format!("/office/credentials/{id}"));
    eyes.look("revoked");
    eyes.sign_out();
    eyes.sign_in(&issuer, &choi);
    eyes.open("/office/audit");
    eyes.look("audit");
    // The keyboard alone: the first stop skips to the content, and the menu follows.
    eyes.open("/office");
    eyes.browser.press("\u{e004}").unwrap();
    let first =
        eyes.browser.run("return document.activeElement.getAttribute('href')", &[]).unwrap();
    assert_eq!(first, "#content");
    eyes.browser.prefer_dark(true).unwrap();
    eyes.open("/office/figures");
    eyes.look("dark");
    assert_eq!(eyes.browser.console().unwrap(), Vec::<String>::new(), "no breach of the policy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_office_works_in_a_browser_in_korean() {
    let folder = tempfile::tempdir().unwrap();
    story("ko", folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_office_works_in_a_browser_in_english() {
    let folder = tempfile::tempdir().unwrap();
    story("en", folder.path()).await;
}
