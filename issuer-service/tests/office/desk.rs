//! An officer with a browser that knows nothing but cookies and forms.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, header};
use officer_access::{NewOfficer, Role, totp};

use super::harness::{Answer, TestIssuer};

pub(crate) const PASSWORD: &str = "마구간 배터리 스테이플 7";
pub(crate) const COOKIE: &str = "sinpyo-office";

/// An account with what its owner knows.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) login: String,
    pub(crate) id: String,
    pub(crate) secret: Vec<u8>,
    pub(crate) recovery: Vec<String>,
}

/// A browser in front of the office.
pub(crate) struct Browser<'i> {
    pub(crate) issuer: &'i TestIssuer,
    pub(crate) cookies: BTreeMap<String, String>,
}

pub(crate) fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for c in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|a| *a == c).unwrap();
        bits = bits << 5 | u32::try_from(value).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 255).unwrap());
        }
    }
    bytes
}

/// Makes an account with these roles.
pub(crate) async fn person(issuer: &TestIssuer, login: &str, roles: &[Role]) -> Person {
    let new = NewOfficer {
        login: login.to_owned(),
        name: match login {
            "kim.damdang" => "김담당(가상인물)".to_owned(),
            "lee.seungin" => "이승인(가상인물)".to_owned(),
            "choi.gamsa" => "최감사(가상인물)".to_owned(),
            other => format!("{other}(가상인물)"),
        },
        roles: roles.iter().copied().collect(),
        password: Some(PASSWORD.to_owned()),
    };
    let made = issuer.app.access.add_officer(new).await.unwrap();
    let secret = made.totp_uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    Person {
        login: login.to_owned(),
        id: format!("officer:{}", made.account.id),
        secret: base32(secret),
        recovery: made.recovery_codes,
    }
}

impl Person {
    /// The code the phone shows now.
    pub(crate) fn code(&self, issuer: &TestIssuer) -> String {
        totp::code(&self.secret, totp::step_of(issuer.now()))
    }
}

/// The value of a hidden field of a page.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let begin = page.find(&mark).unwrap_or_else(|| panic!("no {name} in {page}")) + mark.len();
    page[begin..].split('"').next().unwrap().to_owned()
}

pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name, value);
    }
    form.finish()
}

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

impl<'i> Browser<'i> {
    pub(crate) fn new(issuer: &'i TestIssuer) -> Self {
        Self { issuer, cookies: BTreeMap::from([("sinpyo_lang".to_owned(), "en".to_owned())]) }
    }

    /// A browser in which this person is signed in.
    pub(crate) async fn of(issuer: &'i TestIssuer, person: &Person) -> Self {
        let mut browser = Self::new(issuer);
        let answer = browser.sign_in(person, &person.code(issuer)).await;
        assert_eq!(answer.status, 303, "{}", text(&answer));
        browser
    }

    pub(crate) async fn sign_in(&mut self, person: &Person, code: &str) -> Answer {
        self.sign_in_with(&person.login, PASSWORD, code).await
    }

    pub(crate) async fn sign_in_with(&mut self, login: &str, password: &str, code: &str) -> Answer {
        let page = text(&self.get("/office/sign-in").await.ok(200));
        let form = hidden(&page, "form");
        let fields =
            [("form", form.as_str()), ("login", login), ("password", password), ("code", code)];
        self.send("POST", "/office/sign-in", &[], Some(encode(&fields))).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// Sends a form with the session's token, as its page would.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.send("POST", path, &[], Some(encode(&all))).await
    }

    pub(crate) async fn csrf(&mut self) -> String {
        let home = self.get("/office/account").await.ok(200);
        hidden(&text(&home), "csrf")
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: Option<String>,
    ) -> Answer {
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            Request::builder().method(method).uri(path).header(header::COOKIE, pairs.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match form {
            Some(form) if !headers.iter().any(|(name, _)| *name == "content-type") => request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form)),
            Some(form) => request.body(Body::from(form)),
            None => request.body(Body::empty()),
        };
        let answer = self.issuer.send(request.unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
