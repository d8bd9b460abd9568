//! The real parts that tests run against: chain nodes and resolvers from npm, PostgreSQL, an
//! HSM library and a browser from Debian. Each is named to the tests by an environment variable; a test that
//! misses its part says so aloud.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::machine::{install, on_path};
use crate::workspace::{run, target};

/// npm packages, pinned: a newer one is a change of ours, not of the day.
const PACKAGES: [(&str, &str); 8] = [
    ("@foundry-rs/anvil", "1.7.1"),
    ("solc", "0.8.37"),
    ("ethers", "6.17.0"),
    ("did-resolver", "6.0.0"),
    ("ethr-did-resolver", "11.1.3"),
    ("ethr-did-registry", "1.3.0"),
    ("@digitalbazaar/cborld", "8.1.0"),
    ("axe-core", "4.14.1"),
];

/// Debian packages: (package, a file that shows it is there, what stays untested without it).
const SERVERS: [(&str, &[&str], &str); 6] = [
    ("postgresql", &["/usr/lib/postgresql"], "nothing runs against PostgreSQL"),
    ("softhsm2", &SOFTHSM, "no key in hardware is tried"),
    ("chromium", &["/usr/bin/chromium"], NO_BROWSER),
    ("chromium-driver", &["/usr/bin/chromedriver"], NO_BROWSER),
    (
        "fonts-noto-cjk",
        &["/usr/share/fonts/opentype/noto"],
        "pages are tried without Hangul glyphs",
    ),
    ("poppler-utils", &["/usr/bin/pdftoppm"], "printed badges are not tried"),
];

const NO_BROWSER: &str = "the pages' tests fail for want of a browser";

/// Programs that tests start, each with the variable that names it.
const PROGRAMS: [(&str, &str); 2] =
    [("SINPYO_CHROMIUM", "/usr/bin/chromium"), ("SINPYO_CHROMEDRIVER", "/usr/bin/chromedriver")];

/// Where Debian puts the PKCS#11 library.
const SOFTHSM: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];

/// Installs what can be installed and names all of it to the tests that `command` runs.
pub(crate) fn give_to(command: &mut Command) {
    if let Some(folder) = from_npm() {
        if let Some(anvil) = anvil_in(&folder) {
            command.env("SINPYO_ANVIL", anvil);
        }
        command.env("SINPYO_SOLC_DIR", &folder).env("SINPYO_ETHR_DIR", &folder);
        command.env("SINPYO_AXE_DIR", &folder).env("SINPYO_CBORLD_DIR", &folder);
    }
    for (package, files, otherwise) in SERVERS {
        if !files.iter().any(|file| Path::new(file).exists())
            && let Err(error) = install(&[package])
        {
            eprintln!("note: {error:#}; {otherwise}");
        }
    }
    if let Some(programs) = postgres_programs() {
        command.env("SINPYO_POSTGRES_BIN", programs);
    }
    if let Some(library) = SOFTHSM.iter().find(|file| Path::new(file).is_file()) {
        command.env("SINPYO_SOFTHSM", library);
    }
    for (variable, program) in PROGRAMS {
        if Path::new(program).is_file() {
            command.env(variable, program);
        }
    }
}

/// The folder of PostgreSQL's server programs, the newest one of those installed.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = versions
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            let version: u32 = folder.file_name()?.to_str()?.parse().ok()?;
            folder.join("bin/postgres").is_file().then_some((version, folder.join("bin")))
        })
        .max()?;
    Some(newest.1)
}

/// The folder with the npm packages, or `None` (said aloud) where they cannot be had.
pub(crate) fn from_npm() -> Option<PathBuf> {
    let folder = target().join("tools");
    let there = |(name, version): &(&str, &str)| {
        installed_version(&folder, name).as_deref() == Some(*version)
    };
    if anvil_in(&folder).is_some() && PACKAGES.iter().all(there) {
        return Some(folder);
    }
    let otherwise =
        "nothing runs against anvil or other makers' resolvers, and no contract is recompiled";
    if !on_path("npm") && install(&["nodejs", "npm"]).is_err() {
        eprintln!("note: npm is missing: {otherwise}");
        return None;
    }
    if let Err(error) = npm_install(&folder) {
        eprintln!("note: {error:#}: {otherwise}");
        return None;
    }
    Some(folder)
}

fn npm_install(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(folder)
        .args(PACKAGES.map(|(name, version)| format!("{name}@{version}")))
        .stdout(Stdio::null());
    run(&mut npm)
}

fn installed_version(folder: &Path, package: &str) -> Option<String> {
    let manifest = folder.join("node_modules").join(package).join("package.json");
    let manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(manifest).ok()?).ok()?;
    Some(manifest.get("version")?.as_str()?.to_owned())
}

/// The anvil binary inside a folder that npm installed into.
pub(crate) fn anvil_in(folder: &Path) -> Option<PathBuf> {
    let platform = if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-amd64" };
    let binary = folder.join(format!("node_modules/@foundry-rs/anvil-{platform}/bin/anvil"));
    binary.is_file().then_some(binary)
}
