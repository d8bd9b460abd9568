//! Compact JWS: the table of algorithms against keys, forbidden headers, types, encodings, and Wycheproof.

#![allow(clippy::unwrap_used)]

mod support;

use credential_proofs::base64url;
use credential_proofs::jose::{self, CompactJws, HeaderRules, JoseError};
use serde_json::{Value, json};
use signing_keys::{PublicKey, Signer};
use support::{ed25519, p256, p384, vectors};

fn signers() -> Vec<Box<dyn Signer>> {
    vec![
        Box::new(ed25519(1)),
        Box::new(p256(1)),
        Box::new(p384(1)),
        Box::new(ed25519(2)),
        Box::new(p256(2)),
    ]
}

/// A token with any header at all, signed by `signer`.
fn raw(header: &str, payload: &str, signer: &dyn Signer) -> String {
    let input = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
    let signature = signer.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signature))
}

#[test]
fn only_the_diagonal_verifies() {
    for (row, signer) in signers().iter().enumerate() {
        let token = jose::sign(json!({"typ": "t"}), b"{}", signer.as_ref()).unwrap();
        let token = CompactJws::parse(&token).unwrap();
        for (column, other) in signers().iter().enumerate() {
            let verified = jose::verify(&token, &other.public_key(), &["t"]);
            assert_eq!(verified.is_ok(), row == column, "{row} {column}");
        }
    }
}

#[test]
fn the_header_cannot_choose_the_algorithm() {
    for signer in signers() {
        for claimed in ["EdDSA", "ES256", "ES384"] {
            let header = json!({"alg": claimed, "typ": "t"}).to_string();
            let token = CompactJws::parse(&raw(&header, "{}", signer.as_ref())).unwrap();
            let verified = jose::verify(&token, &signer.public_key(), &["t"]);
            if claimed == signer.algorithm().jose() {
                verified.unwrap();
            } else {
                assert!(matches!(verified, Err(JoseError::AlgorithmMismatch)));
            }
        }
        for claimed in
            ["none", "None", "nOnE", "NONE", "HS256", "RS256", "es256", "", "ES256K", "PS256"]
        {
            let header = json!({"alg": claimed, "typ": "t"}).to_string();
            let refused = CompactJws::parse(&raw(&header, "{}", signer.as_ref())).unwrap_err();
            assert_eq!(refused.code(), "jws_unsupported_algorithm", "{claimed}");
        }
    }
    for header in [r#"{"typ":"t"}"#, r#"{"alg":1}"#, r#"{"alg":null}"#, r#"{"alg":["ES256"]}"#] {
        assert!(matches!(
            CompactJws::parse(&raw(header, "{}", &p256(1))),
            Err(JoseError::UnsupportedAlgorithm)
        ));
    }
}

#[test]
fn headers_that_bring_rules_or_keys_are_refused() {
    let signer = p256(1);
    let jwk = signer.public_key().to_jwk();
    let forbidden = [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("jku", json!("https://attacker.example/jwks")),
        ("x5u", json!("https://attacker.example/cert")),
        ("jwk", jwk.clone()),
        ("zip", json!("DEF")),
        ("kid", json!(7)),
        ("typ", json!(["t"])),
        ("cty", json!({})),
    ];
    for (name, value) in forbidden {
        let mut header = json!({"alg": "ES256", "typ": "t"});
        header[name] = value;
        let refused = CompactJws::parse(&raw(&header.to_string(), "{}", &signer)).unwrap_err();
        assert!(
            matches!(refused, JoseError::ForbiddenHeader { name: found } if found == name),
            "{name}"
        );
    }
    let header = json!({"alg": "ES256", "typ": "t", "jwk": jwk}).to_string();
    CompactJws::parse_with(&raw(&header, "{}", &signer), HeaderRules { allow_jwk: true }).unwrap();
}

#[test]
fn types_are_not_interchangeable() {
    let signer = ed25519(1);
    let types = [
        "kb+jwt",
        "dc+sd-jwt",
        "vc+jwt",
        "vp+jwt",
        "openid4vci-proof+jwt",
        "oauth-authz-req+jwt",
        "JWT",
    ];
    for made in types {
        let token =
            CompactJws::parse(&jose::sign(json!({"typ": made}), b"{}", &signer).unwrap()).unwrap();
        for wanted in types {
            let verified = jose::verify(&token, &signer.public_key(), &[wanted]);
            assert_eq!(verified.is_ok(), made == wanted, "{made} {wanted}");
        }
    }
    let untyped = CompactJws::parse(&jose::sign(json!({}), b"{}", &signer).unwrap()).unwrap();
    assert!(matches!(
        jose::verify(&untyped, &signer.public_key(), &["JWT"]),
        Err(JoseError::WrongType)
    ));
    assert!(matches!(jose::verify(&untyped, &signer.public_key(), &[]), Err(JoseError::WrongType)));
    jose::verify(&untyped, &signer.public_key(), &["JWT", ""]).unwrap();
    let long = CompactJws::parse(
        &jose::sign(json!({"typ": "application/vc+jwt"}), b"{}", &signer).unwrap(),
    )
    .unwrap();
    jose::verify(&long, &signer.public_key(), &["vc+jwt"]).unwrap();
}

#[test]
fn forms_that_are_no_compact_jws() {
    let signer = ed25519(1);
    let token = jose::sign(json!({"typ": "t"}), b"{\"a\":1}", &signer).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let bad = [
        String::new(),
        "..".to_owned(),
        parts[..2].join("."),
        format!("{token}."),
        format!("{token}.{}", parts[0]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{}\0.{}.{}", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}", base64url::encode("[]"), parts[1], parts[2]),
        format!("{}.{}.{}", base64url::encode("\"x\""), parts[1], parts[2]),
        "a".repeat(2 * 1024 * 1024),
    ];
    for bad in bad {
        assert!(CompactJws::parse(&bad).is_err(), "{}", &bad[..bad.len().min(60)]);
    }
    for header in [
        r#"{"alg":"EdDSA","alg":"ES256"}"#,
        r#"{"alg":"EdDSA","typ":"a","typ":"b"}"#,
        r#"{"alg":"EdDSA","a":1e999}"#,
    ] {
        assert!(matches!(
            CompactJws::parse(&raw(header, "{}", &signer)),
            Err(JoseError::Json { part: "header" })
        ));
    }
    for payload in [r#"{"a":1,"a":2}"#, "[]", "7", "{", "\u{feff}{}"] {
        let token = CompactJws::parse(&raw(r#"{"alg":"EdDSA"}"#, payload, &signer)).unwrap();
        assert!(
            matches!(token.payload_json(), Err(JoseError::Json { part: "payload" })),
            "{payload}"
        );
    }
}

#[test]
fn every_changed_character_is_noticed() {
    let signer = p256(1);
    let token = jose::sign(json!({"typ": "t"}), b"{\"name\":\"hong\"}", &signer).unwrap();
    for position in 0..token.len() {
        for replacement in [b'A', b'B', b'-', b'.'] {
            let mut changed = token.clone().into_bytes();
            if changed[position] == replacement {
                continue;
            }
            changed[position] = replacement;
            let changed = String::from_utf8(changed).unwrap();
            let accepted = CompactJws::parse(&changed)
                .is_ok_and(|token| jose::verify(&token, &signer.public_key(), &["t"]).is_ok());
            assert!(!accepted, "position {position}");
        }
    }
}

#[test]
fn degenerate_signatures() {
    let signer = p256(1);
    let key = signer.public_key();
    let token = jose::sign(json!({"typ": "t"}), b"{}", &signer).unwrap();
    let (input, _) = token.rsplit_once('.').unwrap();
    for signature in
        [vec![0; 64], vec![0xff; 64], vec![0; 63], vec![0; 65], vec![0; 1], vec![0x30; 70]]
    {
        let token =
            CompactJws::parse(&format!("{input}.{}", base64url::encode(signature))).unwrap();
        assert!(matches!(jose::verify(&token, &key, &["t"]), Err(JoseError::BadSignature)));
    }
}

#[test]
fn a_prepared_token_survives_storage() {
    let signer = ed25519(1);
    let prepared = jose::prepare(json!({"typ": "t"}), b"{}", signer.algorithm()).unwrap();
    let stored = serde_json::to_string(&prepared).unwrap();
    let restored: jose::PreparedJws = serde_json::from_str(&stored).unwrap();
    let signature = signer.sign(restored.signing_input()).unwrap();
    assert_eq!(restored.seal(&signature), jose::sign(json!({"typ": "t"}), b"{}", &signer).unwrap());
    assert!(jose::prepare(json!({"alg": "none"}), b"{}", signer.algorithm()).is_err());
    assert!(jose::prepare(json!([]), b"{}", signer.algorithm()).is_err());
}

#[test]
fn numeric_dates() {
    for (value, expected) in
        [(json!(0), Some(0)), (json!(1_700_000_000), Some(1_700_000_000)), (json!(1.9), Some(1))]
    {
        assert_eq!(jose::numeric_date(&value).map(|moment| moment.unix()), expected);
    }
    for bad in [
        json!(-1),
        json!("0"),
        json!(1e300),
        json!(253_402_300_800_i64),
        json!(null),
        json!(true),
        json!(-0.5),
    ] {
        assert_eq!(jose::numeric_date(&bad), None, "{bad}");
    }
}

/// Wycheproof's JWS cases for the algorithms and key kinds we have.
#[test]
fn wycheproof_signatures() {
    let Some(folder) = vectors("wycheproof") else { return };
    let file: Value = serde_json::from_slice(
        &std::fs::read(folder.join("json_web_signature_test.json")).unwrap(),
    )
    .unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = group.get("public").or_else(|| group.get("private")).unwrap();
        let Ok(public) = PublicKey::from_jwk(&public_part(key)) else { continue };
        for test in group["tests"].as_array().unwrap() {
            let token = match &test["jws"] {
                Value::String(text) => text.clone(),
                // The JSON serialization is not compact: we have no door for it.
                _ => continue,
            };
            let accepted = CompactJws::parse(&token).is_ok_and(|token| {
                let typ = token.typ().unwrap_or_default().to_owned();
                jose::verify(&token, &public, &[&typ]).is_ok()
            });
            if test["result"] == "valid" {
                assert!(accepted, "{} {}", test["tcId"], test["comment"]);
                valid += 1;
            } else {
                assert!(!accepted, "{} {}", test["tcId"], test["comment"]);
                invalid += 1;
            }
        }
    }
    println!("wycheproof JWS: {valid} valid, {invalid} invalid");
    assert!(valid > 0 && invalid > 0);
}

fn public_part(key: &Value) -> Value {
    let mut key = key.clone();
    if let Some(members) = key.as_object_mut() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            members.remove(private);
        }
    }
    key
}
