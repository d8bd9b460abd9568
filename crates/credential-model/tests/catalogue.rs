//! The catalogue as a whole: files, digests, labels, paths, documents and claim sets.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::catalogue::{
    BuildError, CredentialSubject, CredentialType, DocumentParts, build_document,
    competition_result::CompetitionResult, drone_flight_permit::DroneFlightPermit,
    drone_pilot_licence::DronePilotLicence, drone_registration::DroneRegistration,
    ev_battery_report::EvBatteryReport, qualification_badge::QualificationBadge, sd_jwt_claims,
    training_history::TrainingHistory, validate_claims, validate_document, validate_subject,
};
use credential_model::forbidden;
use credential_model::moment::Moment;
use serde_json::{Value, json};

fn subject(credential_type: CredentialType) -> Value {
    credential_type.example()["credentialSubject"].clone()
}

fn parts(credential_type: CredentialType) -> DocumentParts {
    let example = credential_type.example();
    let mut parts = DocumentParts::new(
        example["id"].as_str().unwrap(),
        example["issuer"].clone(),
        Moment::parse(example["validFrom"].as_str().unwrap()).unwrap(),
        subject(credential_type),
    );
    parts.awarded_date = example["awardedDate"].as_str().map(|t| Moment::parse(t).unwrap());
    parts
}

#[test]
fn every_example_is_valid_and_fictitious() {
    for credential_type in CredentialType::ALL {
        let example = credential_type.example();
        assert_eq!(validate_document(credential_type, &example), Ok(()), "{credential_type:?}");
        assert_eq!(validate_subject(credential_type, &subject(credential_type)), Ok(()));
        assert!(forbidden::find_in_value(&example).is_none());
        let text = example.to_string();
        assert!(
            text.contains("가상") || text.contains("FICT"),
            "{credential_type:?} says that it is fictitious"
        );
        assert_eq!(example["credentialSchema"]["digestSRI"], credential_type.schema_digest_sri());
        assert_eq!(example["credentialSchema"]["id"], credential_type.schema_id());
    }
}

#[test]
fn names_lead_back_to_the_type() {
    for credential_type in CredentialType::ALL {
        assert_eq!(
            CredentialType::from_type_name(credential_type.type_name()),
            Some(credential_type)
        );
        assert_eq!(CredentialType::from_vct(credential_type.vct()), Some(credential_type));
        let types: Vec<String> =
            credential_type.type_array().iter().map(|t| (*t).to_owned()).collect();
        assert_eq!(CredentialType::from_types(&types), Some(credential_type));
        assert_eq!(credential_type.contexts()[0], "https://www.w3.org/ns/credentials/v2");
        assert_eq!(*credential_type.contexts().last().unwrap(), credential_type.context_url());
        for url in [credential_type.context_url(), credential_type.schema_id()] {
            assert!(url.ends_with(&format!("/{}/v1", credential_type.folder())), "{url}");
        }
    }
    assert_eq!(CredentialType::from_vct("https://sinpyo.example/credentials/Nothing/v1"), None);
}

#[test]
fn schemas_are_draft_2020_12_with_our_id_and_closed() {
    for credential_type in CredentialType::ALL {
        let schema: Value = serde_json::from_str(credential_type.schema()).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], credential_type.schema_id());
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["$defs"]["subject"]["additionalProperties"], false);
        assert_eq!(schema["properties"]["@context"]["const"], json!(credential_type.contexts()));
        assert_eq!(schema["properties"]["type"]["const"], json!(credential_type.type_array()));
        assert!(credential_type.schema_digest_sri().starts_with("sha256-"));
        let canonical = credential_type.schema_canonical();
        assert_eq!(serde_json::from_str::<Value>(&canonical).unwrap(), schema);
    }
}

/// Where a claim path leads in a schema.
fn in_schema<'a>(root: &'a Value, mut at: &'a Value, path: &str) -> Option<&'a Value> {
    let follow = |at: &'a Value| match at.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(&reference[1..]),
        None => Some(at),
    };
    for step in path.split('.') {
        let (name, item) = match step.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (step, false),
        };
        at = follow(at)?.get("properties")?.get(name)?;
        if item {
            at = follow(at)?.get("items")?;
        }
    }
    follow(at)
}

#[test]
fn every_path_of_labels_and_disclosures_exists_in_the_schema() {
    for credential_type in CredentialType::ALL {
        let schema: Value = serde_json::from_str(credential_type.schema()).unwrap();
        let find = |path: &str| {
            in_schema(&schema, &schema["$defs"]["subject"], path)
                .or_else(|| in_schema(&schema, &schema, path))
        };
        for path in credential_type.disclosable() {
            assert!(find(path).is_some(), "{credential_type:?} {path}");
            assert!(
                credential_type.labels().field(path, "ko").is_some(),
                "label for {credential_type:?} {path}"
            );
        }
        let labels = credential_type.labels();
        for (path, pair) in &labels.fields {
            assert!(find(path).is_some(), "{credential_type:?} {path}");
            assert!(!pair.ko.is_empty() && !pair.en.is_empty(), "{path}");
        }
        for (path, codes) in &labels.values {
            let codes_in_schema = find(path)
                .unwrap_or_else(|| panic!("{credential_type:?} {path}"))
                .get("enum")
                .cloned();
            let listed: Vec<&String> = codes.keys().collect();
            if let Some(Value::Array(expected)) = codes_in_schema {
                assert_eq!(expected.len(), listed.len(), "{credential_type:?} {path}");
                for code in expected {
                    assert!(codes.contains_key(code.as_str().unwrap()), "{path} {code}");
                }
            }
        }
        for pointer in credential_type.mandatory_pointers() {
            let path = pointer.trim_start_matches('/').replace('/', ".");
            let path =
                path.strip_prefix("credentialSubject.").map_or_else(|| path.clone(), str::to_owned);
            if path != "@context" {
                assert!(find(&path).is_some(), "{credential_type:?} {pointer}");
            }
        }
    }
}

/// All leaf paths of the subject schema.
fn leaves(root: &Value, at: &Value, path: String, out: &mut Vec<String>) {
    let at = match at.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(&reference[1..]).unwrap(),
        None => at,
    };
    if let Some(members) = at.get("properties").and_then(Value::as_object) {
        for (name, member) in members {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            leaves(root, member, below, out);
        }
    } else if let Some(items) = at.get("items") {
        leaves(root, items, format!("{path}[]"), out);
    } else {
        out.push(path);
    }
}

#[test]
fn every_field_that_people_see_has_a_label_or_a_labelled_parent() {
    for credential_type in CredentialType::ALL {
        let schema: Value = serde_json::from_str(credential_type.schema()).unwrap();
        let mut paths = Vec::new();
        leaves(&schema, &schema["$defs"]["subject"], String::new(), &mut paths);
        for path in paths {
            let mut parent = path.as_str();
            let labelled = loop {
                if credential_type.labels().fields.contains_key(parent) {
                    break true;
                }
                match parent.rfind(['.', '[']) {
                    Some(cut) => parent = &parent[..cut],
                    None => break false,
                }
            };
            let technical = matches!(path.as_str(), "id" | "type");
            assert!(labelled || technical, "{credential_type:?} {path} has no label");
        }
    }
}

#[test]
fn labels_speak_both_languages() {
    let badge = CredentialType::QualificationBadge;
    assert_eq!(badge.label("ko"), "국가자격 디지털배지");
    assert_eq!(badge.label("ko-KR"), badge.label("ko"));
    assert_eq!(badge.label("fr"), badge.label("en"));
    assert_eq!(badge.labels().value("qualificationGrade", "ENGINEER", "ko"), Some("기사"));
    let training = CredentialType::TrainingHistory.labels();
    assert_eq!(training.field("records[0].courseName", "ko"), Some("훈련과정명"));
    assert_eq!(training.field("records.12.courseName", "en"), Some("Course"));
    assert_eq!(training.value("records.0.completion", "DROPPED", "ko"), Some("중도탈락"));
    assert_eq!(training.field("nothing", "ko"), None);
}

#[test]
fn subjects_round_trip_through_their_structs() {
    fn check<T: CredentialSubject>() {
        let subject = subject(T::TYPE);
        let typed: T = serde_json::from_value(subject.clone()).unwrap();
        assert_eq!(typed.check(), vec![], "{:?}", T::TYPE);
        let written = serde_json::to_value(&typed).unwrap();
        // What an empty list says, its absence says too; everything else is kept.
        for (name, value) in subject.as_object().unwrap() {
            if value != &json!([]) {
                assert_eq!(written.get(name), Some(value), "{:?} {name}", T::TYPE);
            }
        }
        let mut unknown = subject;
        unknown["surprise"] = json!(1);
        assert!(
            serde_json::from_value::<T>(unknown).is_err(),
            "{:?} takes unknown members",
            T::TYPE
        );
    }
    check::<QualificationBadge>();
    check::<TrainingHistory>();
    check::<EvBatteryReport>();
    check::<DronePilotLicence>();
    check::<DroneRegistration>();
    check::<DroneFlightPermit>();
    check::<CompetitionResult>();
}

#[test]
fn builds_documents_from_parts() {
    for credential_type in CredentialType::ALL {
        let document = build_document(credential_type, parts(credential_type)).unwrap();
        assert_eq!(validate_document(credential_type, &document), Ok(()));
        assert_eq!(document["@context"], json!(credential_type.contexts()));
        let from = Moment::parse(document["validFrom"].as_str().unwrap()).unwrap();
        let until = Moment::parse(document["validUntil"].as_str().unwrap()).unwrap();
        assert!(until.seconds_since(from) <= credential_type.validity().lifetime_seconds);
    }
    let permit =
        build_document(CredentialType::DroneFlightPermit, parts(CredentialType::DroneFlightPermit))
            .unwrap();
    assert_eq!(permit["validUntil"], "2026-05-04T09:00:00Z", "bounded by the last time window");
}

#[test]
fn fills_in_types_that_a_form_leaves_out() {
    let mut parts = parts(CredentialType::QualificationBadge);
    let subject = parts.subject.as_object_mut().unwrap();
    subject.remove("type");
    subject["achievement"].as_object_mut().unwrap().remove("type");
    subject["result"][0].as_object_mut().unwrap().remove("type");
    parts.issuer = json!({ "id": "did:web:issuer.test", "name": "가상기관(시험용)" });
    let document = build_document(CredentialType::QualificationBadge, parts).unwrap();
    assert_eq!(
        document["credentialSubject"]["type"],
        json!(["AchievementSubject", "KrQualificationHolder"])
    );
    assert_eq!(document["issuer"]["type"], json!(["Profile"]));
    assert_eq!(document["name"], "정보처리기사");
}

#[test]
fn refuses_parts_that_make_no_document() {
    let badge = CredentialType::QualificationBadge;
    let mut wrong = parts(badge);
    wrong.subject = json!("홍길동(가상인물)");
    assert_eq!(build_document(badge, wrong).unwrap_err(), BuildError::SubjectNotAnObject);
    let mut wrong = parts(badge);
    wrong.issuer = json!({ "name": "no id" });
    assert_eq!(build_document(badge, wrong).unwrap_err(), BuildError::InvalidIssuer);
    let mut wrong = parts(badge);
    wrong.valid_until = Some(wrong.valid_from);
    let BuildError::Invalid(violations) = build_document(badge, wrong).unwrap_err() else {
        panic!()
    };
    assert!(violations.iter().any(|v| v.code == "validity_out_of_order"));
    let mut wrong = parts(badge);
    wrong.subject["person"]["name"] = json!("홍길동 900101-1234567");
    let error = build_document(badge, wrong).unwrap_err();
    assert_eq!(error.code(), "document_invalid");
    assert!(!format!("{error} {error:?}").contains("1234567"), "no error repeats the number");
    let mut wrong = parts(badge);
    wrong.subject = subject(CredentialType::DroneRegistration);
    assert!(matches!(build_document(badge, wrong), Err(BuildError::Invalid(_))));
}

#[test]
fn claim_sets_carry_the_same_facts_flat() {
    for credential_type in CredentialType::ALL {
        let document = credential_type.example();
        let claims = sd_jwt_claims(credential_type, &document);
        assert_eq!(claims["vct"], credential_type.vct());
        assert_eq!(claims["iss"], "did:web:issuer.test");
        assert!(claims["nbf"].as_i64().unwrap() < claims["exp"].as_i64().unwrap());
        for absent in ["id", "type", "@context", "credentialSubject", "proof"] {
            assert!(claims.get(absent).is_none(), "{credential_type:?} {absent}");
        }
        assert_eq!(validate_claims(credential_type, &claims), Ok(()), "{credential_type:?}");
    }
    let badge = sd_jwt_claims(
        CredentialType::QualificationBadge,
        &CredentialType::QualificationBadge.example(),
    );
    assert_eq!(badge["awardedDate"], "2025-06-18T00:00:00+09:00");
    assert_eq!(badge["person"]["name"], "홍길동(가상인물)");
}

#[test]
fn hidden_claims_may_be_absent_but_shown_ones_obey() {
    let badge = CredentialType::QualificationBadge;
    let mut claims = sd_jwt_claims(badge, &badge.example());
    let members = claims.as_object_mut().unwrap();
    for hidden in ["licenseNumber", "awardedDate", "result"] {
        members.remove(hidden);
    }
    members.insert("person".to_owned(), json!({}));
    members.insert("cnf".to_owned(), json!({ "jwk": {} }));
    members.insert("status".to_owned(), json!({}));
    assert_eq!(validate_claims(badge, &claims), Ok(()));

    let codes = |claims: &Value| {
        validate_claims(badge, claims).unwrap_err().iter().map(|v| v.code).collect::<Vec<_>>()
    };
    let mut wrong = claims.clone();
    wrong["vct"] = json!("https://sinpyo.example/credentials/KrTrainingHistory/v1");
    assert!(codes(&wrong).contains(&"vct_mismatch"));
    let mut wrong = claims.clone();
    wrong["person"]["birthDate"] = json!("1990-02-30");
    assert!(codes(&wrong).contains(&"date_invalid"));
    let mut wrong = claims.clone();
    wrong["exp"] = json!(0);
    assert!(codes(&wrong).contains(&"validity_out_of_order"));
    let mut wrong = claims;
    wrong["person"]["name"] = json!("900101-1234567");
    assert!(codes(&wrong).contains(&"forbidden_resident_registration_number"));
    assert_eq!(validate_claims(badge, &json!([])).unwrap_err()[0].code, "claims_not_an_object");
}

#[cfg(feature = "schema-check")]
#[test]
fn the_schema_speaks_about_shown_claims_too() {
    let badge = CredentialType::QualificationBadge;
    let mut claims = sd_jwt_claims(badge, &badge.example());
    claims["surprise"] = json!(1);
    claims["qualificationGrade"] = json!("BEST");
    let violations = validate_claims(badge, &claims).unwrap_err();
    assert!(violations.iter().all(|v| v.code == "schema"), "{violations:?}");
    assert!(violations.iter().any(|v| v.pointer == "/qualificationGrade"));
    let text = format!("{violations:?}");
    assert!(!text.contains("BEST"), "values stay out of violations: {text}");
}
