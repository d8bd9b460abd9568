#![allow(clippy::unwrap_used, reason = "tests")]
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Decoder, MAX_BUFFER_BYTES};

fn decoded(grey: &[u8], width: usize, height: usize) -> Value {
    let mut decoder = Decoder::new();
    let room = decoder.room(grey.len());
    assert_eq!(room.len(), grey.len());
    room.copy_from_slice(grey);
    decoder.decode_frame(width, height);
    serde_json::from_slice(decoder.buffer()).expect("every answer is JSON")
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

#[test]
fn giant_lengths_get_no_room() {
    let mut decoder = Decoder::new();
    for length in [MAX_BUFFER_BYTES + 1, usize::MAX, usize::MAX / 2] {
        assert!(decoder.room(length).is_empty());
    }
    // A frame whose sides do not fit the buffer, or overflow when multiplied.
    for (width, height) in [(0, 0), (3, 3), (1 << 20, 1), (usize::MAX, usize::MAX), (4096, 4097)] {
        assert!(!code(&decoded(&[0; 4], width, height)).is_empty(), "{width}x{height}");
    }
    decoder.release();
    assert!(decoder.buffer().is_empty());
}

/// A code as a camera sees it: eight pixels a module, grey around.
fn frame(text: &str) -> (usize, Vec<u8>) {
    let code = qrcode::QrCode::new(text).unwrap();
    let (modules, colours) = (code.width(), code.to_colors());
    let side = (modules + 8) * 8;
    let shade = |at: usize| {
        let (x, y) = ((at % side / 8).wrapping_sub(4), (at / side / 8).wrapping_sub(4));
        let inside = x < modules && y < modules;
        if inside && colours[y * modules + x] == qrcode::Color::Dark { 40 } else { 220 }
    };
    (side, (0..side * side).map(shade).collect())
}

#[test]
fn a_frame_with_a_code_is_read_and_a_blank_one_is_told() {
    let (side, grey) = frame("똠방각하 VC1-TEST");
    assert_eq!(decoded(&grey, side, side)["texts"], json!(["똠방각하 VC1-TEST"]));
    assert_eq!(code(&decoded(&vec![200; 320 * 240], 320, 240)), "qr_no_code");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rubbish_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!code(&decoded(&bytes, 20, bytes.len() / 20)).is_empty());
    }
}
