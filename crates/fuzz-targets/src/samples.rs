//! Signed samples: the seeds of the targets that verify, and the originals that no mutation may forge.

use std::sync::{Arc, OnceLock};

use credential_model::ambient::{Entropy, PredictableEntropy};
use credential_model::catalogue::{CredentialType, sd_jwt_claims};
use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::{jwt_vc, key_proof, request_object, sd_jwt};
use serde_json::{Value, json};
use signing_keys::{
    KeyAlgorithm, KeyRing, KeyStore, MemoryKeyStore, PublicKey, Signer, StoreSigner,
    VerificationKey,
};

/// Who a verifier is in the samples.
pub const AUDIENCE: &str = "https://verifier.example";
/// The nonce of the samples.
pub const NONCE: &str = "n-0S6_WzA2Mj_fictitious_nonce";

/// Keys and what was signed with them. Built once; the same on every machine.
pub struct Samples {
    /// Signers, one for each algorithm.
    pub signers: Vec<StoreSigner>,
    /// Their keys, listed for everything.
    pub keys: KeyRing,
    /// Documents with a proof: each suite over a badge, and one proof set.
    pub secured: Vec<Value>,
    /// `vc+jwt`, one for each algorithm.
    pub tokens: Vec<String>,
    /// `dc+sd-jwt` with all disclosures, one for each algorithm, bound to a holder.
    pub sd_jwts: Vec<String>,
    /// A key proof by `jwk` and one by `kid`.
    pub key_proofs: Vec<String>,
    /// A request object by `kid`.
    pub request_object: String,
}

/// The moment at which all samples are judged.
#[must_use]
pub fn now() -> Moment {
    Moment::from_unix(1_795_000_000)
}

/// The samples.
///
/// # Panics
/// When the libraries cannot sign their own examples: then no target means anything.
pub fn samples() -> &'static Samples {
    static SAMPLES: OnceLock<Samples> = OnceLock::new();
    SAMPLES.get_or_init(|| make().expect("the examples of the catalogue can be signed"))
}

/// The method and DID of a sample signer.
#[must_use]
pub fn names(signer: &StoreSigner) -> (DidUrl, Did) {
    let key = signer.public_key();
    (key.did_key_url(), key.to_did_key())
}

/// A badge issued by `issuer`, without a proof.
#[must_use]
pub fn badge(issuer: &Did) -> Value {
    let mut badge = CredentialType::QualificationBadge.example();
    if let Some(members) = badge.as_object_mut() {
        members.remove("proof");
    }
    badge["issuer"]["id"] = json!(issuer.as_str());
    badge
}

fn make() -> anyhow::Result<Samples> {
    let entropy: Arc<dyn Entropy> = Arc::new(PredictableEntropy::new(11));
    let mut signers = Vec::new();
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Es384] {
        let store: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::clone(&entropy)));
        let handle = store.generate(algorithm, "sample")?;
        signers.push(StoreSigner::new(store, handle)?);
    }
    let keys = signers.iter().map(listed).collect();

    let mut secured = Vec::new();
    for (suite, signer) in [
        (Cryptosuite::EddsaRdfc2022, 0),
        (Cryptosuite::EcdsaRdfc2019, 1),
        (Cryptosuite::EddsaJcs2022, 0),
        (Cryptosuite::EcdsaJcs2019, 2),
    ] {
        let (method, did) = names(&signers[signer]);
        let options = ProofOptions {
            cryptosuite: suite,
            proof_purpose: ProofPurpose::AssertionMethod,
            ..ProofOptions::credential(method, now())
        };
        secured.push(data_integrity::secure(&badge(&did), &options, &signers[signer])?);
    }
    let mut tokens = Vec::new();
    let mut sd_jwts = Vec::new();
    for signer in &signers {
        let (method, did) = names(signer);
        tokens.push(jwt_vc::issue(&badge(&did), &method, signer)?);
        let holder = signers[0].public_key();
        let issue = sd_jwt::Issue {
            payload: sd_jwt_claims(CredentialType::QualificationBadge, &badge(&did)),
            disclosable: CredentialType::QualificationBadge.disclosable(),
            kid: Some(&method),
            holder: Some(&holder),
            decoys: 1,
        };
        sd_jwts.push(sd_jwt::issue(&issue, signer, &*entropy)?);
    }
    let bound =
        sd_jwt::SdJwt::parse(&sd_jwts[0])?.bind(AUDIENCE, NONCE, now(), &[], &signers[0])?;
    sd_jwts.push(bound);
    let (method, did) = names(&signers[1]);
    let mut key_proofs = Vec::new();
    for key in [key_proof::KeyRef::Jwk, key_proof::KeyRef::Kid(method.clone())] {
        key_proofs.push(key_proof::create(AUDIENCE, Some(NONCE), now(), None, &key, &signers[1])?);
    }
    let claims = json!({
        "client_id": format!("decentralized_identifier:{did}"), "response_type": "vp_token",
        "response_mode": "direct_post", "response_uri": "https://verifier.example/response/1",
        "nonce": NONCE, "iat": now().unix(), "exp": now().unix() + 300,
        "dcql_query": {"credentials": [{"id": "badge", "format": "dc+sd-jwt",
            "meta": {"vct_values": [CredentialType::QualificationBadge.vct()]},
            "claims": [{"path": ["person", "name"]}]}]},
    });
    let request_object =
        request_object::sign(&claims, request_object::RequestKey::Kid(&method), &signers[1])?;
    Ok(Samples { signers, keys, secured, tokens, sd_jwts, key_proofs, request_object })
}

fn listed(signer: &StoreSigner) -> VerificationKey {
    listed_key(&signer.public_key())
}

/// A key as its `did:key` document lists it, for every purpose.
#[must_use]
pub fn listed_key(key: &PublicKey) -> VerificationKey {
    VerificationKey {
        id: key.did_key_url(),
        controller: key.to_did_key(),
        key: key.clone(),
        purposes: ProofPurpose::ALL.to_vec(),
        revoked: None,
        expires: None,
    }
}
