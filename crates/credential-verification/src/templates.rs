//! Ready-made requests: the least that each purpose needs, and the sentence the wallet shows.
use credential_model::{catalogue::CredentialType, format::CredentialFormat};
use serde_json::{Value, json};

use crate::report::Words;

/// A common request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// An employer checks a qualification badge.
    BadgeHiring,
    /// A training record is shown.
    Training,
    /// An insurer looks at a battery.
    BatteryInsurance,
    /// A used-car dealer looks at a battery.
    BatteryUsedCar,
    /// An officer checks a drone in the field.
    DroneField,
    /// An admission office checks a competition result.
    AthleteAdmission,
}

/// One asked credential: type and the claims that must be disclosed (paths in the flattened form).
type Asked = (&'static str, CredentialType, &'static [&'static [&'static str]]);

impl Template {
    /// Every template.
    pub const ALL: [Template; 6] = [
        Template::BadgeHiring,
        Template::Training,
        Template::BatteryInsurance,
        Template::BatteryUsedCar,
        Template::DroneField,
        Template::AthleteAdmission,
    ];

    /// The stable name, which is also the domain profile's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Template::BadgeHiring => "badge-hiring",
            Template::Training => "training",
            Template::BatteryInsurance => "battery-insurance",
            Template::BatteryUsedCar => "battery-used-car",
            Template::DroneField => "drone-field",
            Template::AthleteAdmission => "athlete-admission",
        }
    }

    /// Reads a name; the short forms of the command line are taken too.
    pub fn parse(name: &str) -> Option<Template> {
        let name = match name {
            "badge" => "badge-hiring",
            "battery" => "battery-insurance",
            "drone" => "drone-field",
            "athlete" => "athlete-admission",
            other => other,
        };
        Template::ALL.into_iter().find(|template| template.as_str() == name)
    }

    /// Why it is asked.
    pub fn purpose(self) -> Words {
        let (ko, en) = match self {
            Template::BadgeHiring => {
                ("채용을 위한 자격 진위확인", "Checking a qualification for employment")
            }
            Template::Training => ("직업훈련 이력 확인", "Checking vocational training"),
            Template::BatteryInsurance => {
                ("배터리 보험 인수 심사", "Underwriting a battery insurance")
            }
            Template::BatteryUsedCar => {
                ("중고차 매매 시 배터리 상태 확인", "Checking the battery of a used car")
            }
            Template::DroneField => ("드론 비행 현장 점검", "Field inspection of a drone flight"),
            Template::AthleteAdmission => {
                ("체육특기자 입학 심사", "Admission of a student athlete")
            }
        };
        Words { ko: ko.to_owned(), en: en.to_owned() }
    }

    /// The domain check that belongs to it when the asker names none: only where it needs no inputs.
    pub fn default_context(self) -> Option<Value> {
        match self {
            Template::BadgeHiring | Template::Training | Template::AthleteAdmission => {
                Some(json!({"profile": self.as_str()}))
            }
            // The customary threshold; an insurer's own request overrides it.
            Template::BatteryInsurance => Some(json!({
                "profile": self.as_str(), "soh_threshold": 80, "soh_definition": "CAPACITY"
            })),
            Template::BatteryUsedCar | Template::DroneField => {
                Some(json!({"profile": self.as_str()}))
            }
        }
    }

    /// What is asked for: never more than the check and the paper habit need.
    fn asked(self) -> &'static [Asked] {
        match self {
            Template::BadgeHiring => &[(
                "badge",
                CredentialType::QualificationBadge,
                &[&["person", "name"], &["awardedDate"], &["achievement", "humanCode"]],
            )],
            Template::Training => &[(
                "training",
                CredentialType::TrainingHistory,
                &[&["person", "name"], &["records", "*"]],
            )],
            Template::BatteryInsurance => &[(
                "battery",
                CredentialType::EvBatteryReport,
                &[&["soh"], &["sohDefinition"], &["method"], &["assessedAt"]],
            )],
            Template::BatteryUsedCar => &[(
                "battery",
                CredentialType::EvBatteryReport,
                &[&["vehicle", "vinSalt"], &["vehicle", "odometer"], &["soh"], &["assessedAt"]],
            )],
            Template::DroneField => &[
                (
                    "permit",
                    CredentialType::DroneFlightPermit,
                    &[&["volumes"], &["aircraft"], &["permitTypes"]],
                ),
                ("licence", CredentialType::DronePilotLicence, &[&["class"]]),
                (
                    "registration",
                    CredentialType::DroneRegistration,
                    &[&["registrationNo"], &["serialNo"], &["mtowKg"], &["insuranceValidUntil"]],
                ),
            ],
            Template::AthleteAdmission => &[(
                "result",
                CredentialType::CompetitionResult,
                &[&["athlete", "name"], &["rank"], &["confirmedBy"]],
            )],
        }
    }

    /// The DCQL query: selective disclosure preferred, other formats accepted.
    pub fn query(self, formats: &[CredentialFormat]) -> Value {
        query_of(self.asked(), formats)
    }
}

/// A query for whole types, with only what is always disclosed.
pub fn query_for_types(types: &[CredentialType], formats: &[CredentialFormat]) -> Value {
    let asked: Vec<Asked> =
        types.iter().map(|kind| (kind.folder(), *kind, &[] as &[&[&str]])).collect();
    query_of(&asked, formats)
}

/// The formats in the order of preference: the one that discloses least comes first.
pub const PREFERRED: [CredentialFormat; 3] =
    [CredentialFormat::SdJwtVc, CredentialFormat::LdpVc, CredentialFormat::JwtVcJson];

fn query_of(asked: &[Asked], formats: &[CredentialFormat]) -> Value {
    let formats: Vec<CredentialFormat> =
        PREFERRED.into_iter().filter(|format| formats.contains(format)).collect();
    let mut credentials = Vec::new();
    let mut sets = Vec::new();
    for (id, kind, claims) in asked {
        let mut options = Vec::new();
        for format in &formats {
            let query_id = format!("{id}_{}", short(*format));
            options.push(json!([query_id]));
            credentials.push(credential_query(&query_id, *kind, *format, claims));
        }
        sets.push(json!({"options": options}));
    }
    json!({"credentials": credentials, "credential_sets": sets})
}

fn credential_query(
    id: &str,
    kind: CredentialType,
    format: CredentialFormat,
    claims: &[&[&str]],
) -> Value {
    let meta = match format {
        CredentialFormat::SdJwtVc => json!({"vct_values": [kind.vct()]}),
        _ => json!({"type_values": [[type_iri(kind)]]}),
    };
    let mut query = json!({"id": id, "format": format.as_str(), "meta": meta});
    if !claims.is_empty() {
        let claims: Vec<Value> =
            claims.iter().map(|path| json!({"path": claim_path(path, format)})).collect();
        if let Some(members) = query.as_object_mut() {
            members.insert("claims".to_owned(), Value::from(claims));
        }
    }
    query
}

/// W3C formats are addressed from the credential's root (OID4VP 1.0 section 6.3).
fn claim_path(path: &[&str], format: CredentialFormat) -> Vec<Value> {
    let mut full = Vec::with_capacity(path.len() + 1);
    if format != CredentialFormat::SdJwtVc && path.first() != Some(&"awardedDate") {
        full.push(Value::from("credentialSubject"));
    }
    full.extend(path.iter().map(|name| match *name {
        "*" => Value::Null,
        name => Value::from(name),
    }));
    full
}

fn short(format: CredentialFormat) -> &'static str {
    match format {
        CredentialFormat::SdJwtVc => "sd",
        CredentialFormat::LdpVc => "ldp",
        CredentialFormat::JwtVcJson => "jwt",
    }
}

/// The fully expanded type IRI of one of our types.
pub fn type_iri(kind: CredentialType) -> String {
    format!("https://sinpyo.example/vocab#{}", kind.type_name())
}

#[cfg(test)]
mod tests {
    use openid4vc_messages::dcql::DcqlQuery;

    use super::*;
    use crate::{domain::DomainRequest, query_guard};

    #[test]
    fn every_template_is_a_valid_harmless_query_with_a_purpose() {
        for template in Template::ALL {
            let query = template.query(&CredentialFormat::ALL);
            DcqlQuery::parse(&query).unwrap_or_else(|e| panic!("{}: {e}", template.as_str()));
            assert_eq!(query_guard::check(&query, &template.purpose()), Ok(()));
            assert_eq!(Template::parse(template.as_str()), Some(template));
            if let Some(context) = template.default_context() {
                assert_eq!(
                    DomainRequest::from_value(&context).unwrap().profile(),
                    template.as_str()
                );
            }
        }
    }

    #[test]
    fn type_iris_are_those_of_the_contexts() {
        for kind in CredentialType::ALL {
            let context = credential_model::contexts::lookup(kind.context_url()).unwrap().json;
            let context: Value = serde_json::from_str(context).unwrap();
            let term = &context["@context"][kind.type_name()];
            let iri = term.as_str().or_else(|| term.get("@id").and_then(Value::as_str));
            assert_eq!(iri, Some(type_iri(kind).as_str()), "{}", kind.type_name());
        }
    }

    #[test]
    fn short_names_and_single_formats() {
        assert_eq!(Template::parse("drone"), Some(Template::DroneField));
        assert_eq!(Template::parse("everything"), None);
        let query = Template::BadgeHiring.query(&[CredentialFormat::JwtVcJson]);
        assert_eq!(query["credentials"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            query["credentials"][0]["claims"][0]["path"],
            json!(["credentialSubject", "person", "name"])
        );
        assert_eq!(query["credentials"][0]["claims"][1]["path"], json!(["awardedDate"]));
    }
}
