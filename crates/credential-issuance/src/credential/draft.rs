//! From an offer and a holder to what will be signed.

use credential_model::ambient::Entropy;
use credential_model::catalogue::{self, BuildError, CredentialType, DocumentParts, RuleViolation};
use credential_model::did::ProofPurpose;
use credential_model::forbidden;
use credential_model::format::CredentialFormat;
use credential_model::kinds::QualificationKind;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::{jwt_vc, sd_jwt};
use serde_json::{Map, Value, json};
use signing_keys::PublicKey;
use status_lists::StatusEntry;

use super::{HolderBinding, PreparedForm};
use crate::identity::Identity;
use crate::offer::Offer;
use crate::person::Person;

/// Where a credential's status will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPlace {
    /// URL of the list.
    pub list_url: String,
    /// Index in it.
    pub index: u64,
}

/// Why a draft cannot become a credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The subject breaks rules of its type.
    #[error("the content breaks {} rule(s) of its type", .0.len())]
    Rules(Vec<RuleViolation>),
    /// The subject or issuer has not even the right shape.
    #[error("the content is not of the form its type needs: {0}")]
    Shape(&'static str),
    /// A number that must never be in a credential.
    #[error("the content holds what looks like a number that must never be recorded, at {pointer}")]
    ForbiddenNumber {
        /// Where (JSON Pointer); never the number itself.
        pointer: String,
    },
    /// The securing mechanism refused the document.
    #[error("the document cannot be secured: {0}")]
    Securing(String),
    /// The holder's key cannot be bound.
    #[error("the holder's key is not usable")]
    Holder,
}

impl DraftError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rules(_) | Self::Shape(_) => "invalid_subject",
            Self::ForbiddenNumber { .. } => "forbidden_number",
            Self::Securing(_) => "cannot_secure",
            Self::Holder => "invalid_proof",
        }
    }
}

/// A credential before anything is allocated or recorded.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// The credential's own `id`.
    pub document_id: String,
    /// The offer it comes from.
    pub offer: &'a Offer,
    /// In which format.
    pub format: CredentialFormat,
    /// To whom it is bound.
    pub holder: &'a HolderBinding,
    /// From when it is valid.
    pub valid_from: Moment,
}

impl Draft<'_> {
    /// Checks the content and fixes every byte that will be signed. Nothing is recorded here.
    /// Also answers when the credential ends: the officer's choice, else the rule of its type.
    pub fn prepare(
        &self,
        place: &StatusPlace,
        identity: &Identity,
        now: Moment,
        entropy: &dyn Entropy,
    ) -> Result<(PreparedForm, Option<Moment>), DraftError> {
        let entry = status_entry(place);
        let entry_id = format!("{}#{}", place.list_url, place.index);
        let document = self.document(identity, Some(entry.to_credential_status(&entry_id)))?;
        let (signer, method) = identity.signer(self.format);
        let refused = |error: &dyn std::fmt::Display| DraftError::Securing(error.to_string());
        let valid_until = document.get("validUntil").and_then(Value::as_str);
        let valid_until = valid_until.and_then(|text| Moment::parse(text).ok());
        let form = match self.format {
            CredentialFormat::LdpVc => {
                let options = ProofOptions {
                    cryptosuite: Cryptosuite::EddsaRdfc2022,
                    verification_method: method.clone(),
                    proof_purpose: ProofPurpose::AssertionMethod,
                    created: Some(now),
                    expires: None,
                    challenge: None,
                    domain: None,
                };
                data_integrity::prepare(&document, &options)
                    .map(PreparedForm::DataIntegrity)
                    .map_err(|error| refused(&error))
            }
            CredentialFormat::JwtVcJson => jwt_vc::prepare(&document, method, signer.algorithm())
                .map(PreparedForm::Jws)
                .map_err(|error| refused(&error)),
            CredentialFormat::SdJwtVc => {
                let key = PublicKey::from_jwk(&self.holder.jwk).map_err(|_| DraftError::Holder)?;
                let credential_type = self.offer.credential_type;
                let mut payload = catalogue::sd_jwt_claims(credential_type, &document);
                if let Some(claims) = payload.as_object_mut() {
                    claims.insert("iat".to_owned(), json!(now.unix()));
                    claims.insert("status".to_owned(), entry.to_token_status());
                }
                let issue = sd_jwt::Issue {
                    payload,
                    disclosable: credential_type.disclosable(),
                    kid: Some(method),
                    holder: Some(&key),
                    decoys: 0,
                };
                sd_jwt::prepare(&issue, signer.algorithm(), entropy)
                    .map(PreparedForm::SdJwt)
                    .map_err(|error| refused(&error))
            }
        };
        Ok((form?, valid_until))
    }

    fn document(&self, identity: &Identity, status: Option<Value>) -> Result<Value, DraftError> {
        let mut subject = self.offer.subject.clone();
        if let Some(members) = subject.as_object_mut() {
            // A battery is its own subject and keeps its id. Everywhere else the subject is the
            // holder, whatever the officer's claims say.
            if self.offer.credential_type == CredentialType::EvBatteryReport {
                members.entry("id").or_insert_with(|| json!(self.holder.did));
            } else {
                members.insert("id".to_owned(), json!(self.holder.did));
            }
        }
        let awarded = self.offer.awarded_date.as_deref().map(Moment::parse).transpose();
        let parts = DocumentParts {
            valid_until: self.offer.valid_until,
            status,
            awarded_date: awarded.map_err(|_| DraftError::Shape("awarded_date is no date-time"))?,
            ..DocumentParts::new(
                self.document_id.clone(),
                identity.profile(),
                self.valid_from,
                subject,
            )
        };
        let document =
            catalogue::build_document(self.offer.credential_type, parts).map_err(build_error)?;
        // build_document checks this too; a credential is the last place to save on a check.
        match forbidden::find_in_value(&document) {
            Some(finding) => Err(DraftError::ForbiddenNumber { pointer: finding.pointer }),
            None => Ok(document),
        }
    }
}

fn build_error(error: BuildError) -> DraftError {
    match error {
        BuildError::Invalid(violations) => {
            let number = violations.iter().find(|violation| violation.code.contains("forbidden"));
            match number {
                Some(violation) => {
                    DraftError::ForbiddenNumber { pointer: violation.pointer.clone() }
                }
                None => DraftError::Rules(violations),
            }
        }
        BuildError::SubjectNotAnObject => DraftError::Shape("subject must be a JSON object"),
        _ => DraftError::Shape("the issuer profile is not usable"),
    }
}

fn status_entry(place: &StatusPlace) -> StatusEntry {
    // Capacities stay below 2^25, so the index fits on every platform we build for.
    StatusEntry::new(place.list_url.as_str(), usize::try_from(place.index).unwrap_or(usize::MAX))
}

/// Tries the whole content with a stand-in holder and status, so that the officer hears of a
/// mistake now and not the citizen later.
pub fn trial_check(
    offer: &Offer,
    identity: &Identity,
    now: Moment,
    entropy: &dyn Entropy,
) -> Result<(), DraftError> {
    if let Some(finding) = forbidden::find_in_value(&offer.subject) {
        return Err(DraftError::ForbiddenNumber { pointer: finding.pointer });
    }
    // The issuer's own key stands in: it is a real key of a real DID, and nothing is signed.
    let key = identity.ed25519().0.public_key();
    let holder = HolderBinding {
        did: key.to_did_key().to_string(),
        thumbprint: key.thumbprint(),
        jwk: key.to_jwk(),
    };
    let place =
        StatusPlace { list_url: "https://sinpyo.example/status/trial".to_owned(), index: 0 };
    for format in offer.formats() {
        let draft = Draft {
            document_id: "urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(),
            offer,
            format,
            holder: &holder,
            valid_from: offer.valid_from.unwrap_or(now),
        };
        draft.prepare(&place, identity, now, entropy)?;
    }
    Ok(())
}

/// Fills what the catalogue of kinds and the register of persons know into the officer's subject.
/// What the officer wrote stays.
pub fn complete_subject(
    credential_type: CredentialType,
    subject: Value,
    kind: Option<&QualificationKind>,
    person: Option<&Person>,
    issuer_url: &str,
) -> Value {
    let Value::Object(mut members) = subject else { return subject };
    if let (CredentialType::QualificationBadge, Some(kind)) = (credential_type, kind) {
        if let Some(grade) = kind.grade {
            members.entry("qualificationGrade").or_insert_with(|| json!(grade));
        }
        let achievement = members.entry("achievement").or_insert_with(|| json!({}));
        if let Some(achievement) = achievement.as_object_mut() {
            fill_achievement(achievement, kind, issuer_url);
        }
    }
    if let Some(person) = person {
        fill_person(credential_type, &mut members, person);
    }
    Value::Object(members)
}

fn fill_achievement(
    achievement: &mut Map<String, Value>,
    kind: &QualificationKind,
    issuer_url: &str,
) {
    let set = |achievement: &mut Map<String, Value>, name: &str, value: Value| {
        achievement.entry(name).or_insert(value);
    };
    set(achievement, "id", json!(format!("{issuer_url}/qual/{}", kind.code)));
    set(achievement, "type", json!(["Achievement"]));
    set(achievement, "achievementType", json!("Certification"));
    set(achievement, "humanCode", json!(kind.code));
    set(achievement, "name", json!(kind.name_ko));
    set(achievement, "inLanguage", json!("ko"));
    set(achievement, "description", json!(format!("{} 자격", kind.name_ko)));
    set(
        achievement,
        "criteria",
        json!({ "narrative": format!("{} 종목의 자격 취득 기준을 충족함", kind.name_ko) }),
    );
}

fn fill_person(credential_type: CredentialType, members: &mut Map<String, Value>, person: &Person) {
    let facts = [
        ("name", Some(&person.name)),
        ("nameLatin", person.name_latin.as_ref()),
        ("birthDate", person.birth_date.as_ref()),
    ];
    // Where a type names its person, and which of the facts it has a place for. Athletes are
    // mostly minors: their birth date is not added unasked.
    let (object, known): (&str, &[&str]) = match credential_type {
        CredentialType::QualificationBadge
        | CredentialType::TrainingHistory
        | CredentialType::DronePilotLicence => ("person", &["name", "nameLatin", "birthDate"]),
        CredentialType::DroneRegistration => {
            members.entry("ownerName").or_insert_with(|| json!(person.name));
            return;
        }
        CredentialType::CompetitionResult => ("athlete", &["name", "nameLatin"]),
        CredentialType::DroneFlightPermit => ("applicant", &["name"]),
        _ => return,
    };
    let place = members.entry(object).or_insert_with(|| json!({}));
    let Some(place) = place.as_object_mut() else { return };
    for (name, value) in facts {
        if let (true, Some(value)) = (known.contains(&name), value) {
            place.entry(name).or_insert_with(|| json!(value));
        }
    }
}
