//! Our CBOR-LD against the published JavaScript library (npm @digitalbazaar/cborld): the same
//! bytes for the same document, and each reads what the other wrote.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use credential_model::contexts;
use paper_badges::{from_cbor, to_cbor};
use serde_json::{Map, Value, json};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// The folder with the npm packages: named by `cargo xtask test`, or where that puts them.
fn packages() -> Option<PathBuf> {
    let shared = Path::new(HERE).join("../../target/tools");
    let folder = std::env::var_os("SINPYO_CBORLD_DIR").map_or(shared, PathBuf::from);
    folder.join("node_modules/@digitalbazaar/cborld").is_dir().then_some(folder)
}

fn documents() -> Vec<Value> {
    let schemas = Path::new(HERE).join("../../schemas");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&schemas)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("v1/example.json"))
        .filter(|file| file.is_file())
        .collect();
    let own = Path::new(HERE).join("tests/documents");
    files.extend(std::fs::read_dir(own).unwrap().map(|entry| entry.unwrap().path()));
    files.sort();
    let mut documents: Vec<Value> = files
        .iter()
        .map(|file| serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
        .collect();
    assert!(documents.len() >= 10);
    // Members in forms that are rarer: each with a codec of its own.
    let base = documents[0].clone();
    for (name, member) in [
        ("validFrom", json!("2026-01-05T00:00:00.120Z")),
        ("validFrom", json!("2026-01-05T09:00:00+09:00")),
        ("validFrom", json!("1969-12-31T23:59:59Z")),
        ("id", json!("urn:uuid:0B6C1F0E-5d0a-4c66-9d3c-6f2f3a1c1320")),
        ("id", json!("http://issuer.test/1")),
        ("id", json!("https://issuer.test:8443/1")),
        ("id", json!("data:text/plain;base64,aGVsbG8=")),
        ("id", json!("data:text/plain,hello")),
        (
            "id",
            json!(
                "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
            ),
        ),
        ("strange", json!([[1, -7], [true, null], "똠 뷁 힣"])),
        ("digestMultibase", json!("uEiBZlVztZpfWHgPyslVv7X5h9w5OBwEsnWEqwxnNUx9xAw")),
    ] {
        let mut document = base.clone();
        document[name] = member;
        documents.push(document);
    }
    documents
}

fn ask(folder: &Path, requests: &[Value]) -> Vec<Value> {
    let contexts: Map<String, Value> = contexts::all()
        .iter()
        .map(|one| (one.url.to_owned(), serde_json::from_str(one.json).unwrap()))
        .collect();
    let file = std::env::temp_dir().join(format!("sinpyo-cborld-{}.json", std::process::id()));
    std::fs::write(&file, Value::Object(contexts).to_string()).unwrap();
    let mut child = Command::new("node")
        .arg(Path::new(HERE).join("tests/clients/cborld.mjs"))
        .args([
            folder,
            &Path::new(HERE).join("../../schemas/paper-badges/v1/type-table.json"),
            &file,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    std::fs::remove_file(&file).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_published_library_writes_the_same_bytes_and_reads_ours() {
    let Some(folder) = packages() else {
        eprintln!("SKIPPED: @digitalbazaar/cborld is not there; nothing was compared with it");
        return;
    };
    let documents = documents();
    let ours: Vec<Vec<u8>> =
        documents.iter().map(|document| to_cbor(&document.to_string()).unwrap()).collect();
    let encode =
        documents.iter().map(|document| json!({"do": "encode", "json": document.to_string()}));
    let decode = ours.iter().map(|bytes| json!({"do": "decode", "hex": hex(bytes)}));
    let answers = ask(&folder, &encode.chain(decode).collect::<Vec<_>>());
    assert_eq!(answers.len(), 2 * documents.len());
    for (at, document) in documents.iter().enumerate() {
        assert_eq!(answers[at]["hex"], json!(hex(&ours[at])), "{} {document}", answers[at]);
        let theirs = answers[documents.len() + at]["json"].as_str().unwrap_or_default();
        let theirs: Value = serde_json::from_str(theirs).unwrap_or_default();
        assert_eq!(&theirs, document, "as the library reads ours");
        let own: Value = serde_json::from_str(&from_cbor(&ours[at]).unwrap()).unwrap();
        assert_eq!(&own, document);
    }
}

#[test]
fn the_weights_of_a_paper_edition_are_those_of_its_decision() {
    let Some(folder) = packages() else {
        eprintln!("SKIPPED: @digitalbazaar/cborld is not there; nothing was weighed");
        return;
    };
    let script = Path::new(HERE).join("tests/clients/edition-weights.mjs");
    let output = Command::new("node").arg(script).arg(folder).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let record = Path::new(HERE).join("../../docs/decisions/0033-compact-paper-edition.md");
    let record = std::fs::read_to_string(record).unwrap().replace("**", "");
    // `| edition | bytes | QR | as a link |` of the record, line by line as the script weighs.
    let rows = |text: &str| -> Vec<[String; 3]> {
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let numbers = cells.get(2..5)?.iter().all(|cell| cell.parse::<u32>().is_ok());
            (cells.len() == 6 && numbers).then(|| [2, 3, 4].map(|at: usize| cells[at].to_owned()))
        };
        text.lines().filter_map(row).collect()
    };
    let weighed: Vec<[String; 3]> = told
        .lines()
        .filter(|line| line.contains(" version "))
        .map(|line| {
            let numbers: Vec<&str> = line
                .split(|letter: char| !letter.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .collect();
            [0, 2, 3].map(|at: usize| numbers[at].to_owned())
        })
        .collect();
    let recorded = rows(&record);
    assert!(recorded.len() >= 10, "{recorded:?}");
    for row in &recorded {
        assert!(weighed.contains(row), "{row:?} is not among {weighed:?}");
    }
}
