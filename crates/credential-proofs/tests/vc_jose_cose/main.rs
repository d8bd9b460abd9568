//! VC-JOSE-COSE end to end: our seven types through every envelope and algorithm, and everything that must be refused.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod credentials;
mod presentations;
mod refusals;

use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::CredentialType;
use credential_model::did::DidUrl;
use credential_proofs::envelope::MediaType;
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{Expected, cose, jwt_vc, vc_sd_jwt};
use serde_json::{Value, json};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, KeyRing, Signer};
use support::{did, now};

const ENVELOPES: [MediaType; 3] = [MediaType::VcJwt, MediaType::VcSdJwt, MediaType::VcCose];

fn signer(algorithm: Algorithm, seed: u8) -> BareSigner {
    let secret = match algorithm {
        Algorithm::Es384 => vec![seed; 48],
        Algorithm::Es512 => [vec![0], vec![seed; 65]].concat(),
        _ => vec![seed; 32],
    };
    BareSigner::from_bytes(algorithm, &secret).unwrap()
}

fn example(kind: CredentialType, signer: &dyn Signer) -> Value {
    let mut document = kind.example();
    document.as_object_mut().unwrap().remove("proof");
    document["issuer"]["id"] = json!(did(signer).as_str());
    document
}

fn secure(
    envelope: MediaType,
    document: &Value,
    kid: &DidUrl,
    signer: &dyn Signer,
) -> Result<Vec<u8>, &'static str> {
    match envelope {
        MediaType::VcJwt => jwt_vc::issue(document, kid, signer)
            .map(String::into_bytes)
            .map_err(|error| error.code()),
        MediaType::VcCose => cose::issue(document, kid, signer).map_err(|error| error.code()),
        _ => {
            let credential = vc_sd_jwt::Credential {
                document,
                disclosable: &["credentialSubject.id", "credentialSubject.person.name"],
                kid,
                holder: None,
                decoys: 1,
            };
            vc_sd_jwt::issue(&credential, signer, &PredictableEntropy::new(9))
                .map(String::into_bytes)
                .map_err(|error| error.code())
        }
    }
}

fn check(
    envelope: MediaType,
    secured: &[u8],
    keys: &KeyRing,
    expected: &Expected<'_>,
) -> Result<Value, &'static str> {
    let text = || std::str::from_utf8(secured).map_err(|_| "not text");
    match envelope {
        MediaType::VcJwt => jwt_vc::verify(text()?, keys, expected).map_err(|error| error.code()),
        MediaType::VcCose => cose::verify(secured, keys, expected).map_err(|error| error.code()),
        _ => {
            let sd_jwt = SdJwt::parse(text()?).map_err(|error| error.code())?;
            vc_sd_jwt::verify(&sd_jwt, keys, expected)
                .map(|verified| verified.document)
                .map_err(|error| error.code())
        }
    }
}

fn expected() -> Expected<'static> {
    Expected::credential(None, now())
}
