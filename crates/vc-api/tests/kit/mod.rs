//! One instance for each way of securing, and what the tests ask of them.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part of this")]

use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use credential_model::moment::Moment;
use credential_proofs::selective::BbsSecretKey;
use serde_json::{Value, json};
use signing_keys::{Algorithm, OneTimeSigner};
use vc_api::did_resolution_answer::OwnDocument;
use vc_api::{
    DeriveRequest, Instance, InstanceKey, IssueError, IssueRequest, Securing, Tools, Verification,
    VerifierPolicy, VerifyOptions, derive, issue, verify_credential,
};

pub const RESOLVER: OwnDocument = OwnDocument(None);

pub fn now() -> Moment {
    Moment::parse("2026-11-23T05:30:00Z").unwrap()
}

/// Every suite, ECDSA with both curves, and `vc+jwt`.
pub fn instances() -> Vec<Instance> {
    let ways = [
        ("eddsa-rdfc-2022", Algorithm::EdDsa),
        ("eddsa-jcs-2022", Algorithm::EdDsa),
        ("ecdsa-rdfc-2019", Algorithm::Es256),
        ("ecdsa-jcs-2019", Algorithm::Es256),
        ("ecdsa-rdfc-2019", Algorithm::Es384),
        ("ecdsa-jcs-2019", Algorithm::Es384),
        ("ecdsa-sd-2023", Algorithm::Es256),
        ("bbs-2023", Algorithm::Bbs),
        ("vc+jwt", Algorithm::Es256),
    ];
    ways.into_iter().map(|(name, algorithm)| instance(name, algorithm)).collect()
}

pub fn instance(name: &str, algorithm: Algorithm) -> Instance {
    let entropy = PredictableEntropy::new(algorithm as u64 + 40);
    let key = if algorithm == Algorithm::Bbs {
        InstanceKey::Bbs(Arc::new(BbsSecretKey::generate(&entropy)))
    } else {
        InstanceKey::Signer(Arc::new(OneTimeSigner::generate(algorithm, &entropy).unwrap()))
    };
    Instance::of_did_key(name, Securing::parse(name).unwrap(), key).unwrap()
}

pub fn credential(instance: &Instance) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2"
        ],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "issuer": instance.issuer.as_str(),
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:subject",
            "degree": {"type": "ExampleDegree", "name": "가상학위"},
            "year": "2020"
        }
    })
}

pub fn body(credential: &Value) -> Value {
    json!({"credential": credential})
}

pub fn try_issue(instance: &Instance, credential: &Value) -> Result<Value, IssueError> {
    let request = IssueRequest::parse(&body(credential)).unwrap();
    issue(instance, &request, now(), &PredictableEntropy::new(7))
}

pub fn tools(resolver: &OwnDocument) -> Tools<'_> {
    Tools { resolver, status: None, now: now() }
}

pub async fn verify(credential: &Value, options: &VerifyOptions) -> Verification {
    verify_credential(credential, options, VerifierPolicy::default(), &tools(&RESOLVER)).await
}

/// What a verifier gets to see: derived where the suite is selective.
pub async fn shown(instance: &Instance, issued: Value, pointers: &[&str]) -> Value {
    if !instance.securing.as_str().contains("-sd-") && instance.securing.as_str() != "bbs-2023" {
        return issued;
    }
    let request = DeriveRequest::parse(&json!({
        "verifiableCredential": issued, "options": {"selectivePointers": pointers}
    }))
    .unwrap();
    let entropy = PredictableEntropy::new(9);
    derive(&request, instance.contexts, &tools(&RESOLVER), &entropy).await.unwrap()
}
