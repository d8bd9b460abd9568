//! `relatedResource` digests (VCDM 2.0 section 5.3): compared for what is held here, never
//! fetched.
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use credential_model::contexts;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::{codes::Code, content::Content, outcome::CheckOutcome};

const MAX_ENTRIES: usize = 32;

/// Compares every entry whose resource is pinned in this program.
pub fn check(content: &Content) -> CheckOutcome {
    let Some(related) = content.body().get("relatedResource") else {
        return CheckOutcome::skipped(Code::RelatedNone);
    };
    let entries: Vec<&Value> = match related {
        Value::Array(entries) if entries.len() <= MAX_ENTRIES => entries.iter().collect(),
        Value::Object(_) => vec![related],
        _ => return malformed("not a list of at most 32 objects"),
    };
    let mut seen = Vec::new();
    let mut unavailable = 0_usize;
    for entry in entries {
        let Some(id) = entry.get("id").and_then(Value::as_str) else {
            return malformed("an entry without id");
        };
        if seen.contains(&id) {
            return malformed("one resource listed twice");
        }
        seen.push(id);
        let sri = entry.get("digestSRI").and_then(Value::as_str);
        let multibase = entry.get("digestMultibase").and_then(Value::as_str);
        if sri.is_none() && multibase.is_none() {
            return malformed("an entry without digest");
        }
        let Some(pinned) = contexts::lookup(id) else {
            unavailable += 1;
            continue;
        };
        let bytes = pinned.json.as_bytes();
        let fits = sri.is_none_or(|digest| sri_fits(digest, bytes))
            && multibase.is_none_or(|digest| multibase_fits(digest, bytes));
        if !fits {
            return CheckOutcome::failed(
                Code::RelatedMismatch,
                id.chars().take(200).collect::<String>(),
            );
        }
    }
    if unavailable > 0 {
        return CheckOutcome::inconclusive(
            Code::RelatedUnavailable,
            format!("{unavailable} of {} not held here", seen.len()),
        );
    }
    CheckOutcome::passed(Code::RelatedOk)
}

fn malformed(detail: &str) -> CheckOutcome {
    CheckOutcome::failed(Code::RelatedMalformed, detail)
}

/// W3C Subresource Integrity: the strongest known algorithm counts.
fn sri_fits(sri: &str, bytes: &[u8]) -> bool {
    let candidates: Vec<(&str, &str)> =
        sri.split_ascii_whitespace().filter_map(|part| part.split_once('-')).collect();
    for (name, actual) in [
        ("sha512", Sha512::digest(bytes).to_vec()),
        ("sha384", Sha384::digest(bytes).to_vec()),
        ("sha256", Sha256::digest(bytes).to_vec()),
    ] {
        let same: Vec<&str> = candidates
            .iter()
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| *value)
            .collect();
        if !same.is_empty() {
            return same.iter().any(|value| {
                STANDARD
                    .decode(value.split('?').next().unwrap_or_default())
                    .is_ok_and(|d| d == actual)
            });
        }
    }
    false
}

/// Multibase `u` (base64url) with a SHA-256 multihash.
fn multibase_fits(text: &str, bytes: &[u8]) -> bool {
    let Some(body) = text.strip_prefix('u') else { return false };
    let mut multihash = vec![0x12, 0x20];
    multihash.extend_from_slice(&Sha256::digest(bytes));
    URL_SAFE_NO_PAD.decode(body).is_ok_and(|decoded| decoded == multihash)
}

#[cfg(test)]
mod tests {
    use credential_model::{catalogue::CREDENTIALS_V2, format::CredentialFormat};
    use serde_json::json;

    use super::*;

    fn code(related: Value) -> Code {
        check(&Content::new(CredentialFormat::LdpVc, None, json!({"relatedResource": related})))
            .code()
    }

    fn sri() -> String {
        let pinned = contexts::lookup(CREDENTIALS_V2).unwrap();
        format!("sha256-{}", STANDARD.encode(Sha256::digest(pinned.json.as_bytes())))
    }

    #[test]
    fn pinned_resources_are_compared() {
        assert_eq!(code(json!([{"id": CREDENTIALS_V2, "digestSRI": sri()}])), Code::RelatedOk);
        assert_eq!(
            code(json!([{"id": CREDENTIALS_V2, "digestSRI": "sha256-AAAA"}])),
            Code::RelatedMismatch
        );
        assert_eq!(
            code(json!([{"id": CREDENTIALS_V2, "digestMultibase": "uAAAA"}])),
            Code::RelatedMismatch
        );
    }

    #[test]
    fn what_is_not_held_is_not_known() {
        assert_eq!(
            code(json!([{"id": "https://other.example/x", "digestSRI": "sha256-AAAA"}])),
            Code::RelatedUnavailable
        );
    }

    #[test]
    fn malformed_entries_fail() {
        for bad in [
            json!("x"),
            json!([{"digestSRI": "sha256-AAAA"}]),
            json!([{"id": "https://other.example/x"}]),
            json!([{"id": CREDENTIALS_V2, "digestSRI": sri()}, {"id": CREDENTIALS_V2, "digestSRI": sri()}]),
        ] {
            assert_eq!(code(bad.clone()), Code::RelatedMalformed, "{bad}");
        }
        let none = Content::new(CredentialFormat::LdpVc, None, json!({}));
        assert_eq!(check(&none).code(), Code::RelatedNone);
    }
}
