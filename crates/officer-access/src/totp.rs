//! Time-based one-time passwords (RFC 6238 over RFC 4226): six digits, thirty seconds, HMAC-SHA-1,
//! which is what every authenticator app speaks.

use aws_lc_rs::hmac;
use credential_model::moment::Moment;

use crate::base32;

/// Seconds of a step (RFC 6238, section 5.2).
pub const STEP_SECONDS: i64 = 30;
/// Digits of a code.
pub const DIGITS: u32 = 6;
/// How many steps a phone's clock may be off, either way.
const DRIFT: u64 = 1;

/// The step of a moment.
pub fn step_of(now: Moment) -> u64 {
    u64::try_from(now.unix().max(0) / STEP_SECONDS).unwrap_or(0)
}

/// The code of a step.
pub fn code(secret: &[u8], step: u64) -> String {
    let value = hotp(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, step, DIGITS);
    format!("{value:0width$}", width = DIGITS as usize)
}

/// The step whose code this is, near `now` and after `last`: a step is good once (RFC 6238,
/// section 5.2), so a code seen over a shoulder is worth nothing.
pub fn matching_step(secret: &[u8], given: &str, now: Moment, last: u64) -> Option<u64> {
    if given.len() != DIGITS as usize || !given.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let here = step_of(now);
    let mut found = None;
    // All are compared, whichever fits: the time taken tells nothing.
    for step in here.saturating_sub(DRIFT)..=here + DRIFT {
        let fits = aws_lc_rs::constant_time::verify_slices_are_equal(
            code(secret, step).as_bytes(),
            given.as_bytes(),
        )
        .is_ok();
        if fits && step > last {
            found = Some(step);
        }
    }
    found
}

/// The `otpauth://` address an authenticator app reads (as text or QR).
pub fn uri(issuer: &str, login: &str, secret: &[u8]) -> String {
    let escape = |text: &str| -> String {
        let mut escaped = String::new();
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                escaped.push(char::from(byte));
            } else {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
        escaped
    };
    let issuer = escape(issuer);
    format!(
        "otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        login = escape(login),
        secret = base32::encode(secret),
    )
}

/// HOTP (RFC 4226, section 5.3) with any of the hashes of RFC 6238.
fn hotp(algorithm: hmac::Algorithm, secret: &[u8], counter: u64, digits: u32) -> u32 {
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), &counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 15);
    let mut four = [0; 4];
    for (slot, byte) in four.iter_mut().zip(&tag[offset..]) {
        *slot = *byte;
    }
    (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238() {
        // RFC 6238, appendix B; the seeds are "12345678901234567890" repeated to the hash's length.
        let seed = b"1234567890123456789012345678901234567890123456789012345678901234";
        let vectors = [
            (59, 94_287_082, 46_119_246, 90_693_936),
            (1_111_111_109, 7_081_804, 68_084_774, 25_091_201),
            (1_111_111_111, 14_050_471, 67_062_674, 99_943_326),
            (1_234_567_890, 89_005_924, 91_819_424, 93_441_116),
            (2_000_000_000, 69_279_037, 90_698_825, 38_618_901),
            (20_000_000_000, 65_353_130, 77_737_706, 47_863_826),
        ];
        for (time, sha1, sha256, sha512) in vectors {
            let step = step_of(Moment::from_unix(time));
            let of = |algorithm, length: usize| hotp(algorithm, &seed[..length], step, 8);
            assert_eq!(of(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 20), sha1, "{time}");
            assert_eq!(of(hmac::HMAC_SHA256, 32), sha256, "{time}");
            assert_eq!(of(hmac::HMAC_SHA512, 64), sha512, "{time}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226() {
        // RFC 4226, appendix D.
        let wanted = ["755224", "287082", "359152", "969429", "338314", "254676", "287922"];
        for (counter, code) in (0..).zip(wanted) {
            assert_eq!(super::code(b"12345678901234567890", counter), code);
        }
    }

    #[test]
    fn a_step_counts_once_and_only_near_its_time() {
        let secret = b"12345678901234567890";
        let now = Moment::from_unix(1_800_000_000);
        let here = step_of(now);
        for (step, wanted) in [
            (here - 2, None),
            (here - 1, Some(here - 1)),
            (here, Some(here)),
            (here + 1, Some(here + 1)),
            (here + 2, None),
        ] {
            assert_eq!(matching_step(secret, &code(secret, step), now, 0), wanted);
        }
        assert_eq!(matching_step(secret, &code(secret, here), now, here), None, "spent");
        assert_eq!(matching_step(secret, &code(secret, here - 1), now, here), None, "older");
        for odd in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(matching_step(secret, odd, now, 0), None, "{odd}");
        }
    }

    #[test]
    fn the_address_is_what_apps_read() {
        let uri = uri("가상공단 office", "kim&co", b"12345678901234567890");
        assert!(uri.starts_with("otpauth://totp/%EA%B0%80"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"), "{uri}");
        assert!(uri.contains(":kim%26co?"), "{uri}");
    }
}
