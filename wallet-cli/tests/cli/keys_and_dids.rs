//! `wallet did`, and didkit's verbs.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::support::Town;

const KINDS: [(&str, &str); 6] = [
    ("ed25519", "did:key:z6Mk"),
    ("p256", "did:key:zDn"),
    ("p384", "did:key:z82"),
    ("p521", "did:key:z2J9"),
    ("bls12-381", "did:key:zUC7"),
    ("secp256k1", "did:key:zQ3s"),
];

#[test]
fn a_key_of_every_kind_in_a_file_of_its_owner() {
    let bench = Bench::new();
    for (kind, prefix) in KINDS {
        let did = bench.key(kind, kind);
        assert!(did.starts_with(prefix), "{kind}: {did}");
        let mode = std::fs::metadata(bench.path(kind)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{kind}");
        assert_eq!(bench.run(&["did", "from-key", "--key", kind]).stdout.trim(), did);
        let method = bench.run(&["did", "verification-method", "--key", kind]).stdout;
        assert_eq!(method.trim(), format!("{did}#{}", &did["did:key:".len()..]));
        if !matches!(kind, "secp256k1") {
            let resolved = bench.run(&["did", "resolve", &did]);
            assert_eq!(resolved.code, 0, "{kind}: {}", resolved.stderr);
            assert_eq!(resolved.json()["id"], json!(did));
        }
        // No second key over the first.
        let again = bench.run(&["--json", "did", "keygen", "--type", kind, "--output", kind]);
        assert_eq!((again.code, again.error().as_str()), (2, "file_exists"));
    }
    for kind in ["ed25519", "p256", "p384", "p521"] {
        let file = format!("{kind}.multikey");
        let arguments = ["did", "keygen", "--type", kind, "--form", "multikey", "-o", &file];
        let did = bench.run(&arguments).stdout.trim().to_owned();
        let written: Value = serde_json::from_str(&bench.read(&file)).unwrap();
        assert_eq!(written["controller"], json!(did), "{kind}");
        assert_eq!(bench.run(&["did", "from-key", "-k", &file]).stdout.trim(), did, "{kind}");
        let jwk = bench.run(&["did", "from-key", "--method", "jwk", "-k", &file]).stdout;
        assert!(jwk.starts_with("did:jwk:"), "{kind}");
        let resolved = bench.run(&["--json", "did", "resolve", jwk.trim()]).json();
        assert_eq!(resolved["didDocument"]["id"], json!(jwk.trim()), "{kind}");
    }
}

#[test]
fn a_private_key_is_never_printed_unasked() {
    let bench = Bench::new();
    for json_switch in [false, true] {
        let file = format!("key-{json_switch}");
        let mut arguments = vec!["did", "keygen", "--output", &file];
        if json_switch {
            arguments.insert(0, "--json");
        }
        let made = bench.run(&arguments);
        let key: Value = serde_json::from_str(&bench.read(&file)).unwrap();
        let secret = key["d"].as_str().unwrap();
        assert!(!made.stdout.contains(secret) && !made.stderr.contains(secret));
    }
    assert_eq!(bench.run(&["did", "keygen"]).code, 2, "where to?");
    let printed = bench.run(&["did", "keygen", "--danger-print-private-key"]);
    assert!(printed.json()["d"].is_string());
}

#[test]
fn a_key_of_the_wallets_own_store() {
    let town = Town::found();
    let made = town.wallet(&["--json", "did", "keygen", "--type", "p256", "--store", "desk"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let did = made.json()["did"].as_str().unwrap().to_owned();
    assert_eq!(town.wallet(&["did", "from-key", "--key", "store:desk"]).stdout.trim(), did);
    let again = town.wallet(&["--json", "did", "keygen", "--store", "desk"]);
    assert_eq!((again.code, again.error().as_str()), (2, "key_label_taken"));
    let typo = town.wallet(&["--json", "did", "from-key", "--key", "store:dexk"]);
    assert_eq!(typo.error(), "unknown_key_label");
    assert_eq!(typo.json()["error"]["did_you_mean"], "desk");
    let credential = crate::bench::credential(&did).to_string();
    let file = crate::support::written(&town.path("credential.json"), credential.as_bytes());
    let issued = town.wallet(&["vc", "issue", &file, "--key", "store:desk"]);
    assert_eq!(issued.code, 0, "{}", issued.stderr);
    let file = crate::support::written(&town.path("issued.json"), issued.stdout.as_bytes());
    assert_eq!(town.bare(&["vc", "verify", &file, "--offline"]).code, 0);
    let bbs = town.wallet(&["--json", "did", "keygen", "--type", "bls12-381", "--store", "b"]);
    assert_eq!((bbs.code, bbs.error().as_str()), (2, "settings"));
}

#[test]
fn rubbish_is_no_key_and_no_did() {
    let bench = Bench::new();
    bench.key("ed25519", "good");
    bench.key("ed25519", "other");
    let good: Value = serde_json::from_str(&bench.read("good")).unwrap();
    let other: Value = serde_json::from_str(&bench.read("other")).unwrap();
    let mut mixed = good.clone();
    mixed["d"] = other["d"].clone();
    for (name, content) in [
        ("empty", String::new()),
        ("text", "key".to_owned()),
        ("list", "[]".to_owned()),
        ("twice", r#"{"kty":"OKP","kty":"OKP"}"#.to_owned()),
        ("public", json!({"kty": "OKP", "crv": "Ed25519", "x": good["x"]}).to_string()),
        ("mixed", mixed.to_string()),
        ("symmetric", json!({"kty": "oct", "k": "AAAA", "d": "AAAA"}).to_string()),
        ("short", json!({"secretKeyMultibase": "z6Mk"}).to_string()),
        ("number", json!({"secretKeyMultibase": 7}).to_string()),
        ("huge", format!("{{\"d\": \"{}\"}}", "A".repeat(40_000))),
    ] {
        bench.write(name, &content);
        let issued = bench.piped(&["--json", "vc", "issue", "--key", name], b"{}");
        assert_eq!(issued.code, 2, "{name}: {}", issued.stdout);
        assert!(matches!(issued.error().as_str(), "key_refused" | "input_unreadable"), "{name}");
    }
    // The chain's curve signs no credentials; it has names all the same.
    bench.key("secp256k1", "chain");
    let chain = bench.piped(&["--json", "vc", "issue", "--key", "chain"], b"{}");
    assert_eq!((chain.code, chain.error().as_str()), (2, "key_refused"));
    for (did, code) in [
        ("did:key:z6MkBAD", 1),
        ("no-did", 1),
        ("did:unheard:of", 1),
        // The network was not allowed: that says nothing about the DID.
        ("did:web:example.org", 2),
    ] {
        let resolved = bench.run(&["--json", "did", "resolve", did]);
        assert_eq!(resolved.code, code, "{did}: {}", resolved.stdout);
    }
}

#[test]
fn scripts_written_for_didkit() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["generate-ed25519-key", "-o", "key.jwk"]).code, 0);
    let did = bench.run(&["key-to-did", "key", "-k", "key.jwk"]).stdout.trim().to_owned();
    let method = bench.run(&["key-to-verification-method", "key", "-k", "key.jwk"]);
    let method = method.stdout.trim().to_owned();
    assert!(method.starts_with(&format!("{did}#")));
    assert_eq!(bench.run(&["did-resolve", &did]).json()["id"], json!(did));

    let credential = crate::bench::credential(&did).to_string();
    let issue = ["vc-issue-credential", "-k", "key.jwk", "-v", &method, "-p", "assertionMethod"];
    let issued = bench.piped(&issue, credential.as_bytes());
    assert_eq!(issued.code, 0, "{}", issued.stderr);
    let verify = ["--json", "vc-verify-credential", "-v", &method, "-p", "assertionMethod"];
    let verified = bench.piped(&[&verify[..], &["--offline"]].concat(), issued.stdout.as_bytes());
    assert_eq!((verified.code, &verified.json()["verified"]), (0, &json!(true)));
    assert_eq!(verified.json()["errors"], json!([]));
    // Signed, but not by the one asked for.
    bench.key("ed25519", "other.jwk");
    let other = bench.run(&["key-to-did", "key", "-k", "other.jwk"]).stdout.trim().to_owned();
    let foreign = ["--json", "vc-verify-credential", "-v", &other, "--offline"];
    assert_eq!(bench.piped(&foreign, issued.stdout.as_bytes()).code, 1);

    let presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": serde_json::from_str::<Value>(&issued.stdout).unwrap(),
    });
    let present = ["vc-issue-presentation", "-k", "key.jwk", "-v", &did, "-p", "authentication"];
    let presented = bench.piped(&present, presentation.to_string().as_bytes());
    assert_eq!(presented.code, 0, "{}", presented.stderr);
    let verify = ["--json", "vc-verify-presentation", "-v", &did, "--offline"];
    let verified = bench.piped(&verify, presented.stdout.as_bytes());
    assert_eq!(verified.code, 0, "{} {}", verified.stdout, verified.stderr);
    let purpose = ["--json", "vc-issue-credential", "-k", "key.jwk", "-p", "authentication"];
    assert_eq!(bench.piped(&purpose, credential.as_bytes()).error(), "settings");
}
