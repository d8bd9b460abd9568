//! `wallet vc verify DIR`: many files, one table.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use localized_text::{Locale, harmless, say, say_with};
use serde_json::{Value, json};

use super::verify::{Answer, Judged};
use crate::Reply;
use crate::columns::table;
use crate::failure::{Exit, Failure};

/// More files than anybody looks through at a terminal.
const MAX_FILES: usize = 10_000;
/// Folders within folders.
const MAX_DEPTH: usize = 16;

/// The files meant: those named, and all in the folders named, in order of their names. Hidden files and links are left
/// alone.
pub(super) fn files(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for name in given {
        let path = Path::new(name);
        if name != "-" && path.is_dir() {
            walk(path, 0, &mut files)?;
        } else {
            files.push(name.clone());
        }
    }
    if files.len() > MAX_FILES {
        return Err(Failure::unable("settings", format!("more than {MAX_FILES} files")));
    }
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<String>) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::unable("input_unreadable", format!("{}: {error}", folder.display()))
    };
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || path.is_symlink() {
            continue;
        }
        if path.is_dir() && depth < MAX_DEPTH {
            walk(&path, depth + 1, files)?;
        } else if path.is_file() {
            files.push(path.display().to_string());
        }
        if files.len() > MAX_FILES {
            return Ok(());
        }
    }
    Ok(())
}

/// One table, a line of sums, and the worst answer as exit code.
pub(super) fn reply(locale: Locale, judged: &[Judged]) -> Reply {
    let mut first: HashMap<[u8; 32], &str> = HashMap::new();
    let mut counts = [0usize; 3];
    let mut rows = Vec::with_capacity(judged.len());
    let mut results = Vec::with_capacity(judged.len());
    for one in judged {
        let same_as = one.digest.and_then(|digest| {
            let before = first.get(&digest).copied();
            first.entry(digest).or_insert(one.place.as_str());
            before
        });
        let answer = one.answer();
        counts[answer as usize] += 1;
        let reason = match (one.problems.first(), same_as) {
            (Some(problem), _) => format!("{}: {}", problem.code, shortened(&problem.detail)),
            (None, Some(file)) => say_with(locale, "wallet-vc-duplicate", &[("file", file)]),
            (None, None) => String::new(),
        };
        rows.push(vec![
            harmless(&one.place),
            say(locale, answer.sentence()),
            one.format.unwrap_or("-").to_owned(),
            shortened(&harmless(one.issuer.as_deref().unwrap_or("-"))),
            harmless(&reason),
        ]);
        let mut result = one.to_json();
        result["duplicateOf"] = json!(same_as);
        results.push(result);
    }
    let heading = ["file", "result", "format", "issuer", "reason"]
        .map(|column| say(locale, &format!("wallet-vc-{column}")));
    let [verified, refused, unknown] = counts.map(|count| count.to_string());
    let count = judged.len().to_string();
    let summary = say_with(
        locale,
        "wallet-vc-summary",
        &[("count", &count), ("verified", &verified), ("refused", &refused), ("unknown", &unknown)],
    );
    let exit = match counts {
        [_, 0, 0] => Exit::Done,
        [_, 0, _] => Exit::Unable,
        _ => Exit::No,
    };
    let json = json!({
        "ok": exit == Exit::Done,
        "results": Value::Array(results),
        "verified": counts[Answer::Verified as usize],
        "refused": counts[Answer::Refused as usize],
        "unknown": counts[Answer::Unknown as usize],
    });
    Reply { text: format!("{}\n\n{summary}", table(&heading, &rows)), json, exit }
}

/// A table is to be read in one look.
fn shortened(text: &str) -> String {
    const MAX: usize = 48;
    if text.chars().count() <= MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX - 1).collect();
    format!("{start}…")
}
