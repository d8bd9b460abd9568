//! `validFrom` and `validUntil`, both inclusive, with a minute of skew.
use credential_model::moment::Moment;

use super::SKEW_SECONDS;
use crate::{codes::Code, content::Content, outcome::CheckOutcome};

/// Is the moment inside the validity that the credential states?
pub fn check(content: &Content, now: Moment) -> CheckOutcome {
    let (from, until) = (content.valid_from(), content.valid_until());
    if matches!(from, Some(Err(_))) || matches!(until, Some(Err(_))) {
        return CheckOutcome::failed(Code::ValidityMalformed, "a date of validity cannot be read");
    }
    let (from, until) = (from.and_then(Result::ok), until.and_then(Result::ok));
    if from.is_none() && until.is_none() {
        // Nothing is stated, so nothing is known.
        return CheckOutcome::inconclusive(Code::ValidityAbsent, "");
    }
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        return CheckOutcome::failed(Code::ValidityMalformed, "validity ends before it begins");
    }
    if let Some(from) = from
        && now.plus_seconds(SKEW_SECONDS) < from
    {
        return CheckOutcome::failed(Code::ValidityNotYet, format!("valid from {from}"));
    }
    if let Some(until) = until
        && now.minus_seconds(SKEW_SECONDS) > until
    {
        return CheckOutcome::failed(Code::ValidityExpired, format!("valid until {until}"));
    }
    let passed = CheckOutcome::passed(Code::ValidityOk);
    match until {
        Some(until) => passed.detailed(format!("valid until {until}")),
        None => passed,
    }
}

#[cfg(test)]
mod tests {
    use credential_model::format::CredentialFormat;
    use serde_json::{Value, json};

    use super::*;

    fn document(from: Value, until: Value) -> Content {
        Content::new(
            CredentialFormat::LdpVc,
            None,
            json!({"validFrom": from, "validUntil": until, "credentialSubject": {}}),
        )
    }

    fn code(content: &Content, now: &str) -> Code {
        check(content, Moment::parse(now).unwrap()).code()
    }

    #[test]
    fn inclusive_with_a_minute_of_skew() {
        let content = document(json!("2026-01-01T00:00:00Z"), json!("2026-12-31T23:59:59Z"));
        assert_eq!(code(&content, "2026-06-01T00:00:00Z"), Code::ValidityOk);
        assert_eq!(code(&content, "2025-12-31T23:59:00Z"), Code::ValidityOk);
        assert_eq!(code(&content, "2025-12-31T23:58:59Z"), Code::ValidityNotYet);
        assert_eq!(code(&content, "2027-01-01T00:00:59Z"), Code::ValidityOk);
        assert_eq!(code(&content, "2027-01-01T00:01:00Z"), Code::ValidityExpired);
    }

    #[test]
    fn korean_offsets_and_claims_in_seconds() {
        let content =
            document(json!("2026-01-01T09:00:00+09:00"), json!("2026-01-02T09:00:00+09:00"));
        assert_eq!(code(&content, "2026-01-01T00:00:00Z"), Code::ValidityOk);
        let claims = Content::new(
            CredentialFormat::SdJwtVc,
            None,
            json!({"nbf": 1_767_225_600, "exp": 1_767_312_000}),
        );
        assert_eq!(code(&claims, "2026-01-01T12:00:00Z"), Code::ValidityOk);
        assert_eq!(code(&claims, "2026-01-03T00:00:00Z"), Code::ValidityExpired);
    }

    #[test]
    fn unreadable_absent_and_turned_dates() {
        assert_eq!(
            code(&document(json!("soon"), json!(null)), "2026-06-01T00:00:00Z"),
            Code::ValidityMalformed
        );
        assert_eq!(
            code(&document(json!(5), json!("2026-06-01T00:00:00Z")), "2026-06-01T00:00:00Z"),
            Code::ValidityMalformed
        );
        let turned = document(json!("2026-12-31T00:00:00Z"), json!("2026-01-01T00:00:00Z"));
        assert_eq!(code(&turned, "2026-06-01T00:00:00Z"), Code::ValidityMalformed);
        let absent = Content::new(CredentialFormat::LdpVc, None, json!({"credentialSubject": {}}));
        assert_eq!(code(&absent, "2026-06-01T00:00:00Z"), Code::ValidityAbsent);
    }
}
