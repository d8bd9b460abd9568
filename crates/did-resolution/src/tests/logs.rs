//! Writes did:webvh logs, good ones and ones that break a rule but are sealed and signed.

use bs58::encode;
use credential_model::did::Did;
use credential_model::jcs;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer};

use crate::{ResolveError, SignedLog, WebvhLog};

/// Who signs: a key for each number.
pub(super) fn signer(number: u8) -> BareSigner {
    BareSigner::from_bytes(Algorithm::EdDsa, &[number; 32]).unwrap()
}

pub(super) fn multikey(number: u8) -> String {
    signer(number).public_key().to_multikey()
}

pub(super) fn witness(number: u8) -> Value {
    json!({"id": format!("did:key:{}", multikey(number))})
}

pub(super) fn hash(bytes: &[u8]) -> String {
    encode([&[0x12, 0x20][..], &Sha256::digest(bytes)].concat()).into_string()
}

pub(super) fn key_hash(number: u8) -> String {
    hash(multikey(number).as_bytes())
}

fn canonical(value: &Value) -> Vec<u8> {
    jcs::canonicalize(value).unwrap().into_bytes()
}

/// An `eddsa-jcs-2022` proof over a document without proof.
pub(super) fn proof(document: &Value, number: u8) -> Value {
    let key = multikey(number);
    let mut proof = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": format!("did:key:{key}#{key}"),
        "created": "2026-01-01T00:00:00Z",
        "proofPurpose": "assertionMethod",
    });
    let message = [Sha256::digest(canonical(&proof)), Sha256::digest(canonical(document))].concat();
    let signature = signer(number).sign(&message).unwrap();
    proof["proofValue"] = json!(format!("z{}", encode(signature).into_string()));
    proof
}

/// A log under construction; key 1 may update it at first.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) entries: Vec<Value>,
    pub(super) scid: String,
}

impl Log {
    /// A log of one entry with these parameters besides method, scid and updateKeys.
    pub(super) fn new(extra: Value) -> Self {
        Self::altered(extra, |_| {})
    }

    /// As [`Log::new`], changed before it is hashed and signed.
    pub(super) fn altered(extra: Value, alter: impl Fn(&mut Value)) -> Self {
        let mut parameters = json!({
            "method": "did:webvh:1.0", "scid": "{SCID}", "updateKeys": [multikey(1)],
        });
        merge(&mut parameters, extra);
        let mut entry = json!({
            "versionId": "{SCID}",
            "versionTime": "2026-01-01T00:00:00Z",
            "parameters": parameters,
            "state": state("did:webvh:{SCID}:issuer.example"),
        });
        alter(&mut entry);
        let scid = hash(&canonical(&entry));
        let text = entry.to_string().replace("{SCID}", &scid);
        let mut log = Self { entries: Vec::new(), scid: scid.clone() };
        log.seal(serde_json::from_str(&text).unwrap(), &scid, 1);
        log
    }

    pub(super) fn did(&self) -> String {
        format!("did:webvh:{}:issuer.example", self.scid)
    }

    pub(super) fn version_id(&self, number: usize) -> &str {
        self.entries[number - 1]["versionId"].as_str().unwrap()
    }

    /// Adds a good entry signed by this key.
    pub(super) fn add(&mut self, parameters: Value, by: u8) {
        self.add_altered(parameters, by, |_| {});
    }

    /// Adds an entry, changed before it is hashed and signed.
    pub(super) fn add_altered(&mut self, parameters: Value, by: u8, alter: impl Fn(&mut Value)) {
        let number = self.entries.len() + 1;
        let mut entry = json!({
            "versionId": "",
            "versionTime": format!("2026-01-{number:02}T00:00:00Z"),
            "parameters": parameters,
            "state": state(&self.did()),
        });
        alter(&mut entry);
        let before = self.version_id(number - 1).to_owned();
        self.seal(entry, &before, by);
    }

    /// Hashes with the version before, numbers, signs and appends.
    fn seal(&mut self, mut entry: Value, before: &str, by: u8) {
        entry["versionId"] = json!(before);
        let number = self.entries.len() + 1;
        entry["versionId"] = json!(format!("{number}-{}", hash(&canonical(&entry))));
        entry["proof"] = json!([proof(&entry, by)]);
        self.entries.push(entry);
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.entries.iter().map(|entry| format!("{entry}\n")).collect::<String>().into_bytes()
    }

    /// The log with a witness file, checked on a day in 2026.
    pub(super) fn check(&self, witnesses: Option<&Value>) -> Result<WebvhLog, ResolveError> {
        let did = Did::parse(&self.did()).unwrap();
        let proofs = witnesses.map(|proofs| proofs.to_string().into_bytes());
        SignedLog::verify(&did, &self.bytes(), now())?.witnessed(proofs.as_deref())
    }

    /// The code with which the newest version is refused.
    pub(super) fn refusal(&self) -> &'static str {
        let latest = self.check(None).and_then(|log| {
            log.version(&crate::VersionQuery::Latest).map(|version| version.version_id.clone())
        });
        latest.expect_err("the newest version must be refused").code()
    }

    /// A record of the witness file: these witnesses stand by that entry.
    pub(super) fn witnessed(&self, number: usize, by: &[u8]) -> Value {
        let document = json!({"versionId": self.version_id(number)});
        let proofs: Vec<Value> = by.iter().map(|one| proof(&document, *one)).collect();
        json!({"versionId": self.version_id(number), "proof": proofs})
    }
}

pub(super) fn now() -> Moment {
    Moment::parse("2026-11-23T00:00:00Z").unwrap()
}

pub(super) fn state(did: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [{
            "id": format!("{did}#key-1"),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey(9),
        }],
        "assertionMethod": [format!("{did}#key-1")],
    })
}

fn merge(base: &mut Value, extra: Value) {
    for (name, value) in extra.as_object().unwrap() {
        base[name] = value.clone();
    }
}
