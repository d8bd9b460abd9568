//! The form: known answers, and every trick with CBOR that must be refused. Documents and keys are tried in
//! `tests/vc_jose_cose.rs`.

use coset::CborSerializable as _;
use proptest::prelude::*;
use signing_keys::{Algorithm, PublicKey};

use super::*;
use crate::envelope::MediaType;
use crate::secured_document::Claims;
use crate::test_keys::ed25519;

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace([' ', '\n'], "")).unwrap()
}

/// Source: RFC 9052 appendix C.2.1 (also RFC 8152 appendix C.2.1), key `11` of appendix C.7.1. Its `kid` stands in the
/// unprotected header, so our reader refuses it; the signature is checked over the same `Sig_structure`.
#[test]
fn rfc9052_single_signer() {
    let bytes = hex(
        "d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36",
    );
    assert!(matches!(Sign1::parse(&bytes), Err(CoseError::UnprotectedHeader)));
    let sign1 = coset::CoseSign1::from_slice(&bytes[1..]).unwrap();
    let tbs = sign1.tbs_data(&[]);
    // The `Sig_structure` of section 4.4 written out.
    assert_eq!(
        tbs,
        hex("846a5369676e61747572653143a101264054546869732069732074686520636f6e74656e742e")
    );
    let key = PublicKey::from_jwk(&serde_json::json!({
        "kty": "EC", "crv": "P-256",
        "x": crate::base64url::encode(hex("bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff")),
        "y": crate::base64url::encode(hex("20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e")),
    }))
    .unwrap();
    assert_eq!(key.verify(&tbs, &sign1.signature), Ok(()));
}

/// Source: cose-wg/Examples, ecdsa-examples/ecdsa-sig-03 (ES512, `COSE_Sign1`) and sign1-tests/sign-pass-01 (ES256,
/// the algorithm in the unprotected header). Both hold for a library; both have something unprotected that we refuse.
#[test]
fn cose_working_group_examples() {
    let es512 = hex(
        "D28444A1013823A104581E62696C626F2E62616767696E7340686F626269746F6E2E6578616D706C6554546869732069732074686520636F6E74656E742E5884000F348009BADC7DA478150AA7FA06DFD812CDF826344F17C7330563573D8F97F7A966924C3D88B108907235476E3F6BEA9F3890027792B0F94E905C217227CF064E00A6BC6A5187D0DF9B1DB7675AECFC678CE4692A8121EB8170F3592A859D518FD3B823091AAB22E6C41EB97ED92127CE8C46DCC715A247CB78921FAD1E19133AFC30",
    );
    let es256 = hex(
        "D28441A0A201260442313154546869732069732074686520636F6E74656E742E5840EAE868ECC176883766C5DC5BA5B8DCA25DAB3C2E56A551CE5705B793914348E11A02E5F0344BF2D4EE5C7FD75A68A9F5E0B3CC1F1FC1409C189566586FF9D610",
    );
    for (bytes, tbs, jwk) in [
        (
            es512,
            "846A5369676E61747572653144A10138234054546869732069732074686520636F6E74656E742E",
            serde_json::json!({
                "kty": "EC", "crv": "P-521",
                "x": "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
                "y": "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"
            }),
        ),
        (
            es256,
            "846A5369676E617475726531404054546869732069732074686520636F6E74656E742E",
            serde_json::json!({
                "kty": "EC", "crv": "P-256",
                "x": "usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8",
                "y": "IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4"
            }),
        ),
    ] {
        assert_eq!(code(&bytes), "cose_unprotected_header");
        let sign1 = coset::CoseSign1::from_slice(&bytes[1..]).unwrap();
        let key = PublicKey::from_jwk(&jwk).unwrap();
        assert_eq!(key.verify(&hex(tbs), &sign1.signature), Ok(()));
        // The other one has no protected parameter; ours always have the algorithm there.
        if key.algorithm() == Algorithm::Es512 {
            assert_eq!(sign1.tbs_data(&[]), hex(tbs));
        }
    }
}

fn signed(claims: &Claims) -> Vec<u8> {
    use signing_keys::Signer as _;
    let signer = ed25519(1);
    let payload = br#"{"a":1}"#.to_vec();
    PreparedCose::new(MediaType::VcCose, b"did:example:1#k", claims, payload, signer.algorithm())
        .unwrap()
        .sign(&signer)
        .unwrap()
}

fn code(bytes: &[u8]) -> &'static str {
    Sign1::parse(bytes).map_or_else(|error| error.code(), |_| "accepted")
}

#[test]
fn what_is_made_is_read_with_and_without_the_tag() {
    use signing_keys::Signer as _;
    let bytes = signed(&Claims::default());
    assert_eq!(bytes[0], 0xd2);
    for (bytes, tagged) in [(&bytes[..], true), (&bytes[1..], false)] {
        let read = Sign1::parse(bytes).unwrap();
        assert_eq!(read.is_tagged(), tagged);
        assert_eq!(read.typ(), Some("application/vc+cose"));
        assert_eq!(read.content_type(), Some("application/vc"));
        assert_eq!(read.kid(), b"did:example:1#k");
        assert_eq!(read.verification_method().unwrap().as_str(), "did:example:1#k");
        assert_eq!(read.claimed_algorithm(), Algorithm::EdDsa);
        read.verify(&ed25519(1).public_key(), MediaType::VcCose).unwrap();
        let wrong = read.verify(&ed25519(1).public_key(), MediaType::VpCose).unwrap_err();
        assert_eq!(wrong.code(), "cose_wrong_type");
        let wrong = read.verify(&ed25519(2).public_key(), MediaType::VcCose).unwrap_err();
        assert_eq!(wrong.code(), "cose_bad_signature");
    }
}

/// A structure put together by hand: protected header (as a map in hexadecimal), unprotected header, payload.
fn by_hand(protected: &str, unprotected: &str, payload: &str) -> Vec<u8> {
    let protected = hex(protected);
    let mut bytes = vec![0x84, 0x58, u8::try_from(protected.len()).unwrap()];
    if protected.len() < 24 {
        bytes = vec![0x84, 0x40 | protected.len() as u8];
    }
    bytes.extend(protected);
    bytes.extend(hex(unprotected));
    bytes.extend(hex(payload));
    bytes.extend([0x41, 0]);
    bytes
}

#[test]
fn headers_that_are_refused() {
    let table = [
        // {1: -8}: the least that is read at all.
        ("a10127", "a0", "41 00", "accepted"),
        ("", "a0", "4100", "cose_cbor"),
        ("a0", "a0", "4100", "cose_unsupported_algorithm"),
        // The algorithm: absent, unknown, text, symmetric (HMAC 256, AES-CCM), ES256K, RSA, private use.
        ("a1014127", "a0", "4100", "cose_not_sign1"),
        ("a1016545644453 41", "a0", "4100", "cose_unsupported_algorithm"),
        ("a10105", "a0", "4100", "cose_unsupported_algorithm"),
        ("a1010a", "a0", "4100", "cose_unsupported_algorithm"),
        ("a101382e", "a0", "4100", "cose_unsupported_algorithm"),
        ("a1013824", "a0", "4100", "cose_unsupported_algorithm"),
        ("a1013a00010000", "a0", "4100", "cose_unsupported_algorithm"),
        // The unprotected header: alg, kid, typ, an unknown text label.
        ("a10127", "a10127", "4100", "cose_unprotected_header"),
        ("a10127", "a1044131", "4100", "cose_unprotected_header"),
        ("a0", "a10127", "4100", "cose_unprotected_header"),
        (
            "a10127",
            "a11073 6170706c69636174696f6e2f76632b636f7365",
            "4100",
            "cose_unprotected_header",
        ),
        ("a10127", "a1617800", "4100", "cose_unprotected_header"),
        // crit, known and unknown; an empty one is no header at all.
        ("a20127028104", "a0", "4100", "cose_forbidden_header"),
        ("a2012702811863", "a0", "4100", "cose_not_sign1"),
        ("a201270280", "a0", "4100", "cose_not_sign1"),
        // Keys and certificates brought along: x5bag, x5chain, x5t, x5u, kcwt, kccs; IV; counter signature.
        ("a201271820 41 00", "a0", "4100", "cose_forbidden_header"),
        ("a201271821 41 00", "a0", "4100", "cose_forbidden_header"),
        ("a201271822 41 00", "a0", "4100", "cose_forbidden_header"),
        ("a201271823 61 78", "a0", "4100", "cose_forbidden_header"),
        ("a201270d 41 00", "a0", "4100", "cose_forbidden_header"),
        ("a201270e a0", "a0", "4100", "cose_forbidden_header"),
        ("a2012705 41 00", "a0", "4100", "cose_forbidden_header"),
        ("a201270b 41 00", "a0", "4100", "cose_forbidden_header"),
        // typ as a number; content type as a number; claims that are no map.
        ("a201271018 3c", "a0", "4100", "cose_forbidden_header"),
        ("a201270318 32", "a0", "4100", "cose_forbidden_header"),
        ("a201270f 80", "a0", "4100", "cose_forbidden_header"),
        ("a201270f a10301", "a0", "4100", "vc_claim"),
        ("a201270f a103826161 6162", "a0", "4100", "vp_wrong_audience"),
        ("a201270f a10420", "a0", "4100", "vc_claim"),
        ("a201270f a10a01", "a0", "4100", "vc_claim"),
        // Unknown labels are ignored (VC-JOSE-COSE section 3.3.3).
        ("a201271903e7 01", "a0", "4100", "accepted"),
        ("a2012761 78 01", "a0", "4100", "accepted"),
        // Duplicate labels, in the protected header, the claims, and the unprotected header.
        ("a201270127", "a0", "4100", "cose_cbor"),
        ("a201270f a203616103 6162", "a0", "4100", "cose_cbor"),
        ("a10127", "a2044131044131", "4100", "cose_cbor"),
        // Not the only form: longer integers and lengths, indefinite maps, trailing bytes, labels of other types.
        ("a1180127", "a0", "4100", "cose_cbor"),
        ("a1190001 27", "a0", "4100", "cose_cbor"),
        ("b8010127", "a0", "4100", "cose_cbor"),
        ("bf0127ff", "a0", "4100", "cose_cbor"),
        ("a1012700", "a0", "4100", "cose_cbor"),
        ("a20127f501", "a0", "4100", "cose_cbor"),
        ("80", "a0", "4100", "cose_not_sign1"),
        ("a10127", "bfff", "4100", "cose_cbor"),
        ("a10127", "80", "4100", "cose_not_sign1"),
        // The payload: absent, text, indefinite, in a tag, longer length form.
        ("a10127", "a0", "f6", "cose_not_sign1"),
        ("a10127", "a0", "6161", "cose_not_sign1"),
        ("a10127", "a0", "5f4100ff", "cose_cbor"),
        ("a10127", "a0", "d8184100", "cose_cbor"),
        ("a10127", "a0", "580100", "cose_cbor"),
        // A tag inside the header.
        ("a20127186ec24101", "a0", "4100", "cose_cbor"),
    ];
    for (protected, unprotected, payload, expected) in table {
        let bytes = by_hand(protected, unprotected, payload);
        assert_eq!(code(&bytes), expected, "{protected} {unprotected} {payload}");
    }
}

#[test]
fn frames_that_are_refused() {
    let good = by_hand("a10127", "a0", "4100");
    let framed = |front: &[u8]| code(&[front, &good].concat());
    assert_eq!(framed(&[]), "accepted");
    assert_eq!(framed(&[0xd2]), "accepted");
    // Twice 18, COSE_Sign 98, COSE_Mac0 17, CWT 61, self-described CBOR, 18 in longer forms.
    for front in [
        &[0xd2, 0xd2][..],
        &[0xd8, 98],
        &[0xd1],
        &[0xd8, 61],
        &[0xd8, 61, 0xd2],
        &[0xd9, 0xd9, 0xf7],
        &[0xd8, 18],
        &[0xd9, 0, 18],
        &[0x81],
    ] {
        assert!(["cose_cbor", "cose_not_sign1"].contains(&framed(front)), "{front:?}");
    }
    for end in 0..good.len() {
        assert_ne!(code(&good[..end]), "accepted", "cut at {end}");
    }
    assert_eq!(code(&[&good[..], &[0]].concat()), "cose_cbor");
    assert_eq!(code(&[&[0x83][..], &good[1..good.len() - 2]].concat()), "cose_not_sign1");
    assert_eq!(code(&[&[0x85][..], &good[1..], &[0x40]].concat()), "cose_not_sign1");
    assert_eq!(code(&[&[0x9f][..], &good[1..], &[0xff]].concat()), "cose_cbor");
    // Depth, lengths that lie, and size.
    let deep = [vec![0x81; 200_000], vec![0]].concat();
    assert_eq!(code(&deep), "cose_cbor");
    assert_eq!(code(&hex("9bffffffffffffffff")), "cose_cbor");
    assert_eq!(code(&hex("bb7fffffffffffffff")), "cose_cbor");
    assert_eq!(code(&hex("5bffffffffffffffff")), "cose_cbor");
    assert_eq!(code(&vec![0; 1024 * 1024 + 1]), "cose_too_long");
}

#[test]
fn what_is_prepared_can_be_recorded() {
    use signing_keys::Signer as _;
    let signer = ed25519(1);
    let payload = br#"{"a":1}"#.to_vec();
    let claims = Claims { issuer: Some("did:example:1".to_owned()), ..Claims::default() };
    let prepared = PreparedCose::new(
        MediaType::VcCose,
        b"did:example:1#k",
        &claims,
        payload,
        signer.algorithm(),
    )
    .unwrap();
    let record = serde_json::to_string(&prepared).unwrap();
    let again: PreparedCose = serde_json::from_str(&record).unwrap();
    assert_eq!(again.signing_input(), prepared.signing_input());
    let signature = signer.sign(again.signing_input()).unwrap();
    assert_eq!(again.seal(&signature).unwrap(), prepared.sign(&signer).unwrap());
    for bad in ["\"\"", "\"AA\"", "\"!\"", "1", "null"] {
        assert!(serde_json::from_str::<PreparedCose>(bad).is_err(), "{bad}");
    }
    let signed = crate::base64url::encode(signed(&Claims::default()));
    assert!(PreparedCose::try_from(signed).is_err(), "a signed one is no prepared one");
}

#[test]
fn claims_lead_back() {
    let now = crate::test_keys::now();
    let claims = Claims {
        issuer: Some("did:example:1".to_owned()),
        audience: Some("x509_hash:abc".to_owned()),
        nonce: Some(b"n-1".to_vec()),
        issued_at: Some(now),
        not_before: Some(now.minus_seconds(1)),
        expires: Some(now.plus_seconds(60)),
    };
    assert_eq!(Sign1::parse(&signed(&claims)).unwrap().claims(), &claims);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Sign1::parse(&bytes);
        let _ = Sign1::parse(&[&[0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0][..], &bytes].concat());
    }

    /// One text for one value: whatever is accepted is written back as the same bytes.
    #[test]
    fn what_is_accepted_has_one_form(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = signed(&Claims::default());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Sign1::parse(&bytes) {
            let from = usize::from(read.is_tagged());
            let again = coset::CoseSign1::from_slice(&bytes[from..]).unwrap().to_vec().unwrap();
            prop_assert_eq!(&again, &bytes[from..]);
        }
    }
}
