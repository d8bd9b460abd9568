//! `cargo xtask wasm`: the verifier of the offline desk as WebAssembly.
//!
//! The result is small and lies in the repository, so that `demo` and `test` need no target for
//! it; beside it lies a note that says what it was made of and how. `--check` makes it again and
//! compares, where this machine has the toolchain that the note names.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::workspace::{output, root, run, target};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "wasm-verifier";
const MODULE: &str = "verifier-service/assets/offline/verifier.wasm.gz";
const NOTE: &str = "verifier-service/assets/offline/verifier.wasm.json";

/// The most that a page should fetch for it (issue "Faces for people").
const GOAL_BYTES: usize = 200 * 1024;

/// Debian's compiler for WebAssembly; its cargo and rustc carry the usual names.
const DEBIAN: [(&str, &str); 4] = [
    ("/usr/bin/rustc", "rustc-web"),
    ("/usr/bin/cargo", "cargo-web"),
    ("/usr/bin/wasm-ld", "lld"),
    (DEBIAN_STD, "rust-web-src"),
];
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// What is installed that can build it.
enum Toolchain {
    /// The workspace's own, with the target from rustup.
    Rustup,
    /// Debian's, which builds the standard library from its sources.
    Debian,
}

impl Toolchain {
    fn find() -> Result<Self> {
        let listed = Command::new("rustup").args(["target", "list", "--installed"]).output();
        if let Ok(listed) = listed
            && String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.trim() == TARGET)
        {
            return Ok(Toolchain::Rustup);
        }
        let missing: Vec<&str> = DEBIAN
            .iter()
            .filter(|(file, _)| !Path::new(file).exists())
            .map(|(_, package)| *package)
            .collect();
        if missing.is_empty() {
            return Ok(Toolchain::Debian);
        }
        bail!(
            "nothing here compiles to WebAssembly. Either: rustup target add {TARGET}\n\
             or, on Debian: apt-get install {}",
            missing.join(" ")
        )
    }

    fn command(&self, program: &str) -> Command {
        match self {
            Toolchain::Rustup => Command::new(program),
            Toolchain::Debian => {
                let mut command = Command::new(format!("/usr/bin/{program}"));
                // Its cargo finds its rustc there, and not rustup's.
                command.env("PATH", "/usr/bin:/bin").env("RUSTC", "/usr/bin/rustc");
                command.env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
                command
            }
        }
    }

    /// Machine paths would differ from build to build and belong to nobody else. With the sources
    /// of the standard library at hand, panics abort without a message: half a megabyte less.
    fn flags(&self) -> String {
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from).unwrap_or_else(|| {
            PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo")
        });
        let mut flags = vec![
            format!("--remap-path-prefix={}=/cargo", cargo_home.display()),
            format!("--remap-path-prefix={}=/sinpyo", root().display()),
            "-Cstrip=symbols".to_owned(),
        ];
        if matches!(self, Toolchain::Debian) {
            flags.extend(
                ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"]
                    .map(str::to_owned),
            );
        }
        // Not RUSTFLAGS: a path may hold a blank.
        flags.join("\u{1f}")
    }

    fn version(&self) -> Result<String> {
        Ok(output(self.command("rustc").arg("--version"))?.trim().to_owned())
    }
}

/// Builds the module; with `--check` compares it with the one in the tree.
pub(crate) fn run_command(arguments: &[String]) -> Result<()> {
    let check = match arguments {
        [] => false,
        [only] if only == "--check" => true,
        _ => bail!("cargo xtask wasm [--check]"),
    };
    let toolchain = Toolchain::find()?;
    let version = toolchain.version()?;
    if check {
        let note = std::fs::read_to_string(root().join(NOTE)).context(NOTE)?;
        let note: Value = serde_json::from_str(&note).context(NOTE)?;
        if note["rustc"] != json!(version) {
            eprintln!(
                "note: {MODULE} was made by {}; this is {version}: not compared",
                note["rustc"]
            );
            return Ok(());
        }
    }
    let module = build(&toolchain)?;
    let packed = gzip(&module)?;
    if check {
        let shipped = std::fs::read(root().join(MODULE)).context(MODULE)?;
        if shipped != packed {
            bail!("{MODULE} is not what these sources give: `cargo xtask wasm` and commit it");
        }
        println!("{MODULE} is what these sources give");
        return Ok(());
    }
    let note = json!({
        "command": "cargo xtask wasm",
        "rustc": version,
        "sha256_wasm": digest(&module),
        "sha256_gzip": digest(&packed),
        "bytes_wasm": module.len(),
        "bytes_gzip": packed.len(),
        "sha256_cargo_lock": digest(&std::fs::read(root().join("Cargo.lock"))?),
    });
    std::fs::write(root().join(MODULE), &packed)?;
    std::fs::write(root().join(NOTE), serde_json::to_string_pretty(&note)? + "\n")?;
    println!("{MODULE}: {} bytes, {} unpacked", packed.len(), module.len());
    if packed.len() > GOAL_BYTES {
        println!("note: the goal is {GOAL_BYTES} bytes");
    }
    Ok(())
}

fn build(toolchain: &Toolchain) -> Result<Vec<u8>> {
    // A folder of its own: another compiler, other features.
    let folder = target().join("wasm");
    let mut cargo = toolchain.command("cargo");
    cargo.current_dir(root()).args(["rustc", "--release", "--locked", "--target", TARGET]);
    if matches!(toolchain, Toolchain::Debian) {
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    }
    // Only a cdylib: beside an rlib nothing would be optimised over crate borders.
    cargo.args(["-p", PACKAGE, "--crate-type", "cdylib"]);
    cargo.env("CARGO_TARGET_DIR", &folder).env("CARGO_ENCODED_RUSTFLAGS", toolchain.flags());
    for (name, value) in
        [("OPT_LEVEL", "z"), ("LTO", "fat"), ("CODEGEN_UNITS", "1"), ("PANIC", "abort")]
    {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    run(&mut cargo)?;
    let made = folder.join(TARGET).join("release/wasm_verifier.wasm");
    std::fs::read(&made).with_context(|| made.display().to_string())
}

/// `gzip -9n`: no name and no time in it, the same bytes everywhere.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let file = target().join("wasm/packing.wasm");
    std::fs::write(&file, bytes)?;
    let output = Command::new("gzip").args(["-9", "-n", "-c"]).arg(&file).output();
    let output = output.context("gzip could not be started")?;
    if !output.status.success() {
        bail!("gzip ended with {}", output.status);
    }
    Ok(output.stdout)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
