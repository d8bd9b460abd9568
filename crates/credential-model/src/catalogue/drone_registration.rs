//! `KrDroneRegistration`: registration of an unmanned aircraft (credentials.md A.3b).

use serde::{Deserialize, Serialize};

use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Decimal, StalePolicy,
    TypeInfo, Validity,
};

const CONTEXT: &str = "https://sinpyo.example/contexts/drone-registration/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "KrDroneRegistration",
    folder: "drone-registration",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/drone-registration/v1",
    vct: "https://sinpyo.example/credentials/KrDroneRegistration/v1",
    contexts: &[CREDENTIALS_V2, CONTEXT],
    type_array: &["VerifiableCredential", "KrDroneRegistration"],
    subject_types: &["DroneOwner"],
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/drone-registration/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
    example: include_str!("../../../../schemas/drone-registration/v1/example.json"),
    labels: include_str!("../../../../schemas/drone-registration/v1/labels.json"),
    validity: Validity {
        lifetime_seconds: 365 * DAY,
        refreshable: true,
        bounded_by_subject: false,
    },
    status_max_age: DAY,
    stale_policy: StalePolicy::FailClosed,
    disclosable: &[
        "serialNo",
        "emptyMassKg",
        "ownerName",
        "insuranceValidUntil",
        "safetyCertNo",
        "safetyCertValidUntil",
    ],
    mandatory_pointers: &[
        "/credentialSubject/registrationNo",
        "/credentialSubject/maker",
        "/credentialSubject/model",
        "/credentialSubject/mtowKg",
        "/credentialSubject/use",
    ],
    rules,
    read: super::validate::read::<DroneRegistration>,
};

/// The subject: the owner of an aircraft, and the aircraft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DroneRegistration {
    /// DID of the holder (owner).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `DroneOwner`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Registration number (신고번호), opaque.
    pub registration_no: String,
    /// Serial number, ANSI/CTA-2063-A.
    pub serial_no: String,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Maximum take-off mass, kg.
    pub mtow_kg: Decimal,
    /// Empty mass, kg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_mass_kg: Option<Decimal>,
    /// Owner's name.
    pub owner_name: String,
    /// What for.
    #[serde(rename = "use")]
    pub usage: DroneUse,
    /// Insured until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_valid_until: Option<CalendarDate>,
    /// Safety certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_cert_no: Option<String>,
    /// Safety certificate valid until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_cert_valid_until: Option<CalendarDate>,
}

/// What a drone is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DroneUse {
    /// 사업용.
    Commercial,
    /// 비사업용.
    NonCommercial,
}

impl CredentialSubject for DroneRegistration {
    const TYPE: CredentialType = CredentialType::DroneRegistration;
}

/// ANSI/CTA-2063-A §4: four characters of maker code, one for the length of the rest (1–9,
/// A–F), then that many; capital letters without I and O, and digits.
#[must_use]
pub fn is_cta_2063_serial(text: &str) -> bool {
    let bytes = text.as_bytes();
    let allowed =
        |b: &u8| b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O'));
    let Some(length) = bytes.get(4).and_then(|b| char::from(*b).to_digit(16)) else {
        return false;
    };
    length > 0 && bytes.iter().all(allowed) && bytes.len() == 5 + length as usize
}

fn rules(c: &Checker<'_>) {
    c.calendar_dates(&["/insuranceValidUntil", "/safetyCertValidUntil"]);
    c.decimal_positive("/mtowKg");
    c.decimal_positive("/emptyMassKg");
    if let (Some(empty), Some(full)) = (c.decimal("/emptyMassKg"), c.decimal("/mtowKg"))
        && empty > full
    {
        c.violation("/emptyMassKg", "mass_exceeds_mtow", "heavier empty than at take-off");
    }
    if c.text("/serialNo").is_some_and(|serial| !is_cta_2063_serial(serial)) {
        c.violation("/serialNo", "serial_invalid", "not a serial number of ANSI/CTA-2063-A");
    }
    // Above 25 kg a safety certificate is required, so the registration names it.
    if c.is_whole()
        && c.decimal("/mtowKg").is_some_and(|mass| mass > 25.0)
        && c.get("/safetyCertNo").is_none()
    {
        c.violation("/safetyCertNo", "safety_certificate_missing", "required above 25 kg");
    }
    if c.is_whole() && c.get("/safetyCertNo").is_some() != c.get("/safetyCertValidUntil").is_some()
    {
        c.violation(
            "/safetyCertValidUntil",
            "safety_certificate_incomplete",
            "number and date belong together",
        );
    }
}
