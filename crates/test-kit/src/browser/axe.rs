//! axe-core (npm) over the page that is open.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Browser;

/// A broken rule and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// axe's rule id, such as `color-contrast`.
    pub rule: String,
    /// `serious` or `critical`.
    pub impact: String,
    /// Selectors of the elements with axe's explanation.
    pub places: Vec<String>,
}

const RUN: &str = "const done = arguments[arguments.length - 1]; \
     const rules = arguments[0]; \
     const only = rules.length ? {runOnly: {type: 'rule', values: rules}} : {}; \
     axe.run(document, {resultTypes: ['violations'], ...only}) \
       .then(r => done(r.violations), e => done({error: String(e)}))";

/// All rules where none are named.
pub(super) fn serious(browser: &Browser, rules: &[&str]) -> Result<Vec<Violation>> {
    let path = source();
    let source = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "{} is missing: run the tests by `cargo xtask test`, which fetches axe-core from npm, \
             or name its folder by SINPYO_AXE_DIR",
            path.display()
        )
    })?;
    if browser.run("return typeof axe", &[])? != "object" {
        browser.run(&source, &[])?;
    }
    let found = browser.run_async(RUN, &[json!(rules)])?;
    let found = found.as_array().with_context(|| format!("axe could not look: {found}"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let serious = |one: &&Value| matches!(one["impact"].as_str(), Some("serious" | "critical"));
    Ok(found
        .iter()
        .filter(serious)
        .map(|one| Violation {
            rule: text(&one["id"]),
            impact: text(&one["impact"]),
            places: one["nodes"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|node| format!("{} {}", node["target"], text(&node["failureSummary"])))
                .collect(),
        })
        .collect())
}

/// Where the package lies: `SINPYO_AXE_DIR`, else `target/tools` of this workspace.
fn source() -> PathBuf {
    let folder = std::env::var_os("SINPYO_AXE_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/tools"),
        PathBuf::from,
    );
    folder.join("node_modules/axe-core/axe.min.js")
}
