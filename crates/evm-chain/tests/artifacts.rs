//! The checked-in artifacts are what the sources compile to.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Command};

use evm_chain::artifacts::{ALL, SHA256SUMS};
use sha2::{Digest, Sha256};

#[test]
fn the_digest_table_holds() {
    for artifact in ALL {
        let digest = hex::encode(Sha256::digest(artifact.json));
        assert_eq!(digest, artifact.sha256, "{}", artifact.name);
        let line = format!("{digest}  {}.json\n", artifact.name);
        assert!(SHA256SUMS.contains(&line), "SHA256SUMS lacks {line}");
        assert!(artifact.source.contains(&format!("contract {} ", artifact.name)));
    }
    assert_eq!(SHA256SUMS.lines().count(), ALL.len());
}

/// Needs node and the pinned compiler: `SINPYO_SOLC_DIR` names the folder whose `node_modules`
/// holds it (contracts/README.md).
#[test]
fn compiling_again_gives_the_same_bytes() {
    let Ok(solc) = std::env::var("SINPYO_SOLC_DIR") else {
        eprintln!("SKIPPED: SINPYO_SOLC_DIR is not set; contracts were not compiled again");
        return;
    };
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts");
    let out = tempfile::tempdir().unwrap();
    let run =
        Command::new("node").arg(contracts.join("compile.js")).arg(&solc).arg(out.path()).output();
    let Ok(run) = run else {
        eprintln!("SKIPPED: node is not installed; contracts were not compiled again");
        return;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    for artifact in ALL {
        let compiled =
            std::fs::read_to_string(out.path().join(format!("{}.json", artifact.name))).unwrap();
        assert!(compiled == artifact.json, "{} compiles to something else now", artifact.name);
    }
    assert_eq!(std::fs::read_to_string(out.path().join("SHA256SUMS")).unwrap(), SHA256SUMS);
}
