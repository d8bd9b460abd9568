//! The border under fire: rubbish, giant lengths, bytes that are no UTF-8.

use proptest::prelude::*;
use serde_json::{Value, json};
use wasm_verifier::{MAX_BUFFER_BYTES, Machine};

use crate::harness::now;
use crate::town::Town;

fn call(machine: &mut Machine, input: &[u8], call: impl Fn(&mut Machine)) -> Value {
    let room = machine.room(input.len());
    assert_eq!(room.len(), input.len());
    room.copy_from_slice(input);
    call(machine);
    serde_json::from_slice(machine.buffer()).expect("every answer is JSON")
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

fn question(text: &str) -> Vec<u8> {
    json!({"text": text, "now": now(), "locale": "ko"}).to_string().into_bytes()
}

#[test]
fn a_whole_conversation() {
    let town = Town::found();
    let mut machine = Machine::new();
    let asked = question(&town.secured(1).to_string());
    assert_eq!(code(&call(&mut machine, &asked, Machine::verify)), "offline_empty");
    let luggage = serde_json::to_vec(&town.luggage(now().minus_seconds(60))).unwrap();
    let known = call(&mut machine, &luggage, Machine::unpack);
    assert_eq!((&known["v"], &known["age"]["seconds"]), (&json!(1), &json!(0)));
    let answer = call(&mut machine, &asked, Machine::verify);
    assert_eq!(answer["report"]["overall"], "accept", "{answer}");
    assert_eq!(answer["age"]["seconds"], 60);
    let korean = answer["sections"]["title"].as_str().unwrap();
    assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{korean}");
    // Bad luggage does not throw the good away.
    assert_eq!(code(&call(&mut machine, b"{}", Machine::unpack)), "offline_luggage");
    assert_eq!(call(&mut machine, &asked, Machine::verify)["report"]["overall"], "accept");
    machine.release();
    assert!(machine.buffer().is_empty());
}

#[test]
fn giant_lengths_get_no_room() {
    let mut machine = Machine::new();
    for length in [MAX_BUFFER_BYTES + 1, usize::MAX, usize::MAX / 2] {
        assert!(machine.room(length).is_empty());
    }
    // A frame whose sides do not fit the buffer, or overflow when multiplied.
    for (width, height) in [(0, 0), (3, 3), (1 << 20, 1), (usize::MAX, usize::MAX), (4096, 4097)] {
        let answer = call(&mut machine, &[0; 4], |machine| machine.decode_frame(width, height));
        assert!(!code(&answer).is_empty(), "{width}x{height}");
    }
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
    let mut machine = Machine::new();
    let (side, grey) = frame("똠방각하 VC1-TEST");
    let answer = call(&mut machine, &grey, |machine| machine.decode_frame(side, side));
    assert_eq!(answer["texts"], json!(["똠방각하 VC1-TEST"]));
    let blank = vec![200; 320 * 240];
    let answer = call(&mut machine, &blank, |machine| machine.decode_frame(320, 240));
    assert_eq!(code(&answer), "qr_no_code");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rubbish_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut machine = Machine::new();
        prop_assert!(!code(&call(&mut machine, &bytes, Machine::unpack)).is_empty());
        prop_assert!(!code(&call(&mut machine, &bytes, Machine::verify)).is_empty());
        let answer = call(&mut machine, &bytes, |machine| machine.decode_frame(20, bytes.len() / 20));
        prop_assert!(!code(&answer).is_empty());
    }

    #[test]
    fn any_text_is_judged_and_never_accepted(text in "\\PC{0,200}") {
        let town = Town::found();
        let mut machine = Machine::new();
        let luggage = serde_json::to_vec(&town.luggage(now())).unwrap();
        call(&mut machine, &luggage, Machine::unpack);
        let answer = call(&mut machine, &question(&text), Machine::verify);
        prop_assert_eq!(&answer["report"]["overall"], "reject");
    }
}
