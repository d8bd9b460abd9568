//! The document of a history.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential_model::did::{Did, DidDocument};
use credential_model::json::{Limits, parse_strict};
use evm_chain::{Address, Erc1056Change, checksummed};
use serde_json::{Map, Value, json};
use signing_keys::PublicKey;

use super::attribute::{Attribute, field_text, method_type};
use super::history::History;
use super::identifier::EthrIdentifier;
use crate::error::ResolveError;

const CONTEXTS: [&str; 3] = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
    "https://w3id.org/security/v3-unstable",
];

/// Keys and services in force, under what the registry knows them by: a later event about the
/// same thing replaces or removes it, and a removed one comes back at the end.
#[derive(Default)]
struct Listed(Vec<(String, Value)>);

impl Listed {
    fn put(&mut self, key: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| known != key);
    }

    fn values(self) -> impl Iterator<Item = Value> {
        self.0.into_iter().map(|(_, value)| value)
    }
}

/// The parts of a document while its history is read.
struct Writer<'a> {
    did: &'a Did,
    chain_id: u64,
    controller: Address,
    delegates: u64,
    services_seen: u64,
    authentication: Listed,
    assertion: Listed,
    agreement: Listed,
    methods: Listed,
    services: Listed,
}

/// The document of an identity after these events.
pub(super) fn write(
    did: &Did,
    identifier: &EthrIdentifier,
    chain_id: u64,
    history: &History,
) -> Result<DidDocument, ResolveError> {
    let mut writer = Writer {
        did,
        chain_id,
        controller: identifier.address,
        delegates: 0,
        services_seen: 0,
        authentication: Listed::default(),
        assertion: Listed::default(),
        agreement: Listed::default(),
        methods: Listed::default(),
        services: Listed::default(),
    };
    for event in &history.events {
        match &event.change {
            Erc1056Change::Owner(owner) if owner.is_zero() => {
                return Err(ResolveError::Deactivated);
            }
            Erc1056Change::Owner(owner) => writer.controller = *owner,
            Erc1056Change::Delegate { kind, delegate, valid_to } => {
                let in_force = *valid_to > 0 && *valid_to >= history.judged_at;
                // A kind that is no text is somebody's other use of the registry.
                if let Some(kind) = field_text(kind) {
                    writer.delegate(kind, *delegate, in_force);
                }
            }
            Erc1056Change::Attribute { name, value, valid_to } => {
                let in_force = *valid_to > 0 && *valid_to >= history.judged_at;
                if let Some(name) = field_text(name) {
                    writer.attribute(name, value, in_force);
                }
            }
        }
    }
    writer.finish(identifier)
}

impl Writer<'_> {
    /// The numbers count every delegate and key ever added or removed, so that a number is never
    /// given to another key.
    fn next_delegate(&mut self) -> String {
        self.delegates += 1;
        format!("{}#delegate-{}", self.did, self.delegates)
    }

    fn delegate(&mut self, kind: &str, delegate: Address, in_force: bool) {
        let key = format!("delegate-{kind}-{delegate}");
        let id = self.next_delegate();
        if !in_force {
            return self.forget(&key);
        }
        if !matches!(kind, "sigAuth" | "veriKey") {
            return;
        }
        if kind == "sigAuth" {
            self.authentication.put(&key, json!(id));
        }
        self.assertion.put(&key, json!(id));
        let method = self.account_method(&id, delegate);
        self.methods.put(&key, method);
    }

    fn attribute(&mut self, name: &str, value: &[u8], in_force: bool) {
        let key = format!("attribute-{name}-{}", hex::encode(value));
        if !in_force {
            if name.starts_with("did/pub/") {
                self.delegates += 1;
            } else if name.starts_with("did/svc/") {
                self.services_seen += 1;
            }
            return self.forget(&key);
        }
        match Attribute::parse(name) {
            Some(Attribute::Key { algorithm, purpose, encoding }) => {
                let id = self.next_delegate();
                let kind = method_type(algorithm, purpose);
                let Some((member, text)) = encoded(encoding, value) else { return };
                let method = json!({
                    "id": id, "type": kind, "controller": self.did, member: text,
                });
                self.methods.put(&key, method);
                match purpose {
                    Some("enc") => self.agreement.put(&key, json!(id)),
                    Some("sigAuth") => {
                        self.authentication.put(&key, json!(id));
                        self.assertion.put(&key, json!(id));
                    }
                    _ => self.assertion.put(&key, json!(id)),
                }
            }
            Some(Attribute::Service(kind)) => {
                self.services_seen += 1;
                let Ok(text) = std::str::from_utf8(value) else { return };
                // An endpoint may be a JSON object or array; anything else is an address.
                let endpoint = parse_strict(value, &Limits::with_max_bytes(16 * 1024))
                    .unwrap_or_else(|_| json!(text));
                let id = format!("{}#service-{}", self.did, self.services_seen);
                let service = json!({"id": id, "type": kind, "serviceEndpoint": endpoint});
                self.services.put(&key, service);
            }
            None => {}
        }
    }

    fn forget(&mut self, key: &str) {
        for listed in [
            &mut self.authentication,
            &mut self.assertion,
            &mut self.agreement,
            &mut self.methods,
            &mut self.services,
        ] {
            listed.remove(key);
        }
    }

    fn account_method(&self, id: &str, account: Address) -> Value {
        json!({
            "id": id,
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": self.did,
            "blockchainAccountId": format!("eip155:{}:{}", self.chain_id, checksummed(account)),
        })
    }

    fn finish(self, identifier: &EthrIdentifier) -> Result<DidDocument, ResolveError> {
        let did = self.did;
        let mut methods = vec![self.account_method(&format!("{did}#controller"), self.controller)];
        let mut own = vec![json!(format!("{did}#controller"))];
        // The key in the DID speaks only while its own account is the owner.
        if let Some(key) = &identifier.public_key
            && self.controller == identifier.address
        {
            let id = format!("{did}#controllerKey");
            own.push(json!(id));
            methods.push(json!({
                "id": id,
                "type": "EcdsaSecp256k1VerificationKey2019",
                "controller": did,
                "publicKeyHex": key,
            }));
        }
        methods.extend(self.methods.values());
        let listed = |extra: Listed| own.iter().cloned().chain(extra.values()).collect::<Vec<_>>();
        let mut document = json!({
            "@context": CONTEXTS,
            "id": did,
            "verificationMethod": methods,
            "authentication": listed(self.authentication),
            "assertionMethod": listed(self.assertion),
        });
        for (name, listed) in [("service", self.services), ("keyAgreement", self.agreement)] {
            let values: Vec<Value> = listed.values().collect();
            if !values.is_empty() {
                document[name] = Value::Array(values);
            }
        }
        parse(document)
    }
}

/// Longest key written in base58, which takes time by the square of its length.
const MAX_BASE58: usize = 1024;

/// Member and text of a key in its encoding; none for a PEM that is no text, and for base58 of
/// what no key is as long as.
fn encoded(encoding: Option<&str>, value: &[u8]) -> Option<(&'static str, String)> {
    Some(match encoding {
        None | Some("hex") => ("publicKeyHex", hex::encode(value)),
        Some("base64") => ("publicKeyBase64", STANDARD.encode(value)),
        Some("base58") if value.len() > MAX_BASE58 => return None,
        Some("base58") => ("publicKeyBase58", bs58::encode(value).into_string()),
        Some("pem") => ("publicKeyPem", std::str::from_utf8(value).ok()?.to_owned()),
        Some(_) => ("value", hex::encode(value)),
    })
}

/// Reads the document with its Ed25519 keys in the form our model knows; what is shown and
/// compared stays as the method writes it.
fn parse(json: Value) -> Result<DidDocument, ResolveError> {
    let mut readable = json.clone();
    let methods = readable.get_mut("verificationMethod").and_then(Value::as_array_mut);
    for method in methods.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(multikey) = ed25519_multikey(method) {
            method.insert("type".to_owned(), json!("Ed25519VerificationKey2020"));
            method.insert("publicKeyMultibase".to_owned(), json!(multikey));
        }
    }
    let mut document = DidDocument::parse(&readable)
        .map_err(|error| ResolveError::InvalidDocument(error.to_string()))?;
    document.json = json;
    Ok(document)
}

fn ed25519_multikey(method: &Map<String, Value>) -> Option<String> {
    let kind = method.get("type")?.as_str()?;
    let kinds = ["Ed25519", "Ed25519VerificationKey2018", "Ed25519VerificationKey2020"];
    if !kinds.contains(&kind) {
        return None;
    }
    let text = |name: &str| method.get(name).and_then(Value::as_str);
    let bytes = if let Some(digits) = text("publicKeyHex").or(text("value")) {
        hex::decode(digits).ok()?
    } else if let Some(digits) = text("publicKeyBase64") {
        STANDARD.decode(digits).ok()?
    } else {
        bs58::decode(text("publicKeyBase58")?).into_vec().ok()?
    };
    // The multicodec prefix of ed25519-pub.
    let multikey = [[0xed, 0x01].as_slice(), &bytes].concat();
    Some(PublicKey::from_multikey_bytes(&multikey).ok()?.to_multikey())
}
