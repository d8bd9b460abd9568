//! `wallet verify --replay`: a receipt replays to its verdict without a net; an altered one is refused.

use std::sync::Arc;

use credential_model::credential::UnverifiedCredential;
use credential_verification::examine::examine_exhibit;
use credential_verification::grounds::Grounds;
use credential_verification::report::Asked;
use credential_verification::store::MemoryStore;
use credential_verification::{Examination, Exhibit, Report, Toolbox};
use did_resolution::UniversalResolver;
use serde_json::{Value, json};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer as _};
use verification_receipts::{Made, Receipt, Recorder};
use web_fetch::Fetch;

use crate::support::issuer::LDP;
use crate::support::{Ended, Town, now, written};

/// The receipt of a verifier that asked the town about this document.
async fn receipt(town: &Town, document: &[u8]) -> Receipt {
    let fetch = Arc::clone(&town.net) as Arc<dyn Fetch>;
    let recorder = Recorder::around(Toolbox {
        resolver: Arc::new(UniversalResolver::new(Arc::clone(&fetch), None)),
        fetch,
        chain: None,
        trust: None,
        seen: Arc::new(MemoryStore::new()),
        offline: false,
        grounds: Arc::new(Grounds::default()),
    });
    let now = now();
    let credential = UnverifiedCredential::parse(document).unwrap();
    let exhibit = Exhibit::shown().about(now, now);
    let examined: Examination =
        examine_exhibit(&credential, exhibit, &recorder.toolbox().tools(), now).await;
    let report = Report::new(&[examined], None, Asked::default(), now);
    let signer = BareSigner::from_bytes(Algorithm::EdDsa, &[9; 32]).unwrap();
    let verifier = json!({
        "did": signer.public_key().to_did_key(), "build": "test",
        "name": {"ko": "검증소(가상)", "en": "Verifier (fictitious)"},
    });
    let verifier = serde_json::from_value(verifier).unwrap();
    let kid = signer.public_key().did_key_url();
    let made = [Made::new(document, None)];
    Receipt::make(&report, &made, recorder.answers(), verifier, (&kid, &signer)).unwrap()
}

fn replayed(town: &Town, receipt: &Value, more: &[&str]) -> Ended {
    let path = written(&town.path("receipt.json"), receipt.to_string().as_bytes());
    let before = town.net.total();
    let ended = town.bare(&[&["--json", "verify", "--replay", &path], more].concat());
    assert_eq!(town.net.total(), before, "nobody was asked");
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_replays_to_its_verdict_and_an_altered_one_is_refused() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let good = town.wallet(&["--json", "show", &ids[0], "--raw"]).json().to_string();
    let forged = good.replace("길동", "춘향");
    for (document, authentic, exit) in [(&good, "yes", 2), (&forged, "no", 1)] {
        let path = written(&town.path("shown.json"), document.as_bytes());
        let live = town.bare(&["--json", "verify", &path]).json();
        assert_eq!(live["verdict"]["authentic"], authentic, "{live}");
        let made = receipt(&town, document.as_bytes()).await;
        let whole = serde_json::to_value(&made).unwrap();
        for options in [&["--offline"][..], &[]] {
            let ended = replayed(&town, &whole, options);
            let answer = ended.json();
            assert_eq!((ended.code, &answer["same"]), (exit, &json!(true)), "{answer}");
            assert_eq!(answer["signed"], true, "{answer}");
            assert_eq!(answer["report"]["verdict"], live["verdict"]);
        }
        // Without the documents it needs them given, and takes no other.
        let bare = serde_json::to_value(made.without_documents()).unwrap();
        assert_eq!(replayed(&town, &bare, &["--offline"]).error(), "verify_input");
        assert_eq!(replayed(&town, &bare, &["--offline", &path]).json()["same"], true);
        let other = written(&town.path("other.json"), good.replace("길동", "몽룡").as_bytes());
        assert_eq!(replayed(&town, &bare, &["--offline", &other]).error(), "verify_input");

        let alter = |pointer: &str, value: Value| {
            let mut altered = whole.clone();
            *altered.pointer_mut(pointer).unwrap() = value;
            altered
        };
        let mut more_answers = whole.clone();
        more_answers["inputs"]["trust version"] = json!(7);
        for altered in [
            alter("/statement/overall", json!("accept")),
            alter("/statement/verdict/entitled", json!("yes")),
            more_answers,
        ] {
            let ended = replayed(&town, &altered, &["--offline"]);
            assert_eq!((ended.code, ended.error().as_str()), (2, "verify_input"));
        }
    }
}
