//! `DroneFlightPermit`: where, when and how high a drone may fly (credentials.md A.3c).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Decimal, Organisation,
    StalePolicy, TypeInfo, Validity,
};
use crate::moment::Moment;

mod area;

pub use area::{Area, AreaError, MAX_VERTICES};

const CONTEXT: &str = "https://sinpyo.example/contexts/drone-flight-permit/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "DroneFlightPermit",
    folder: "drone-flight-permit",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/drone-flight-permit/v1",
    vct: "https://sinpyo.example/credentials/DroneFlightPermit/v1",
    contexts: &[CREDENTIALS_V2, CONTEXT],
    type_array: &["VerifiableCredential", "DroneFlightPermit"],
    subject_types: &["FlightOperation"],
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/drone-flight-permit/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
    example: include_str!("../../../../schemas/drone-flight-permit/v1/example.json"),
    labels: include_str!("../../../../schemas/drone-flight-permit/v1/labels.json"),
    // Validity is the union of the time windows; the lifetime is only their outer limit.
    validity: Validity {
        lifetime_seconds: 366 * DAY,
        refreshable: false,
        bounded_by_subject: true,
    },
    // A permit can be suspended within minutes (NOTAM, emergency).
    status_max_age: 900,
    stale_policy: StalePolicy::FailClosed,
    disclosable: &[
        "applicant.name",
        "applicant.org",
        "applicant.contact",
        "pilots[]",
        "aircraft[].serialNo",
        "insurance.policyRef",
        "insurance.validUntil",
        "emergencyContact",
    ],
    mandatory_pointers: &[
        "/credentialSubject/permitNo",
        "/credentialSubject/permitTypes",
        "/credentialSubject/authority",
        "/credentialSubject/operation",
        "/credentialSubject/volumes",
        "/credentialSubject/conditions",
        "/credentialSubject/photo",
    ],
    rules,
    read: super::validate::read::<DroneFlightPermit>,
};

/// The subject: a permitted operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DroneFlightPermit {
    /// DID of the holder (applicant).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `FlightOperation`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Number of the permit (승인번호).
    pub permit_no: String,
    /// What is permitted.
    pub permit_types: Vec<PermitType>,
    /// Who permitted it.
    pub authority: Organisation,
    /// Who applied.
    pub applicant: Applicant,
    /// Who may fly.
    pub pilots: Vec<PermittedPilot>,
    /// What may fly.
    pub aircraft: Vec<PermittedAircraft>,
    /// How and what for.
    pub operation: Operation,
    /// Where, how high and when: each volume stands for itself.
    pub volumes: Vec<Volume>,
    /// Conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Insurance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<Insurance>,
    /// Aerial photography.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
    /// Whom to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_contact: Option<String>,
}

/// What a permit permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PermitType {
    /// 비행승인.
    Flight,
    /// 특별비행승인 (야간).
    SpecialNight,
    /// 특별비행승인 (비가시권).
    SpecialBvlos,
    /// 항공촬영.
    AerialPhoto,
    /// 임시 공역.
    TempAirspace,
}

/// Who applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// Name.
    pub name: String,
    /// Organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// Contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// A pilot of the permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermittedPilot {
    /// Salted reference to the pilot's licence.
    pub licence_ref: String,
    /// Least class needed.
    pub class: u8,
}

/// An aircraft of the permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermittedAircraft {
    /// Registration number; equals the registration credential's.
    pub registration_no: String,
    /// Serial number; equals the Remote ID.
    pub serial_no: String,
    /// Maximum take-off mass, kg.
    pub mtow_kg: Decimal,
}

/// How and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// Purpose.
    pub purpose: Purpose,
    /// Line of sight.
    pub mode: Mode,
    /// Over crowds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_people: Option<bool>,
}

/// Purpose of a flight, as on form 122.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// 촬영.
    Filming,
    /// 방제.
    PestControl,
    /// 측량.
    Survey,
    /// 점검.
    Inspection,
    /// 교육.
    Training,
    /// 배송.
    Delivery,
    /// 기타.
    Other,
}

/// Line of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    /// Visual line of sight.
    Vlos,
    /// Extended visual line of sight.
    Evlos,
    /// Beyond visual line of sight.
    Bvlos,
}

/// An area with height limits and time windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// GeoJSON `Polygon` or `MultiPolygon` (RFC 7946), or `{"type":"Circle","center":[lon,lat],"radiusM":n}`;
    /// read it with [`Area::parse`].
    pub geometry: Value,
    /// Lower limit.
    pub lower: Altitude,
    /// Upper limit, same reference.
    pub upper: Altitude,
    /// When; inside any one window.
    pub time: Vec<TimeWindow>,
    /// Class of airspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub airspace_class: Option<String>,
    /// Zones (P73, R75, 관제권).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zone_ids: Vec<String>,
}

/// A height with its reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Altitude {
    /// Metres.
    pub value: Decimal,
    /// Above what.
    #[serde(rename = "ref")]
    pub reference: AltitudeReference,
}

/// What a height is measured from. Heights of different references are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AltitudeReference {
    /// Above ground.
    Agl,
    /// Above mean sea level.
    Amsl,
    /// Above the ellipsoid.
    Wgs84,
}

/// A time window, optionally only at certain hours of certain days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// First moment.
    pub start: Moment,
    /// Last moment.
    pub end: Moment,
    /// Only at these hours of these days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<Weekly>,
}

/// Hours of certain days of the week, Korean time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weekly {
    /// `MO` to `SU` as in RFC 5545.
    pub days: Vec<String>,
    /// `HH:MM` in Korea.
    pub opens: String,
    /// `HH:MM` in Korea, later than `opens`.
    pub closes: String,
}

/// A condition of the permit, a checklist for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// `OBSERVER`, `NOTIFY_TOWER`, `STROBE_5KM`, `GEOFENCE`, `PARACHUTE` or `OTHER`.
    pub code: String,
    /// In words.
    pub text: String,
}

/// Insurance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Insurance {
    /// Policy.
    pub policy_ref: String,
    /// Valid until.
    pub valid_until: CalendarDate,
}

/// Aerial photography.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// Whether it is permitted.
    pub permitted: bool,
    /// Of what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What must be masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masks: Option<String>,
}

impl CredentialSubject for DroneFlightPermit {
    const TYPE: CredentialType = CredentialType::DroneFlightPermit;
}

/// The end of the last time window of a subject.
#[must_use]
pub fn last_end(subject: &Value) -> Option<Moment> {
    last_end_of(subject.as_object()?)
}

pub(super) fn last_end_of(subject: &Map<String, Value>) -> Option<Moment> {
    let volumes = subject.get("volumes")?.as_array()?;
    volumes
        .iter()
        .filter_map(|volume| volume.get("time")?.as_array())
        .flatten()
        .filter_map(|window| Moment::parse(window.get("end")?.as_str()?).ok())
        .max()
}

fn rules(c: &Checker<'_>) {
    let permits = |wanted: &str| {
        c.get("/permitTypes")
            .and_then(Value::as_array)
            .is_some_and(|types| types.iter().any(|t| t == wanted))
    };
    c.calendar_dates(&["/insurance/validUntil"]);
    for aircraft in c.items("/aircraft") {
        c.decimal_positive(&format!("{aircraft}/mtowKg"));
    }
    for pilot in c.items("/pilots") {
        let class = format!("{pilot}/class");
        if c.integer(&class).is_some_and(|class| !(1..=4).contains(&class)) {
            c.violation(&class, "out_of_range", "classes go from 1 to 4");
        }
    }
    if c.text("/operation/mode") == Some("BVLOS") && !permits("SPECIAL_BVLOS") {
        c.violation("/operation/mode", "permit_type_missing", "BVLOS needs SPECIAL_BVLOS");
    }
    if c.get("/photo/permitted") == Some(&Value::Bool(true)) && !permits("AERIAL_PHOTO") {
        c.violation("/photo/permitted", "permit_type_missing", "photography needs AERIAL_PHOTO");
    }
    for volume in c.items("/volumes") {
        let high_permitted = permits("FLIGHT") || permits("TEMP_AIRSPACE");
        volume_rules(c, &volume, high_permitted);
    }
}

fn volume_rules(c: &Checker<'_>, volume: &str, high_permitted: bool) {
    let at = |member: &str| format!("{volume}/{member}");
    if let Some(geometry) = c.get(&at("geometry"))
        && let Err(error) = Area::parse(geometry)
    {
        c.violation(&at("geometry"), error.code(), &error.to_string());
    }
    let (lower, upper) = (c.decimal(&at("lower/value")), c.decimal(&at("upper/value")));
    let (lower_ref, upper_ref) = (c.text(&at("lower/ref")), c.text(&at("upper/ref")));
    if lower_ref.is_some() && upper_ref.is_some() && lower_ref != upper_ref {
        c.violation(
            &at("upper/ref"),
            "altitude_references_differ",
            "both limits use one reference",
        );
    } else if let (Some(lower), Some(upper)) = (lower, upper)
        && upper <= lower
    {
        c.violation(&at("upper/value"), "altitude_out_of_order", "upper must lie above lower");
    }
    if upper_ref == Some("AGL") && upper.is_some_and(|u| u > 150.0) && !high_permitted {
        c.violation(
            &at("upper/value"),
            "permit_type_missing",
            "above 150 m needs FLIGHT or TEMP_AIRSPACE",
        );
    }
    for window in c.items(&at("time")) {
        let (start, end) = (format!("{window}/start"), format!("{window}/end"));
        c.date_times(&[&start, &end]);
        if let (Some(from), Some(to)) = (c.moment(&start), c.moment(&end)) {
            if to <= from {
                c.violation(&end, "window_out_of_order", "must lie after start");
            } else if to.seconds_since(from) > 366 * DAY {
                c.violation(&end, "window_too_long", "at most 12 months");
            }
        }
        let weekly = format!("{window}/weekly");
        let hours = |member: &str| c.text(&format!("{weekly}/{member}"));
        if let (Some(opens), Some(closes)) = (hours("opens"), hours("closes"))
            && closes <= opens
        {
            c.violation(&weekly, "window_out_of_order", "closes must lie after opens");
        }
    }
}
