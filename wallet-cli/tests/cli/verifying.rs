//! `wallet verify`: the house's one verifier at a terminal.

use credential_model::did::DidUrl;
use credential_proofs::jose;
use serde_json::json;
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer as _};

use crate::support::issuer::{LDP, SD_JWT};
use crate::support::{Town, written};

#[test]
fn a_held_badge_a_tampered_file_and_rubbish() {
    let town = Town::found();
    let ids = town.receive(&[LDP, SD_JWT]);
    let report = town.wallet(&["--json", "verify", &ids[0]]);
    let json = report.json();
    assert_eq!(json["v"], 1);
    assert_eq!(json["verdict"]["authentic"], "yes", "{json}");
    // Nobody told us who is accredited: that is unknown, and unknown is not yes.
    assert_eq!(json["verdict"]["entitled"], "unknown");
    assert_eq!(report.code, 2);

    let mut credential = town.wallet(&["--json", "show", &ids[0]]).json()["credential"].clone();
    let good = written(&town.path("good.json"), credential.to_string().as_bytes());
    let of_file = town.bare(&["--json", "verify", &good]);
    assert_eq!(of_file.json()["verdict"], json["verdict"], "no wallet is needed for a file");
    credential["credentialSubject"]["person"]["name"] = json!("성춘향(가상인물)");
    let bad = written(&town.path("bad.json"), credential.to_string().as_bytes());
    let report = town.bare(&["--json", "verify", &bad]);
    assert_eq!(report.code, 1);
    assert_eq!(report.json()["verdict"]["authentic"], "no");

    let rubbish = written(&town.path("rubbish"), b"{\"hello\": 1}");
    assert_eq!(town.bare(&["--json", "verify", &rubbish]).code, 1);
    assert_eq!(town.bare(&["--json", "verify", "no-such-file.json"]).error(), "verify_input");
}

#[test]
fn with_a_trust_list_and_at_another_date() {
    let town = Town::found();
    let ids = town.receive(&[SD_JWT]);
    let list = json!({
        "version": 1, "issued": "2020-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z",
        "operator": town.issuer.did(),
        "entries": [{
            "issuer": town.issuer.did(), "name_ko": "한국산업인력공단(가상)", "name_en": "HRD Korea (fictitious)",
            "types": ["KrQualificationBadge"], "from": "2020-01-01T00:00:00Z", "authority": ["고용노동부(가상)"],
        }],
    });
    let path = written(&town.path("trust.json"), list.to_string().as_bytes());
    let report = town.wallet(&["--json", "verify", &ids[0], "--trust-list", &path]);
    assert_eq!(report.json()["verdict"]["entitled"], "yes", "{}", report.stdout);
    let past =
        town.wallet(&["--json", "verify", &ids[0], "--trust-list", &path, "--at", "2021-03-01"]);
    assert_eq!(past.json()["verdict"]["in_force"], "no", "it was not issued yet");
    assert_eq!(past.code, 1);
    // Unsigned, but the operator was demanded.
    let demanded = town.wallet(&[
        "--json",
        "verify",
        &ids[0],
        "--trust-list",
        &path,
        "--trust-operator",
        "did:web:x.test",
    ]);
    assert_eq!((demanded.code, demanded.error().as_str()), (2, "settings"));
    for (option, value) in [
        ("--at", "yesterday"),
        ("--context", "{}"),
        ("--context", "nonsense"),
        ("--chain-config", "/no/such"),
    ] {
        let ended = town.wallet(&["--json", "verify", &ids[0], option, value]);
        assert_eq!((ended.code, ended.error().as_str()), (2, "settings"), "{option}");
    }
}

#[test]
fn offline_says_so_and_asks_nobody() {
    let town = Town::found();
    let ids = town.receive(&[SD_JWT]);
    let before = town.net.total();
    let report = town.wallet(&["--lang", "en", "verify", &ids[0], "--offline"]);
    assert_eq!(town.net.total(), before);
    assert!(report.stdout.contains("without the network"));
    let context = r#"{"profile": "badge-hiring", "kinds": ["1320"]}"#;
    let hiring = town.wallet(&["--json", "verify", &ids[0], "--offline", "--context", context]);
    assert_eq!(hiring.json()["domain"]["profile"], "badge-hiring", "{}", hiring.stdout);
}

#[test]
fn a_signed_trust_list_needs_a_key_its_operator_asserts_with_now() {
    let town = Town::found();
    let ids = town.receive(&[SD_JWT]);
    let operator = "did:web:operator.test";
    let kid = DidUrl::parse(&format!("{operator}#key-1")).unwrap();
    let signer = BareSigner::from_bytes(Algorithm::EdDsa, &[7; 32]).unwrap();
    let list = json!({
        "version": 1, "issued": "2020-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z",
        "operator": operator,
        "entries": [{
            "issuer": town.issuer.did(), "name_ko": "한국산업인력공단(가상)", "name_en": "HRD Korea (fictitious)",
            "types": ["KrQualificationBadge"], "from": "2020-01-01T00:00:00Z", "authority": ["고용노동부(가상)"],
        }],
    });
    let header = json!({ "typ": "trust-list+jwt", "kid": kid });
    let signed = jose::sign(header, list.to_string().as_bytes(), &signer).unwrap();
    let list = written(&town.path("trust.jwt"), signed.as_bytes());
    let verified = |purpose: &str, end: (&str, &str)| {
        let document = json!({
            "@context": ["https://www.w3.org/ns/did/v1"], "id": operator,
            "verificationMethod": [{
                "id": kid, "type": "Multikey", "controller": operator,
                "publicKeyMultibase": signer.public_key().to_multikey(), end.0: end.1,
            }],
            purpose: [kid],
        });
        let path = written(&town.path("operator.json"), document.to_string().as_bytes());
        let options =
            ["--trust-list", &list, "--trust-operator", operator, "--did-document", &path];
        town.wallet(&[&["--json", "verify", ids[0].as_str()], &options[..]].concat())
    };
    let good = verified("assertionMethod", ("expires", "2099-01-01T00:00:00Z"));
    assert_eq!(good.json()["verdict"]["entitled"], "yes", "{}", good.stdout);
    for (purpose, end) in [
        ("authentication", ("expires", "2099-01-01T00:00:00Z")),
        ("assertionMethod", ("expires", "2021-01-01T00:00:00Z")),
        ("assertionMethod", ("revoked", "2021-01-01T00:00:00Z")),
    ] {
        let bad = verified(purpose, end);
        assert_eq!((bad.code, bad.error().as_str()), (2, "settings"), "{purpose} {end:?}");
    }
}
