//! What a fresh machine may lack, and how it gets it.
//!
//! Needed for the build: OpenSSL's headers and pkg-config (josekit). What only tests need
//! is in `tools.rs`. Everything goes into system packages (as root) or below
//! `target/tools`; nothing else of the machine is touched.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::workspace::run;

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

/// Installs Debian packages as root, or says exactly what to install.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
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
