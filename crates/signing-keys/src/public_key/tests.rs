use credential_model::did::Did;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::danger::BareSigner;
use crate::signer::Signer;
use crate::{Algorithm, DidKeyError};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn ed25519(public: &str) -> PublicKey {
    PublicKey::Ed25519(Ed25519PublicKey::from_bytes(&bytes(public)).unwrap())
}

/// Source: RFC 8037 appendix A.2 (the key of RFC 8032 section 7.1, test 1).
fn rfc8037_jwk() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

/// Source: RFC 7515 appendix A.3.1, public part.
fn rfc7515_jwk() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    })
}

/// Source: did:key test vectors, nist-curves.json (w3c-ccg/did-key-spec).
fn did_key_p384_jwk() -> Value {
    json!({
        "kty": "EC", "crv": "P-384",
        "x": "lInTxl8fjLKp_UCrxI0WDklahi-7-_6JbtiHjiRvMvhedhKVdHBfi2HCY8t_QJyc",
        "y": "y6N1IC-2mXxHreETBW7K3mBcw0qGr3CWHCs-yl09yCQRLcyfGv7XhqAngHOu51Zv"
    })
}

/// Source: RFC 8032 section 7.1, tests 1, 2, 3: public key, message, signature.
#[test]
fn rfc8032_signatures() {
    for (public, message, signature) in [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let key = ed25519(public);
        let (message, signature) = (bytes(message), bytes(signature));
        assert_eq!(key.verify(&message, &signature), Ok(()));
        for at in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[at] ^= 1;
            assert_eq!(key.verify(&message, &flipped), Err(SignatureError::Mismatch));
        }
        assert!(key.verify(b"another message", &signature).is_err());
    }
}

/// Source: RFC 8037 appendices A.3 (thumbprint) and A.4 (JWS).
#[test]
fn rfc8037_thumbprint_and_jws() {
    let key = PublicKey::from_jwk(&rfc8037_jwk()).unwrap();
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(key.to_jwk(), rfc8037_jwk());
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = crate::encoding::from_base64url(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    )
    .unwrap();
    assert_eq!(key.verify(input, &signature), Ok(()));
}

/// Source: RFC 7515 appendix A.3 (ES256).
#[test]
fn rfc7515_es256() {
    let key = PublicKey::from_jwk(&rfc7515_jwk()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Es256);
    let input = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = crate::encoding::from_base64url(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    )
    .unwrap();
    assert_eq!(key.verify(input, &signature), Ok(()));
    let mut flipped = signature.clone();
    flipped[63] ^= 1;
    assert_eq!(key.verify(input, &flipped), Err(SignatureError::Mismatch));
}

/// RFC 7638 section 3.1 has an RSA key only, which is no key of ours; its rule is checked
/// here over the members in their canonical order, its EdDSA form by RFC 8037 above.
#[test]
fn thumbprint_hashes_the_sorted_members() {
    let key = PublicKey::from_jwk(&rfc7515_jwk()).unwrap();
    let text = r#"{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    assert_eq!(crate::jwk::canonical_text(&key), text);
    assert_eq!(key.thumbprint(), to_base64url(&Sha256::digest(text)));
    // Optional members play no part.
    let mut more = rfc7515_jwk();
    more["kid"] = "a".into();
    more["alg"] = "ES256".into();
    assert_eq!(PublicKey::from_jwk(&more).unwrap().thumbprint(), key.thumbprint());
}

/// Sources: did:key specification (first example); its nist-curves.json; W3C vc-di-eddsa
/// and vc-di-ecdsa test vectors (keyPair.json, p256KeyPair.json, p384KeyPair.json).
#[test]
fn published_multikeys_and_did_keys() {
    for (multikey, algorithm) in [
        ("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", Algorithm::EdDsa),
        ("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", Algorithm::EdDsa),
        ("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", Algorithm::Es256),
        ("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP", Algorithm::Es256),
        (
            "z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9",
            Algorithm::Es384,
        ),
        (
            "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
            Algorithm::Es384,
        ),
    ] {
        let key = PublicKey::from_multikey(multikey).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.to_multikey(), multikey);
        let did = Did::parse(&format!("did:key:{multikey}")).unwrap();
        assert_eq!(PublicKey::from_did(&did).unwrap(), key);
        assert_eq!(key.to_did_key(), did);
        assert_eq!(key.did_key_url().as_str(), format!("{did}#{multikey}"));
    }
    let p384 = PublicKey::from_jwk(&did_key_p384_jwk()).unwrap();
    assert_eq!(
        p384.to_multikey(),
        "z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9"
    );
}

/// Source: did:jwk specification, P-256 example.
#[test]
fn published_did_jwk() {
    let did = Did::parse("did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9").unwrap();
    let key = PublicKey::from_did(&did).unwrap();
    assert_eq!(
        key.to_jwk(),
        json!({
            "crv": "P-256", "kty": "EC",
            "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
            "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE"
        })
    );
    // The example's members are sorted, so ours is the same text.
    assert_eq!(key.to_did_jwk(), did);
    assert_eq!(key.did_jwk_url().as_str(), format!("{did}#0"));
}

/// Source: W3C vc-di-eddsa and vc-di-ecdsa key pairs.
#[test]
fn published_secret_multikeys_belong_to_their_public_keys() {
    for (secret, public) in [
        (
            "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
            "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        ),
        (
            "z42twTcNeSYcnqg1FLuSFs2bsGH3ZqbRHFmvS9XMsYhjxvHN",
            "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
        ),
        (
            "z2fanyY7zgwNpZGxX5fXXibvScNaUWNprHU9dKx7qpVj7mws9J8LLt4mDB5TyH2GLHWkUc",
            "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
        ),
    ] {
        let signer = BareSigner::from_secret_multikey(secret).unwrap();
        assert_eq!(signer.public_key().to_multikey(), public);
        let signature = signer.sign(b"message").unwrap();
        assert_eq!(signer.public_key().verify(b"message", &signature), Ok(()));
    }
}

#[test]
fn bad_jwks_have_their_reasons() {
    let change = |mut jwk: Value, name: &str, value: Value| {
        jwk[name] = value;
        jwk
    };
    let without = |mut jwk: Value, name: &str| {
        jwk.as_object_mut().unwrap().remove(name);
        jwk
    };
    let (okp, ec) = (rfc8037_jwk(), rfc7515_jwk());
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    for (jwk, code) in [
        (json!(null), "malformed_jwk"),
        (json!("x"), "malformed_jwk"),
        (json!([]), "malformed_jwk"),
        (json!({}), "malformed_jwk"),
        (without(okp.clone(), "x"), "malformed_jwk"),
        (without(okp.clone(), "crv"), "malformed_jwk"),
        (without(okp.clone(), "kty"), "malformed_jwk"),
        (without(ec.clone(), "y"), "malformed_jwk"),
        (change(okp.clone(), "x", json!(5)), "malformed_jwk"),
        (change(okp.clone(), "x", json!(format!("{x}="))), "malformed_jwk"),
        (change(okp.clone(), "x", json!(x.replace('_', "/"))), "malformed_jwk"),
        (change(okp.clone(), "x", json!(format!("{x}\u{0}"))), "malformed_jwk"),
        // The last letter holds two unused bits, which must be zero.
        (change(okp.clone(), "x", json!(x.replace("HURo", "HURp"))), "malformed_jwk"),
        (change(okp.clone(), "x", json!(&x[..40])), "invalid_key"),
        (change(okp.clone(), "x", json!("")), "invalid_key"),
        (change(okp.clone(), "x", json!("A".repeat(4000))), "invalid_key"),
        (change(okp.clone(), "crv", json!("X25519")), "unsupported_key"),
        (change(okp.clone(), "crv", json!("Ed448")), "unsupported_key"),
        (change(okp.clone(), "crv", json!("ed25519")), "unsupported_key"),
        (change(okp.clone(), "kty", json!("EC")), "unsupported_key"),
        (change(ec.clone(), "crv", json!("secp256k1")), "unsupported_key"),
        (change(ec.clone(), "crv", json!("P-384")), "invalid_key"),
        (change(ec.clone(), "kty", json!("RSA")), "unsupported_key"),
        (change(ec.clone(), "y", ec["x"].clone()), "invalid_key"),
        // A leading zero byte: 33 bytes.
        (
            change(ec.clone(), "x", json!("AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF")),
            "invalid_key",
        ),
        (
            change(okp.clone(), "d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")),
            "private_key_exposed",
        ),
        (change(ec.clone(), "d", json!(null)), "private_key_exposed"),
        (change(ec.clone(), "k", json!("AA")), "private_key_exposed"),
        (json!({"kty": "oct", "k": "AAAA"}), "private_key_exposed"),
        (json!({"kty": "oct"}), "unsupported_key"),
        (json!({"kty": "AKP"}), "unsupported_key"),
        (change(ec.clone(), "alg", json!("ES384")), "key_not_for_signatures"),
        (change(ec.clone(), "alg", json!("none")), "key_not_for_signatures"),
        (change(ec.clone(), "alg", json!("HS256")), "key_not_for_signatures"),
        (change(ec.clone(), "alg", json!("ECDH-ES")), "key_not_for_signatures"),
        (change(okp.clone(), "alg", json!("ES256")), "key_not_for_signatures"),
        (change(ec.clone(), "alg", json!(7)), "malformed_jwk"),
        (change(ec.clone(), "use", json!("enc")), "key_not_for_signatures"),
        (change(ec.clone(), "key_ops", json!(["sign"])), "key_not_for_signatures"),
        (change(ec.clone(), "key_ops", json!([])), "key_not_for_signatures"),
        (change(ec.clone(), "key_ops", json!("verify")), "malformed_jwk"),
    ] {
        assert_eq!(PublicKey::from_jwk(&jwk).unwrap_err().code(), code, "{jwk}");
    }
    let meant =
        json!({"use": "sig", "key_ops": ["verify"], "alg": "ES256", "kid": "k", "x5t": "t"});
    let mut jwk = ec;
    jwk.as_object_mut().unwrap().extend(meant.as_object().unwrap().clone());
    assert!(PublicKey::from_jwk(&jwk).is_ok());
}

/// The eight points of small order in all their encodings, and non-canonical encodings.
/// Source: the list in libsodium's ge25519_has_small_order and "Taming the many EdDSAs"
/// (Chalkias, Garillot, Nikolaenko, 2020), table 6.
#[test]
fn small_order_and_non_canonical_ed25519_keys_are_refused() {
    for hex in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ] {
        assert_eq!(Ed25519PublicKey::from_bytes(&bytes(hex)).err(), Some(KeyError::SmallOrder));
    }
    for hex in [
        // y = p, p + 1, 2^255 - 1, with either sign bit
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ] {
        assert!(matches!(
            Ed25519PublicKey::from_bytes(&bytes(hex)),
            Err(KeyError::InvalidKey(reason)) if reason.contains("canonical")
        ));
    }
    // -1 with the wrong sign bit has no x.
    let hex = "0100000000000000000000000000000000000000000000000000000000000080";
    assert!(Ed25519PublicKey::from_bytes(&bytes(hex)).is_err());
}

#[test]
fn bad_multikeys_have_their_reasons() {
    let good = PublicKey::from_jwk(&rfc8037_jwk()).unwrap();
    let raw = bs58::decode(&good.to_multikey()[1..]).into_vec().unwrap();
    let encode = |bytes: &[u8]| to_multibase(bytes);
    let with_codec = |codec: [u8; 2]| encode(&[&codec[..], &raw[2..]].concat());
    let p256 = PublicKey::from_jwk(&rfc7515_jwk()).unwrap();
    let PublicKey::P256(point) = &p256 else { unreachable!() };
    let (x, y) = point.coordinates();
    let uncompressed = [&CODEC_P256[..], &[4], &x, &y].concat();
    let off_curve = [&CODEC_P256[..], &[2], &[0xff; 32]].concat();
    for (text, code) in [
        (String::new(), "malformed_multikey"),
        ("z".into(), "malformed_multikey"),
        ("z2".into(), "malformed_multikey"),
        ("u7QE".into(), "malformed_multikey"),
        (good.to_multikey()[1..].to_owned(), "malformed_multikey"),
        (format!("z{}", "0OIl"), "malformed_multikey"),
        (format!("{} ", good.to_multikey()), "malformed_multikey"),
        (format!("z{}", "1".repeat(100_000)), "malformed_multikey"),
        (encode(&raw[..33]), "invalid_key"),
        (encode(&[&raw[..], &[0]].concat()), "invalid_key"),
        (with_codec([0xec, 0x01]), "unsupported_key"), // x25519-pub
        (with_codec([0xe7, 0x01]), "unsupported_key"), // secp256k1-pub
        (with_codec([0x80, 0x26]), "unsupported_key"), // ed25519-priv
        (with_codec(CODEC_P256), "invalid_key"),
        (encode(&uncompressed), "invalid_key"),
        (encode(&off_curve), "invalid_key"),
        (encode(&[&CODEC_P256[..], &[0]].concat()), "invalid_key"),
    ] {
        let shown: String = text.chars().take(40).collect();
        assert_eq!(PublicKey::from_multikey(&text).unwrap_err().code(), code, "{shown}");
    }
}

#[test]
fn bad_dids_have_their_reasons() {
    let code = |text: &str| PublicKey::from_did(&Did::parse(text).unwrap()).unwrap_err();
    assert_eq!(code("did:web:issuer.example"), DidKeyError::OtherMethod);
    assert_eq!(code("did:key:abc").code(), "malformed_multikey");
    assert_eq!(code("did:jwk:abc.def").code(), "invalid_did");
    let jwk = |text: &str| format!("did:jwk:{}", to_base64url(text.as_bytes()));
    assert_eq!(code(&jwk("{")).code(), "invalid_did");
    assert_eq!(code(&jwk("[]")).code(), "malformed_jwk");
    let twice = r#"{"kty":"OKP","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert_eq!(code(&jwk(twice)).code(), "invalid_did");
    let private = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#;
    assert_eq!(code(&jwk(private)).code(), "private_key_exposed");
}

/// Every algorithm with every other key type fails: nothing but the key chooses.
#[test]
fn a_signature_of_one_key_holds_for_no_other() {
    let signers: Vec<BareSigner> = Algorithm::ALL
        .iter()
        .flat_map(|algorithm| [7u8, 9].map(|seed| signer(*algorithm, seed)))
        .collect();
    for (i, signing) in signers.iter().enumerate() {
        let signature = signing.sign(b"message").unwrap();
        assert_eq!(signature.len(), signing.algorithm().signature_length());
        for (j, other) in signers.iter().enumerate() {
            let holds = other.public_key().verify(b"message", &signature).is_ok();
            assert_eq!(holds, i == j, "{} by {}", other.algorithm(), signing.algorithm());
        }
    }
}

#[test]
fn wrong_lengths_and_zeros_never_hold() {
    for algorithm in Algorithm::ALL {
        let signer = signer(*algorithm, 3);
        let key = signer.public_key();
        let length = algorithm.signature_length();
        for wrong in [0, 1, length - 1, length + 1, 2 * length] {
            let expected = SignatureError::WrongLength { found: wrong, expected: length };
            assert_eq!(key.verify(b"", &vec![0; wrong]), Err(expected));
        }
        assert_eq!(key.verify(b"", &vec![0; length]), Err(SignatureError::Mismatch));
        assert_eq!(key.verify(b"", &vec![0xff; length]), Err(SignatureError::Mismatch));
    }
}

#[test]
fn serde_is_as_strict_as_reading() {
    let key = PublicKey::from_jwk(&rfc7515_jwk()).unwrap();
    let text = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<PublicKey>(&text).unwrap(), key);
    let mut private = rfc7515_jwk();
    private["d"] = "AA".into();
    assert!(serde_json::from_value::<PublicKey>(private).is_err());
}

/// A private key out of one byte; the top byte of P-521 holds one bit only.
pub(super) fn private(algorithm: Algorithm, seed: u8) -> Vec<u8> {
    match algorithm {
        Algorithm::Es384 => vec![seed; 48],
        Algorithm::Es512 => [vec![seed & 1], vec![seed; 65]].concat(),
        _ => vec![seed; 32],
    }
}

fn signer(algorithm: Algorithm, seed: u8) -> BareSigner {
    BareSigner::from_bytes(algorithm, &private(algorithm, seed)).unwrap()
}

#[test]
fn private_jwks_are_checked_against_their_public_part() {
    // Source: RFC 8037 appendix A.1.
    let mut jwk = rfc8037_jwk();
    jwk["d"] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".into();
    jwk["key_ops"] = json!(["sign"]);
    let signer = BareSigner::from_private_jwk(&jwk).unwrap();
    assert_eq!(signer.public_key().to_jwk(), rfc8037_jwk());
    jwk["d"] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2E".into();
    assert_eq!(BareSigner::from_private_jwk(&jwk).unwrap_err().code(), "invalid_key");
    assert!(BareSigner::from_private_jwk(&rfc8037_jwk()).is_err());
    assert!(BareSigner::from_private_jwk(&json!([])).is_err());
    assert!(
        BareSigner::from_secret_multikey("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
            .is_err()
    );
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        for bad in [
            vec![],
            vec![0; 32],
            vec![0xff; 32],
            vec![0; 48],
            vec![0xff; 48],
            vec![1; 31],
            vec![0; 66],
            vec![2; 66],
            vec![0xff; 66],
            vec![1; 65],
        ] {
            assert!(BareSigner::from_bytes(algorithm, &bad).is_err(), "{algorithm} {bad:?}");
        }
    }
}

fn any_algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_form_of_a_key_leads_back(algorithm in any_algorithm(), seed in 1u8..255) {
        let key = signer(algorithm, seed).public_key();
        prop_assert_eq!(&PublicKey::from_jwk(&key.to_jwk()).unwrap(), &key);
        prop_assert_eq!(&PublicKey::from_multikey(&key.to_multikey()).unwrap(), &key);
        prop_assert_eq!(&PublicKey::from_did(&key.to_did_key()).unwrap(), &key);
        prop_assert_eq!(&PublicKey::from_did(&key.to_did_jwk()).unwrap(), &key);
        prop_assert_eq!(&PublicKey::from_did(&key.did_jwk_url().did()).unwrap(), &key);
    }

    #[test]
    fn one_flipped_bit_breaks_a_signature(
        algorithm in any_algorithm(),
        message in prop::collection::vec(any::<u8>(), 1..64),
        at in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let signer = signer(algorithm, 5);
        let key = signer.public_key();
        let signature = signer.sign(&message).unwrap();
        prop_assert_eq!(key.verify(&message, &signature), Ok(()));
        let mut flipped = signature.clone();
        flipped[at.index(signature.len())] ^= 1 << bit;
        prop_assert!(key.verify(&message, &flipped).is_err());
        let mut other = message.clone();
        other[at.index(message.len())] ^= 1 << bit;
        prop_assert!(key.verify(&other, &signature).is_err());
    }

    #[test]
    fn no_text_makes_the_multikey_reader_panic(text in "z[1-9A-HJ-NP-Za-km-z]{0,140}") {
        if let Ok(key) = PublicKey::from_multikey(&text) {
            prop_assert_eq!(key.to_multikey(), text);
        }
    }
}
