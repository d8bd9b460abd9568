//! Compact JWS and what is built on it; JWE; leaf certificates.

use std::sync::OnceLock;

use credential_model::ambient::PredictableEntropy;
use credential_proofs::jose::{self, CompactJws, HeaderRules};
use credential_proofs::jwe::{self, ContentEncryption, EphemeralKey};
use credential_proofs::key_proof::{self as proof, ExpectedKeyProof};
use credential_proofs::leaf_certificate::{LeafCertificate, SelfSigned, self_signed};
use credential_proofs::request_object::{ExpectedRequest, RequestObject};
use credential_proofs::{Expected, jwt_vc as vc};
use signing_keys::{PublicKey, Signer};

use super::{answer, lines, text};
use crate::Seen;
use crate::samples::{AUDIENCE, NONCE, names, now, samples};
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "alg",
    "none",
    "HS256",
    "EdDSA",
    "Ed25519",
    "ES256",
    "ES384",
    "ES512",
    "RS256",
    "typ",
    "vc+jwt",
    "vp+jwt",
    "JWT",
    "kid",
    "jwk",
    "jku",
    "x5u",
    "x5c",
    "crit",
    "b64",
    "zip",
    "DEF",
    "epk",
    "enc",
    "A256GCM",
    "ECDH-ES",
    "apu",
    "apv",
    "iss",
    "sub",
    "aud",
    "nonce",
    "iat",
    "nbf",
    "exp",
    "vc",
    "vp",
    "issuer",
    "credentialSubject",
    "openid4vci-proof+jwt",
    "oauth-authz-req+jwt",
    "client_id",
    "decentralized_identifier:",
    "x509_hash:",
    "x509_san_dns:",
    "https://self-issued.me/v2",
    "1e3",
    ".",
];

pub(super) fn tokens() -> Vec<Vec<u8>> {
    lines(samples().tokens.iter().chain(&samples().key_proofs).cloned())
}

pub(super) fn jws(input: &[u8]) -> Seen {
    let text = text(input);
    let tolerant = CompactJws::parse_with(&text, HeaderRules { allow_jwk: true }).is_ok();
    let token = match CompactJws::parse(&text) {
        Ok(token) => token,
        Err(error) => return Seen::of(error.code()).and(tolerant),
    };
    assert!(tolerant, "the stricter rules take more");
    assert_eq!(token.as_str(), text, "a token changed by reading it");
    let mut seen = Seen::of(token.claimed_algorithm().jose());
    for signer in &samples().signers {
        let held = jose::verify(&token, &signer.public_key(), &["vc+jwt", "JWT"]);
        if held.is_ok() {
            assert!(samples().tokens.iter().any(|known| *known == text), "a forged token holds");
        }
        seen = seen.and(held.map_err(|error| error.code()));
    }
    seen.and(token.payload_json().is_ok())
}

pub(super) fn jwt_vc(input: &[u8]) -> Seen {
    let text = text(input);
    let method = vc::verification_method(&text).map_err(|error| error.code());
    let document = vc::document_unverified(&text).map_err(|error| error.code());
    let verified = vc::verify(&text, &samples().keys, &Expected::credential(None, now()));
    if verified.is_ok() {
        assert!(samples().tokens.iter().any(|known| *known == text), "a forged token holds");
    }
    Seen::of(method.err()).and(document.err()).and(verified.err().map(|error| error.code()))
}

pub(super) fn key_proofs() -> Vec<Vec<u8>> {
    lines(samples().key_proofs.iter().cloned())
}

pub(super) fn key_proof(input: &[u8]) -> Seen {
    let text = text(input);
    let expected =
        ExpectedKeyProof { audience: AUDIENCE, now: now(), max_age_seconds: 300, client_id: None };
    let resolve = |kid: &credential_model::did::DidUrl| PublicKey::from_did(&kid.did()).ok();
    let kid = proof::unverified_kid(&text).map(|kid| kid.is_some());
    let claims = proof::verify(&text, &expected, &resolve);
    if let Ok(claims) = &claims {
        assert_eq!(claims.nonce.as_deref(), Some(NONCE));
        assert!(samples().key_proofs.iter().any(|known| *known == text), "a forged key proof");
    }
    Seen::of(kid.map_err(|error| error.detail_code()))
        .and(claims.err().map(|error| error.detail_code()))
}

pub(super) fn request_objects() -> Vec<Vec<u8>> {
    lines([samples().request_object.clone()])
}

pub(super) fn request_object(input: &[u8]) -> Seen {
    let text = text(input);
    let object = match RequestObject::parse(&text) {
        Ok(object) => object,
        Err(error) => return Seen::of(error.detail_code()),
    };
    let signer = &samples().signers[1];
    let client = format!("decentralized_identifier:{}", names(signer).1);
    let mut seen = Seen::of(object.leaf().is_some()).and(object.kid().is_some());
    for key in [Some(&signer.public_key()), object.leaf_key()].into_iter().flatten() {
        let client_id = object.client_id().unwrap_or(&client).to_owned();
        let expected = ExpectedRequest { client_id: &client_id, wallet_nonce: None, now: now() };
        let held = object.verify(key, &expected);
        if held.is_ok() && client_id == client {
            assert_eq!(text, samples().request_object, "a forged request object holds");
        }
        seen = seen.and(held.map_err(|error| error.detail_code()));
    }
    seen.and(credential_request(object.claims()))
}

fn credential_request(claims: &serde_json::Value) -> Seen {
    answer(
        openid4vc_messages::AuthorizationRequest::parse(claims)
            .map_err(|error| error.code.as_str()),
    )
}

fn recipient() -> &'static EphemeralKey {
    static KEY: OnceLock<EphemeralKey> = OnceLock::new();
    KEY.get_or_init(|| EphemeralKey::generate("sample").expect("a key can be made"))
}

pub(super) fn encrypted() -> Vec<Vec<u8>> {
    let encrypt = |enc| jwe::encrypt(b"{\"vp_token\":{}}", &recipient().public_jwk(), enc).ok();
    lines(ContentEncryption::ALL.into_iter().filter_map(encrypt))
}

pub(super) fn jwe(input: &[u8]) -> Seen {
    let text = text(input);
    let kid = jwe::recipient_kid(&text).map(|kid| kid.is_some()).map_err(|error| error.code());
    let plain = jwe::decrypt(&text, recipient()).map_err(|error| error.code());
    if let Ok(plain) = &plain {
        assert_eq!(plain, b"{\"vp_token\":{}}", "a changed ciphertext was opened");
    }
    Seen::of(kid).and(plain.err())
}

pub(super) fn certificates() -> Vec<Vec<u8>> {
    let content = SelfSigned {
        dns_name: "verifier.example",
        not_before: now(),
        not_after: now().plus_seconds(86_400),
    };
    let make = |signer: &signing_keys::StoreSigner| {
        self_signed(&content, signer, &PredictableEntropy::new(5)).ok()
    };
    samples().signers.iter().filter_map(make).collect()
}

pub(super) fn certificate(input: &[u8]) -> Seen {
    match LeafCertificate::parse(input) {
        Err(error) => Seen::of(error.code()),
        Ok(leaf) => Seen::of(leaf.key.algorithm().jose())
            .and(magnitude(leaf.dns_names.len()))
            .and(leaf.is_valid_at(now())),
    }
}
