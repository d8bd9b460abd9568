//! P-521: known answers, and the cases that the Wycheproof families for the other curves try,
//! written out because no vector file for this curve is among the shared ones.

use serde_json::json;

use super::*;
use crate::danger::BareSigner;
use crate::signer::Signer;

/// The order of the group (SEC 2 section 2.9.1), big-endian.
fn order() -> Vec<u8> {
    let low = bytes("51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409");
    [vec![0x01], vec![0xff; 32], vec![0xfa], low].concat()
}
/// The prime of the field is 2^521 - 1.
const FIELD_TOP: u8 = 0x01;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Source: RFC 7515 appendix A.4.1.
fn rfc7515_jwk() -> Value {
    json!({
        "kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"
    })
}

fn rfc7515_signer() -> BareSigner {
    let mut jwk = rfc7515_jwk();
    jwk["d"] =
        "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"
            .into();
    BareSigner::from_private_jwk(&jwk).unwrap()
}

fn verdicts(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let PublicKey::P521(curve) = key else { panic!("a P-521 key") };
    let verdict = key.verify(message, signature).is_ok();
    if signature.len() == 132 {
        assert_eq!(curve.verify_portable(message, signature), verdict, "both builds agree");
    }
    verdict
}

/// Source: RFC 7515 appendix A.4 (a JWS with ES512 over "Payload").
#[test]
fn rfc7515_es512() {
    let key = PublicKey::from_jwk(&rfc7515_jwk()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Es512);
    let signature = crate::encoding::from_base64url(
        "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
    )
    .unwrap();
    assert!(verdicts(&key, b"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA", &signature));
    assert!(!verdicts(&key, b"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZB", &signature));
    assert_eq!(rfc7515_signer().public_key(), key);
}

/// Source: W3C vc-jose-cose-test-suite, tests/input/vm-p521.json: its `kid` is the RFC 7638
/// thumbprint.
#[test]
fn published_thumbprint() {
    let key = PublicKey::from_jwk(&json!({
        "alg": "ES512", "crv": "P-521", "kty": "EC",
        "x": "Ac8mt4TvYd3TOrYtTk_YTQ5QQMpl58OnrU7uRxQEUoOO_6QnRBM0Xan8KQI_0dPKzcKBak0ZSEXcc5SNFUBHYfbP",
        "y": "ADP_cowssurHA7uMHy4IODl247oQjCxZWFX7Gtr3cFmfVIwEyKGegrJh9ooZy5FsvFVbYwAmLKVfGZs7O15RBsO-"
    }))
    .unwrap();
    assert_eq!(key.thumbprint(), "KQsihxP-LTeTZO2ETEfduP153UBIiFRhI8nSklMSmm0");
}

/// Source: did:key test vectors, nist-curves.json (w3c-ccg/did-key-spec).
#[test]
fn published_did_key() {
    let multikey = "z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7";
    let key = PublicKey::from_jwk(&json!({
        "kty": "EC", "crv": "P-521",
        "x": "ASUHPMyichQ0QbHZ9ofNx_l4y7luncn5feKLo3OpJ2nSbZoC7mffolj5uy7s6KSKXFmnNWxGJ42IOrjZ47qqwqyS",
        "y": "AW9ziIC4ZQQVSNmLlp59yYKrjRY0_VqO-GOIYQ9tYpPraBKUloEId6cI_vynCzlZWZtWpgOM3HPhYEgawQ703RjC"
    }))
    .unwrap();
    assert_eq!(key.to_multikey(), multikey);
    assert_eq!(PublicKey::from_multikey(multikey).unwrap(), key);
}

#[test]
fn secret_multikey() {
    let signer = rfc7515_signer();
    let secret = crate::encoding::from_base64url(
        "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C",
    )
    .unwrap();
    // Multicodec p521-priv is 0x1308, as an unsigned varint 88 26.
    let text = crate::encoding::to_multibase(&[&[0x88, 0x26][..], &secret].concat());
    let read = BareSigner::from_secret_multikey(&text).unwrap();
    assert_eq!(read.public_key(), signer.public_key());
}

/// The boundary values of `r` and `s`, and malformed lengths.
#[test]
fn boundary_signatures_never_hold() {
    let signer = rfc7515_signer();
    let key = signer.public_key();
    let good = signer.sign(b"message").unwrap();
    assert!(verdicts(&key, b"message", &good));
    let order = order();
    assert_eq!(order.len(), 66);
    let one = [vec![0; 65], vec![1]].concat();
    let mut before_order = order.clone();
    before_order[65] -= 1;
    let mut after_order = order.clone();
    after_order[65] += 1;
    let field = [vec![FIELD_TOP], vec![0xff; 65]].concat();
    let special =
        [vec![0; 66], one, before_order, order.clone(), after_order, field, vec![0xff; 66]];
    for r in special.iter().chain([&good[..66].to_vec()]) {
        for s in special.iter().chain([&good[66..].to_vec()]) {
            if r == &good[..66] && s == &good[66..] {
                continue;
            }
            assert!(!verdicts(&key, b"message", &[r.as_slice(), s].concat()), "{r:?} {s:?}");
        }
    }
    // The parts exchanged, one part of another signature, and lengths of other curves or encodings.
    assert!(!verdicts(&key, b"message", &[&good[66..], &good[..66]].concat()));
    let other = signer.sign(b"other").unwrap();
    assert!(!verdicts(&key, b"message", &[&good[..66], &other[66..]].concat()));
    for length in [0, 1, 64, 96, 128, 131, 133, 139, 264] {
        let mut cut = good.clone();
        cut.resize(length, 0);
        assert_eq!(
            key.verify(b"message", &cut),
            Err(SignatureError::WrongLength { found: length, expected: 132 })
        );
    }
    // r + n: the same residue in a longer text is another text, and refused.
    let mut carry = 0u16;
    let mut shifted = good.clone();
    for at in (0..66).rev() {
        let sum = u16::from(good[at]) + u16::from(order[at]) + carry;
        shifted[at] = sum as u8;
        carry = sum >> 8;
    }
    assert!(!verdicts(&key, b"message", &shifted));
}

#[test]
fn bad_keys_have_their_reasons() {
    let change = |name: &str, value: Value| {
        let mut jwk = rfc7515_jwk();
        jwk[name] = value;
        PublicKey::from_jwk(&jwk).unwrap_err().code()
    };
    let zero = crate::encoding::to_base64url(&[0; 66]);
    let field = crate::encoding::to_base64url(&[vec![FIELD_TOP], vec![0xff; 65]].concat());
    assert_eq!(change("x", zero.clone().into()), "invalid_key", "off the curve");
    assert_eq!(change("y", zero.into()), "invalid_key", "off the curve");
    assert_eq!(change("x", field.into()), "invalid_key", "not below the prime");
    let x = rfc7515_jwk()["x"].as_str().unwrap().to_owned();
    assert_eq!(change("y", x.clone().into()), "invalid_key", "off the curve");
    assert_eq!(change("x", x[4..].into()), "invalid_key", "three bytes short");
    assert_eq!(change("x", format!("AAAA{x}").into()), "invalid_key", "three bytes long");
    assert_eq!(change("x", format!("{x}=").into()), "malformed_jwk", "padding");
    assert_eq!(change("crv", "P-384".into()), "invalid_key");
    assert_eq!(change("crv", "P521".into()), "unsupported_key");
    assert_eq!(change("crv", "secp521r1".into()), "unsupported_key");
    assert_eq!(change("kty", "OKP".into()), "unsupported_key");
    for alg in ["ES256", "ES384", "EdDSA", "HS512", "none", "es512", "ES521"] {
        assert_eq!(change("alg", alg.into()), "key_not_for_signatures", "{alg}");
    }
    assert_eq!(change("use", "enc".into()), "key_not_for_signatures");
    assert_eq!(change("d", "AA".into()), "private_key_exposed");

    let multikey = PublicKey::from_jwk(&rfc7515_jwk()).unwrap().to_multikey();
    let raw = crate::encoding::from_multibase(&multikey, 128).unwrap();
    let code = |bytes: &[u8]| {
        PublicKey::from_multikey(&crate::encoding::to_multibase(bytes)).unwrap_err().code()
    };
    assert_eq!(raw[..2], [0x82, 0x24]);
    assert_eq!(code(&raw[..68]), "invalid_key");
    assert_eq!(code(&[&raw[..], &[0]].concat()), "invalid_key");
    assert_eq!(code(&[&[0x81, 0x24], &raw[2..]].concat()), "invalid_key", "P-384's codec");
    for tag in [0, 1, 4, 5, 6, 7] {
        let mut tagged = raw.clone();
        tagged[2] = tag;
        assert_eq!(code(&tagged), "invalid_key", "{tag}");
    }
    let mut top = raw.clone();
    top[3] |= 0x02;
    assert_eq!(code(&top), "invalid_key", "a bit beyond the 521");
}
