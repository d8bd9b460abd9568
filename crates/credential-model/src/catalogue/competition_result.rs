//! `KrCompetitionResultCertificate`: a result in a sports competition (credentials.md A.4).

use serde::{Deserialize, Serialize};

use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, Decimal, Organisation,
    StalePolicy, TypeInfo, Validity,
};

const CONTEXT: &str = "https://sinpyo.example/contexts/competition-result/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "KrCompetitionResultCertificate",
    folder: "competition-result",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/competition-result/v1",
    vct: "https://sinpyo.example/credentials/KrCompetitionResultCertificate/v1",
    contexts: &[CREDENTIALS_V2, CONTEXT],
    type_array: &["VerifiableCredential", "KrCompetitionResultCertificate"],
    subject_types: &["CompetitionResult"],
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/competition-result/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
    example: include_str!("../../../../schemas/competition-result/v1/example.json"),
    labels: include_str!("../../../../schemas/competition-result/v1/labels.json"),
    // Results have no expiry; the certificate lives for an admission season.
    validity: Validity { lifetime_seconds: 90 * DAY, refreshable: true, bounded_by_subject: false },
    status_max_age: DAY,
    stale_policy: StalePolicy::Warn,
    disclosable: &[
        "athlete.name",
        "athlete.nameLatin",
        "athlete.birthDate",
        "athlete.registrationNo",
        "athlete.team",
        "athlete.division",
        "teamMembers[]",
        "antiDoping",
    ],
    mandatory_pointers: &[
        "/credentialSubject/certificateNo",
        "/credentialSubject/sport",
        "/credentialSubject/discipline",
        "/credentialSubject/eventCode",
        "/credentialSubject/category",
        "/credentialSubject/competition",
        "/credentialSubject/confirmedBy",
    ],
    rules,
    read: super::validate::read::<CompetitionResult>,
};

/// The subject: an athlete's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompetitionResult {
    /// DID of the holder (athlete).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `CompetitionResult`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Number of the certificate, `2026-17`.
    pub certificate_no: String,
    /// Athlete.
    pub athlete: Athlete,
    /// Three-letter code of the sport, `ATH`.
    pub sport: String,
    /// Discipline in words.
    pub discipline: String,
    /// Code of the event: World Athletics style for `ATH` (`100`, `110H`, `LJ`).
    pub event_code: String,
    /// Sex and age group of the event.
    pub category: Category,
    /// Competition.
    pub competition: Competition,
    /// Round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// Whether it was held indoors; left out means outdoors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indoor: Option<bool>,
    /// Rank; none only with `irm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Size of the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participants: Option<u32>,
    /// Medal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medal: Option<Medal>,
    /// Mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// Wind, m/s; whether it is legal (≤ 2.0) is computed, never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wind: Option<Decimal>,
    /// How time was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// Invalid result mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub irm: Option<InvalidResultMark>,
    /// Records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub record_flags: Vec<RecordFlag>,
    /// Salted references to team members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team_members: Vec<String>,
    /// Anti-doping reference; never health data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anti_doping: Option<AntiDoping>,
    /// Federation, then KSOC.
    pub confirmed_by: Vec<Confirmation>,
    /// What the certificate is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission_purpose: Option<SubmissionPurpose>,
}

/// An athlete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Athlete {
    /// Name.
    pub name: String,
    /// Name in Latin letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_latin: Option<String>,
    /// Date of birth; for minors prefer `division`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<CalendarDate>,
    /// KSOC registration number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_no: Option<String>,
    /// Team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Division (종별).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
}

/// Sex and age group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Category {
    /// `M`, `W` or `X` (mixed).
    pub sex: String,
    /// Age group.
    pub age_group: String,
}

/// A competition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competition {
    /// URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Level.
    pub level: CompetitionLevel,
    /// Venue.
    pub venue: String,
    /// First day.
    pub start: CalendarDate,
    /// Last day.
    pub end: CalendarDate,
    /// Host (주최·주관).
    pub host: Organisation,
    /// Sanctioning body (승인단체).
    pub sanctioning: Organisation,
}

/// Level of a competition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the words say it")]
pub enum CompetitionLevel {
    International,
    National,
    Regional,
}

/// Round of a competition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Round {
    /// Heat.
    #[serde(rename = "HEAT")]
    Heat,
    /// Quarter-final.
    #[serde(rename = "QF")]
    QuarterFinal,
    /// Semi-final.
    #[serde(rename = "SF")]
    SemiFinal,
    /// Final.
    #[serde(rename = "FINAL")]
    Final,
    /// Qualification.
    #[serde(rename = "QUAL")]
    Qualification,
}

/// Medal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Medal {
    Gold,
    Silver,
    Bronze,
}

/// A mark in its one canonical unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Decimal string.
    pub value: Decimal,
    /// `s`, `m`, `cm`, `kg`, `pt` or `goals`.
    pub unit: String,
    /// What was measured (`kind`, because `type` has a meaning in JSON-LD).
    pub kind: MarkKind,
}

/// What a mark measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the words say it")]
pub enum MarkKind {
    Time,
    Distance,
    Height,
    Weight,
    Points,
    Score,
}

/// How time was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Timing {
    /// Fully automatic.
    Fat,
    /// By hand, 0.1 s.
    Hand,
    /// Transponder.
    Transponder,
    /// Not applicable.
    Na,
}

/// Why there is no valid result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InvalidResultMark {
    /// Did not start.
    Dns,
    /// Did not finish.
    Dnf,
    /// Disqualified.
    Dq,
    /// No mark.
    Nm,
    /// Withdrawn.
    Wdr,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordFlag {
    /// `WR`, `AR`, `NR`, `MR`, `PB`, `SB` or `DLR`.
    pub code: String,
    /// Whether it has been ratified.
    pub ratified: bool,
}

/// Anti-doping reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AntiDoping {
    /// URI of the case or register.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `NOT_TESTED_DISCLOSED`, `TESTED_NO_CASE` or `CASE_OPEN`.
    pub status: String,
}

/// Who confirmed the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// DID.
    pub id: String,
    /// Name.
    pub name: String,
    /// `FEDERATION` or `OLYMPIC_COMMITTEE`.
    pub role: ConfirmationRole,
}

/// In which role a body confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConfirmationRole {
    /// The sport's federation.
    Federation,
    /// KSOC.
    OlympicCommittee,
}

/// What the certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the words say it")]
pub enum SubmissionPurpose {
    Admission,
    Employment,
    Other,
}

impl CredentialSubject for CompetitionResult {
    const TYPE: CredentialType = CredentialType::CompetitionResult;
}

/// Outdoor events of athletics whose result needs the wind.
const WIND_EVENTS: [&str; 6] = ["100", "200", "100H", "110H", "LJ", "TJ"];

/// Whether a wind reading in m/s allows records (World Athletics: up to 2.0 from behind).
#[must_use]
pub fn wind_legal(wind: &Decimal) -> bool {
    wind.to_f64() <= 2.0
}

fn rules(c: &Checker<'_>) {
    c.calendar_dates(&["/athlete/birthDate", "/competition/start", "/competition/end"]);
    c.dates_in_order("/competition/start", "/competition/end");
    c.dates_in_order("/athlete/birthDate", "/competition/start");
    let irm = c.get("/irm").is_some();
    let rank = c.integer("/rank");
    if c.is_whole() && rank.is_none() && !irm {
        c.violation("/rank", "rank_missing", "may only be missing with an irm");
    }
    if rank.is_some_and(|rank| rank < 1) {
        c.violation("/rank", "out_of_range", "counts from 1");
    }
    if let (Some(rank), Some(field)) = (rank, c.integer("/participants"))
        && rank > field
    {
        c.violation("/rank", "rank_exceeds_participants", "higher than the size of the field");
    }
    if irm {
        for member in ["/rank", "/medal", "/mark", "/recordFlags"] {
            if c.get(member).is_some() {
                c.violation(member, "result_despite_irm", "an invalid result has none");
            }
        }
    }
    let medal_rank = match c.text("/medal") {
        Some("GOLD") => Some(1),
        Some("SILVER") => Some(2),
        Some("BRONZE") => Some(3),
        _ => None,
    };
    if let (Some(expected), Some(rank)) = (medal_rank, rank)
        && expected != rank
    {
        c.violation("/medal", "medal_rank_mismatch", "does not belong to the rank");
    }
    mark_rules(c, irm);
    if c.is_whole()
        && !c
            .items("/confirmedBy")
            .iter()
            .any(|by| c.text(&format!("{by}/role")) == Some("FEDERATION"))
    {
        c.violation("/confirmedBy", "federation_missing", "the federation confirms first");
    }
}

fn mark_rules(c: &Checker<'_>, irm: bool) {
    let wind_event = c.text("/sport") == Some("ATH")
        && c.text("/eventCode").is_some_and(|event| WIND_EVENTS.contains(&event))
        && c.get("/indoor") != Some(&serde_json::Value::Bool(true));
    if c.is_whole() && wind_event && !irm && c.get("/wind").is_none() {
        c.violation("/wind", "wind_missing", "required for this event outdoors");
    }
    c.decimal_between("/wind", -20.0, 20.0);
    c.decimals_not_negative(&["/mark/value"]);
    let (Some(kind), Some(unit)) = (c.text("/mark/kind"), c.text("/mark/unit")) else { return };
    let fits = match kind {
        "TIME" => unit == "s",
        "DISTANCE" | "HEIGHT" => matches!(unit, "m" | "cm"),
        "WEIGHT" => unit == "kg",
        "POINTS" => unit == "pt",
        "SCORE" => matches!(unit, "pt" | "goals"),
        _ => true,
    };
    if !fits {
        c.violation("/mark/unit", "unit_mismatch", "does not belong to what was measured");
    }
    let timing = c.text("/timing");
    if c.is_whole() && kind == "TIME" && timing.is_none() {
        c.violation("/timing", "timing_missing", "a time says how it was taken");
    }
    let Some(value) = c.text("/mark/value") else { return };
    let decimals = value.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let right = match (kind, unit, timing) {
        ("TIME", _, Some("HAND")) => decimals == 1,
        ("TIME", _, _) => (2..=3).contains(&decimals),
        ("DISTANCE" | "HEIGHT", "m", _) => decimals == 2,
        _ => true,
    };
    if !right {
        c.violation(
            "/mark/value",
            "mark_precision",
            "seconds have 2 or 3 decimals (1 by hand), metres 2",
        );
    }
}
