//! `wallet vc`: every suite and format there and back, and what must be refused.

use serde_json::{Value, json};

use crate::bench::{Bench, credential};

/// Suite, key.
const WHOLE: [(&str, &str); 6] = [
    ("eddsa-rdfc-2022", "ed25519"),
    ("eddsa-jcs-2022", "ed25519"),
    ("ecdsa-rdfc-2019", "p256"),
    ("ecdsa-rdfc-2019", "p384"),
    ("ecdsa-jcs-2019", "p256"),
    ("ecdsa-jcs-2019", "p384"),
];
const SELECTIVE: [(&str, &str); 2] = [("ecdsa-sd-2023", "p256"), ("bbs-2023", "bls12-381")];
const VERIFY: [&str; 4] = ["--json", "vc", "verify", "--offline"];

fn issue(bench: &Bench, key: &str, more: &[&str]) -> String {
    let did = bench.run(&["did", "from-key", "--key", key]).stdout;
    let input = credential(did.trim()).to_string();
    let ended = bench.piped(&[&["vc", "issue", "--key", key], more].concat(), input.as_bytes());
    assert_eq!(ended.code, 0, "{key} {more:?}: {}", ended.stderr);
    ended.stdout
}

fn verify(bench: &Bench, secured: &str) -> (i32, Value) {
    let ended = bench.piped(&VERIFY, secured.as_bytes());
    (ended.code, ended.json())
}

/// The code of the first problem.
fn problem(answer: &Value) -> &str {
    answer["problemDetails"][0]["code"].as_str().unwrap_or_default()
}

#[test]
fn every_suite_that_signs_the_whole() {
    let bench = Bench::new();
    for kind in ["ed25519", "p256", "p384"] {
        bench.key(kind, kind);
    }
    for (suite, key) in WHOLE {
        let secured = issue(&bench, key, &["--suite", suite]);
        let (code, answer) = verify(&bench, &secured);
        assert_eq!((code, &answer["verified"]), (0, &json!(true)), "{suite} {key}: {answer}");
        let (code, answer) = verify(&bench, &secured.replace("길동", "춘향"));
        assert_eq!((code, problem(&answer)), (1, "proof_bad_signature"), "{suite} {key}");
        // Nothing can be left out of it.
        let derived = bench.piped(&["--json", "vc", "derive", "--offline"], secured.as_bytes());
        assert_eq!((derived.code, derived.error().as_str()), (1, "vc_refused"), "{suite}");
    }
}

#[test]
fn every_suite_that_discloses_selectively() {
    let bench = Bench::new();
    for (suite, key) in SELECTIVE {
        bench.key(key, key);
        let base = issue(&bench, key, &["--suite", suite, "--mandatory", "/issuer"]);
        let (code, answer) = verify(&bench, &base);
        assert_eq!((code, problem(&answer)), (1, "proof_base_proof"), "{suite}");
        let holder = bench.piped(&[&VERIFY[..], &["--as-holder"]].concat(), base.as_bytes());
        assert_eq!(holder.code, 0, "{suite}: {}", holder.stdout);

        let name = ["vc", "derive", "--offline", "--pointer", "/credentialSubject/firstName"];
        let derived = bench.piped(&name, base.as_bytes());
        assert_eq!(derived.code, 0, "{suite}: {}", derived.stderr);
        assert!(derived.stdout.contains("길동") && !derived.stdout.contains("가상대학교"));
        let (code, answer) = verify(&bench, &derived.stdout);
        assert_eq!(code, 0, "{suite}: {answer}");
        let (code, _) = verify(&bench, &derived.stdout.replace("길동", "춘향"));
        assert_eq!(code, 1, "{suite}");

        let nowhere = ["--json", "vc", "derive", "--offline", "--pointer", "/none"];
        assert_eq!(bench.piped(&nowhere, base.as_bytes()).code, 1, "{suite}");
        let altered = base.replace("길동", "춘향");
        assert_eq!(bench.piped(&name, altered.as_bytes()).code, 1, "{suite}: a base that broke");
        // The base proof stays at home.
        bench.write("base", &base);
        let shown = bench.run(&["--json", "vc", "present", "base", "--key", "p256"]);
        assert!(shown.json()["error"]["detail"].as_str().unwrap().contains("base_proof"));
    }
}

#[test]
fn every_envelope_with_every_algorithm() {
    let bench = Bench::new();
    for key in ["ed25519", "p256", "p384", "p521"] {
        bench.key(key, key);
        for format in ["vc+jwt", "vc+cose", "vc+sd-jwt"] {
            let secured = issue(&bench, key, &["--format", format]);
            let (code, answer) = verify(&bench, &secured);
            assert_eq!((code, &answer["format"]), (0, &json!(format)), "{key}: {answer}");
            let mut letters: Vec<char> = secured.trim().chars().collect();
            let middle = letters.len() / 2;
            letters[middle] = if letters[middle] == 'A' { 'B' } else { 'A' };
            let (code, _) = verify(&bench, &letters.iter().collect::<String>());
            assert_eq!(code, 1, "{format} {key}: one letter is another");
        }
    }
}

#[test]
fn parts_of_an_sd_jwt_are_hidden_and_shown() {
    let bench = Bench::new();
    let did = bench.key("p256", "key");
    let hide = ["--format", "vc+sd-jwt", "--hide", "credentialSubject.firstName"];
    let more = ["--sd", r#"["credentialSubject.courses[]"]"#, "--decoys", "2"];
    let token = issue(&bench, "key", &[&hide[..], &more].concat());
    let none = bench.piped(&["vc", "derive"], token.as_bytes()).stdout;
    let (code, answer) = verify(&bench, &none);
    let subject = &answer["credential"]["credentialSubject"];
    assert_eq!((code, &subject["firstName"], &subject["courses"]), (0, &Value::Null, &json!([])));
    let one = ["vc", "derive", "--disclose", "credentialSubject.courses[1]"];
    let (_, answer) = verify(&bench, &bench.piped(&one, token.as_bytes()).stdout);
    assert_eq!(answer["credential"]["credentialSubject"]["courses"], json!(["산수"]));

    // A path that hides nothing was mistyped; what must stay visible cannot be hidden.
    for path in ["credentialSubject.firstname", "issuer", "nothing", "a..b"] {
        let arguments =
            ["--json", "vc", "issue", "-k", "key", "--format", "vc+sd-jwt", "--hide", path];
        let ended = bench.piped(&arguments, credential(&did).to_string().as_bytes());
        assert_eq!((ended.code, ended.error().as_str()), (1, "vc_refused"), "{path}");
    }
    // An option that would go unheeded is refused.
    for unheeded in [
        ["--format", "vc+jwt", "--hide", "a"],
        ["--format", "ldp-vc", "--holder-key", "key"],
        ["--format", "vc+cose", "--suite", "eddsa-rdfc-2022"],
        ["--format", "vc+sd-jwt", "--mandatory", "/issuer"],
    ] {
        let arguments = [&["--json", "vc", "issue", "-k", "key"][..], &unheeded].concat();
        assert_eq!(bench.piped(&arguments, b"{}").error(), "settings", "{unheeded:?}");
    }
}

#[test]
fn an_sd_jwt_vc_is_bound_to_its_holder() {
    let bench = Bench::new();
    let did = bench.key("p256", "issuer");
    bench.key("ed25519", "holder");
    bench.key("ed25519", "thief");
    let claims = json!({"iss": did, "vct": "https://a.example/v", "name": "홍길동(가상인물)"});
    let issue = ["--json", "vc", "issue", "-k", "issuer", "--format", "dc+sd-jwt"];
    let bound = [&issue[1..], &["--holder-key", "holder", "--hide", "name", "-o", "vc"]].concat();
    let issued = bench.piped(&bound, claims.to_string().as_bytes());
    assert_eq!(issued.code, 0, "{}", issued.stderr);
    assert_eq!(bench.run(&["vc", "verify", "vc", "--offline"]).code, 0);
    let present = |key: &str| {
        let form = ["--format", "dc+sd-jwt", "-d", "desk.example", "-C", "nonce-1"];
        bench.run(&[&["vc", "present", "vc", "-k", key], &form[..]].concat())
    };
    let shown = present("holder");
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert_eq!(present("thief").code, 1);
    let check = |domain: &str, nonce: &str| {
        let form = ["vc", "verify-presentation", "--offline", "-d", domain, "-C", nonce];
        bench.piped(&form, shown.stdout.as_bytes()).code
    };
    assert_eq!(check("desk.example", "nonce-1"), 0);
    assert_eq!(check("other.example", "nonce-1"), 1);
    assert_eq!(check("desk.example", "nonce-2"), 1);
    for (name, broken) in
        [("iss", json!("did:example:x")), ("vct", Value::Null), ("exp", json!("x"))]
    {
        let mut claims = claims.clone();
        claims[name] = broken;
        assert_eq!(bench.piped(&issue, claims.to_string().as_bytes()).code, 1, "{name}");
    }
}

#[test]
fn presentations_in_every_form() {
    let bench = Bench::new();
    for key in ["ed25519", "p256", "p384", "p521"] {
        bench.key(key, key);
    }
    bench.write("ldp", &issue(&bench, "p384", &[]));
    bench.write("jwt", &issue(&bench, "ed25519", &["--format", "vc+jwt"]));
    let bound = ["-d", "desk.example", "-C", "nonce-1"];
    for format in ["ldp-vp", "vp+jwt", "vp+sd-jwt", "vp+cose"] {
        for key in ["ed25519", "p256", "p384", "p521"] {
            let form =
                [&["vc", "present", "ldp", "jwt", "-k", key, "--format", format], &bound[..]];
            let shown = bench.run(&form.concat());
            if (format, key) == ("ldp-vp", "p521") {
                assert_eq!(shown.code, 2, "no suite of Data Integrity takes P-521");
                continue;
            }
            assert_eq!(shown.code, 0, "{format} {key}: {}", shown.stderr);
            let verify = ["--json", "vc", "verify-presentation", "--offline"];
            let good = bench.piped(&[&verify[..], &bound].concat(), shown.stdout.as_bytes());
            assert_eq!(good.code, 0, "{format} {key}: {}", good.stdout);
            assert_eq!(good.json()["credentialResults"].as_array().unwrap().len(), 2);
            for foreign in
                [["-d", "other.example", "-C", "nonce-1"], ["-d", "desk.example", "-C", "x"]]
            {
                let bad = bench.piped(&[&verify[..], &foreign].concat(), shown.stdout.as_bytes());
                assert_eq!(bad.code, 1, "{format} {key} {foreign:?}");
            }
        }
    }
    let unbound = ["--json", "vc", "present", "ldp", "-k", "p256", "--format", "vp+jwt"];
    assert_eq!(bench.run(&unbound).error(), "settings", "for whom?");
    bench.write("altered", &bench.read("ldp").replace("길동", "춘향"));
    let shown = bench.run(&["vc", "present", "altered", "-k", "p256"]);
    let verified =
        bench.piped(&["vc", "verify-presentation", "--offline"], shown.stdout.as_bytes());
    assert_eq!(verified.code, 1, "the holder's proof does not heal the issuer's");
}

#[test]
fn what_the_data_model_forbids_is_not_issued() {
    let bench = Bench::new();
    let did = bench.key("ed25519", "key");
    let good = credential(&did);
    let broken = |name: &str, value: Value| {
        let mut broken = good.clone();
        broken[name] = value;
        broken.to_string()
    };
    let inputs = [
        broken("issuer", json!("did:example:other")),
        broken("issuer", Value::Null),
        broken("@context", json!([])),
        broken("@context", json!(["https://unknown.example/v1"])),
        broken("type", json!("Else")),
        broken("credentialSubject", Value::Null),
        broken("credentialSubject", json!([])),
        broken("credentialSubject", json!("x")),
        broken("credentialSchema", json!({"id": "urn:x"})),
        broken("refreshService", json!({"id": "urn:x"})),
        broken("relatedResource", json!([{"id": "urn:x"}])),
        "[]".to_owned(),
        String::new(),
        "{\"a\": 1, \"a\": 2}".to_owned(),
        "[".repeat(100_000),
    ];
    for format in ["ldp-vc", "vc+jwt", "vc+cose", "vc+sd-jwt"] {
        for input in &inputs {
            let arguments = ["--json", "vc", "issue", "-k", "key", "--format", format];
            let ended = bench.piped(&arguments, input.as_bytes());
            let start: String = input.chars().take(80).collect();
            assert_eq!(
                (ended.code, ended.error().as_str()),
                (1, "vc_refused"),
                "{format}: {start}"
            );
        }
    }
    for suite in ["bbs-2023", "ecdsa-rdfc-2019", "Ed25519Signature2020", "eddsa-rdfc-2002"] {
        let arguments = ["--json", "vc", "issue", "-k", "key", "--suite", suite];
        let ended = bench.piped(&arguments, good.to_string().as_bytes());
        assert_eq!((ended.code, ended.error().as_str()), (2, "settings"), "{suite}");
    }
}

#[test]
fn a_folder_gives_one_table() {
    let bench = Bench::new();
    bench.key("ed25519", ".key");
    std::fs::create_dir(bench.path("in")).unwrap();
    std::fs::create_dir(bench.path("in/deeper")).unwrap();
    let good = issue(&bench, ".key", &[]);
    bench.write("in/a-good.json", &good);
    bench.write("in/b-again.json", &good);
    bench.write("in/c-altered.json", &good.replace("길동", "춘향"));
    bench.write("in/deeper/d-rubbish.txt", "hello");
    let mut elsewhere = credential("did:web:example.org");
    elsewhere["proof"] = serde_json::from_str::<Value>(&good).unwrap()["proof"].clone();
    elsewhere["proof"]["verificationMethod"] = json!("did:web:example.org#key");
    bench.write("in/e-unreachable.json", &elsewhere.to_string());
    let ended = bench.run(&["--json", "vc", "verify", "in", "--offline"]);
    let answer = ended.json();
    assert_eq!(ended.code, 1);
    let results: Vec<&str> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["verified", "verified", "refused", "refused", "unknown"]);
    assert_eq!(answer["results"][1]["duplicateOf"], "in/a-good.json");
    let table = bench.run(&["--lang", "ko", "vc", "verify", "in", "--offline"]).stdout;
    assert_eq!(table.lines().count(), 1 + 5 + 2, "{table}");
    assert!(table.contains("모두 5건: 확인됨 2, 거절 2, 알 수 없음 1"), "{table}");
    assert_eq!(bench.run(&["vc", "verify", "in/e-unreachable.json", "--offline"]).code, 2);
    assert_eq!(bench.run(&["vc", "verify", "nowhere.json", "--offline"]).code, 2);
}
