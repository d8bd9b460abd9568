//! The catalogue: seven credential types, each with its subject struct, JSON Schema,
//! JSON-LD context, example, labels, rules and lifetime.
//!
//! One type = one file here = one folder in `schemas/<folder>/v1/`. What is published
//! stays as it is; a change becomes `v2`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

mod claims;
mod document;
mod labels;
mod people_and_measures;
pub(crate) mod rules;
#[cfg(feature = "schema-check")]
mod schema_check;
mod validate;

pub mod competition_result;
pub mod drone_flight_permit;
pub mod drone_pilot_licence;
pub mod drone_registration;
pub mod ev_battery_report;
pub mod qualification_badge;
pub mod training_history;

pub use claims::sd_jwt_claims;
pub use document::{BuildError, DocumentParts, build_document, status_messages};
pub use labels::{Labels, LocalizedPair};
pub use people_and_measures::{CalendarDate, Decimal, Organisation, Person};
pub use validate::{validate_claims, validate_document, validate_subject};

/// The JSON-LD context of VCDM 2.0, always first.
pub const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// The JSON-LD context of Open Badges 3.0.3, second in a badge.
pub const OPEN_BADGES_3_0_3: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";

const DAY: i64 = 86_400;

/// The credential types we issue and understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialType {
    /// `KrQualificationBadge`: a national qualification as an Open Badge 3.0.
    QualificationBadge,
    /// `KrTrainingHistory`: confirmation of vocational training.
    TrainingHistory,
    /// `EvBatteryRemainingLifeReport`: how much life an EV battery has left.
    EvBatteryReport,
    /// `KrDronePilotLicence`: licence of an unmanned aircraft pilot.
    DronePilotLicence,
    /// `KrDroneRegistration`: registration of an unmanned aircraft.
    DroneRegistration,
    /// `DroneFlightPermit`: where, when and how high a drone may fly.
    DroneFlightPermit,
    /// `KrCompetitionResultCertificate`: result in a sports competition.
    CompetitionResult,
}

/// How long a credential of a type lives by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Seconds from `validFrom` to `validUntil` unless the issuer says otherwise.
    pub lifetime_seconds: i64,
    /// Whether the same facts may be issued again when it runs out.
    pub refreshable: bool,
    /// Whether the subject itself bounds the lifetime (time windows of a permit).
    pub bounded_by_subject: bool,
}

/// What a verifier does when it cannot get a fresh status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StalePolicy {
    /// Without fresh status the credential is not accepted.
    FailClosed,
    /// The verdict says how old the knowledge is and leaves the decision to the verifier.
    Warn,
}

/// One broken rule: where, which, and for people what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleViolation {
    /// JSON pointer into the checked value.
    pub pointer: String,
    /// Stable code of the rule.
    pub code: &'static str,
    /// What is wrong, in English, never quoting personal data.
    pub detail: String,
}

/// The subject of one credential type as a Rust struct.
pub trait CredentialSubject: Serialize + DeserializeOwned {
    /// The type it belongs to.
    const TYPE: CredentialType;

    /// Checks the rules between fields that a schema cannot say.
    ///
    /// Pointers start at the subject.
    fn check(&self) -> Vec<RuleViolation> {
        match serde_json::to_value(self) {
            Ok(value) => rules::check_subject(Self::TYPE, &value, rules::Completeness::Whole),
            Err(_) => vec![RuleViolation {
                pointer: String::new(),
                code: "subject_not_serializable",
                detail: "the subject cannot be written as JSON".to_owned(),
            }],
        }
    }
}

/// [`CredentialType::schema_digest_sri`] by type, computed ahead: a browser build has no schemas,
/// and a schema that was published does not change. A test computes them.
static SCHEMA_DIGESTS: [&str; CredentialType::ALL.len()] = [
    "sha256-5RwwUudnMtPjhrLvVyj0pahF7HkTmr9XXrNEnTe0x+o=",
    "sha256-lxvBonanfUC1wsAvQfZeLPR15qHQXQFQXsKzZLpqXiU=",
    "sha256-q5vHeDBXerSGD8KRQxBkbWL6ke7odrPGlIXI8wq0YfE=",
    "sha256-Y6L4YXjgdv8ubp9rZtbEXMqPmw2hlM9KugKo//RRVNQ=",
    "sha256-rVHHotoE0TEE5s8IWXLe/5mGtR8WDeZzXgAIcnD9b6A=",
    "sha256-w9jrThTjkUBDaaJgbBWthJnnu00c4hTqL+6kPbB+9NA=",
    "sha256-xUNm/WyEhACAAb18paG1xAzQv6/MII4kyOKTugj3elw=",
];

#[cfg(test)]
#[test]
fn the_digests_are_those_of_the_schemas() {
    for one in CredentialType::ALL {
        assert_eq!(one.computed_digest(), one.schema_digest_sri(), "{}", one.type_name());
    }
}

/// What each type file says about its type.
pub(crate) struct TypeInfo {
    type_name: &'static str,
    folder: &'static str,
    context_url: &'static str,
    schema_id: &'static str,
    vct: &'static str,
    contexts: &'static [&'static str],
    type_array: &'static [&'static str],
    subject_types: &'static [&'static str],
    #[cfg(not(target_family = "wasm"))]
    schema: &'static str,
    #[cfg(not(target_family = "wasm"))]
    example: &'static str,
    labels: &'static str,
    validity: Validity,
    status_max_age: i64,
    stale_policy: StalePolicy,
    disclosable: &'static [&'static str],
    mandatory_pointers: &'static [&'static str],
    rules: fn(&rules::Checker<'_>),
    read: fn(&Value) -> Result<(), String>,
}

impl CredentialType {
    /// All types.
    pub const ALL: [Self; 7] = [
        Self::QualificationBadge,
        Self::TrainingHistory,
        Self::EvBatteryReport,
        Self::DronePilotLicence,
        Self::DroneRegistration,
        Self::DroneFlightPermit,
        Self::CompetitionResult,
    ];

    pub(crate) fn info(self) -> &'static TypeInfo {
        match self {
            Self::QualificationBadge => &qualification_badge::INFO,
            Self::TrainingHistory => &training_history::INFO,
            Self::EvBatteryReport => &ev_battery_report::INFO,
            Self::DronePilotLicence => &drone_pilot_licence::INFO,
            Self::DroneRegistration => &drone_registration::INFO,
            Self::DroneFlightPermit => &drone_flight_permit::INFO,
            Self::CompetitionResult => &competition_result::INFO,
        }
    }

    /// The name in `type`: `KrQualificationBadge`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        self.info().type_name
    }

    /// The folder below `schemas/`: `qualification-badge`.
    #[must_use]
    pub fn folder(self) -> &'static str {
        self.info().folder
    }

    /// The URL of the type's own JSON-LD context.
    #[must_use]
    pub fn context_url(self) -> &'static str {
        self.info().context_url
    }

    /// The `$id` of the type's JSON Schema, also `credentialSchema.id`.
    #[must_use]
    pub fn schema_id(self) -> &'static str {
        self.info().schema_id
    }

    /// The SD-JWT VC type (`vct`).
    #[must_use]
    pub fn vct(self) -> &'static str {
        self.info().vct
    }

    /// The type with this name.
    #[must_use]
    pub fn from_type_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.type_name() == name)
    }

    /// The type with this `vct`.
    #[must_use]
    pub fn from_vct(vct: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.vct() == vct)
    }

    /// The one catalogue type named in a `type` array; `None` when there is none or more than one.
    #[must_use]
    pub fn from_types(types: &[String]) -> Option<Self> {
        let mut found = types.iter().filter_map(|name| Self::from_type_name(name));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// The `@context` array of a document, in the only accepted order.
    #[must_use]
    pub fn contexts(self) -> Vec<&'static str> {
        self.info().contexts.to_vec()
    }

    /// The `type` array of a document.
    #[must_use]
    pub fn type_array(self) -> Vec<&'static str> {
        self.info().type_array.to_vec()
    }

    /// The `type` array of the `credentialSubject`.
    #[must_use]
    pub fn subject_types(self) -> Vec<&'static str> {
        self.info().subject_types.to_vec()
    }

    /// The JSON Schema (2020-12) of the whole compacted document, as shipped.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn schema(self) -> &'static str {
        self.info().schema
    }

    /// The JSON Schema in its JCS form: the bytes to serve at [`Self::schema_id`] and the
    /// bytes that [`Self::schema_digest_sri`] is over.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn schema_canonical(self) -> String {
        canonical(self.info().schema)
    }

    /// `digestSRI` of the schema: `sha256-` and the base64 of SHA-256 over the JCS form.
    #[must_use]
    pub fn schema_digest_sri(self) -> &'static str {
        SCHEMA_DIGESTS[self as usize]
    }

    #[cfg(test)]
    fn computed_digest(self) -> String {
        use base64::Engine as _;
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(self.schema_canonical().as_bytes());
        format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(digest))
    }

    /// An example document with a fictitious person, without proof.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn example(self) -> Value {
        embedded(self.info().example)
    }

    /// Default lifetime.
    #[must_use]
    pub fn validity(self) -> Validity {
        self.info().validity
    }

    /// How old a status answer may be, in seconds.
    #[must_use]
    pub fn status_max_age(self) -> i64 {
        self.info().status_max_age
    }

    /// What happens when no fresh status can be had.
    #[must_use]
    pub fn stale_policy(self) -> StalePolicy {
        self.info().stale_policy
    }

    /// The selectively disclosable claims of the SD-JWT form, as paths into the
    /// flattened claim set: `person.name`; `records[]` for every item of an array;
    /// `aircraft[].serialNo` for a member of every item.
    #[must_use]
    pub fn disclosable(self) -> &'static [&'static str] {
        self.info().disclosable
    }

    /// JSON pointers that a selective-disclosure suite (`bbs-2023`, `ecdsa-sd-2023`) must
    /// always reveal: the counterpart of [`Self::disclosable`].
    #[must_use]
    pub fn mandatory_pointers(self) -> Vec<&'static str> {
        let mut pointers = vec![
            "/@context",
            "/type",
            "/issuer",
            "/validFrom",
            "/validUntil",
            "/credentialSchema",
            "/credentialStatus",
            "/credentialSubject/type",
        ];
        pointers.extend(self.info().mandatory_pointers);
        pointers
    }

    /// The type's name for people, `lang` being `ko` or `en` (anything else reads as `en`).
    #[must_use]
    pub fn label(self, lang: &str) -> String {
        self.labels().name.in_language(lang).to_owned()
    }

    /// All labels of the type.
    #[must_use]
    pub fn labels(self) -> &'static Labels {
        labels::of(self)
    }
}

/// Parses a file that is part of this program.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn embedded(text: &'static str) -> Value {
    let limits = crate::json::Limits { max_bytes: usize::MAX, max_depth: 64 };
    crate::json::parse_strict(text.as_bytes(), &limits)
        .expect("embedded files are parsed by a test of this crate")
}

#[cfg(not(target_family = "wasm"))]
fn canonical(text: &'static str) -> String {
    crate::jcs::canonicalize(&embedded(text))
        .expect("embedded files are canonicalized by a test of this crate")
}
