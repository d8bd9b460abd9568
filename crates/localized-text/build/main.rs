//! Checks the catalogues and writes the list of them that the crate embeds.
//!
//! A missing translation, a variable that only one language uses or a syntax error stops
//! the build with `file:line: what is wrong`, so no page can meet it at run time.

mod check;

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("messages");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=build");

    let in_browser = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    let mut languages = Vec::new();
    let mut code = String::new();
    for language in ["ko", "en"] {
        let folder = root.join(language);
        let mut names: Vec<String> = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // Editors leave swap and backup files next to the one being written.
            if name.ends_with(".ftl") && !name.starts_with('.') {
                names.push(name);
            }
        }
        names.sort();
        let mut areas = Vec::new();
        writeln!(code, "static {}: &[(&str, &str)] = &[", language.to_uppercase())?;
        for name in names {
            let path = folder.join(&name);
            println!("cargo::rerun-if-changed={}", path.display());
            let source = fs::read_to_string(&path)
                .map_err(|e| format!("messages/{language}/{name}: {e}"))?;
            // A browser module speaks verdicts only: the other sentences are dead weight there.
            let area = name.trim_end_matches(".ftl").to_owned();
            if !in_browser || area == "verdict" {
                let path = path.display().to_string();
                writeln!(code, "    ({area:?}, include_str!({path:?})),")?;
            }
            let file = format!("messages/{language}/{name}");
            areas.push(check::AreaSource { file, area, source });
        }
        writeln!(code, "];")?;
        languages.push(areas);
    }

    let findings = check::check(&languages[0], &languages[1]);
    for finding in &findings {
        println!("cargo::error={finding}");
    }
    if findings.is_empty() {
        fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogues.rs"), code)?;
    }
    Ok(())
}
