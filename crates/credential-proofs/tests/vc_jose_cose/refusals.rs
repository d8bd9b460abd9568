//! Tokens and envelopes that no issuer of ours makes.

use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::CredentialType;
use credential_proofs::envelope::{Enveloped, MediaType, is_envelope};
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{base64url, jose, vc_sd_jwt};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signing_keys::Algorithm;
use signing_keys::danger::BareSigner;

use crate::support::{method, now, ring};
use crate::{check, example, expected, secure, signer};

fn issuer() -> (BareSigner, Value) {
    let issuer = signer(Algorithm::EdDsa, 1);
    let document = example(CredentialType::QualificationBadge, &issuer);
    (issuer, document)
}

/// Signs any header and document as an SD-JWT, and says what the reader makes of it.
fn by_hand(header: Value, payload: &Value, disclosures: &str) -> &'static str {
    let (issuer, _) = issuer();
    let token = jose::sign(header, payload.to_string().as_bytes(), &issuer).unwrap();
    let text = format!("{token}~{disclosures}");
    check(MediaType::VcSdJwt, text.as_bytes(), &ring(&[&issuer]), &expected())
        .map_or_else(|code| code, |_| "accepted")
}

#[test]
fn headers_by_hand() {
    let (issuer, document) = issuer();
    let kid = method(&issuer);
    let header = |typ: &str| json!({"typ": typ, "cty": "vc", "kid": kid.as_str()});
    assert_eq!(by_hand(header("vc+sd-jwt"), &document, ""), "accepted");
    for typ in ["dc+sd-jwt", "vp+sd-jwt", "vc+jwt", "vc-ld+sd-jwt", "kb+jwt", "VC+SD-JWT", ""] {
        assert_eq!(by_hand(header(typ), &document, ""), "jws_wrong_type", "{typ}");
    }
    let presentation = json!({"typ": "vc+sd-jwt", "cty": "vp", "kid": kid.as_str()});
    assert_eq!(by_hand(presentation, &document, ""), "vc_sd_jwt_wrong_content_type");
    for bad in ["", "#1", "key-1", "../../etc/passwd", "https://issuer.example/#1"] {
        let header = json!({"typ": "vc+sd-jwt", "kid": bad});
        assert_eq!(by_hand(header, &document, ""), "vc_sd_jwt_no_verification_method", "{bad}");
    }
    let nameless = json!({"typ": "vc+sd-jwt"});
    assert_eq!(by_hand(nameless, &document, ""), "vc_sd_jwt_no_verification_method");
    for (name, value) in [("jwk", json!({})), ("jku", json!("x")), ("crit", json!(["x"]))] {
        let mut header = header("vc+sd-jwt");
        header[name] = value;
        assert_eq!(by_hand(header, &document, ""), "jws_forbidden_header", "{name}");
    }
}

#[test]
fn claims_by_hand() {
    let (issuer, document) = issuer();
    let header = json!({"typ": "vc+sd-jwt", "cty": "vc", "kid": method(&issuer).as_str()});
    let second = now().unix();
    for (name, value, wanted) in [
        ("iss", document["issuer"]["id"].clone(), "accepted"),
        ("iss", json!("did:example:other"), "vc_claim"),
        ("iss", json!(1), "vc_claim"),
        ("sub", json!("did:example:other"), "vc_claim"),
        ("jti", json!("urn:uuid:other"), "vc_claim"),
        ("aud", json!(["a", "b"]), "vp_wrong_audience"),
        ("iat", json!("2026-11-23T12:00:00Z"), "vc_claim"),
        ("iat", json!(second + 61), "vc_not_yet_valid"),
        ("nbf", json!(second + 61), "vc_not_yet_valid"),
        ("exp", json!(second - 61), "vc_expired"),
        ("exp", json!(second + 1), "accepted"),
        ("exp", json!(-1), "vc_claim"),
        ("vc", json!({}), "vc_bad_document"),
        ("vp", json!({}), "vc_bad_document"),
        ("proof", json!({}), "vc_bad_document"),
        ("@context", json!("https://www.w3.org/2018/credentials/v1"), "vc_bad_document"),
        ("@context", json!([]), "vc_bad_document"),
        ("type", json!(["VerifiablePresentation"]), "vc_bad_document"),
        ("issuer", json!("https://issuer.example"), "vc_wrong_issuer"),
        ("issuer", json!({"name": "x"}), "vc_wrong_issuer"),
        ("unknown", json!(1), "accepted"),
    ] {
        let mut changed = document.clone();
        changed[name] = value.clone();
        assert_eq!(by_hand(header.clone(), &changed, ""), wanted, "{name} {value}");
    }
}

#[test]
fn what_decides_the_rules_cannot_be_hidden() {
    let (issuer, document) = issuer();
    let kid = method(&issuer);
    // An issuer that lets the holder hide the status: refused as soon as it shows.
    let header = json!({"typ": "vc+sd-jwt", "kid": kid.as_str()});
    for name in ["credentialStatus", "validUntil", "credentialSchema"] {
        let value = document.get(name).cloned().unwrap_or_else(|| json!({"id": "x"}));
        let disclosure =
            base64url::encode(json!(["salt-salt-salt-salt-00", name, value]).to_string());
        let mut hiding = document.clone();
        hiding.as_object_mut().unwrap().remove(name);
        hiding["_sd"] = json!([base64url::encode(Sha256::digest(disclosure.as_bytes()))]);
        let code = by_hand(header.clone(), &hiding, &format!("{disclosure}~"));
        assert_eq!(code, "vc_sd_jwt_must_be_visible", "{name}");
    }
    for forbidden in ["credentialStatus", "type", "issuer.id", "@context", "validUntil"] {
        let credential = vc_sd_jwt::Credential {
            document: &document,
            disclosable: &[forbidden],
            kid: &kid,
            holder: None,
            decoys: 0,
        };
        let error =
            vc_sd_jwt::issue(&credential, &issuer, &PredictableEntropy::new(1)).unwrap_err();
        assert_eq!(error.code(), "vc_sd_jwt_must_be_visible");
    }
    // A vc+sd-jwt is no SD-JWT VC.
    let ours = secure(MediaType::VcSdJwt, &document, &kid, &issuer).unwrap();
    let sd_jwt = SdJwt::parse(std::str::from_utf8(&ours).unwrap()).unwrap();
    assert!(sd_jwt.verify(&ring(&[&issuer]), &expected()).is_err());
}

#[test]
fn envelopes_that_are_refused() {
    let good = Enveloped::new(MediaType::VcCose, vec![0xd2, 0x84, 0xff]).unwrap().to_value();
    assert!(is_envelope(&good));
    assert_eq!(good["id"], "data:application/vc+cose;base64,0oT/");
    // Padding may be there or not; the last letter must be canonical.
    for (id, wanted) in [
        ("data:application/vc+cose;base64,0oT/", "read"),
        ("data:application/vc+cose;base64,0oQ=", "read"),
        ("data:application/vc+cose;base64,0oQ", "read"),
        ("data:application/vc+cose;base64,0oR", "envelope_encoding"),
        ("data:application/vc+cose;base64,0oT_", "envelope_encoding"),
        ("data:application/vc+cose;base64,0oT/\n", "envelope_encoding"),
        ("data:application/vc+cose;base64,", "envelope_encoding"),
        ("data:application/vc+cose,0oT/", "envelope_encoding"),
        ("data:application/vc+jwt,a.b.c", "read"),
        ("data:application/vc+jwt;base64,YS5iLmM=", "envelope_encoding"),
        ("data:application/vc+jwt,a.b.c#f", "envelope_encoding"),
        ("data:application/vc+jwt,a%2Eb.c", "envelope_encoding"),
        ("data:application/vc+jwt, a.b.c", "envelope_encoding"),
        ("data:application/vp+jwt,a.b.c", "envelope_media_type"),
        ("data:application/vc-ld+jwt,a.b.c", "envelope_media_type"),
        ("data:application/vc+jwt;charset=utf-8,a.b.c", "envelope_media_type"),
        ("data:Application/VC+jwt,a.b.c", "envelope_media_type"),
        ("data:text/html,a", "envelope_media_type"),
        ("data:,a", "envelope_media_type"),
        ("data:application/vc+jwt", "envelope_not_a_data_url"),
        ("https://example.org/a,b", "envelope_not_a_data_url"),
        ("", "envelope_not_a_data_url"),
    ] {
        let mut value = good.clone();
        value["id"] = json!(id);
        let code = Enveloped::read(&value).map_or_else(|error| error.code(), |_| "read");
        assert_eq!(code, wanted, "{id}");
    }
    let change = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        Enveloped::read(&changed).unwrap_err().code()
    };
    let both = json!(["EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"]);
    assert_eq!(change("type", both), "envelope_malformed");
    assert_eq!(change("type", json!("VerifiableCredential")), "envelope_malformed");
    assert_eq!(change("type", json!("EnvelopedVerifiablePresentation")), "envelope_media_type");
    let old = json!("https://www.w3.org/2018/credentials/v1");
    assert_eq!(change("@context", old), "envelope_malformed");
    assert_eq!(change("id", json!(1)), "envelope_malformed");
    assert!(!is_envelope(&json!("data:application/vc+jwt,a.b.c")));
    for media_type in MediaType::ALL {
        assert_eq!(MediaType::parse(media_type.as_str()), Some(media_type));
        assert_eq!(MediaType::parse(media_type.typ()), None);
    }
}
