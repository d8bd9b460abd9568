//! From what is recorded to what is signed.

use credential_model::credential::UnverifiedCredential;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::PreparedProof;
use credential_proofs::jose::PreparedJws;
use credential_proofs::sd_jwt::PreparedSdJwt;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CredentialRecord, CredentialStage, Issued};
use crate::identity::Identity;
use crate::ids::Digest;

/// Exactly what will be signed, in the form of its securing mechanism.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreparedForm {
    /// `ldp_vc`: document, proof options and the hash data.
    DataIntegrity(PreparedProof),
    /// `dc+sd-jwt`: signing input and disclosures.
    SdJwt(PreparedSdJwt),
    /// `jwt_vc_json`: signing input.
    Jws(PreparedJws),
}

/// Why a prepared credential was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The key did not sign.
    #[error("the signing key failed")]
    Signing(#[from] signing_keys::SigningError),
    /// What was recorded names a key that is gone, or that others may have.
    #[error("the key this credential was prepared for signs no more; make a new offer")]
    KeyGone,
    /// What came out is no credential we could read back: a defect, nothing is handed out.
    #[error("the signed credential cannot be read back")]
    Unreadable,
}

impl IssueError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Signing(_) => "signing_failed",
            Self::KeyGone => "signing_key_gone",
            Self::Unreadable => "internal_error",
        }
    }
}

/// A recorded credential that nobody has signed yet.
///
/// Made from a record only, so whatever is signed was durable before.
#[derive(Debug)]
pub struct PreparedCredential {
    record: CredentialRecord,
    form: PreparedForm,
}

/// A signed credential, to be recorded before it is handed out.
#[derive(Debug)]
pub struct IssuedCredential(CredentialRecord);

impl PreparedCredential {
    /// The prepared credential of a record; the record itself when it is signed already.
    // The error is a record handed back, not a failure: boxing it would cost every caller.
    #[allow(clippy::result_large_err)]
    pub fn of(record: CredentialRecord) -> Result<Self, CredentialRecord> {
        match &record.stage {
            CredentialStage::Prepared(form) => Ok(Self { form: form.clone(), record }),
            CredentialStage::Issued(_) => Err(record),
        }
    }

    /// Signs what was recorded.
    pub fn issue(self, identity: &Identity, now: Moment) -> Result<IssuedCredential, IssueError> {
        let signer = match &self.record.method {
            Some(method) => identity.signer_of(method).ok_or(IssueError::KeyGone)?,
            None => identity.signer(self.record.configuration.format).0,
        };
        let credential = match self.form {
            PreparedForm::DataIntegrity(prepared) => {
                let signature = signer.sign(prepared.signing_input())?;
                prepared.seal(&signature)
            }
            PreparedForm::SdJwt(prepared) => {
                let signature = signer.sign(prepared.signing_input())?;
                Value::String(prepared.seal(&signature))
            }
            PreparedForm::Jws(prepared) => {
                let signature = signer.sign(prepared.signing_input())?;
                Value::String(prepared.seal(&signature))
            }
        };
        let read_back =
            UnverifiedCredential::from_value(&credential).map_err(|_| IssueError::Unreadable)?;
        let digest = Digest(read_back.digest());
        let stage = CredentialStage::Issued(Issued { at: now, credential, digest });
        let revision = self.record.revision + 1;
        Ok(IssuedCredential(CredentialRecord { stage, revision, ..self.record }))
    }
}

impl IssuedCredential {
    /// The record to keep.
    pub fn into_record(self) -> CredentialRecord {
        self.0
    }
}
