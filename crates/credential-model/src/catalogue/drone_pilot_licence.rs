//! `KrDronePilotLicence`: licence of an unmanned aircraft pilot (credentials.md A.3a).

use serde::{Deserialize, Serialize};

use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Person, StalePolicy,
    TypeInfo, Validity,
};

const CONTEXT: &str = "https://sinpyo.example/contexts/drone-pilot-licence/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "KrDronePilotLicence",
    folder: "drone-pilot-licence",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/drone-pilot-licence/v1",
    vct: "https://sinpyo.example/credentials/KrDronePilotLicence/v1",
    contexts: &[CREDENTIALS_V2, CONTEXT],
    type_array: &["VerifiableCredential", "KrDronePilotLicence"],
    subject_types: &["DronePilot"],
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/drone-pilot-licence/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
    example: include_str!("../../../../schemas/drone-pilot-licence/v1/example.json"),
    labels: include_str!("../../../../schemas/drone-pilot-licence/v1/labels.json"),
    validity: Validity {
        lifetime_seconds: 365 * DAY,
        refreshable: true,
        bounded_by_subject: false,
    },
    status_max_age: DAY,
    stale_policy: StalePolicy::FailClosed,
    disclosable: &[
        "person.name",
        "person.nameLatin",
        "person.birthDate",
        "licenceNo",
        "issuedOn",
        "medicalValidUntil",
    ],
    mandatory_pointers: &[
        "/credentialSubject/class",
        "/credentialSubject/category",
        "/credentialSubject/restrictions",
        "/credentialSubject/instructor",
    ],
    rules,
    read: super::validate::read::<DronePilotLicence>,
};

/// The subject: a pilot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DronePilotLicence {
    /// DID of the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `DronePilot`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// The pilot; `name` and `birth_date` are required.
    pub person: Person,
    /// Number of the licence (조종자증명 번호).
    pub licence_no: String,
    /// Class 1 (heaviest) to 4; see [`class_covers`].
    pub class: u8,
    /// Category of aircraft.
    pub category: AircraftCategory,
    /// Date of issue.
    pub issued_on: CalendarDate,
    /// Restrictions in words; an empty list says that there are none.
    pub restrictions: Vec<String>,
    /// Medical fitness proven until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_valid_until: Option<CalendarDate>,
    /// Whether the pilot may teach or examine.
    pub instructor: InstructorLevel,
}

/// Category of unmanned aircraft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AircraftCategory {
    /// 무인멀티콥터.
    Multicopter,
    /// 무인헬리콥터.
    Helicopter,
    /// 무인비행기.
    Aeroplane,
    /// 무인비행선.
    Airship,
}

/// Whether a pilot may teach or examine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InstructorLevel {
    /// 일반.
    None,
    /// 지도조종자.
    Instructor,
    /// 실기평가조종자.
    Examiner,
}

/// Whether a licence of `class` (1–4) covers an aircraft of this maximum take-off mass in
/// kilograms: class 4 up to 2 kg, 3 up to 7 kg, 2 up to 25 kg, 1 above.
#[must_use]
pub fn class_covers(class: u8, mtow_kg: f64) -> bool {
    let limit = match class {
        1 => f64::MAX,
        2 => 25.0,
        3 => 7.0,
        4 => 2.0,
        _ => return false,
    };
    mtow_kg > 0.0 && mtow_kg <= limit
}

impl CredentialSubject for DronePilotLicence {
    const TYPE: CredentialType = CredentialType::DronePilotLicence;
}

fn rules(c: &Checker<'_>) {
    c.calendar_dates(&["/person/birthDate", "/issuedOn", "/medicalValidUntil"]);
    c.dates_in_order("/issuedOn", "/medicalValidUntil");
    let class = c.integer("/class");
    if class.is_some_and(|class| !(1..=4).contains(&class)) {
        c.violation("/class", "out_of_range", "classes go from 1 to 4");
    }
    // Minimum age: 14, for class 4 it is 10.
    if let (Some(born), Some(issued), Some(class)) =
        (c.text("/person/birthDate"), c.text("/issuedOn"), class)
    {
        let minimum = if class == 4 { 10 } else { 14 };
        if full_years(born, issued).is_some_and(|age| age < minimum) {
            c.violation("/issuedOn", "too_young", "the pilot was younger than the class allows");
        }
    }
}

/// Full years between two calendar dates, by comparing year, month and day as numbers.
fn full_years(from: &str, to: &str) -> Option<i64> {
    if crate::moment::days_between(from, to)? < 0 {
        return Some(-1);
    }
    let number = |text: &str| text.replace('-', "").parse::<i64>().ok();
    Some((number(to)? - number(from)?).div_euclid(10_000))
}
