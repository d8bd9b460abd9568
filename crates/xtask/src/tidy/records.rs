//! Decision records: numbered without gaps, one page, the five headings.

use super::Breach;
use crate::workspace::root;

const FOLDER: &str = "docs/decisions/";
const HEADINGS: [&str; 5] =
    ["**Status**", "## Context", "## Decision", "## Consequences", "## Alternatives"];
const LONGEST: usize = 90;

pub(super) fn check(files: &[String]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut names: Vec<&str> = files
        .iter()
        .filter_map(|file| file.strip_prefix(FOLDER))
        .filter(|f| f.ends_with(".md"))
        .collect();
    names.sort_unstable();
    for (index, name) in names.iter().enumerate() {
        if !name.starts_with(&format!("{:04}-", index + 1)) {
            breaches.push(format!("{FOLDER}{name}: record {:04} is missing or doubled", index + 1));
        }
        let Ok(text) = std::fs::read_to_string(root().join(FOLDER).join(name)) else { continue };
        for heading in HEADINGS {
            if !text.contains(heading) {
                breaches.push(format!("{FOLDER}{name}: lacks {heading}"));
            }
        }
        if text.lines().count() > LONGEST {
            breaches.push(format!("{FOLDER}{name}: longer than a page"));
        }
    }
    breaches
}
