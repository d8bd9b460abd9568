//! `EvBatteryRemainingLifeReport`: how much life an EV battery has left (credentials.md A.2).
//!
//! The subject is the battery, not a person. All measures are decimal strings in the unit
//! that the field's documentation names.

use serde::{Deserialize, Serialize};

use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Decimal, Organisation,
    StalePolicy, TypeInfo, Validity,
};
use crate::moment::Moment;

mod rules;

pub use rules::vin_commitment;

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
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/ev-battery-report/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
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
    rules: rules::rules,
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
