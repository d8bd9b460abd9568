use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use serde_json::{Map, Value};
use signing_keys::{Algorithm, KeyRing, PublicKey};

use super::engine::{Engine, configuration};
use super::read::{ReadProof, proofs};
use super::shape::Shapes;
use super::{Cryptosuite, ProofError, multibase};
use crate::expected::{CLOCK_SKEW_SECONDS, Expected};
use crate::json_ld::Source;
use crate::key_check::usable_key;
use crate::selective::{Sight, check_selective};

/// Learning the shapes of a document and its proof costs about as much as twenty documents gain.
const WORTH_LEARNING: usize = 32;

/// A proof that holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedProof {
    /// The suite.
    pub cryptosuite: Cryptosuite,
    /// The key that signed.
    pub verification_method: DidUrl,
    /// Who controls it.
    pub controller: Did,
    /// The stated purpose.
    pub purpose: ProofPurpose,
    /// When the proof says it was made.
    pub created: Option<Moment>,
    /// When it ceases to count.
    pub expires: Option<Moment>,
    /// What the holder bound into a derived `bbs-2023` proof: a nonce of the verifier, for example. Empty otherwise.
    pub presentation_header: Vec<u8>,
}

/// Before whom a document stands. It matters to selective disclosure only: base proofs let their bearer disclose
/// everything, so they are for holders; derived proofs are for verifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    ToVerifier,
    ToHolder,
}

/// The verification methods that the proofs name, so that the caller can resolve them. Each once, in order.
///
/// # Errors
/// The form errors of [`ProofError`].
pub fn verification_methods(secured: &Value) -> Result<Vec<DidUrl>, ProofError> {
    let mut methods = Vec::new();
    for proof in proofs(secured.as_object().ok_or(ProofError::BadDocument)?)? {
        if !methods.contains(&proof.method) {
            methods.push(proof.method);
        }
    }
    Ok(methods)
}

/// Verifies every proof of a document; all must hold. Beyond the signature: purpose, dates, challenge and domain; the
/// key is controlled by the document's issuer (of a credential) or holder (of a presentation) and by
/// `expected.controller` when given, listed for the purpose, neither revoked nor expired.
///
/// # Errors
/// [`ProofError`], the first refusal found.
pub fn verify(
    secured: &Value,
    expected: &Expected<'_>,
    keys: &KeyRing,
) -> Result<Vec<VerifiedProof>, ProofError> {
    Engine::pinned().verify(secured, expected, keys)
}

/// [`verify`] for many documents at once, quicker where they are of few kinds: what is learned of one document serves the
/// next. One result for each, in order, and each as [`verify`] would give it: signatures are checked one by one, by the
/// same strict equation (decision 0013). For more cores, share the documents out.
pub fn verify_batch(
    secured: &[Value],
    expected: &Expected<'_>,
    keys: &KeyRing,
) -> Vec<Result<Vec<VerifiedProof>, ProofError>> {
    Engine::pinned().verify_batch(secured, expected, keys)
}

/// Checks that leave something out on purpose.
pub mod danger {
    use super::{Engine, Expected, KeyRing, ProofError, Shapes, Shown, Value, VerifiedProof};

    /// [`verify`](super::verify) without binding the key to the document's issuer or holder: anybody's proof over
    /// anybody's document holds. For proof-only instances of VC-API, and for endorsements by third parties.
    ///
    /// # Errors
    /// As [`verify`](super::verify), but never [`ProofError::WrongIssuer`].
    pub fn verify_proof_only(
        secured: &Value,
        expected: &Expected<'_>,
        keys: &KeyRing,
    ) -> Result<Vec<VerifiedProof>, ProofError> {
        verify_proof_only_with(&Engine::pinned(), secured, expected, keys)
    }

    /// [`verify_proof_only`] with another engine.
    ///
    /// # Errors
    /// As [`verify_proof_only`].
    pub fn verify_proof_only_with(
        engine: &Engine<'_>,
        secured: &Value,
        expected: &Expected<'_>,
        keys: &KeyRing,
    ) -> Result<Vec<VerifiedProof>, ProofError> {
        engine.verify_inner(secured, expected, keys, false, Shown::ToVerifier, &mut Shapes::none())
    }
}

impl Engine<'_> {
    /// [`verify`] with this engine.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(
        &self,
        secured: &Value,
        expected: &Expected<'_>,
        keys: &KeyRing,
    ) -> Result<Vec<VerifiedProof>, ProofError> {
        self.verify_inner(secured, expected, keys, true, Shown::ToVerifier, &mut Shapes::none())
    }

    /// [`verify_batch`] with this engine.
    pub fn verify_batch(
        &self,
        secured: &[Value],
        expected: &Expected<'_>,
        keys: &KeyRing,
    ) -> Vec<Result<Vec<VerifiedProof>, ProofError>> {
        let mut shapes =
            if secured.len() < WORTH_LEARNING { Shapes::none() } else { Shapes::learning() };
        let mut verify = |document| {
            self.verify_inner(document, expected, keys, true, Shown::ToVerifier, &mut shapes)
        };
        secured.iter().map(&mut verify).collect()
    }

    pub(crate) fn verify_inner(
        &self,
        secured: &Value,
        expected: &Expected<'_>,
        keys: &KeyRing,
        bound: bool,
        shown: Shown,
        shapes: &mut Shapes,
    ) -> Result<Vec<VerifiedProof>, ProofError> {
        let members = secured.as_object().ok_or(ProofError::BadDocument)?;
        let proofs = proofs(members)?;
        // The cheap checks of every proof come before the first canonicalization.
        for proof in &proofs {
            check_statements(proof, members, expected)?;
        }
        let mut known = KnownDigests { digests: Vec::new(), shapes };
        proofs
            .iter()
            .map(|proof| {
                let key = usable_key(
                    keys,
                    &proof.method,
                    expected.controller,
                    expected.purpose,
                    expected.now,
                )?;
                if bound {
                    check_party(members, &key.controller)?;
                }
                let algorithm = key.key.algorithm();
                if !proof.suite.accepts(algorithm) {
                    return Err(ProofError::AlgorithmMismatch);
                }
                let mut presentation_header = Vec::new();
                if proof.suite.is_selective() {
                    let mut unsecured = members.clone();
                    unsecured.remove("proof");
                    let sight = Sight { document: &unsecured, proof, key: &key.key };
                    presentation_header = check_selective(self, &sight, shown)?;
                } else {
                    self.check_whole(members, proof, &proofs, &key.key, &mut known)?;
                }
                Ok(VerifiedProof {
                    cryptosuite: proof.suite,
                    verification_method: proof.method.clone(),
                    controller: key.controller.clone(),
                    purpose: expected.purpose,
                    created: proof.created,
                    expires: proof.expires,
                    presentation_header,
                })
            })
            .collect()
    }

    /// The suites that sign a document as a whole.
    fn check_whole(
        &self,
        secured: &Map<String, Value>,
        proof: &ReadProof<'_>,
        all: &[ReadProof<'_>],
        key: &PublicKey,
        known: &mut KnownDigests<'_>,
    ) -> Result<(), ProofError> {
        let algorithm = key.algorithm();
        let signature = multibase::decode(proof.value, algorithm.signature_length())
            .ok_or(ProofError::Member("proofValue"))?;
        let configuration = configuration(proof.members, secured, proof.suite);
        let mut input = known.shapes.digest(self, configuration, proof.suite, algorithm)?;
        input.extend(self.document_digest(secured, proof, all, algorithm, known)?);
        key.verify(&input, &signature).map_err(|_| ProofError::BadSignature)
    }

    /// The hash of what the proof signs: the document without proofs, or with exactly those it names as previous
    /// (Data Integrity 1.0 section 4.5).
    fn document_digest(
        &self,
        secured: &Map<String, Value>,
        proof: &ReadProof<'_>,
        all: &[ReadProof<'_>],
        algorithm: Algorithm,
        known: &mut KnownDigests<'_>,
    ) -> Result<Vec<u8>, ProofError> {
        if proof.previous.is_empty() {
            let key = (proof.suite, algorithm);
            if let Some((_, digest)) = known.digests.iter().find(|(known, _)| *known == key) {
                return Ok(digest.clone());
            }
            let unsecured = Source { members: secured, without: Some("proof"), context: None };
            let digest = known.shapes.digest(self, unsecured, proof.suite, algorithm)?;
            known.digests.push((key, digest.clone()));
            return Ok(digest);
        }
        let mut previous = Vec::new();
        for id in &proof.previous {
            let mut named = all.iter().filter(|other| other.id == Some(id));
            match (named.next(), named.next()) {
                (Some(one), None) => previous.push(Value::Object(one.members.clone())),
                _ => return Err(ProofError::BrokenChain),
            }
        }
        let mut document = secured.clone();
        document.insert("proof".to_owned(), Value::Array(previous));
        let document = Source { members: &document, without: None, context: None };
        Ok(self.digest(document, proof.suite, algorithm)?)
    }
}

/// Proofs of a set mostly sign the same thing: hashed once.
struct KnownDigests<'s> {
    digests: Vec<((Cryptosuite, Algorithm), Vec<u8>)>,
    shapes: &'s mut Shapes,
}

fn check_statements(
    proof: &ReadProof<'_>,
    document: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<(), ProofError> {
    if proof.purpose != Some(expected.purpose) {
        return Err(ProofError::WrongPurpose);
    }
    if expected.challenge.is_some() && proof.challenge != expected.challenge {
        return Err(ProofError::WrongChallenge);
    }
    // Data Integrity 1.0 section 4.4: compared as sets.
    if let Some(domain) = expected.domain
        && (proof.domains.is_empty() || proof.domains.iter().any(|stated| *stated != domain))
    {
        return Err(ProofError::WrongDomain);
    }
    if proof.created.is_some_and(|created| created > expected.now.plus_seconds(CLOCK_SKEW_SECONDS))
    {
        return Err(ProofError::FromFuture);
    }
    if proof.expires.is_some_and(|expires| expires < expected.now.minus_seconds(CLOCK_SKEW_SECONDS))
    {
        return Err(ProofError::Expired);
    }
    // The suites allow a document to have *more* contexts than its proof. Those would be unsigned: we want the same.
    if let Some(context) = proof.members.get("@context")
        && Some(context) != document.get("@context")
    {
        return Err(ProofError::Context);
    }
    Ok(())
}

/// A credential is proven by its issuer, a presentation by its holder.
fn check_party(document: &Map<String, Value>, controller: &Did) -> Result<(), ProofError> {
    let is = |name: &str| match document.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind.as_str() == Some(name)),
        Some(Value::String(kind)) => kind == name,
        _ => false,
    };
    let party = |name: &str| match document.get(name) {
        None => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.as_str())),
        Some(Value::Object(party)) => {
            party.get("id").and_then(Value::as_str).map(Some).ok_or(ProofError::WrongIssuer)
        }
        Some(_) => Err(ProofError::WrongIssuer),
    };
    let (issuer, holder) = (party("issuer")?, party("holder")?);
    let (credential, presentation) = (is("VerifiableCredential"), is("VerifiablePresentation"));
    if credential && issuer.is_none() {
        return Err(ProofError::WrongIssuer);
    }
    // What claims to be both is answered for by both.
    let issuer = issuer.filter(|_| credential || !presentation);
    let holder = holder.filter(|_| presentation);
    if [issuer, holder].into_iter().flatten().any(|stated| stated != controller.as_str()) {
        return Err(ProofError::WrongIssuer);
    }
    Ok(())
}
