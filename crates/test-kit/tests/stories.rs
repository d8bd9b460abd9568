//! The stories of the demo, as tests: real processes, real HTTP, a real chain.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

#[path = "stories/vc_api.rs"]
mod vc_api;

use std::path::Path;

use test_kit::stories::{self, Scene};
use test_kit::teller::Teller;
use test_kit::{ChainKind, Town};

fn demand(scenes: &[Scene]) {
    assert!(!scenes.is_empty());
    let wrong: Vec<String> = scenes
        .iter()
        .filter(|scene| !scene.is_as_expected())
        .map(|scene| format!("{}: expected {}, saw {}", scene.name, scene.expected, scene.seen))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything that the processes wrote to their logs.
fn logs(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder.join("logs")).unwrap();
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

#[tokio::test]
async fn every_story_ends_as_expected_and_the_logs_name_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found_governed(folder.path(), ChainKind::Dev, false).await.unwrap();
    let scenes = stories::play(&mut town, Teller::silent()).await.unwrap();
    demand(&scenes);

    // Threat 20: nothing of the people in the samples may be in any log.
    let logs = logs(folder.path());
    assert!(logs.lines().count() > 20, "the services log their requests");
    for private in [
        "홍길동",
        "HONG GILDONG",
        "이가상",
        "박하늘",
        "김가상",
        "99999999999Z",
        "1990-01-01",
        "ZZZ9999FCT0000001",
    ] {
        assert!(!logs.contains(private), "a log names {private}");
    }
    assert!(!logs.contains(&town.admin_token), "a log holds the officers' token");
}

#[tokio::test]
async fn the_compromise_drill_ends_as_expected() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), ChainKind::Dev, false).await.unwrap();
    demand(&stories::play_drill(&mut town, Teller::silent()).await.unwrap());
}

#[tokio::test]
async fn the_story_of_the_badge_runs_against_anvil_by_configuration_only() {
    if std::env::var_os("SINPYO_ANVIL").is_none() {
        eprintln!("skipped: SINPYO_ANVIL names no anvil (cargo xtask test fetches one from npm)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), ChainKind::Anvil, false).await.unwrap();
    demand(&stories::play_badge(&mut town, Teller::silent()).await.unwrap());
}

#[tokio::test]
async fn a_bulk_job_survives_kills_and_accounts_for_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), ChainKind::Dev, false).await.unwrap();
    let pause = std::time::Duration::from_millis(900);
    let bulk = stories::Bulk { rows: 3_000, kills: 3, pause };
    demand(&stories::play_bulk(&mut town, Teller::silent(), bulk).await.unwrap());
    let logs = logs(folder.path());
    assert!(!logs.contains("가상인물"), "a log names somebody");
}
