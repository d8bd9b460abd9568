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
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rubbish_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut machine = Machine::new();
        prop_assert!(!code(&call(&mut machine, &bytes, Machine::unpack)).is_empty());
        prop_assert!(!code(&call(&mut machine, &bytes, Machine::verify)).is_empty());
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
