//! One table of credentials, three ways to judge it.

use std::sync::Arc;

use credential_model::{catalogue::CredentialType, credential::UnverifiedCredential};
use credential_verification::{
    Answer, CheckId, Code, Exhibit, Grounds, Overall, Report, Tools, Verdict,
    examine::examine_exhibit,
    packs::{HeldPack, PackShelf},
    report::Asked,
    store::MemoryStore,
};
use did_resolution::{AnchorCheck, UniversalResolver};
use serde_json::{Value, json};
use trust_registry::TrustList;
use wasm_verifier::{Desk, DeskError, Luggage};
use web_fetch::Fetch;

use crate::harness::*;
use crate::town::Town;

/// Name, what is shown, overall, authentic, in force, entitled.
type Row = (&'static str, String, Overall, Answer, Answer, Answer);

pub(crate) fn rows(town: &Town) -> Vec<Row> {
    use Answer::{No, Unknown, Yes};
    use Overall::{Accept, Reject};
    let mut altered = town.secured(1);
    altered["credentialSubject"]["person"]["name"] = json!("성춘향(가상인물)");
    let expired = town.issuer.credential_with(
        CredentialType::QualificationBadge,
        town.holder.did().as_str(),
        1,
        |parts| {
            parts.valid_from = now().minus_seconds(20 * 86_400);
            parts.valid_until = Some(now().minus_seconds(86_400));
        },
    );
    let foreign = town.stranger.secure(&town.badge_by(&town.stranger, 1));
    let token = town.issuer.jwt(&town.badge(1));
    let kind = CredentialType::QualificationBadge;
    let sd_jwt = town.issuer.sd_jwt(kind, &town.badge(1), &town.holder.key());
    let revoked = town.issuer.sd_jwt(kind, &town.badge(2), &town.holder.key());
    let text = |value: Value| value.to_string();
    vec![
        ("genuine", text(town.secured(1)), Accept, Yes, Yes, Yes),
        ("genuine token", token, Accept, Yes, Yes, Yes),
        ("genuine SD-JWT VC", sd_jwt, Accept, Yes, Yes, Yes),
        ("altered", text(altered), Reject, No, Unknown, Unknown),
        ("revoked", text(town.secured(2)), Reject, Yes, No, Yes),
        ("revoked SD-JWT VC", revoked, Reject, Yes, No, Yes),
        ("suspended", text(town.secured(3)), Reject, Yes, No, Yes),
        ("superseded", text(town.secured(4)), Reject, Yes, No, Yes),
        ("expired", text(town.issuer.secure(&expired)), Reject, Yes, No, Yes),
        ("unaccredited", text(foreign), Reject, Yes, Yes, No),
        ("no credential", "https://example.com/".to_owned(), Reject, No, Unknown, Unknown),
    ]
}

fn verdict(row: &Row) -> Verdict {
    Verdict { authentic: row.3, in_force: row.4, entitled: row.5 }
}

/// The service with the net.
async fn online(town: &Town, shown: &str) -> Option<Report> {
    let resolver = UniversalResolver::new(Arc::clone(&town.world) as Arc<dyn Fetch>, None);
    let grounds = Grounds::default();
    judged(shown, &resolver, &*town.world, &grounds, town, false).await
}

/// `wallet verify --offline --did-document … --trust-list … --status-pack …`.
async fn command_line(town: &Town, luggage: &Luggage, shown: &str) -> Option<Report> {
    // The network that `--offline` gives: the resolver finds the documents of the files only.
    let documents = World::new();
    town.issuer.publish(&documents);
    town.stranger.publish(&documents);
    let resolver = UniversalResolver::new(documents as Arc<dyn Fetch>, None);
    let shelf = PackShelf::default();
    for file in &luggage.packs {
        shelf.put(HeldPack::read(file.to_string().as_bytes(), None).unwrap()).unwrap();
    }
    let grounds = Grounds {
        packs: Arc::new(shelf),
        keys: Some(Arc::new(luggage.keys.clone())),
        ..Grounds::default()
    };
    judged(shown, &resolver, &*World::new(), &grounds, town, true).await
}

async fn judged(
    shown: &str,
    resolver: &UniversalResolver,
    fetch: &dyn Fetch,
    grounds: &Grounds,
    town: &Town,
    offline: bool,
) -> Option<Report> {
    let credential = UnverifiedCredential::parse_str(shown).ok()?;
    let trust = TrustList::parse(&trust_list(&town.issuer.did)).unwrap();
    let seen = MemoryStore::new();
    let tools =
        Tools { resolver, fetch, chain: None, trust: Some(&trust), seen: &seen, offline, grounds };
    let found = examine_exhibit(&credential, Exhibit::shown(), &tools, now()).await;
    Some(Report::new(&[found], None, Asked::default(), now()))
}

/// Checks and codes, without dates and details: those differ where the sources do.
fn codes(report: &Report) -> Vec<(CheckId, Code)> {
    report.checks.iter().map(|check| (check.id, check.code)).collect()
}

#[tokio::test]
async fn the_desk_the_service_and_the_command_line_say_the_same() {
    let town = Town::found();
    let luggage = town.luggage(now().minus_seconds(600));
    let desk = Desk::of(luggage.clone()).unwrap();
    for row in rows(&town) {
        let report = desk.examine(&row.1, now()).unwrap();
        assert_eq!((report.overall, report.verdict), (row.2, verdict(&row)), "{}", row.0);
        if let Some(service) = online(&town, &row.1).await {
            assert_eq!(service.verdict, report.verdict, "{}", row.0);
            assert_eq!(codes(&service), codes(&report), "{}", row.0);
        }
        if let Some(command) = command_line(&town, &luggage, &row.1).await {
            assert_eq!(command.checks, report.checks, "{}: to the letter", row.0);
            assert_eq!(command.knowledge, report.knowledge, "{}", row.0);
        }
    }
    assert!(!town.world.asked_for("nowhere"));
}

fn status(report: &Report) -> Code {
    report.check(CheckId::Status).unwrap().code
}

#[test]
fn old_knowledge_is_never_a_plain_yes() {
    let town = Town::found();
    let desk = Desk::of(town.luggage(now().minus_seconds(600))).unwrap();
    let (good, revoked) = (town.secured(1).to_string(), town.secured(2).to_string());
    let later = |days: i64| now().plus_seconds(days * 86_400);
    // The pack has run out: what was revoked stays revoked, everything else is open.
    let report = desk.examine(&good, later(3)).unwrap();
    assert_eq!(status(&report), Code::StatusStale);
    assert_eq!((report.overall, report.verdict.in_force), (Overall::Unknown, Answer::Unknown));
    assert_eq!(report.verdict.authentic, Answer::Yes, "the signature does not age");
    assert_eq!(desk.examine(&revoked, later(3)).unwrap().verdict.in_force, Answer::No);
    // The luggage has run out: nothing in it counts.
    let report = desk.examine(&good, later(8)).unwrap();
    assert!(desk.age(later(8)).expired && !desk.age(later(6)).expired);
    let Verdict { authentic, in_force, entitled } = report.verdict;
    assert_eq!([authentic, in_force, entitled], [Answer::Unknown; 3]);
    // A clock set back does not make old knowledge fresh.
    let report = desk.examine(&good, now().minus_seconds(86_400)).unwrap();
    assert_ne!(report.verdict.in_force, Answer::Yes);
    assert_eq!(desk.age(now()).seconds, 600);
    assert_eq!(desk.age(now().minus_seconds(86_400)).seconds, 0);
}

#[test]
fn what_is_not_along_is_unknown_and_not_no() {
    let town = Town::found();
    let good = town.secured(1).to_string();
    let with = |change: &dyn Fn(&mut Luggage)| {
        let mut luggage = town.luggage(now().minus_seconds(600));
        change(&mut luggage);
        Desk::of(luggage).unwrap().examine(&good, now()).unwrap()
    };
    let report = with(&|luggage| luggage.documents.clear());
    assert_eq!(report.check(CheckId::Proof).unwrap().code, Code::IssuerUnreachable);
    assert_eq!(report.overall, Overall::Unknown);
    let report = with(&|luggage| luggage.packs.clear());
    assert_eq!((status(&report), report.overall), (Code::StatusOffline, Overall::Unknown));
    let report = with(&|luggage| luggage.trust.list = None);
    let entitled = report.check(CheckId::Entitlement).unwrap().code;
    assert_eq!((entitled, report.overall), (Code::EntitlementListUnavailable, Overall::Unknown));
    let report = with(&|luggage| {
        // The chain is a source of trust and was not asked about this issuer.
        let chain = wasm_verifier::ChainKnowledge { roots: Vec::new(), issuers: Vec::new() };
        luggage.trust.chain = Some(chain);
    });
    let entitled = report.check(CheckId::Entitlement).unwrap().code;
    assert_eq!(entitled, Code::EntitlementRegistryUnreachable);
    // A pack of somebody else under the issuer's name is worth nothing.
    let report = with(&|luggage| {
        let forged = crate::pack_kit::pack(&town.issuer, &[], (9, 9), [7; 32], now());
        let signed = forged.sign_as(&town.issuer.kid("ed"), &town.stranger.ed25519);
        let held = HeldPack::open(&signed, forged.content.bytes().to_vec(), None, None).unwrap();
        luggage.packs = vec![serde_json::from_slice(&held.to_file()).unwrap()];
    });
    assert_eq!(report.verdict.in_force, Answer::Unknown, "{:?}", status(&report));
    let report = with(&|luggage| luggage.deactivated.push(town.issuer.did.clone()));
    assert_ne!(report.verdict.authentic, Answer::Yes);
    let report = with(&|luggage| {
        luggage.documents[0].anchor_check = AnchorCheck::Unreachable { code: "x".to_owned() };
    });
    assert_eq!(report.overall, Overall::Unknown);
}

#[test]
fn a_badge_on_paper_is_read_and_judged() {
    let town = Town::found();
    let desk = Desk::of(town.luggage(now().minus_seconds(600))).unwrap();
    let document = town.secured(1).to_string();
    let text = paper_badges::to_qr_text(&document).unwrap();
    let link = paper_badges::to_link("https://desk.example/verify", &document).unwrap();
    for shown in [text.clone(), link] {
        assert_eq!(desk.examine(&shown, now()).unwrap().overall, Overall::Accept);
    }
    let mut cut = text;
    cut.truncate(60);
    assert_eq!(desk.examine(&cut, now()).unwrap().overall, Overall::Reject);
}

#[test]
fn luggage_is_read_strictly() {
    let town = Town::found();
    let good = serde_json::to_value(town.luggage(now())).unwrap();
    assert!(Desk::unpack(good.to_string().as_bytes()).is_ok());
    let code = |change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        Desk::unpack(bad.to_string().as_bytes()).err().map(|error| error.code())
    };
    assert_eq!(code(&|bad| bad["v"] = json!(2)), Some("offline_luggage"));
    assert_eq!(code(&|bad| bad["extra"] = json!(1)), Some("offline_luggage"));
    assert_eq!(code(&|bad| bad["made"] = json!("today")), Some("offline_luggage"));
    assert_eq!(code(&|bad| bad["documents"][0]["document"] = json!({})), Some("offline_luggage"));
    assert_eq!(code(&|bad| bad["trust"]["list"]["version"] = json!(0)), Some("offline_luggage"));
    assert_eq!(code(&|bad| bad["policies"] = json!({"Nothing": {}})), Some("offline_luggage"));
    assert_eq!(code(&|bad| bad["packs"][0]["snapshot"] = json!("AAAA")), Some("offline_pack"));
    assert_eq!(code(&|bad| bad["packs"][0]["index"] = json!("a.b.c")), Some("offline_pack"));
    for rubbish in [&b""[..], b"{}", b"[]", b"\xff\xfe", b"{\"v\":1,\"v\":1}"] {
        assert!(matches!(Desk::unpack(rubbish), Err(DeskError::Luggage(_))));
    }
}
