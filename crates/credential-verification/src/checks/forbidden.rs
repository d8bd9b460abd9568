//! Resident registration numbers and the like are never in a credential; one that carries them
//! is not accepted, and the number itself appears in no report.
use credential_model::forbidden;

use crate::{codes::Code, content::Content, outcome::CheckOutcome};

/// Looks through every text of the content.
pub fn check(content: &Content) -> CheckOutcome {
    match forbidden::find_in_value(content.body()) {
        None => CheckOutcome::passed(Code::ForbiddenNone),
        Some(finding) => CheckOutcome::failed(
            Code::ForbiddenFound,
            format!("at {}", if finding.pointer.is_empty() { "/" } else { &finding.pointer }),
        ),
    }
}

#[cfg(test)]
mod tests {
    use credential_model::format::CredentialFormat;
    use serde_json::json;

    use super::*;

    #[test]
    fn found_anywhere_and_never_repeated() {
        // Not a person's number: birth date 1900-01-01, serial all zeros.
        let number = format!("{}-{}", "000101", "3000000");
        let content = Content::new(
            CredentialFormat::LdpVc,
            None,
            json!({"credentialSubject": {"person": {"note": format!("no. {number}")}}}),
        );
        let outcome = check(&content);
        assert_eq!(outcome.code(), Code::ForbiddenFound);
        assert!(!outcome.detail().unwrap_or_default().contains("3000000"));
        let clean = Content::new(CredentialFormat::LdpVc, None, json!({"credentialSubject": {}}));
        assert_eq!(check(&clean).code(), Code::ForbiddenNone);
    }
}
