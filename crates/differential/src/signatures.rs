//! Signatures both ways, and changed secured documents before both judges.

use credential_model::moment::Moment;
use credential_proofs::Expected;
use credential_proofs::data_integrity::danger::verify_proof_only_with;
use credential_proofs::data_integrity::{Cryptosuite, ProofOptions};
use serde_json::{Value, json};
use signing_keys::{KeyRing, Signer as _};

use crate::dice::Dice;
use crate::keys::Named;
use crate::mutate::mutate;
use crate::peers::{engine, ours};
use crate::ssi_peer::{Ssi, Suite};
use crate::tally::{Outcome, Tally};

const LEGACY_CONTEXT: &str = "https://w3id.org/security/suites/ed25519-2020/v1";

/// The two parties.
pub struct Parties<'p> {
    /// ssi.
    pub ssi: &'p Ssi,
    /// Keys of both.
    pub keys: &'p [Named],
    /// The public ones.
    pub ring: &'p KeyRing,
}

fn without_proof(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.remove("proof");
    }
    document
}

/// ssi finds the terms of a proof only through the type of a credential that a credentials context stands before.
fn is_untyped(document: &Value) -> bool {
    let typed = match document.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == "VerifiableCredential"),
        Some(kind) => kind == "VerifiableCredential",
        None => false,
    };
    let known = |context: Option<&Value>| {
        context.and_then(Value::as_str).is_some_and(|url| url.contains("/credentials/v"))
    };
    !typed || !known(document.pointer("/@context/0").or(document.get("@context")))
}

fn add_context(document: &mut Value, url: &str) {
    if let Some(Value::Array(contexts)) = document.get_mut("@context")
        && !contexts.iter().any(|context| context == url)
    {
        contexts.insert(1.min(contexts.len()), Value::from(url));
    }
}

/// Whether the contexts have what a proof says: its configuration has a faithful RDF.
fn has_terms_for_proofs(document: &Value, suite: Suite) -> bool {
    let mut proof = json!({"type": suite.proof_type(), "@context": document.get("@context")});
    if suite != Suite::Ed25519Signature2020 {
        proof["cryptosuite"] = json!("eddsa-rdfc-2022");
    }
    ours(&proof).is_ok()
}

impl Parties<'_> {
    fn judge(&self, secured: &Value) -> Result<(), &'static str> {
        // Both sides date their proofs to the beginning of 2026.
        let expected = Expected::credential(None, Moment::from_unix(1_795_000_000));
        verify_proof_only_with(&engine(), secured, &expected, self.ring)
            .map(drop)
            .map_err(|error| error.code())
    }

    /// Whether both have the same canonical form. Where they do not, the reason is told by [`crate::compare`]; only that
    /// ssi labels blank nodes by SHA-256 also for P-384 (against vc-di-ecdsa 3.2.3) shows here alone.
    fn agree(&self, document: &Value, key: &Named) -> bool {
        let algorithm = key.signer.algorithm();
        let eddsa = key.signer_is_eddsa();
        let suite = if eddsa { Cryptosuite::EddsaRdfc2022 } else { Cryptosuite::EcdsaRdfc2019 };
        let ours = engine().canonical_form(document, suite, algorithm);
        self.ssi.canonical(document).is_ok_and(|theirs| ours.is_ok_and(|ours| ours == theirs))
    }

    /// Signs on both sides, judges on the other, and then once more after a change.
    pub fn compare(
        &self,
        document: &Value,
        dice: &mut Dice,
        material: &[Value],
        tally: &mut Tally,
    ) {
        let key = dice.pick(self.keys);
        let eddsa = key.signer_is_eddsa();
        // ssi knows no legacy method in a did:jwk document.
        let legacy = eddsa && key.did.as_str().starts_with("did:key:") && dice.once_in(2);
        let (suite, theirs) = match (eddsa, legacy) {
            (true, false) => (Cryptosuite::EddsaRdfc2022, Suite::EddsaRdfc2022),
            (true, true) => (Cryptosuite::Ed25519Signature2020, Suite::Ed25519Signature2020),
            _ => (Cryptosuite::EcdsaRdfc2019, Suite::EcdsaRdfc2019),
        };
        let name = suite.as_str();
        let mut document = without_proof(document);
        if legacy {
            // ssi would put the context into the proof, where we do not take it.
            add_context(&mut document, LEGACY_CONTEXT);
        }
        let agreed = self.agree(&document, key);
        let by_ssi = self.ssi.sign(&document, theirs, key).map(|mut signed| {
            if legacy && let Some(proof) = signed["proof"].as_object_mut() {
                // It repeats the document's; we take no contexts from a proof unless they are all of the document's.
                proof.remove("@context");
            }
            signed
        });
        let outcome = match &by_ssi {
            Ok(signed) => match self.judge(signed) {
                Ok(()) => Outcome::Agreement(format!("{name}: signed by ssi, accepted by us")),
                Err("proof_bad_signature") if !agreed => {
                    Outcome::Explained(format!("{name}: signed by ssi over another canonical form"))
                }
                Err(code) if code.starts_with("json_ld") => {
                    Outcome::RefusedByUs(format!("{name}: signed by ssi: {code}"))
                }
                Err(code) => {
                    Outcome::Unexplained(format!("{name}: signed by ssi, refused by us: {code}"))
                }
            },
            Err(_) if !agreed => Outcome::Agreement(format!("{name}: ssi neither reads nor signs")),
            Err(_) if !has_terms_for_proofs(&document, theirs) => {
                Outcome::Agreement(format!("{name}: nobody signs for want of terms for a proof"))
            }
            Err(_) if is_untyped(&document) => {
                Outcome::Explained(format!("{name}: ssi signs no document that is no credential"))
            }
            Err(_) => Outcome::Unexplained(format!("{name}: ssi does not sign")),
        };
        tally.add(outcome, || match &by_ssi {
            Ok(signed) => signed.to_string(),
            Err(error) => format!("{document}\n{error:#}"),
        });
        let secured = if legacy {
            by_ssi.ok().filter(|signed| self.judge(signed).is_ok())
        } else {
            self.sign(&document, suite, key, agreed, tally)
        };
        if let Some(secured) = secured {
            self.changed(secured, name, key, dice, material, tally);
        }
    }

    fn sign(
        &self,
        document: &Value,
        suite: Cryptosuite,
        key: &Named,
        agreed: bool,
        tally: &mut Tally,
    ) -> Option<Value> {
        let name = suite.as_str();
        let options = ProofOptions {
            cryptosuite: suite,
            ..ProofOptions::credential(key.method.clone(), Moment::from_unix(1_767_225_600))
        };
        let secured = match engine().secure(document, &options, &key.signer) {
            Ok(secured) => secured,
            Err(error) => {
                let class = format!("{name}: not signed by us: {}", error.code());
                tally.add(Outcome::RefusedByUs(class), || document.to_string());
                return None;
            }
        };
        let verdict = self.ssi.verify(&secured);
        let outcome = match &verdict {
            Ok(()) => Outcome::Agreement(format!("{name}: signed by us, accepted by ssi")),
            Err(_) if !agreed => {
                Outcome::Explained(format!("{name}: signed by us, another canonical form in ssi"))
            }
            Err(_) if is_untyped(document) => Outcome::Explained(format!(
                "{name}: ssi reads no proof of a document that is no credential"
            )),
            Err(_) => Outcome::Unexplained(format!("{name}: signed by us, refused by ssi")),
        };
        tally.add(outcome, || match &verdict {
            Err(error) => format!("{secured}\n{error:#}"),
            Ok(()) => String::new(),
        });
        Some(secured)
    }

    fn changed(
        &self,
        mut secured: Value,
        name: &str,
        key: &Named,
        dice: &mut Dice,
        material: &[Value],
        tally: &mut Tally,
    ) {
        for _ in 0..=dice.roll(2) {
            mutate(&mut secured, dice, material);
        }
        let (ours, theirs) = (self.judge(&secured), self.ssi.verify(&secured));
        let outcome = match (ours, &theirs) {
            (Ok(()), Ok(())) => Outcome::Agreement(format!("{name}, changed: accepted by both")),
            (Err(_), Err(_)) => Outcome::Agreement(format!("{name}, changed: refused by both")),
            (Err(code), Ok(())) => Outcome::RefusedByUs(format!("{name}, changed: {code}")),
            (Ok(()), Err(_)) if !self.agree(&without_proof(&secured), key) => {
                Outcome::Explained(format!("{name}, changed: another canonical form in ssi"))
            }
            (Ok(()), Err(_)) if is_untyped(&secured) => Outcome::Explained(format!(
                "{name}, changed: ssi reads no proof of a document that is no credential"
            )),
            (Ok(()), Err(_)) => {
                Outcome::Unexplained(format!("{name}, changed: accepted by us only"))
            }
        };
        tally.add(outcome, || match &theirs {
            Err(error) => format!("{secured}\n{error:#}"),
            Ok(()) => secured.to_string(),
        });
    }
}
