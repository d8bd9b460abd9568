//! COSE, envelopes in presentations, and VCDM documents as SD-JWT.

use std::sync::OnceLock;

use credential_model::ambient::PredictableEntropy;
use credential_proofs::cose::{self, Sign1};
use credential_proofs::envelope::{Enveloped, MediaType};
use credential_proofs::jwt_vc::{ExpectedPresentation, Presentation};
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{Expected, vc_sd_jwt};
use serde_json::json;
use signing_keys::Signer;

use super::{lines, strict, text};
use crate::Seen;
use crate::samples::{AUDIENCE, NONCE, badge, names, now, samples};
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "data:",
    ";base64,",
    "application/vc+jwt",
    "application/vp+jwt",
    "application/vc+cose",
    "application/vp+cose",
    "application/vc+sd-jwt",
    "application/vp+sd-jwt",
    "application/dc+sd-jwt",
    "EnvelopedVerifiableCredential",
    "EnvelopedVerifiablePresentation",
    "https://www.w3.org/ns/credentials/v2",
    "_sd",
    "...",
    "cnf",
    "kid",
    "typ",
    "cty",
];

fn expected() -> ExpectedPresentation<'static> {
    ExpectedPresentation {
        audience: AUDIENCE,
        nonce: NONCE,
        holder: None,
        now: now(),
        max_age_seconds: 300,
    }
}

/// What both kinds of presentation present.
fn presented<T>(
    make: impl Fn(&Presentation<'_>, &signing_keys::StoreSigner) -> Option<T>,
) -> Vec<T> {
    let samples = samples();
    let credentials = [json!(samples.tokens[0]), samples.secured[0].clone()];
    let one = |signer| {
        let (kid, _) = names(signer);
        let presentation = Presentation {
            credentials: &credentials,
            kid: &kid,
            audience: AUDIENCE,
            nonce: NONCE,
            issued_at: now(),
            lifetime_seconds: 300,
        };
        make(&presentation, signer)
    };
    samples.signers.iter().filter_map(one).collect()
}

pub(super) fn structures() -> Vec<Vec<u8>> {
    static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let make = || {
        let issue = |signer| {
            let (method, did) = names(signer);
            cose::issue(&badge(&did), &method, signer).ok()
        };
        let mut made: Vec<Vec<u8>> = samples().signers.iter().filter_map(issue).collect();
        made.extend(presented(|presentation, signer| cose::present(presentation, signer).ok()));
        made
    };
    MADE.get_or_init(make).clone()
}

pub(super) fn sign1(input: &[u8]) -> Seen {
    let signed = match Sign1::parse(input) {
        Ok(signed) => signed,
        Err(error) => return Seen::of(error.code()),
    };
    let samples = samples();
    let mut seen = Seen::of(signed.claimed_algorithm().jose()).and(signed.payload_json().is_ok());
    for signer in &samples.signers {
        for media_type in [MediaType::VcCose, MediaType::VpCose] {
            let held = signed.verify(&signer.public_key(), media_type);
            seen = seen.and(held.map_err(|error| error.code()));
        }
    }
    let credential = cose::verify(input, &samples.keys, &Expected::credential(None, now()));
    let presentation = cose::verify_presentation(input, &samples.keys, &expected());
    if credential.is_ok() || presentation.is_ok() {
        // Tag 18 may stand in front or not.
        let bare = |bytes: &[u8]| bytes.strip_prefix(&[0xd2]).unwrap_or(bytes).to_vec();
        let known = structures().iter().any(|known| bare(known) == bare(input));
        assert!(known, "a forged structure holds");
    }
    seen.and(credential.err().map(|error| error.code()))
        .and(presentation.err().map(|error| error.code()))
}

pub(super) fn envelopes() -> Vec<Vec<u8>> {
    let mut made: Vec<String> = samples()
        .tokens
        .iter()
        .chain(&samples().sd_jwts[..2])
        .filter_map(|token| Enveloped::credential_token(token).ok())
        .map(|enveloped| enveloped.to_value().to_string())
        .collect();
    for (bytes, kind) in structures().into_iter().zip([MediaType::VcCose, MediaType::VpCose]) {
        made.extend(Enveloped::new(kind, bytes).ok().map(|made| made.to_value().to_string()));
    }
    lines(made)
}

pub(super) fn envelope(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    match Enveloped::read(&document) {
        Err(error) => Seen::of(error.code()),
        Ok(enveloped) => {
            let again = Enveloped::read(&enveloped.to_value()).expect("what is written is read");
            assert_eq!(again, enveloped, "an envelope changed by writing it");
            let token = enveloped.token().map(|token| Enveloped::credential_token(token).is_ok());
            Seen::of(enveloped.media_type).and(magnitude(enveloped.bytes().len())).and(token)
        }
    }
}

pub(super) fn documents() -> Vec<Vec<u8>> {
    static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let make = || {
        let issue = |signer: &signing_keys::StoreSigner| {
            let (kid, did) = names(signer);
            let credential = vc_sd_jwt::Credential {
                document: &badge(&did),
                disclosable: &["credentialSubject.person.name", "credentialSubject.person"],
                kid: &kid,
                holder: Some(&signer.public_key()),
                decoys: 1,
            };
            vc_sd_jwt::issue(&credential, signer, &PredictableEntropy::new(9)).ok()
        };
        let mut made: Vec<String> = samples().signers.iter().filter_map(issue).collect();
        made.extend(presented(|presentation, signer| {
            vc_sd_jwt::present(presentation, signer).ok()
        }));
        lines(made)
    };
    MADE.get_or_init(make).clone()
}

pub(super) fn vc_sd_jwt_of(input: &[u8]) -> Seen {
    let text = text(input);
    let presentation = vc_sd_jwt::verify_presentation(&text, &samples().keys, &expected());
    let mut seen = Seen::of(presentation.as_ref().err().map(|error| error.code()));
    let issued = |text: &str| text.split('~').next().unwrap_or_default().as_bytes().to_vec();
    let known =
        || documents().iter().any(|one| issued(&String::from_utf8_lossy(one)) == issued(&text));
    assert!(presentation.is_err() || known(), "a forged presentation holds");
    if let Ok(token) = SdJwt::parse(&text) {
        let held = vc_sd_jwt::verify(&token, &samples().keys, &Expected::credential(None, now()));
        assert!(held.is_err() || known(), "a forged credential holds");
        seen = seen.and(held.map(|held| held.disclosed_paths.len()).map_err(|error| error.code()));
    }
    seen
}
