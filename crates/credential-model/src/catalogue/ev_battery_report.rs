//! `EvBatteryRemainingLifeReport`: how much life an EV battery has left (credentials.md A.2).
//!
//! The subject is the battery, not a person. All measures are decimal strings in the unit
//! that the field's documentation names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Decimal, Organisation,
    StalePolicy, TypeInfo, Validity,
};
use crate::moment::Moment;

const CONTEXT: &str = "https://sinpyo.example/contexts/ev-battery-report/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "EvBatteryRemainingLifeReport",
    folder: "ev-battery-report",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/ev-battery-report/v1",
    vct: "https://sinpyo.example/credentials/EvBatteryRemainingLifeReport/v1",
    contexts: &[CREDENTIALS_V2, CONTEXT],
    type_array: &["VerifiableCredential", "EvBatteryRemainingLifeReport"],
    subject_types: &["EvBattery"],
    schema: include_str!("../../../../schemas/ev-battery-report/v1/schema.json"),
    example: include_str!("../../../../schemas/ev-battery-report/v1/example.json"),
    labels: include_str!("../../../../schemas/ev-battery-report/v1/labels.json"),
    // 90 days or 3,000 km, whichever comes first; the kilometres are the verifier's check.
    validity: Validity { lifetime_seconds: 90 * DAY, refreshable: true, bounded_by_subject: false },
    status_max_age: DAY,
    stale_policy: StalePolicy::Warn,
    disclosable: &[
        "passportId",
        "keeper",
        "vehicle.vin",
        "vehicle.vinSalt",
        "vehicle.model",
        "vehicle.modelYear",
        "vehicle.odometer",
        "manufacturingDate",
        "putIntoService",
        "remainingCapacity",
        "remainingEnergy",
        "soh",
        "soce",
        "socr",
        "capacityFade",
        "powerFade",
        "internalResistance",
        "fullCycles",
        "energyThroughput",
        "capacityThroughput",
        "soc",
        "selfDischargeRate",
        "insulationResistance",
        "cellVoltageSpread",
        "temperature.test",
        "temperature.exposureHigh",
        "temperature.exposureLow",
        "fastChargeShare",
        "negativeEvents[]",
        "rul.value",
        "rul.ciLow",
        "rul.ciHigh",
        "rul.ciLevel",
    ],
    mandatory_pointers: &[
        "/credentialSubject/batteryId",
        "/credentialSubject/batteryCategory",
        "/credentialSubject/batteryStatus",
        "/credentialSubject/ratedCapacity",
        "/credentialSubject/sohDefinition",
        "/credentialSubject/rul/unit",
        "/credentialSubject/rul/endOfLifeThreshold",
        "/credentialSubject/rul/usageProfile",
        "/credentialSubject/method",
        "/credentialSubject/assessedAt",
        "/credentialSubject/assessor",
    ],
    rules,
    read: super::validate::read::<EvBatteryReport>,
};

/// The subject: a traction battery as an assessor found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EvBatteryReport {
    /// URN of the battery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `EvBattery`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Unique id of the battery (ISO/IEC 15459 style).
    pub battery_id: String,
    /// Battery passport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passport_id: Option<String>,
    /// DID of the current keeper, where the report is bound to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<String>,
    /// The vehicle the battery sits in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<Vehicle>,
    /// Manufacturer of the battery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Organisation>,
    /// Model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_model: Option<String>,
    /// Cathode chemistry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chemistry: Option<Chemistry>,
    /// Made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturing_date: Option<CalendarDate>,
    /// In use since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_into_service: Option<CalendarDate>,
    /// Category.
    pub battery_category: BatteryCategory,
    /// Life-cycle status.
    pub battery_status: BatteryStatus,
    /// Rated capacity, Ah.
    pub rated_capacity: Decimal,
    /// Certified usable energy, kWh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_energy: Option<Decimal>,
    /// Remaining capacity, Ah (not kWh).
    pub remaining_capacity: Decimal,
    /// Remaining energy, kWh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_energy: Option<Decimal>,
    /// State of health, %.
    pub soh: Decimal,
    /// What the state of health means; different definitions are never compared.
    pub soh_definition: SohDefinition,
    /// State of certified energy, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soce: Option<Decimal>,
    /// State of certified range, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socr: Option<Decimal>,
    /// Capacity fade, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_fade: Option<Decimal>,
    /// Power fade, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_fade: Option<Decimal>,
    /// Internal resistance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_resistance: Option<InternalResistance>,
    /// Full equivalent cycles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_cycles: Option<u32>,
    /// Energy throughput, kWh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_throughput: Option<Decimal>,
    /// Capacity throughput, Ah.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_throughput: Option<Decimal>,
    /// State of charge at the test, %.
    pub soc: Decimal,
    /// Self discharge, % a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_discharge_rate: Option<Decimal>,
    /// Insulation resistance, MOhm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insulation_resistance: Option<Decimal>,
    /// Spread of cell voltages, mV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_voltage_spread: Option<Decimal>,
    /// Temperatures.
    pub temperature: Temperature,
    /// Share of fast charging, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fast_charge_share: Option<Decimal>,
    /// Accidents and abuse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub negative_events: Vec<NegativeEvent>,
    /// Remaining useful life.
    pub rul: RemainingUsefulLife,
    /// How it was assessed.
    pub method: Method,
    /// Grade in the assessor's scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<BatteryGrade>,
    /// Safety inspection for reuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse_safety: Option<ReuseSafety>,
    /// When.
    pub assessed_at: Moment,
    /// By whom.
    pub assessor: Organisation,
}

/// The vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vehicle {
    /// [`vin_commitment`] of the VIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin_commitment: Option<String>,
    /// VIN, 17 characters without I, O, Q.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    /// Salt of the commitment, 32 bytes in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin_salt: Option<String>,
    /// Model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Model year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_year: Option<u32>,
    /// Odometer, km.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odometer: Option<Decimal>,
}

/// Cathode chemistry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "chemical abbreviations say what they are")]
pub enum Chemistry {
    Nmc,
    Nca,
    Lfp,
    Lmo,
    Other,
}

/// Category of Regulation (EU) 2023/1542.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum BatteryCategory {
    /// Electric vehicle.
    Ev,
    /// Light means of transport.
    Lmt,
    /// Industrial.
    Industrial,
}

/// Life-cycle status of Regulation (EU) 2023/1542 Annex XIII (4c).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the regulation's own words")]
pub enum BatteryStatus {
    Original,
    Reused,
    Repurposed,
    Remanufactured,
    Waste,
}

/// What "state of health" means in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SohDefinition {
    /// Remaining over rated capacity.
    Capacity,
    /// State of certified energy.
    EnergySoce,
    /// As the vehicle's battery management system says.
    OemBms,
}

/// Internal resistance and how it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InternalResistance {
    /// mOhm.
    pub value: Decimal,
    /// Increase, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increase: Option<Decimal>,
    /// `PACK`, `MODULE` or `CELL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// At this state of charge, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_soc: Option<Decimal>,
    /// At this temperature, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_temperature: Option<Decimal>,
    /// Length of the pulse, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulse_seconds: Option<Decimal>,
}

/// Temperatures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Temperature {
    /// At the test, °C.
    pub test: Decimal,
    /// Minutes above the upper limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_high: Option<Decimal>,
    /// Minutes below the lower limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_low: Option<Decimal>,
}

/// An accident or abuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NegativeEvent {
    /// `ACCIDENT`, `DEEP_DISCHARGE`, `OVERTEMPERATURE`, `FLOOD` or `OTHER`.
    pub code: String,
    /// When.
    pub date: CalendarDate,
}

/// Remaining useful life with its confidence interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemainingUsefulLife {
    /// Estimate, in `unit`.
    pub value: Decimal,
    /// Unit of value and interval.
    pub unit: RulUnit,
    /// Lower end of the interval.
    pub ci_low: Decimal,
    /// Upper end.
    pub ci_high: Decimal,
    /// Confidence, 0.5 to 0.99.
    pub ci_level: Decimal,
    /// State of health at which life counts as ended, %.
    pub end_of_life_threshold: Decimal,
    /// Assumed usage, text or URI.
    pub usage_profile: String,
}

/// Unit of the remaining useful life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RulUnit {
    /// Full equivalent cycles.
    Cycles,
    /// Kilometres.
    Km,
    /// Months.
    Months,
}

/// How the battery was assessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Method {
    /// Kind of method (`kind`, because `type` has a meaning in JSON-LD).
    pub kind: MethodKind,
    /// Test procedure.
    pub procedure: String,
    /// Equipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equipment: Option<String>,
    /// Version of algorithm or software.
    pub software_version: String,
    /// Accuracy, ± %.
    pub accuracy: Decimal,
}

/// Kind of assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MethodKind {
    /// Full discharge.
    FullDischarge,
    /// Partial charge.
    PartialCharge,
    /// Read from the battery management system.
    BmsReadout,
    /// Electrochemical impedance spectroscopy.
    Eis,
    /// Computed by a model only.
    Model,
}

/// Grade in a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatteryGrade {
    /// `A` to `E`.
    pub letter: String,
    /// URI of the scheme.
    pub scheme: String,
}

/// Safety inspection before reuse (not for traction).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReuseSafety {
    /// `PASS` or `FAIL`.
    pub result: String,
    /// Certificate number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cert_no: Option<String>,
    /// Standard, such as KC 10031.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// Inspection body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
}

impl CredentialSubject for EvBatteryReport {
    const TYPE: CredentialType = CredentialType::EvBatteryReport;
}

/// HMAC-SHA-256 of a VIN under a random 32-byte salt, base64url.
///
/// Lets a keeper open the VIN to a dealer (VIN and salt) while others see a value that
/// cannot be linked to the vehicle.
#[must_use]
pub fn vin_commitment(vin: &str, salt: &[u8; 32]) -> String {
    // RFC 2104 with a key shorter than the block; sha2 is here already, an HMAC crate is not.
    let mut inner = [0x36u8; 64];
    let mut outer = [0x5cu8; 64];
    for (index, byte) in salt.iter().enumerate() {
        inner[index] ^= byte;
        outer[index] ^= byte;
    }
    let hash = Sha256::new().chain_update(inner).chain_update(vin.as_bytes()).finalize();
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(outer).chain_update(hash).finalize())
}

/// ISO 3779: 17 capital letters and digits without I, O and Q.
fn is_vin(text: &str) -> bool {
    text.len() == 17
        && text.bytes().all(|b| {
            b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'Q'))
        })
}

fn rules(c: &Checker<'_>) {
    c.calendar_dates(&["/manufacturingDate", "/putIntoService"]);
    c.date_times(&["/assessedAt"]);
    c.dates_in_order("/manufacturingDate", "/putIntoService");
    c.decimal_positive("/ratedCapacity");
    c.decimal_positive("/ratedEnergy");
    c.decimal_between("/soh", 0.0, 110.0);
    for percent in ["/soc", "/internalResistance/atSoc", "/fastChargeShare", "/selfDischargeRate"] {
        c.decimal_between(percent, 0.0, 100.0);
    }
    for percent in ["/soce", "/socr"] {
        c.decimal_between(percent, 0.0, 110.0);
    }
    // A fade may be slightly negative (a battery a little better than rated).
    for percent in ["/capacityFade", "/powerFade"] {
        c.decimal_between(percent, -10.0, 100.0);
    }
    c.decimal_between("/temperature/test", -60.0, 120.0);
    c.decimal_between("/internalResistance/atTemperature", -60.0, 120.0);
    c.decimal_between("/rul/ciLevel", 0.5, 0.99);
    c.decimal_between("/rul/endOfLifeThreshold", 1.0, 100.0);
    c.decimal_between("/method/accuracy", 0.0, 100.0);
    c.decimals_not_negative(&[
        "/vehicle/odometer",
        "/remainingCapacity",
        "/remainingEnergy",
        "/energyThroughput",
        "/capacityThroughput",
        "/insulationResistance",
        "/cellVoltageSpread",
        "/internalResistance/value",
        "/internalResistance/pulseSeconds",
        "/temperature/exposureHigh",
        "/temperature/exposureLow",
        "/rul/value",
        "/rul/ciLow",
    ]);
    one_decimal_of_health(c);
    capacity(c);
    interval(c);
    vehicle(c);
    for event in c.items("/negativeEvents") {
        let date = format!("{event}/date");
        c.calendar_dates(&[&date]);
        if let (Some(day), Some(assessed)) = (c.text(&date), c.moment("/assessedAt"))
            && crate::moment::days_between(day, &assessed.date_kst()).is_some_and(|days| days < 0)
        {
            c.violation(&date, "event_after_assessment", "lies after the assessment");
        }
    }
    if c.text("/reuseSafety/result") == Some("PASS") {
        for member in ["certNo", "standard", "agency"] {
            let pointer = format!("/reuseSafety/{member}");
            if c.get(&pointer).is_none() {
                c.violation(&pointer, "reuse_evidence_missing", "a passed inspection names it");
            }
        }
    }
}

fn one_decimal_of_health(c: &Checker<'_>) {
    let fraction = c.text("/soh").and_then(|text| text.split_once('.')).map(|(_, f)| f.len());
    if fraction.is_some_and(|digits| digits > 1) {
        c.violation("/soh", "too_precise", "one decimal");
    }
}

fn capacity(c: &Checker<'_>) {
    let (Some(rated), Some(remaining)) =
        (c.decimal("/ratedCapacity"), c.decimal("/remainingCapacity"))
    else {
        return;
    };
    if remaining > rated * 1.1 {
        c.violation(
            "/remainingCapacity",
            "capacity_exceeds_rated",
            "more than 110 % of the rated capacity",
        );
    } else if rated > 0.0
        && c.text("/sohDefinition") == Some("CAPACITY")
        && c.decimal("/soh").is_some_and(|soh| (soh - remaining / rated * 100.0).abs() > 0.1)
    {
        c.violation("/soh", "soh_not_the_capacity_ratio", "is not remaining over rated capacity");
    }
}

fn interval(c: &Checker<'_>) {
    if let (Some(low), Some(value)) = (c.decimal("/rul/ciLow"), c.decimal("/rul/value"))
        && low > value
    {
        c.violation("/rul/ciLow", "interval_out_of_order", "the lower end lies above the estimate");
    }
    if let (Some(value), Some(high)) = (c.decimal("/rul/value"), c.decimal("/rul/ciHigh"))
        && value > high
    {
        c.violation(
            "/rul/ciHigh",
            "interval_out_of_order",
            "the upper end lies below the estimate",
        );
    }
    if let (Some(soh), Some(end), Some(life)) =
        (c.decimal("/soh"), c.decimal("/rul/endOfLifeThreshold"), c.decimal("/rul/value"))
        && soh <= end
        && life > 0.0
    {
        c.violation(
            "/rul/value",
            "life_after_end_of_life",
            "health is at the end-of-life threshold already",
        );
    }
}

fn vehicle(c: &Checker<'_>) {
    if c.is_whole() && c.get("/vehicle").is_some() && c.get("/vehicle/odometer").is_none() {
        c.violation(
            "/vehicle/odometer",
            "odometer_missing",
            "a battery in a vehicle has an odometer",
        );
    }
    let vin = c.text("/vehicle/vin");
    if vin.is_some_and(|vin| !is_vin(vin)) {
        c.violation("/vehicle/vin", "vin_invalid", "17 capital letters and digits without I, O, Q");
    }
    let salt: Option<Option<[u8; 32]>> = c
        .text("/vehicle/vinSalt")
        .map(|text| URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()));
    if salt == Some(None) {
        c.violation("/vehicle/vinSalt", "vin_salt_invalid", "32 bytes in base64url");
    }
    if let (Some(vin), Some(Some(salt)), Some(commitment)) =
        (vin, salt, c.text("/vehicle/vinCommitment"))
        && vin_commitment(vin, &salt) != commitment
    {
        c.violation(
            "/vehicle/vinCommitment",
            "vin_commitment_mismatch",
            "does not belong to VIN and salt",
        );
    }
}
