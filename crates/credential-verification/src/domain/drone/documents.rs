//! The three documents: present, accepted, of one holder, for this aircraft.
use credential_model::{catalogue::drone_pilot_licence::class_covers, moment::Moment};
use serde_json::Value;

use super::{DroneField, permit_types};
use crate::{
    codes::Code,
    domain::{DomainCheck, Presented, number, text},
    verdict::Overall,
};

/// The lines about documents, holder, aircraft, masses, insurance and kind of flight.
pub(super) fn check(
    input: &DroneField,
    permit: Option<&Presented<'_>>,
    licence: Option<&Presented<'_>>,
    registration: Option<&Presented<'_>>,
    now: Moment,
) -> Vec<DomainCheck> {
    let permit_subject = permit.map(|permit| permit.subject);
    let registered = registration.map(|registration| registration.subject);
    let entry = listed_aircraft(permit_subject, registered);
    vec![
        document("permit", permit, Code::DronePermitMissing),
        document("licence", licence, Code::DroneLicenceMissing),
        document("registration", registration, Code::DroneRegistrationMissing),
        holder(permit, licence),
        class(licence.map(|licence| licence.subject), registered, input),
        aircraft(permit_subject, registered, entry),
        serial(input, registered, entry),
        mass(input, registered, entry),
        insurance(permit_subject, registered, now),
        mode(input, permit_subject),
    ]
}

fn document(id: &str, presented: Option<&Presented<'_>>, missing: Code) -> DomainCheck {
    match presented.map(|presented| presented.overall) {
        None => DomainCheck::open(id, missing),
        Some(Overall::Accept) => DomainCheck::pass(id, Code::DroneDocumentOk),
        Some(Overall::Reject) => DomainCheck::fail(id, Code::DroneDocumentRejected),
        Some(Overall::Unknown) => DomainCheck::open(id, Code::DroneDocumentUnknown),
    }
}

/// Permit and licence must be one holder's; the aircraft may belong to a company.
///
/// Wallets use a key of its own for each credential, so different keys say nothing by themselves.
/// Whoever proves both keys in one answer holds both; whoever proves only one of two different
/// keys has shown somebody else's document, or cannot tell.
fn holder(permit: Option<&Presented<'_>>, licence: Option<&Presented<'_>>) -> DomainCheck {
    const ID: &str = "holder";
    let (Some(permit), Some(licence)) = (permit, licence) else {
        return DomainCheck::open(ID, Code::DroneHolderUnknown);
    };
    let same = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
    if (permit.proven && licence.proven)
        || same(permit.holder, licence.holder)
        || same(permit.subject_id, licence.subject_id)
    {
        return DomainCheck::pass(ID, Code::DroneHolderOk);
    }
    let both_known = permit.holder.is_some() && licence.holder.is_some();
    if both_known && permit.proven != licence.proven {
        return DomainCheck::fail(ID, Code::DroneHolderOther);
    }
    DomainCheck::open(ID, Code::DroneHolderUnknown)
}

/// The licence class must cover the maximum take-off mass.
fn class(licence: Option<&Value>, registered: Option<&Value>, input: &DroneField) -> DomainCheck {
    const ID: &str = "class";
    let held = licence.and_then(|licence| licence.get("class")).and_then(class_number);
    let mass = match (registered_mass(registered), weighed(input)) {
        (Some(registered), Some(weighed)) => Some(registered.max(weighed)),
        (Some(registered), None) => Some(registered),
        // What stands on the scale is no type certificate: the registered mass is needed.
        (None, _) => None,
    };
    let (Some(held), Some(mass)) = (held, mass) else {
        return DomainCheck::open(ID, Code::DroneClassUnknown);
    };
    let detail = format!("class {held} held, {mass} kg");
    if class_covers(held, mass) {
        DomainCheck::pass(ID, Code::DroneClassOk).with(detail)
    } else {
        DomainCheck::fail(ID, Code::DroneClassLow).with(detail)
    }
}

fn class_number(value: &Value) -> Option<u8> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    match text.trim_start_matches("CLASS_").trim_end_matches('종') {
        "1" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        _ => None,
    }
}

/// The permit's entry for the registered aircraft.
fn listed_aircraft<'a>(permit: Option<&'a Value>, registered: Option<&Value>) -> Option<&'a Value> {
    let wanted = text(registered?, "/registrationNo")?;
    permit?
        .get("aircraft")?
        .as_array()?
        .iter()
        .take(1000)
        .find(|entry| text(entry, "/registrationNo") == Some(wanted))
}

fn aircraft(
    permit: Option<&Value>,
    registered: Option<&Value>,
    entry: Option<&Value>,
) -> DomainCheck {
    const ID: &str = "aircraft";
    let list = permit.and_then(|permit| permit.get("aircraft")).and_then(Value::as_array);
    let number = registered.and_then(|registered| text(registered, "/registrationNo"));
    match (list, number, entry) {
        (Some(_), Some(_), Some(_)) => DomainCheck::pass(ID, Code::DroneAircraftOk),
        (Some(list), Some(_), None)
            if list.iter().all(|item| text(item, "/registrationNo").is_some())
                && !list.is_empty() =>
        {
            DomainCheck::fail(ID, Code::DroneAircraftOther)
        }
        _ => DomainCheck::open(ID, Code::DroneAircraftUnknown),
    }
}

/// Registration, permit (where it states one) and Remote ID must carry one serial number.
fn serial(input: &DroneField, registered: Option<&Value>, entry: Option<&Value>) -> DomainCheck {
    const ID: &str = "serial";
    let same = |one: &str, other: &str| one.trim().eq_ignore_ascii_case(other.trim());
    let registered = registered.and_then(|registered| text(registered, "/serialNo"));
    let permitted = entry.and_then(|entry| text(entry, "/serialNo"));
    let broadcast = input.remote_id_serial.as_deref().filter(|serial| !serial.trim().is_empty());
    if let (Some(registered), Some(permitted)) = (registered, permitted)
        && !same(registered, permitted)
    {
        return DomainCheck::fail(ID, Code::DroneSerialOther)
            .with("registration and permit differ");
    }
    match (registered.or(permitted), broadcast) {
        (Some(known), Some(broadcast)) if same(known, broadcast) => {
            DomainCheck::pass(ID, Code::DroneSerialOk)
        }
        (Some(_), Some(_)) => {
            DomainCheck::fail(ID, Code::DroneSerialOther).with("documents and Remote ID differ")
        }
        _ => DomainCheck::open(ID, Code::DroneSerialUnknown),
    }
}

fn registered_mass(registered: Option<&Value>) -> Option<f64> {
    registered.and_then(|registered| number(registered.get("mtowKg"))).filter(|mass| *mass > 0.0)
}

fn weighed(input: &DroneField) -> Option<f64> {
    input.takeoff_mass_kg.filter(|mass| mass.is_finite() && *mass > 0.0)
}

fn mass(input: &DroneField, registered: Option<&Value>, entry: Option<&Value>) -> DomainCheck {
    const ID: &str = "mass";
    let permitted = entry.and_then(|entry| number(entry.get("mtowKg"))).filter(|mass| *mass > 0.0);
    if input.takeoff_mass_kg.is_some() && weighed(input).is_none() {
        return DomainCheck::open(ID, Code::DroneMassUnknown).with("the weighed mass is no mass");
    }
    let (Some(registered), Some(permitted)) = (registered_mass(registered), permitted) else {
        return DomainCheck::open(ID, Code::DroneMassUnknown);
    };
    let actual = weighed(input).unwrap_or(registered);
    let detail = format!("{actual} kg, registered {registered} kg, permitted {permitted} kg");
    if actual <= permitted && actual <= registered && registered <= permitted {
        DomainCheck::pass(ID, Code::DroneMassOk).with(detail)
    } else {
        DomainCheck::fail(ID, Code::DroneMassHigh).with(detail)
    }
}

/// The later of the permit's and the registration's insurance dates must not lie in the past
/// (the last day counts, Korean time).
fn insurance(permit: Option<&Value>, registered: Option<&Value>, now: Moment) -> DomainCheck {
    const ID: &str = "insurance";
    let dates = [
        permit.and_then(|permit| text(permit, "/insurance/validUntil")),
        registered.and_then(|registered| text(registered, "/insuranceValidUntil")),
    ];
    let today = now.date_kst();
    let readable = dates.into_iter().flatten().filter(|date| is_date(date));
    match readable.map(|date| &date[..10]).max() {
        None => DomainCheck::open(ID, Code::DroneInsuranceUnknown),
        Some(until) if until >= today.as_str() => DomainCheck::pass(ID, Code::DroneInsuranceOk),
        Some(_) => DomainCheck::fail(ID, Code::DroneInsuranceExpired),
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && credential_model::moment::is_calendar_date(text)
}

fn mode(input: &DroneField, permit: Option<&Value>) -> DomainCheck {
    const ID: &str = "mode";
    let Some(permit) = permit else {
        return DomainCheck::open(ID, Code::DroneDocumentUnknown);
    };
    let has = |wanted: &str| permit_types(permit).any(|kind| kind == wanted);
    let photo_allowed = has("AERIAL_PHOTO")
        && permit.pointer("/photo/permitted").and_then(Value::as_bool) != Some(false);
    if input.photo && !photo_allowed {
        return DomainCheck::fail(ID, Code::DronePhotoForbidden);
    }
    let bvlos_allowed = has("SPECIAL_BVLOS");
    if input.beyond_line_of_sight && !bvlos_allowed {
        return DomainCheck::fail(ID, Code::DroneBvlosForbidden);
    }
    DomainCheck::pass(ID, Code::DroneModeOk)
}
