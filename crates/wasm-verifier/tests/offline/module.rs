//! The module itself, as it ships, in Node: it answers as the native build does, byte for byte.

use std::{io::Read as _, path::Path, process::Command};

use serde_json::{Value, json};
use wasm_verifier::{Desk, Machine};

use crate::harness::now;
use crate::table;
use crate::town::Town;

const RUNNER: &str = "tests/offline/run.mjs";
const SHIPPED: &str = "../../verifier-service/assets/offline/verifier.wasm.gz";
const DECODER: &str = "../../verifier-service/assets/offline/decoder.wasm.gz";
const GLUE: &str = "../../verifier-service/assets/offline/verifier.js";

/// Why the module cannot be tried here; the native tests cover the same code.
fn missing() -> Option<&'static str> {
    let made = |file| {
        let shipped = std::fs::metadata(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        shipped.is_ok_and(|file| file.len() > 0)
    };
    if !made(SHIPPED) || !made(DECODER) {
        return Some("no module was built: `cargo xtask wasm`");
    }
    let node = Command::new("node").arg("--version").output();
    if node.is_err() { Some("there is no node") } else { None }
}

#[test]
fn the_module_answers_as_the_native_build() {
    if let Some(reason) = missing() {
        eprintln!("not tried: {reason}");
        return;
    }
    let town = Town::found();
    let folder = tempfile::tempdir().unwrap();
    let luggage = serde_json::to_vec(&town.luggage(now().minus_seconds(600))).unwrap();
    std::fs::write(folder.path().join("luggage.json"), &luggage).unwrap();
    let rows = table::rows(&town);
    let shown: Vec<Value> = rows.iter().map(|row| json!(row.1)).collect();
    std::fs::write(folder.path().join("shown.json"), Value::from(shown).to_string()).unwrap();

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new("node");
    node.arg(here.join(RUNNER)).args([here.join(SHIPPED), here.join(GLUE)]).arg(folder.path());
    node.arg(now().to_string()).arg(here.join(DECODER));
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), rows.len() * 2);

    Desk::unpack(&luggage).unwrap();
    let mut machine = Machine::new();
    machine.room(luggage.len()).copy_from_slice(&luggage);
    machine.unpack();
    for (number, row) in rows.iter().enumerate() {
        for (at, locale) in ["ko", "en"].into_iter().enumerate() {
            let question = json!({"text": row.1, "now": now(), "locale": locale}).to_string();
            machine.room(question.len()).copy_from_slice(question.as_bytes());
            machine.verify();
            let mut native = Vec::new();
            machine.buffer().read_to_end(&mut native).unwrap();
            let native: Value = serde_json::from_slice(&native).unwrap();
            assert_eq!(answers[number * 2 + at], native, "{} in {locale}", row.0);
        }
    }
}
