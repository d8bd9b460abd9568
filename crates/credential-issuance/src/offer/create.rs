//! An officer makes an offer.

use credential_model::catalogue::{CredentialType, RuleViolation};
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use serde::Deserialize;
use serde_json::Value;

use super::{Created, Offer, OfferStage, Release, StoredFormat, TX_CODE_LENGTH, TxCodeGuard};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::{DraftError, complete_subject, trial_check};
use crate::ids::{Digest, OfferId, PersonId};
use crate::store::StoreError;

/// What an officer asks for.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOffer {
    /// Type name, such as `KrQualificationBadge`.
    #[serde(rename = "type")]
    pub credential_type: String,
    /// The claims of the subject; what `person` and `kind` know need not be repeated.
    #[serde(default = "empty_object")]
    pub subject: Value,
    /// The person's id, as registration answered it.
    #[serde(default)]
    pub person: Option<String>,
    /// The kind's code, for badges.
    #[serde(default)]
    pub kind: Option<String>,
    /// Formats; all three when absent.
    #[serde(default)]
    pub formats: Option<Vec<String>>,
    /// Whether a transaction code is asked for.
    #[serde(default)]
    pub tx_code: bool,
    /// Whether QR codes show the offer by reference.
    #[serde(default = "yes")]
    pub by_reference: bool,
    /// Seconds until the offer expires.
    #[serde(default)]
    pub expires_in: Option<u32>,
    /// Start of validity, RFC 3339; now when absent.
    #[serde(default)]
    pub valid_from: Option<Moment>,
    /// End of validity, RFC 3339; the type's rule when absent.
    #[serde(default)]
    pub valid_until: Option<Moment>,
    /// When the qualification was won, RFC 3339 (badges).
    #[serde(default)]
    pub awarded_date: Option<Moment>,
    /// Whether an officer must release the offer before credentials go out.
    #[serde(default)]
    pub deferred: bool,
}

impl std::fmt::Debug for NewOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOffer").field("type", &self.credential_type).finish_non_exhaustive()
    }
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}

fn yes() -> bool {
    true
}

/// What the officer gets; the transaction code is told here and never again.
pub struct CreatedOffer {
    /// The offer.
    pub offer: Offer,
    /// To be handed over on another way than the offer itself.
    pub tx_code: Option<String>,
}

/// Why no offer was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateOfferError {
    /// No such type.
    #[error("there is no credential type of this name")]
    UnknownType,
    /// No such format, none, or one twice.
    #[error("formats must name ldp_vc, jwt_vc_json or dc+sd-jwt, each at most once")]
    Formats,
    /// No such person.
    #[error("there is no person with this id")]
    UnknownPerson,
    /// The kind is missing or not in the catalogue.
    #[error("a badge needs a kind that is in the catalogue of kinds")]
    UnknownKind,
    /// The subject names another kind than the offer.
    #[error("achievement.humanCode is not the code of the kind")]
    KindMismatch,
    /// A badge must say when the qualification was won; nobody else can know it.
    #[error("a badge needs awarded_date, the date-time the qualification was won")]
    AwardedDate,
    /// `expires_in` is out of range.
    #[error("expires_in must be 1 to {max} seconds")]
    Lifetime {
        /// The longest.
        max: i64,
    },
    /// Validity ends before it begins, or before now.
    #[error("valid_until must lie after valid_from and in the future")]
    Validity,
    /// The content is not acceptable.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CreateOfferError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::Formats => "unknown_format",
            Self::UnknownPerson => "unknown_person",
            Self::UnknownKind => "unknown_kind",
            Self::KindMismatch => "kind_mismatch",
            Self::AwardedDate => "awarded_date_required",
            Self::Lifetime { .. } => "invalid_lifetime",
            Self::Validity => "invalid_validity",
            Self::Draft(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    /// The broken rules, where that is the reason.
    pub fn violations(&self) -> &[RuleViolation] {
        match self {
            Self::Draft(DraftError::Rules(violations)) => violations,
            _ => &[],
        }
    }
}

impl Issuer {
    /// Checks everything a credential of this offer will need, then keeps the offer.
    pub async fn create_offer(&self, mut new: NewOffer) -> Result<CreatedOffer, CreateOfferError> {
        let credential_type = CredentialType::from_type_name(&new.credential_type)
            .ok_or(CreateOfferError::UnknownType)?;
        let formats = formats(new.formats.as_deref())?;
        let now = self.now();
        let max = self.settings.offer_seconds_max;
        let seconds = new.expires_in.map_or(self.settings.offer_seconds, i64::from);
        if !(1..=max).contains(&seconds) {
            return Err(CreateOfferError::Lifetime { max });
        }
        let valid_from = new.valid_from.unwrap_or(now);
        if new.valid_until.is_some_and(|until| until <= valid_from || until <= now) {
            return Err(CreateOfferError::Validity);
        }
        let person = match &new.person {
            None => None,
            Some(id) => {
                let id = PersonId::parse(id).map_err(|_| CreateOfferError::UnknownPerson)?;
                Some(self.store.person(&id).await?.ok_or(CreateOfferError::UnknownPerson)?)
            }
        };
        let kind_code = kind_code(credential_type, &new)?;
        let kind = match &kind_code {
            None => None,
            Some(code) => Some(self.store.kind(code).await?.ok_or(CreateOfferError::UnknownKind)?),
        };
        let awarded_date = awarded_date(credential_type, &mut new)?;
        let subject = complete_subject(
            credential_type,
            new.subject,
            kind.as_ref(),
            person.as_ref(),
            &self.settings.public_url,
        );
        let id = self.random_id(OfferId::parse);
        let tx_code = new.tx_code.then(|| self.random_tx_code());
        let code = self.offer_code(&id);
        let guard = tx_code.as_ref().map(|text| TxCodeGuard::new(self.tx_code_digest(&id, text)));
        let stage =
            OfferStage::Created(Created { code: Digest::of(code.as_bytes()), tx_code: guard });
        let offer = Offer {
            id,
            revision: 1,
            created_at: now,
            expires_at: now.plus_seconds(seconds),
            credential_type,
            formats,
            subject,
            kind: kind_code,
            person: person.map(|person| person.id),
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            awarded_date: awarded_date.map(|moment| moment.to_string()),
            by_reference: new.by_reference,
            release: if new.deferred { Release::Waiting } else { Release::NotNeeded },
            stage,
        };
        trial_check(&offer, &self.identity, now, &*self.entropy)?;
        let event = self
            .event("officer", AuditAction::OfferCreated)
            .about("offer", &offer.id)
            .about("type", credential_type.type_name());
        let event = match (&offer.person, &offer.kind) {
            (Some(person), Some(kind)) => event.about("person", person).about("kind", kind),
            (Some(person), None) => event.about("person", person),
            (None, Some(kind)) => event.about("kind", kind),
            (None, None) => event,
        };
        self.store.create_offer(&offer, event).await?;
        Ok(CreatedOffer { offer, tx_code })
    }

    /// The pre-authorized code of an offer. Derived, so that the offer can be served by reference
    /// again and again while the store holds only the code's digest.
    pub(crate) fn offer_code(&self, id: &OfferId) -> String {
        let token =
            Digest::keyed(&self.secrets.codes, &[b"pre-authorized_code", id.as_str().as_bytes()])
                .to_token();
        // The code of a row names its offer, which is in no store before somebody comes for it.
        if id.as_str().starts_with(crate::bulk::names::PREFIX) {
            format!("{id}.{token}")
        } else {
            token
        }
    }

    pub(crate) fn tx_code_digest(&self, id: &OfferId, tx_code: &str) -> Digest {
        Digest::keyed(
            &self.secrets.tx_codes,
            &[b"tx_code", id.as_str().as_bytes(), tx_code.as_bytes()],
        )
    }

    fn random_tx_code(&self) -> String {
        // Digits by rejection: 250..=255 would favour the first six.
        let mut digits = String::new();
        while digits.len() < TX_CODE_LENGTH as usize {
            let mut byte = [0];
            self.entropy.fill(&mut byte);
            if byte[0] < 250 {
                digits.push(char::from(b'0' + byte[0] % 10));
            }
        }
        digits
    }
}

fn formats(wanted: Option<&[String]>) -> Result<Vec<StoredFormat>, CreateOfferError> {
    let Some(wanted) = wanted else {
        return Ok(CredentialFormat::ALL.iter().copied().map(StoredFormat).collect());
    };
    let mut formats = Vec::new();
    for name in wanted {
        let format =
            CredentialFormat::parse(name).map(StoredFormat).ok_or(CreateOfferError::Formats)?;
        if formats.contains(&format) {
            return Err(CreateOfferError::Formats);
        }
        formats.push(format);
    }
    if formats.is_empty() { Err(CreateOfferError::Formats) } else { Ok(formats) }
}

/// When the qualification was won: beside the subject, or inside it as `awardedDate` (it is a member
/// of the document, and taken out of the subject here).
fn awarded_date(
    credential_type: CredentialType,
    new: &mut NewOffer,
) -> Result<Option<Moment>, CreateOfferError> {
    let inside = new.subject.as_object_mut().and_then(|members| members.remove("awardedDate"));
    let inside = match inside.as_ref().map(|date| date.as_str().map(Moment::parse)) {
        None => None,
        Some(Some(Ok(moment))) => Some(moment),
        Some(_) => return Err(CreateOfferError::AwardedDate),
    };
    match new.awarded_date.or(inside) {
        None if credential_type == CredentialType::QualificationBadge => {
            Err(CreateOfferError::AwardedDate)
        }
        date => Ok(date),
    }
}

/// A badge must name a kind, in the offer or in its subject, and not two different ones.
fn kind_code(
    credential_type: CredentialType,
    new: &NewOffer,
) -> Result<Option<String>, CreateOfferError> {
    if credential_type != CredentialType::QualificationBadge {
        return Ok(None);
    }
    let in_subject = new.subject.pointer("/achievement/humanCode").and_then(Value::as_str);
    match (&new.kind, in_subject) {
        (Some(kind), Some(code)) if kind != code => Err(CreateOfferError::KindMismatch),
        (Some(kind), _) => Ok(Some(kind.clone())),
        (None, Some(code)) => Ok(Some(code.to_owned())),
        (None, None) => Err(CreateOfferError::UnknownKind),
    }
}
