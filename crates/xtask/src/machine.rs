//! What a fresh machine may lack, and how it gets it.
//!
//! Needed for the build: OpenSSL's headers and pkg-config (josekit). Needed for some
//! tests only: anvil, from npm. Everything goes into system packages (as root) or
//! below `target/tools`; nothing else of the machine is touched.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::workspace::{run, target};

const ANVIL: &str = "@foundry-rs/anvil@1.7.1";
const SOLC: &str = "solc@0.8.37";

/// Makes sure that the workspace can be compiled, installing what is missing when root.
pub(crate) fn ready_to_build() -> Result<()> {
    let mut missing = Vec::new();
    if !on_path("cc") {
        missing.push("gcc");
    }
    if !on_path("pkg-config") {
        missing.push("pkg-config");
    }
    if !has_openssl_headers() {
        missing.push("libssl-dev");
    }
    install(&missing)
}

/// The folder with anvil and solc from npm, or `None` (said aloud) where npm cannot be had.
pub(crate) fn chain_tools() -> Option<PathBuf> {
    let folder = target().join("tools");
    if anvil_in(&folder).is_some() && folder.join("node_modules/solc").is_dir() {
        return Some(folder);
    }
    if !on_path("npm") && install(&["nodejs", "npm"]).is_err() {
        eprintln!(
            "note: npm is missing, so nothing runs against anvil and no contract is recompiled"
        );
        return None;
    }
    if let Err(error) = npm_install(&folder) {
        eprintln!("note: {error:#}; nothing runs against anvil and no contract is recompiled");
        return None;
    }
    Some(folder)
}

fn npm_install(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(folder)
        .args([ANVIL, SOLC])
        .stdout(Stdio::null());
    run(&mut npm)
}

/// The anvil binary inside a folder that npm installed into.
pub(crate) fn anvil_in(folder: &Path) -> Option<PathBuf> {
    let platform = if cfg!(target_arch = "aarch64") { "linux-arm64" } else { "linux-amd64" };
    let binary = folder.join(format!("node_modules/@foundry-rs/anvil-{platform}/bin/anvil"));
    binary.is_file().then_some(binary)
}

/// Installs Debian packages as root, or says exactly what to install.
fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install -y {}", packages.join(" "));
    if !is_root() || !on_path("apt-get") {
        bail!("this machine lacks {}; install it and try again: {line}", packages.join(", "));
    }
    eprintln!("installing what is missing: {}", packages.join(" "));
    let quiet = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        run(&mut apt)
    };
    quiet(&["update", "-q"])?;
    let arguments = [&["install", "-y", "-q", "--no-install-recommends"], packages].concat();
    quiet(&arguments)
}

/// Whether a program is found on the PATH.
pub(crate) fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|paths| std::env::split_paths(&paths).any(|path| path.join(program).is_file()))
}

fn has_openssl_headers() -> bool {
    if std::env::var_os("OPENSSL_DIR").is_some() {
        return true;
    }
    let asked = Command::new("pkg-config").args(["--exists", "openssl"]).status();
    asked.is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    // /proc/self belongs to the user whose process this is.
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
