use super::*;
use crate::{report::Asked, store_contract::example_session};

fn start() -> Moment {
    Moment::from_unix(1_800_000_000)
}

fn session() -> SessionRecord {
    example_session(11, start())
}

fn report() -> Report {
    Report::new(&[], None, Asked::default(), start())
}

fn same_device() -> SessionRecord {
    let mut session = session();
    session.asked.same_device = true;
    session
}

#[test]
fn nonce_and_ids_are_random_and_long() {
    let one = session();
    let two = example_session(12, start());
    assert_eq!(one.asked.nonce.len(), 43, "256 bits in base64url");
    for (a, b) in [
        (&one.asked.nonce, &two.asked.nonce),
        (&one.id, &two.id),
        (&one.public_id, &two.public_id),
        (&one.id, &one.public_id),
    ] {
        assert_ne!(a, b);
    }
    assert!(one.asked.response_uri.ends_with(&one.public_id));
    assert!(!one.asked.response_uri.contains(&one.id), "the wallet never learns the private id");
    assert_eq!(one.asked.match_code.len(), 2);
}

#[test]
fn the_request_object_is_fetched_once() {
    let fetched = session().fetched(start()).unwrap();
    assert_eq!(fetched.state(start()), SessionState::Fetched);
    assert_eq!(fetched.fetched(start()).unwrap_err().code(), "request_already_fetched");
}

#[test]
fn five_minutes_and_no_more() {
    let end = start().plus_seconds(SESSION_SECONDS);
    assert!(session().fetched(end).is_ok());
    assert_eq!(session().fetched(end.plus_seconds(1)), Err(InvalidTransition::Expired));
    let fetched = session().fetched(start()).unwrap();
    assert_eq!(fetched.may_be_answered(end), Ok(()));
    assert_eq!(fetched.may_be_answered(end.plus_seconds(1)), Err(InvalidTransition::Expired));
    assert_eq!(fetched.state(end.plus_seconds(1)), SessionState::Expired);
}

#[test]
fn an_answer_needs_a_fetched_request_and_comes_once() {
    assert_eq!(session().may_be_answered(start()), Err(InvalidTransition::NotFetched));
    let answered = session().fetched(start()).unwrap().answered(start(), report(), None).unwrap();
    assert!(answered.report().is_some());
    assert_eq!(answered.may_be_answered(start()), Err(InvalidTransition::AlreadyAnswered));
    let refused = session().fetched(start()).unwrap().refused(start(), "access_denied").unwrap();
    assert_eq!(refused.state(start()), SessionState::Refused);
    assert_eq!(refused.may_be_answered(start()), Err(InvalidTransition::AlreadyAnswered));
}

#[test]
fn unsigned_requests_have_nothing_to_fetch() {
    let mut unsigned = session();
    unsigned.asked.by_reference = false;
    assert_eq!(unsigned.may_be_answered(start()), Ok(()));
    assert_eq!(unsigned.fetched(start()), Err(InvalidTransition::AlreadyFetched));
}

#[test]
fn the_encryption_key_goes_with_the_answer() {
    let mut session = session().fetched(start()).unwrap();
    session.asked.encryption_key = Some(serde_json::json!({"d": "secret"}));
    let answered = session.answered(start(), report(), None).unwrap();
    assert!(answered.asked.encryption_key.is_none());
}

#[test]
fn a_same_device_report_is_seen_only_by_the_browser_that_asked() {
    let answered = same_device()
        .bound_to("browser-token")
        .fetched(start())
        .unwrap()
        .answered(start(), report(), Some("the-code"))
        .unwrap();
    assert!(answered.report().is_none(), "not before the return");
    for (code, browser) in [
        ("wrong", Some("browser-token")),
        ("the-code", Some("another-browser")),
        ("the-code", None),
        ("", None),
    ] {
        assert_eq!(
            answered.clone().shown(start(), code, browser),
            Err(InvalidTransition::NotThisBrowser)
        );
    }
    let shown = answered.shown(start(), "the-code", Some("browser-token")).unwrap();
    assert!(shown.report().is_some());
    assert_eq!(
        shown.shown(start(), "the-code", Some("browser-token")),
        Err(InvalidTransition::NotThisBrowser),
        "the code is used up"
    );
}

#[test]
fn the_first_browser_stays_the_bound_one() {
    let session = session().bound_to("first").bound_to("second");
    assert!(session.is_bound_to("first"));
    assert!(!session.is_bound_to("second"));
}

#[test]
fn records_keep_neither_cookie_nor_code() {
    let answered = same_device()
        .bound_to("browser-token")
        .fetched(start())
        .unwrap()
        .answered(start(), report(), Some("the-code"))
        .unwrap();
    let text = serde_json::to_string(&answered).unwrap();
    assert!(!text.contains("browser-token") && !text.contains("the-code"));
    let back: SessionRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(back, answered);
}

#[test]
fn claims_and_links_follow_the_standard() {
    use openid4vc_messages::{AuthorizationRequest, RequestSource, RequestUri};
    let session = session();
    let name = Words { ko: "가상 검증기관".into(), en: "Fictitious verifier".into() };
    let claims = session.request_claims(&name, Some("wallet-nonce"), start());
    let request = AuthorizationRequest::parse(&claims).unwrap();
    assert_eq!(request.nonce, session.asked.nonce);
    assert_eq!(request.wallet_nonce.as_deref(), Some("wallet-nonce"));
    assert_eq!(claims["purpose#en"], session.asked.purpose.en.as_str());
    assert_eq!(claims["client_metadata"]["client_name#ko"], "가상 검증기관");
    let base = url::Url::parse("https://verifier.example/").unwrap();
    let link = RequestUri::parse(&session.deep_link(&name, &base).unwrap()).unwrap();
    assert!(matches!(link.source, RequestSource::ByReference { .. }));
    assert_eq!(link.client_id.as_str(), session.asked.client_id);
}

#[test]
fn unsigned_links_carry_everything() {
    use openid4vc_messages::{RequestSource, RequestUri};
    let mut session = session();
    session.asked.by_reference = false;
    session.asked.client_id = format!("redirect_uri:{}", session.asked.response_uri);
    let base = url::Url::parse("https://verifier.example/").unwrap();
    let link = session.deep_link(&Words::same("x"), &base).unwrap();
    let parsed = RequestUri::parse(&link).unwrap();
    let RequestSource::Parameters(request) = parsed.source else { panic!("{link}") };
    assert_eq!(request.nonce, session.asked.nonce);
    assert_eq!(request.response_uri.as_deref(), Some(session.asked.response_uri.as_str()));
}
