//! Bombs, broken streams and anything else the network may send.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::encode;
use crate::compression::{gzip, zlib};
use crate::*;

#[test]
fn broken_encodings_are_malformed() {
    let good = gzip(&vec![0; MIN_ENTRIES / 8]);
    let twice = [good.clone(), good.clone()].concat();
    let trailing = [good.clone(), vec![0]].concat();
    let mut wrong_checksum = good.clone();
    let at = wrong_checksum.len() - 8;
    wrong_checksum[at] ^= 1;
    let mut wrong_length = good.clone();
    *wrong_length.last_mut().unwrap() ^= 1;
    let text = encode(&good);
    for bad in [
        String::new(),
        "u".to_owned(),
        text[1..].to_owned(),
        text.replace('u', "z"),
        format!("{text}="),
        format!("{text}*"),
        encode(&good[..good.len() - 1]),
        encode(&good[..good.len() / 2]),
        encode(&good[..10]),
        encode(&trailing),
        encode(&twice),
        encode(&wrong_checksum),
        encode(&wrong_length),
        encode(&zlib(&vec![0; MIN_ENTRIES / 8])),
        encode(&vec![0; MIN_ENTRIES / 8]),
    ] {
        let error = Bitstring::decode(&bad, 1).unwrap_err();
        assert_eq!(error.code(), "MALFORMED_VALUE_ERROR", "{} bytes: {error}", bad.len());
    }
}

#[test]
fn bombs_are_stopped_at_the_cap() {
    // 64 MiB of zeros in 64 KB, and just one byte too many.
    for size in [8 * MAX_LIST_BYTES, MAX_LIST_BYTES + 1] {
        let zeros = vec![0; size];
        assert_eq!(
            Bitstring::decode(&encode(&gzip(&zeros)), 1).unwrap_err(),
            StatusError::TooLarge
        );
        let lst = URL_SAFE_NO_PAD.encode(zlib(&zeros));
        assert_eq!(Bitstring::decode_token(&lst, 1).unwrap_err(), StatusError::TooLarge);
    }
    let full = encode(&gzip(&vec![0xa5; MAX_LIST_BYTES]));
    assert_eq!(Bitstring::decode(&full, 8).unwrap().entries(), MAX_LIST_BYTES);
    let endless = format!("u{}", "A".repeat(16 * 1024 * 1024));
    assert_eq!(Bitstring::decode(&endless, 1).unwrap_err(), StatusError::TooLarge);
}

#[test]
fn short_lists_are_refused_as_bitstrings_only() {
    let short = Bitstring::new(MIN_ENTRIES - 8, 1).unwrap();
    let error = Bitstring::decode(&short.encode(), 1).unwrap_err();
    assert_eq!(error.code(), "STATUS_LIST_LENGTH_ERROR");
    assert!(Bitstring::decode_token(&short.encode_token().unwrap(), 1).is_ok());
}

#[test]
fn broken_token_lists_are_malformed() {
    let good = zlib(&[0xb9, 0xa3]);
    for (bytes, bits) in [
        (good[..good.len() - 1].to_vec(), 1),
        ([good.clone(), vec![0]].concat(), 1),
        (gzip(&[0xb9]), 1),
        (zlib(&[]), 1),
        (good.clone(), 0),
        (good.clone(), 3),
        (good.clone(), 16),
    ] {
        let error = Bitstring::decode_token(&URL_SAFE_NO_PAD.encode(bytes), bits).unwrap_err();
        assert_eq!(error.code(), "MALFORMED_VALUE_ERROR");
    }
    assert!(Bitstring::new(10, 3).unwrap().encode_token().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_may_be_offered_as_a_list(text in ".{0,200}", size in 0_u8..20) {
        let _ = Bitstring::decode(&text, size);
        let _ = Bitstring::decode(&format!("u{text}"), size);
        let _ = Bitstring::decode_token(&text, size);
    }

    #[test]
    fn a_flipped_byte_is_noticed(at in 0_usize..60, bit in 0_u8..8) {
        let mut bits = Bitstring::new(MIN_ENTRIES, 1).unwrap();
        bits.set(77, 1).unwrap();
        let good = gzip_of(&bits);
        let at = at % good.len();
        let mut bad = good.clone();
        bad[at] ^= 1 << bit;
        // Header bytes 4 to 9 (time, flags, system) carry nothing of the list.
        if let Ok(read) = Bitstring::decode(&encode(&bad), 1) {
            prop_assert!((4..10).contains(&at) || read == bits, "byte {}", at);
        }
    }

    #[test]
    fn set_changes_one_entry_only(size in 1_u8..=8, index in 0_usize..500, code: u8) {
        let code = code & ((1_u16 << size) - 1) as u8;
        let mut bits = Bitstring::new(500, size).unwrap();
        for i in 0..500 {
            bits.set(i, 1).unwrap();
        }
        bits.set(index, code).unwrap();
        for i in 0..500 {
            prop_assert_eq!(bits.get(i).unwrap(), if i == index { code } else { 1 });
        }
    }
}

fn gzip_of(bits: &Bitstring) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(&bits.encode()[1..]).unwrap()
}
