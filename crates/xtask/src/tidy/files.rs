//! Rules about single files: length, names, unfinished places, traces of a machine.

use super::Breach;
use crate::workspace::root;

const LONGEST: usize = 500;

/// Words that name no idea, so they are no file name.
const EMPTY_WORDS: [&str; 9] =
    ["utils", "util", "common", "helpers", "misc", "shared", "dto", "mapper", "manager"];

/// What must stand at the top.
const TOP: [&str; 11] = [
    "README.md",
    "README.ko.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "Cargo.lock",
    "clippy.toml",
    "rustfmt.toml",
    ".ci/run",
];

pub(super) fn check(files: &[String]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for wanted in TOP {
        if !files.iter().any(|file| file == wanted) {
            breaches.push(format!("{wanted} is missing at the top"));
        }
    }
    for file in files {
        let stem = file.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or(file);
        if file.ends_with(".rs") && EMPTY_WORDS.contains(&stem) {
            breaches.push(format!("{file}: the name says nothing about what is inside"));
        }
        let Ok(text) = std::fs::read_to_string(root().join(file)) else { continue };
        if file.ends_with(".rs") {
            breaches.extend(code(file, &text));
        }
        breaches.extend(traces(file, &text));
    }
    breaches
}

fn code(file: &str, text: &str) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let is_test = file.contains("/tests/") || file.ends_with("/tests.rs");
    let lines = text.lines().count();
    if lines > LONGEST && !is_test {
        breaches.push(format!("{file}: {lines} lines; split it by idea (limit {LONGEST})"));
    }
    // Written apart so that this file does not accuse itself.
    let unfinished = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("FIX", "ME")];
    for (number, line) in text.lines().enumerate() {
        if unfinished.iter().any(|mark| line.contains(mark)) {
            breaches.push(format!("{file}:{}: unfinished", number + 1));
        }
        if line.trim_start().starts_with(concat!("#[ign", "ore")) {
            breaches.push(format!("{file}:{}: an ignored test proves nothing", number + 1));
        }
    }
    breaches
}

/// Paths of somebody's machine have no place in a published tree.
fn traces(file: &str, text: &str) -> Vec<Breach> {
    if file == "Cargo.lock" {
        return Vec::new();
    }
    let marks = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut breaches = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for mark in marks {
            let own_path = line.match_indices(mark).any(|(at, _)| {
                // The same word inside a longer path or a URL is another matter.
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_.-".contains(c))
            });
            if own_path {
                breaches.push(format!("{file}:{}: names a path of a machine", number + 1));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_code_is_told_and_long_tests_are_not() {
        let long = "x\n".repeat(LONGEST + 1);
        assert_eq!(code("crates/a/src/b.rs", &long).len(), 1);
        assert!(code("crates/a/tests/b.rs", &long).is_empty());
        assert!(code("crates/a/src/b/tests.rs", &long).is_empty());
    }

    #[test]
    fn unfinished_places_are_told_with_their_line() {
        let text = concat!("fn a() {}\nfn b() { todo", "!() }\n");
        assert_eq!(code("a.rs", text), ["a.rs:2: unfinished"]);
    }

    #[test]
    fn paths_of_a_machine_are_told_and_urls_are_not() {
        assert_eq!(traces("a.md", concat!("see /ho", "me/me/x")).len(), 1);
        assert!(traces("a.md", "https://sinpyo.example/home/x").is_empty());
    }
}
