//! A folder with keys and credentials, for the commands that work on files.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Ended, ended};

pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.text(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the binary in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.piped(arguments, b"")
    }

    /// With something on standard input.
    pub(crate) fn piped(&self, arguments: &[&str], input: &[u8]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wallet"));
        command.env_clear().env("WALLET_HOME", self.path("home")).current_dir(self.folder.path());
        command.args(arguments).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input);
        ended(child.wait_with_output().unwrap())
    }

    /// Makes a key and gives its DID.
    pub(crate) fn key(&self, kind: &str, file: &str) -> String {
        let made = self.run(&["did", "keygen", "--type", kind, "--output", file]);
        assert_eq!(made.code, 0, "{kind}: {}", made.stderr);
        made.stdout.trim().to_owned()
    }
}

/// A credential of this issuer.
pub(crate) fn credential(issuer: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2"
        ],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": issuer,
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:abcdefgh",
            "firstName": "길동(가상인물)",
            "alumniOf": {"name": "가상대학교"},
            "courses": ["국어", "산수"]
        }
    })
}
