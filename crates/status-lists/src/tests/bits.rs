//! Bit order, sizes, and the standards' own vectors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{encode, our_list};
use crate::compression::gzip;
use crate::*;

#[test]
fn index_zero_is_the_left_most_bit() {
    let mut bits = Bitstring::new(MIN_ENTRIES, 1).unwrap();
    bits.set(0, 1).unwrap();
    bits.set(9, 1).unwrap();
    let mut bytes = vec![0_u8; MIN_ENTRIES / 8];
    bytes[0] = 0b1000_0000;
    bytes[1] = 0b0100_0000;
    assert_eq!(bits.encode(), encode(&gzip(&bytes)));
    // Two bits: the higher one stands left.
    let mut two = Bitstring::new(MIN_ENTRIES, 2).unwrap();
    two.set(0, 2).unwrap();
    two.set(1, 1).unwrap();
    let mut bytes = vec![0_u8; MIN_ENTRIES / 4];
    bytes[0] = 0b1001_0000;
    assert_eq!(two.encode(), encode(&gzip(&bytes)));
}

#[test]
fn every_size_keeps_every_entry() {
    for size in 1..=8_u8 {
        let mut bits = Bitstring::new(MIN_ENTRIES, size).unwrap();
        let code = |i: usize| (i.wrapping_mul(37) % (1 << size)) as u8;
        for i in (0..MIN_ENTRIES).rev() {
            bits.set(i, code(i)).unwrap();
        }
        let read = Bitstring::decode(&bits.encode(), size).unwrap();
        assert_eq!(read.entries(), MIN_ENTRIES);
        assert!((0..MIN_ENTRIES).all(|i| read.get(i) == Ok(code(i))), "size {size}");
        assert_eq!(read.count_set(), (0..MIN_ENTRIES).filter(|i| code(*i) != 0).count());
    }
}

#[test]
fn outside_is_a_range_error_and_big_codes_are_refused() {
    let mut bits = Bitstring::new(MIN_ENTRIES, 2).unwrap();
    for index in [MIN_ENTRIES, usize::MAX, usize::MAX / 2] {
        assert_eq!(bits.get(index).unwrap_err().code(), "RANGE_ERROR");
        assert_eq!(bits.set(index, 1).unwrap_err().code(), "RANGE_ERROR");
    }
    assert_eq!(bits.set(0, 4).unwrap_err().code(), "MALFORMED_VALUE_ERROR");
    assert_eq!(bits.get(0), Ok(0));
}

#[test]
fn impossible_lists_are_not_made() {
    assert!(Bitstring::new(0, 1).is_err());
    assert!(Bitstring::new(MIN_ENTRIES, 0).is_err());
    assert!(Bitstring::new(MIN_ENTRIES, 9).is_err());
    assert_eq!(Bitstring::new(usize::MAX, 8).unwrap_err(), StatusError::TooLarge);
    assert_eq!(Bitstring::new(MAX_LIST_BYTES * 8 + 1, 1).unwrap_err(), StatusError::TooLarge);
    assert!(Bitstring::new(MAX_LIST_BYTES * 8, 1).is_ok());
}

/// The encodedList of the example credential in Bitstring Status List 1.0 §2.2: 131,072
/// zeros. Source: <https://www.w3.org/TR/vc-bitstring-status-list/>, example 5.
#[test]
fn the_standards_example_list_is_read() {
    let text = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    let bits = Bitstring::decode(text, 1).unwrap();
    assert_eq!((bits.entries(), bits.count_set(), bits.get(94_567)), (MIN_ENTRIES, 0, Ok(0)));
    // The same bytes are too few entries of two bits.
    assert_eq!(Bitstring::decode(text, 2).unwrap_err(), StatusError::ListTooShort(MIN_ENTRIES / 2));
}

/// Source: draft-ietf-oauth-status-list §4.1 and §4.2 (both worked examples).
#[test]
fn the_token_drafts_worked_examples_are_read_and_written() {
    let one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    let two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];
    for (lst, size, codes) in [("eNrbuRgAAhcBXQ", 1, &one[..]), ("eNo76fITAAPfAgc", 2, &two[..])] {
        let read = Bitstring::decode_token(lst, size).unwrap();
        assert_eq!(read.entries(), codes.len());
        let mut made = Bitstring::new(codes.len(), size).unwrap();
        for (i, code) in codes.iter().enumerate() {
            assert_eq!(read.get(i), Ok(*code));
            made.set(i, *code).unwrap();
        }
        assert_eq!(made, read);
        let again = Bitstring::decode_token(&made.encode_token().unwrap(), size).unwrap();
        assert_eq!(again, made);
    }
}

/// Source: draft-ietf-oauth-status-list-20 Appendix C.1 and C.2: lists of 2^20 entries,
/// the bytes of `lst` as the CBOR form gives them.
#[test]
fn the_token_drafts_long_vectors_are_read() {
    let indices =
        [0, 1993, 25460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345];
    for (hex, size, codes) in
        [(ONE_BIT, 1, [1; 11]), (TWO_BITS, 2, [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3])]
    {
        let bits = decode_hex(hex, size).unwrap();
        assert_eq!(bits.entries(), 1 << 20);
        assert_eq!(bits.count_set(), indices.len());
        for (index, code) in indices.iter().zip(codes) {
            assert_eq!(bits.get(*index), Ok(code), "size {size}, index {index}");
        }
    }
}

const ONE_BIT: &str = "\
    78daeddc010dc0200c0041a88249400ad2903e0f4b\
    ba00bd93f002beb7a2a2010000a91e09000000000000000000000000000000807296\
    04000000000000000000000000000000000000000000000000000000000000000000\
    000000000000005c6f4800000000000000fc2c240000000000000000000000be1b12\
    000000000000000000ecaa4b000000000000000000000000000000009b0b09000000\
    00000000000038de9400000000000000002a30cc010000000080642f0bd8011b\
    ";

const TWO_BITS: &str = "\
    78daeddb310d00211000412ea1a04004fe5520ed\
    357c28c81d3312b6df68bc65480000000000406e2101000000000000000000000000\
    0000000000000000000000000000000000000040795b020000000000000000000000\
    00000000000000000000000000000000000000000000000000000000000000000000\
    00000000000000000000000000000000000000000000000000000000000000000000\
    0080f4ba0400000000000000000000000000406d764a000000000000000000000000\
    000000000000000000e0922101000000000000000000000000000000000000fc1312\
    00000000000000000000000000000000000000000000000000000000000000c0912e\
    01000000000000000000000000000000000000c07d4b020000000000000000000000\
    00000000a8614a0000000000000000000000406a1fcd60010c\
    ";

fn decode_hex(hex: &str, size: u8) -> Result<Bitstring, StatusError> {
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect();
    Bitstring::decode_token(&URL_SAFE_NO_PAD.encode(bytes), size)
}

#[test]
fn equal_lists_give_equal_text() {
    assert_eq!(our_list().encode(), our_list().encode());
}
