//! Harness, completions, manual, help.

use serde_json::{Value, json};

use crate::bench::Bench;

/// Keys of the W3C vc-jose-cose-test-suite; source and licence stand in the vector file.
fn suite() -> Value {
    let text =
        include_str!("../../../crates/credential-proofs/tests/vectors/vc-jose-cose-suite.json");
    serde_json::from_str(text).unwrap()
}

fn result(bench: &Bench, file: &str) -> Value {
    let value: Value = serde_json::from_str(&bench.read(file)).unwrap();
    std::fs::remove_file(bench.path(file)).unwrap();
    value
}

fn credential() -> String {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "https://example.issuer/vc-jose-cose",
        "credentialSubject": {"id": "did:example:123", "name": "홍길동(가상인물)"}
    })
    .to_string()
}

fn presentation() -> String {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "https://example.issuer/vc-jose-cose",
    })
    .to_string()
}

#[test]
fn the_harness_form_with_every_key_and_feature() {
    let bench = Bench::new();
    bench.write("credential", &credential());
    bench.write("presentation", &presentation());
    for key in ["p256", "p384", "p521", "didEd25519"] {
        bench.write(key, &suite()["keys"][key].to_string());
        for kind in ["credential", "presentation"] {
            for way in ["jose", "cose", "sdjwt"] {
                let feature = format!("{kind}_{way}");
                let form = ["--key", key, "--feature", &feature, "--output", "out"];
                let hide = ["--sd", r#"["credentialSubject.name"]"#];
                let sd = if feature == "credential_sdjwt" { &hide[..] } else { &[] };
                let issued = [&["vc", "issue", "--input", kind], &form[..], sd].concat();
                assert_eq!(bench.run(&issued).code, 0, "{feature} {key}");
                let secured = result(&bench, "out");
                assert_eq!(secured["result"], "success", "{feature} {key}: {secured}");
                bench.write("in", secured["data"].as_str().unwrap());
                let verified = [&["vc", "verify", "--input", "in"], &form[..]].concat();
                assert_eq!(bench.run(&verified).code, 0);
                assert_eq!(result(&bench, "out")["result"], "success", "{feature} {key}");
                bench.write("in", &secured["data"].as_str().unwrap()[1..]);
                assert_eq!(bench.run(&verified).code, 0, "the result was written");
                assert_eq!(result(&bench, "out")["result"], "failure", "{feature} {key}");
            }
        }
    }
}

#[test]
fn the_harness_gets_its_result_file_whatever_comes() {
    let bench = Bench::new();
    bench.write("good", &credential());
    bench.write("key", &suite()["keys"]["p256"].to_string());
    bench.write("empty", "");
    std::fs::write(bench.path("binary"), [0xff, 0xfe, 0, 1]).unwrap();
    for (input, key, feature, expected) in [
        ("nowhere", "key", "credential_jose", "failure"),
        ("good", "nowhere", "credential_jose", "failure"),
        ("empty", "key", "credential_jose", "failure"),
        ("binary", "key", "credential_cose", "failure"),
        ("good", "binary", "credential_cose", "failure"),
        ("good", "good", "credential_sdjwt", "failure"),
        ("good", "key", "presentation_jose", "failure"),
        ("good", "key", "credential_future", "indeterminate"),
        ("good", "key", "", "indeterminate"),
    ] {
        for verb in ["issue", "verify"] {
            let form = ["vc", verb, "--input", input, "--key", key, "--feature", feature];
            let ended = bench.run(&[&form[..], &["--output", "out"]].concat());
            assert_eq!(ended.code, 0, "{verb} {input} {key} {feature}: {}", ended.stderr);
            assert_eq!(result(&bench, "out")["result"], expected, "{verb} {input} {key} {feature}");
        }
    }
    let sd = ["vc", "issue", "--input", "good", "--key", "key", "--feature", "credential_sdjwt"];
    let ended = bench.run(&[&sd[..], &["--sd", "rubbish", "--output", "out"]].concat());
    assert_eq!((ended.code, &result(&bench, "out")["result"]), (0, &json!("failure")));
    let unwritable = bench.run(&[&sd[..], &["--output", "no/such/folder/out"]].concat());
    assert_eq!(unwritable.code, 2);
}

#[test]
fn completions_name_every_command_and_bash_reads_them() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = bench.run(&["completions", shell]);
        assert_eq!(script.code, 0);
        for word in ["accept", "verify-presentation", "keygen", "danger-plain-http"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
        bench.write(shell, &script.stdout);
    }
    let read = std::process::Command::new("bash").arg("-n").arg(bench.path("bash")).status();
    assert!(read.unwrap().success());
    assert_eq!(bench.run(&["completions", "tcsh"]).code, 2);
}

#[test]
fn a_manual_page_for_the_whole_and_for_each_command() {
    let bench = Bench::new();
    let page = bench.run(&["man"]).stdout;
    assert!(page.contains(".TH wallet 1") && page.contains("Exit codes"));
    let written = bench.run(&["--json", "man", "--dir", "pages"]).json();
    let files = written["files"].as_array().unwrap();
    assert!(files.len() > 20, "{files:?}");
    for name in ["wallet.1", "wallet-accept.1", "wallet-vc-issue.1", "wallet-did-keygen.1"] {
        assert!(bench.read(&format!("pages/{name}")).contains(".SH NAME"), "{name}");
    }
    bench.write("file", "");
    assert_eq!(bench.run(&["--json", "man", "--dir", "file"]).error(), "output_unwritable");
}

#[test]
fn help_speaks_both_languages() {
    let bench = Bench::new();
    let help = |arguments: &[&str]| bench.run(arguments).stdout;
    assert!(help(&["--help"]).contains("Accept a credential offer"));
    assert!(help(&["--lang", "ko", "--help"]).contains("발급 제안을 받아"));
    assert!(help(&["--lang=ko", "vc", "--help"]).contains("제출 정보로 묶습니다"));
    assert_eq!(bench.run(&["--lang", "ko", "nonsense"]).code, 2);
    assert_eq!(bench.run(&["--version"]).code, 0);
    // What leads to danger stays out of the short list, and didkit's verbs too.
    assert!(!help(&["--help"]).contains("vc-issue-credential"));
}
