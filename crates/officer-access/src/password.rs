//! Passwords: argon2id (RFC 9106) in the PHC string form, work off the request threads.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use credential_model::ambient::Entropy;

/// Shortest and longest password, in characters.
pub(crate) const LENGTH: std::ops::RangeInclusive<usize> = 12..=128;

/// What hashing a password costs. The usual one is OWASP's first choice for argon2id
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 47_104, passes: 1 }
    }
}

/// Above this a stored hash is not checked: it would be work without bound.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 10;

/// The PHC string of a password; `None` only for a cost the library refuses.
pub(crate) fn hash(password: &str, cost: PasswordCost, entropy: &dyn Entropy) -> Option<String> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).ok()?;
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password(password.as_bytes(), &salt).ok().map(|hash| hash.to_string())
}

/// Whether the password fits the PHC string. False for a string that is none, or asks for too much.
pub(crate) fn fits(password: &str, phc: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(phc) else { return false };
    let Ok(params) = Params::try_from(&parsed) else { return false };
    if params.m_cost() > MOST_MEMORY_KIB || params.t_cost() > MOST_PASSES {
        return false;
    }
    parsed.algorithm.as_str() == "argon2id"
        && Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}

/// Whether a password may be chosen: long enough, and not just the name again.
pub(crate) fn acceptable(password: &str, login: &str) -> bool {
    let lower = password.to_lowercase();
    let mut kinds = std::collections::BTreeSet::new();
    kinds.extend(lower.chars());
    LENGTH.contains(&password.chars().count())
        && !password.chars().any(char::is_control)
        && !lower.contains(login)
        && kinds.len() >= 5
}

#[cfg(test)]
mod tests {
    use credential_model::ambient::PredictableEntropy;

    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1 };

    #[test]
    fn a_password_fits_its_hash_alone() {
        let phc = hash("correct horse 마구간", CHEAP, &PredictableEntropy::new(1)).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        assert!(fits("correct horse 마구간", &phc));
        assert!(!fits("correct horse 마구간 ", &phc));
        assert!(!fits("", &phc));
        let other = hash("correct horse 마구간", CHEAP, &PredictableEntropy::new(2)).unwrap();
        assert_ne!(phc, other, "salted");
    }

    #[test]
    fn hashes_that_are_none_or_ask_for_too_much_fit_nothing() {
        let good = hash("correct horse 마구간", CHEAP, &PredictableEntropy::new(1)).unwrap();
        for bad in [
            String::new(),
            "plain".to_owned(),
            good.replace("m=64", "m=4000000000"),
            good.replace("t=1", "t=4000000"),
            good.replace("argon2id", "argon2i"),
        ] {
            assert!(!fits("correct horse 마구간", &bad), "{bad}");
        }
    }

    #[test]
    fn passwords_are_long_and_no_name() {
        for good in ["correct horse 마구간", "열두글자이상의비밀번호입니다"] {
            assert!(acceptable(good, "kim.officer"), "{good}");
        }
        for bad in ["", "short", "aaaaaaaaaaaaaaaa", "kim.officer-2026", "tab\tin a password"] {
            assert!(!acceptable(bad, "kim.officer"), "{bad:?}");
        }
        assert!(!acceptable(&"abcdefgh".repeat(17), "kim"));
    }
}
