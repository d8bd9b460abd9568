//! `KrTrainingHistory`: confirmation of vocational training (credentials.md A.1b).

use serde::{Deserialize, Serialize};

use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Decimal, Organisation,
    Person, StalePolicy, TypeInfo, Validity,
};
use crate::moment::Moment;

const CONTEXT: &str = "https://sinpyo.example/contexts/training-history/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "KrTrainingHistory",
    folder: "training-history",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/training-history/v1",
    vct: "https://sinpyo.example/credentials/KrTrainingHistory/v1",
    contexts: &[CREDENTIALS_V2, CONTEXT],
    type_array: &["VerifiableCredential", "KrTrainingHistory"],
    subject_types: &["KrTrainee"],
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/training-history/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
    example: include_str!("../../../../schemas/training-history/v1/example.json"),
    labels: include_str!("../../../../schemas/training-history/v1/labels.json"),
    // As the paper and electronic certificates: 90 days. A correction supersedes.
    validity: Validity { lifetime_seconds: 90 * DAY, refreshable: true, bounded_by_subject: false },
    status_max_age: DAY,
    stale_policy: StalePolicy::Warn,
    disclosable: &["person.name", "person.birthDate", "records[]"],
    mandatory_pointers: &["/credentialSubject/asOf"],
    rules,
    read: super::validate::read::<TrainingHistory>,
};

/// The subject: a person and the courses they took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrainingHistory {
    /// DID of the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `KrTrainee`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Who was trained; `name` is required.
    pub person: Person,
    /// Courses; each can be disclosed alone.
    pub records: Vec<TrainingRecord>,
    /// State of the records.
    pub as_of: Moment,
}

/// One course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrainingRecord {
    /// Course name.
    pub course_name: String,
    /// Course id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_id: Option<String>,
    /// Which round of the course.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
    /// Training institute.
    pub provider: Organisation,
    /// Programme; an open list of Korean names (국가기간·전략산업직종, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_type: Option<String>,
    /// First day.
    pub start_date: CalendarDate,
    /// Last day.
    pub end_date: CalendarDate,
    /// Hours of the course.
    pub total_hours: Decimal,
    /// Hours attended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attended_hours: Option<Decimal>,
    /// How it ended.
    pub completion: Completion,
    /// NCS units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ncs_units: Vec<NcsUnit>,
}

/// How a course ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Completion {
    /// 수료.
    Completed,
    /// 조기취업.
    EarlyEmployed,
    /// 중도탈락.
    Dropped,
}

/// An NCS unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NcsUnit {
    /// NCS classification number.
    pub code: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl CredentialSubject for TrainingHistory {
    const TYPE: CredentialType = CredentialType::TrainingHistory;
}

fn rules(c: &Checker<'_>) {
    c.calendar_dates(&["/person/birthDate"]);
    c.date_times(&["/asOf"]);
    for record in c.items("/records") {
        let at = |member: &str| format!("{record}/{member}");
        c.calendar_dates(&[&at("startDate"), &at("endDate")]);
        c.dates_in_order(&at("startDate"), &at("endDate"));
        c.decimal_positive(&at("totalHours"));
        c.decimals_not_negative(&[&at("attendedHours")]);
        if let (Some(attended), Some(total)) =
            (c.decimal(&at("attendedHours")), c.decimal(&at("totalHours")))
            && attended > total
        {
            c.violation(
                &at("attendedHours"),
                "hours_exceed_total",
                "more hours than the course has",
            );
        }
        if let (Some(start), Some(as_of)) = (c.text(&at("startDate")), c.moment("/asOf"))
            && crate::moment::days_between(start, &as_of.date_kst()).is_some_and(|days| days < 0)
        {
            c.violation(
                &at("startDate"),
                "record_after_as_of",
                "begins after the state of the records",
            );
        }
    }
}
