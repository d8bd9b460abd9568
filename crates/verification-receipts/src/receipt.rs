//! The signed statement, and the file around it.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use credential_proofs::jose::{self, CompactJws};
use credential_verification::outcome::OutcomeKind;
use credential_verification::report::{Asked, CheckReport, Words};
use credential_verification::{CheckId, Code, Overall, Report, Verdict};
use did_resolution::Resolve;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signing_keys::{PublicKey, Signer};

use crate::answers::Answers;

/// What the file says it is.
pub const FORMAT: &str = "sinpyo-verification-receipt/1";
/// Longest receipt that is read, bytes: status lists are in it.
pub const MAX_RECEIPT_BYTES: usize = 64 * 1024 * 1024;
/// `typ` of the signature.
const TYP: &str = "verification-receipt+jwt";

/// Why a receipt is not believed or not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// No such file form.
    #[error("this is no verification receipt: {0}")]
    Form(String),
    /// Signature, or what was signed is not what stands there.
    #[error("the receipt was altered: {0}")]
    Altered(&'static str),
    /// The signing key failed.
    #[error("the receipt could not be signed: {0}")]
    Signing(String),
}

impl ReceiptError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ReceiptError::Form(_) => "receipt_unreadable",
            ReceiptError::Altered(_) => "receipt_altered",
            ReceiptError::Signing(_) => "receipt_not_signed",
        }
    }
}

/// Who verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifierName {
    /// DID.
    pub did: String,
    /// Name for people.
    pub name: Words,
    /// Version of the verifier that made the verdict.
    pub build: String,
}

/// One code of one check on one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeLine {
    /// Which check.
    pub check: CheckId,
    /// passed, failed, inconclusive or skipped.
    pub outcome: OutcomeKind,
    /// Stable code.
    pub code: Code,
}

impl From<&CheckReport> for CodeLine {
    fn from(check: &CheckReport) -> Self {
        CodeLine { check: check.id, outcome: check.outcome, code: check.code }
    }
}

/// One document by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownLine {
    /// SHA-256 over the bytes as they were examined, hexadecimal.
    pub sha256: String,
    /// The codes in report order.
    pub codes: Vec<CodeLine>,
}

/// What is signed. No claim of anybody is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// 1
    pub v: u8,
    /// Check number (검증번호).
    pub number: String,
    /// Who verified, with what.
    pub verifier: VerifierName,
    /// When it was examined.
    pub examined_at: Moment,
    /// The moment the question was about.
    pub about: Moment,
    /// Purpose and template of the request, where there was one; never the query's answer.
    pub asked: Asked,
    /// The three answers.
    pub verdict: Verdict,
    /// What they come to.
    pub overall: Overall,
    /// The documents.
    pub shown: Vec<ShownLine>,
    /// Date of the status list, where one was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status_as_of: Option<Moment>,
    /// Addresses read, with SHA-256 of what they answered: status lists, issuers' documents.
    pub lists: Vec<(String, String)>,
    /// Heads seen on the chain.
    pub anchors: Vec<Value>,
    /// Digest of the archived answers.
    pub inputs_sha256: String,
}

/// The file: statement, signature, archived answers and, only when chosen, the documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`FORMAT`]
    pub format: String,
    /// The statement to read.
    pub statement: Statement,
    /// The same as a compact JWS of the verifier.
    pub signed: String,
    /// What the network, chain and registry answered. Nothing in it is about a person: lists are
    /// fetched whole.
    pub inputs: Answers,
    /// The documents as shown, where the maker of the receipt chose to keep them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub documents: Option<Vec<Made>>,
}

/// A document and the evidence that lay beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its bytes, base64.
    pub bytes: String,
    /// A staple.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub staple: Option<Value>,
}

impl Made {
    /// Bytes of a document.
    pub fn new(bytes: &[u8], staple: Option<Value>) -> Self {
        Made { bytes: STANDARD.encode(bytes), staple }
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`ReceiptError::Form`] when they are not base64.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReceiptError> {
        STANDARD.decode(&self.bytes).map_err(|error| ReceiptError::Form(error.to_string()))
    }

    /// SHA-256, hexadecimal, as a receipt names it.
    ///
    /// # Errors
    /// As [`Made::to_bytes`].
    pub fn sha256(&self) -> Result<String, ReceiptError> {
        Ok(hex::encode(Sha256::digest(self.to_bytes()?)))
    }
}

/// What the signature of a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// By the verifier it names.
    ByVerifier,
    /// Whole, but the verifier's keys could not be asked.
    Unchecked,
}

impl Receipt {
    /// Writes and signs the receipt of a report over these documents.
    ///
    /// # Errors
    /// [`ReceiptError::Signing`].
    pub fn make(
        report: &Report,
        documents: &[Made],
        inputs: Answers,
        verifier: VerifierName,
        key: (&DidUrl, &dyn Signer),
    ) -> Result<Self, ReceiptError> {
        let mut shown = Vec::with_capacity(documents.len());
        for (made, (_, _, checks)) in documents.iter().zip(report.credentials()) {
            let codes = checks.iter().map(CodeLine::from).collect();
            shown.push(ShownLine { sha256: made.sha256()?, codes });
        }
        let statement = Statement {
            v: 1,
            number: report.number.clone().unwrap_or_default(),
            verifier,
            examined_at: report.examined_at.unwrap_or(report.moment),
            about: report.moment,
            asked: report.asked.clone(),
            verdict: report.verdict,
            overall: report.overall,
            shown,
            status_as_of: report.knowledge.status_as_of,
            lists: inputs.fetched(),
            anchors: inputs.anchors(),
            inputs_sha256: inputs.digest(),
        };
        let failed = |error: String| ReceiptError::Signing(error);
        let payload = serde_json::to_vec(&statement).map_err(|error| failed(error.to_string()))?;
        let header = json!({"typ": TYP, "kid": key.0.as_str()});
        let signed = jose::sign(header, &payload, key.1).map_err(|e| failed(e.to_string()))?;
        Ok(Receipt {
            format: FORMAT.to_owned(),
            statement,
            signed,
            inputs,
            documents: Some(documents.to_vec()),
        })
    }

    /// The same without the documents: nothing of a person is left.
    #[must_use]
    pub fn without_documents(mut self) -> Self {
        self.documents = None;
        self
    }

    /// Reads a file and checks that it is whole: the statement is the signed one and the archived
    /// answers are those it names. Who signed is asked with [`Receipt::signed_by`].
    ///
    /// # Errors
    /// [`ReceiptError::Form`], [`ReceiptError::Altered`].
    pub fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let form = |error: String| ReceiptError::Form(error);
        let limits = Limits { max_bytes: MAX_RECEIPT_BYTES, max_depth: 64 };
        let value = parse_strict(bytes, &limits).map_err(|error| form(error.to_string()))?;
        let receipt: Receipt =
            serde_json::from_value(value).map_err(|error| form(error.to_string()))?;
        if receipt.format != FORMAT || receipt.statement.v != 1 {
            return Err(form(receipt.format));
        }
        let token = receipt.token()?;
        let payload = token.payload_json().map_err(|error| form(error.to_string()))?;
        let said: Statement =
            serde_json::from_value(payload).map_err(|error| form(error.to_string()))?;
        if said != receipt.statement {
            return Err(ReceiptError::Altered("the statement is not the signed one"));
        }
        if receipt.inputs.digest() != said.inputs_sha256 {
            return Err(ReceiptError::Altered("the archived answers are not those it names"));
        }
        Ok(receipt)
    }

    fn token(&self) -> Result<CompactJws, ReceiptError> {
        CompactJws::parse(&self.signed).map_err(|error| ReceiptError::Form(error.to_string()))
    }

    /// Checks the signature with the verifier's key; [`Signed::Unchecked`] when its document
    /// cannot be had.
    ///
    /// # Errors
    /// [`ReceiptError::Altered`] when the signature does not hold or is somebody else's.
    pub async fn signed_by(&self, resolver: &dyn Resolve) -> Result<Signed, ReceiptError> {
        let token = self.token()?;
        let kid = token.kid().and_then(|kid| DidUrl::parse(kid).ok());
        let kid = kid.ok_or(ReceiptError::Altered("the signature names no key"))?;
        if kid.did().as_str() != self.statement.verifier.did {
            return Err(ReceiptError::Altered("signed by somebody else than the verifier"));
        }
        let found = did_resolution::resolve_verification_key(resolver, &kid).await;
        let Ok(found) = found else { return Ok(Signed::Unchecked) };
        if !found.is_listed_for(ProofPurpose::AssertionMethod) {
            return Err(ReceiptError::Altered("the key is not for statements"));
        }
        self.verify_with(&found.key).map(|()| Signed::ByVerifier)
    }

    /// Checks the signature with a key that is known already.
    ///
    /// # Errors
    /// [`ReceiptError::Altered`].
    pub fn verify_with(&self, key: &PublicKey) -> Result<(), ReceiptError> {
        jose::verify(&self.token()?, key, &[TYP])
            .map_err(|_| ReceiptError::Altered("the signature does not hold"))
    }
}
