//! "Verified" as a type: only this room can make one, and only after every check behind the
//! question "authentic?" has passed.
use credential_model::{
    catalogue::CredentialSubject, did::Did, format::CredentialFormat, moment::Moment,
};

use crate::content::Content;

/// Something whose authenticity was established at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified<T> {
    inner: T,
    moment: Moment,
}

impl<T> Verified<T> {
    /// Private to this crate on purpose.
    pub(crate) fn assert(inner: T, moment: Moment) -> Self {
        Verified { inner, moment }
    }

    /// What was verified.
    pub const fn get(&self) -> &T {
        &self.inner
    }

    /// When.
    pub const fn moment(&self) -> Moment {
        self.moment
    }
}

/// A credential of a known type with its subject as a Rust type.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential<S: CredentialSubject> {
    /// The issuer, who controls the key of the proof.
    pub issuer: Did,
    /// The format that carried it.
    pub format: CredentialFormat,
    /// The subject.
    pub subject: S,
    /// Start of validity.
    pub valid_from: Option<Moment>,
    /// End of validity.
    pub valid_until: Option<Moment>,
}

/// Why verified content has no typed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTyped {
    /// It is of another type.
    #[error("the credential is of another type")]
    OtherType,
    /// Required claims were not disclosed.
    #[error("the holder did not disclose everything the type needs")]
    Undisclosed,
}

impl NotTyped {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            NotTyped::OtherType => "other_type",
            NotTyped::Undisclosed => "undisclosed",
        }
    }
}

impl Verified<Content> {
    /// The typed form, when it is of type `S` and everything `S` needs was disclosed.
    ///
    /// # Errors
    /// [`NotTyped`].
    pub fn typed<S: CredentialSubject>(&self) -> Result<Verified<Credential<S>>, NotTyped> {
        if self.inner.credential_type() != Some(S::TYPE) {
            return Err(NotTyped::OtherType);
        }
        let mut subject = self.inner.subject().clone();
        if let Some(members) = subject.as_object_mut() {
            // The SD-JWT form leaves `type` out; the struct knows its own.
            members.entry("type").or_insert_with(|| serde_json::json!(S::TYPE.subject_types()));
        }
        let subject = serde_json::from_value(subject).map_err(|_| NotTyped::Undisclosed)?;
        let issuer = self
            .inner
            .issuer()
            .and_then(|issuer| Did::parse(issuer).ok())
            .ok_or(NotTyped::Undisclosed)?;
        let credential = Credential {
            issuer,
            format: self.inner.format(),
            subject,
            valid_from: self.inner.valid_from().and_then(Result::ok),
            valid_until: self.inner.valid_until().and_then(Result::ok),
        };
        Ok(Verified { inner: credential, moment: self.moment })
    }
}
