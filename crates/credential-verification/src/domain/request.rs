//! What a verifier asks a domain check, read from the `context` member of a verification request.
use serde::Deserialize;
use serde_json::Value;

use super::{
    athlete::AthleteAdmission,
    badge::BadgeHiring,
    battery::{BatteryInsurance, BatteryUsedCar},
    drone::DroneField,
};

/// The asked profile with its inputs. JSON: `{"profile":"…", …}`; unknown members are refused.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DomainRequest {
    /// `badge-hiring`: is the badge of an asked kind?
    BadgeHiring(BadgeHiring),
    /// `training`: were the shown courses completed?
    Training,
    /// `battery-insurance`: health threshold, measured, recent.
    BatteryInsurance(BatteryInsurance),
    /// `battery-used-car`: this car, odometer monotone, recent.
    BatteryUsedCar(BatteryUsedCar),
    /// `athlete-admission`: confirmed by federation, then KSOC; a ranked result.
    AthleteAdmission(AthleteAdmission),
    /// `drone-field`: permit, licence and registration against position, height and time.
    DroneField(Box<DroneField>),
}

/// Why the inputs of a domain check were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainRequestError {
    /// Not an object with a text member `profile`.
    #[error("the context must be an object with a member `profile`")]
    NoProfile,
    /// A profile that does not exist.
    #[error("unknown profile")]
    UnknownProfile,
    /// A member is unknown, missing or of the wrong type.
    #[error("the inputs do not fit the profile: {0}")]
    Inputs(String),
}

impl DomainRequestError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            DomainRequestError::NoProfile => "context_without_profile",
            DomainRequestError::UnknownProfile => "unknown_profile",
            DomainRequestError::Inputs(_) => "invalid_context",
        }
    }
}

impl DomainRequest {
    /// Reads the asked profile.
    ///
    /// The tag is taken out by hand: serde's own internally tagged enums lose numbers when the
    /// workspace has `arbitrary_precision` switched on.
    ///
    /// # Errors
    /// [`DomainRequestError`] for anything that is not a known profile with exactly its inputs.
    pub fn from_value(value: &Value) -> Result<Self, DomainRequestError> {
        let mut members = value.as_object().cloned().ok_or(DomainRequestError::NoProfile)?;
        let profile = members
            .remove("profile")
            .and_then(|profile| profile.as_str().map(str::to_owned))
            .ok_or(DomainRequestError::NoProfile)?;
        let rest = Value::Object(members);
        match profile.as_str() {
            "badge-hiring" | "badge" => inputs(rest).map(DomainRequest::BadgeHiring),
            "training" => inputs::<Nothing>(rest).map(|_| DomainRequest::Training),
            "battery-insurance" | "battery" => inputs(rest).map(DomainRequest::BatteryInsurance),
            "battery-used-car" => inputs(rest).map(DomainRequest::BatteryUsedCar),
            "athlete-admission" | "athlete" => inputs(rest).map(DomainRequest::AthleteAdmission),
            "drone-field" | "drone" => {
                inputs(rest).map(|input| DomainRequest::DroneField(Box::new(input)))
            }
            _ => Err(DomainRequestError::UnknownProfile),
        }
    }

    /// The profile's name.
    pub const fn profile(&self) -> &'static str {
        match self {
            DomainRequest::BadgeHiring(_) => "badge-hiring",
            DomainRequest::Training => "training",
            DomainRequest::BatteryInsurance(_) => "battery-insurance",
            DomainRequest::BatteryUsedCar(_) => "battery-used-car",
            DomainRequest::AthleteAdmission(_) => "athlete-admission",
            DomainRequest::DroneField(_) => "drone-field",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn inputs<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, DomainRequestError> {
    serde_json::from_value(value).map_err(|error| {
        // serde's text may quote the caller's own input back; keep it short.
        DomainRequestError::Inputs(error.to_string().chars().take(160).collect())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_each_profile() {
        for (value, profile) in [
            (json!({"profile": "badge-hiring", "kinds": ["1320"]}), "badge-hiring"),
            (json!({"profile": "training"}), "training"),
            (
                json!({"profile": "battery-insurance", "soh_threshold": 80, "soh_definition": "CAPACITY"}),
                "battery-insurance",
            ),
            (
                json!({"profile": "battery-used-car", "vin": "X", "odometer_km": 61500}),
                "battery-used-car",
            ),
            (json!({"profile": "athlete-admission"}), "athlete-admission"),
            (
                json!({"profile": "drone-field", "position": {"lon": 126.9, "lat": 37.2, "accuracy_m": 5}}),
                "drone-field",
            ),
        ] {
            assert_eq!(
                DomainRequest::from_value(&value).map(|request| request.profile()),
                Ok(profile)
            );
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let code = |value: Value| DomainRequest::from_value(&value).unwrap_err().code();
        assert_eq!(code(json!("drone-field")), "context_without_profile");
        assert_eq!(code(json!({"profile": 3})), "context_without_profile");
        assert_eq!(code(json!({"profile": "pilot"})), "unknown_profile");
        assert_eq!(code(json!({"profile": "training", "extra": 1})), "invalid_context");
        assert_eq!(
            code(json!({"profile": "battery-insurance", "soh_threshold": "many"})),
            "invalid_context"
        );
    }
}
