//! `cargo xtask wasm`: the verifier of the offline desk as WebAssembly.
//!
//! Two files, the verifier and the decoder of camera frames, lie in the repository, so that `demo`
//! and `test` need no target for them; beside each lies a note that says what it was made of and
//! how. `--check` makes them again and compares, where this machine has the tools that the note
//! names.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::workspace::{output, root, run, target};

const TARGET: &str = "wasm32-unknown-unknown";
const FOLDER: &str = "verifier-service/assets/offline";
/// The files: package, name and the most that a page should fetch for it (issue "Faces for
/// people" sets it for the verifier).
const MODULES: [Module; 2] = [
    Module { package: "wasm-verifier", name: "verifier", goal: 200 * 1024 },
    Module { package: "wasm-decoder", name: "decoder", goal: 100 * 1024 },
];

struct Module {
    package: &'static str,
    name: &'static str,
    goal: usize,
}

impl Module {
    fn file(&self) -> String {
        format!("{FOLDER}/{}.wasm.gz", self.name)
    }

    fn note(&self) -> String {
        format!("{FOLDER}/{}.wasm.json", self.name)
    }
}

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

/// Builds the modules; with `--check` compares them with those in the tree.
pub(crate) fn run_command(arguments: &[String]) -> Result<()> {
    let check = match arguments {
        [] => false,
        [only] if only == "--check" => true,
        _ => bail!("cargo xtask wasm [--check]"),
    };
    let toolchain = Toolchain::find()?;
    let tools = json!({"rustc": toolchain.version()?, "wasm_opt": optimiser_version()});
    let mut stale = Vec::new();
    for module in &MODULES {
        if !check {
            make(module, &toolchain, &tools)?;
        } else if !is_current(module, &toolchain, &tools)? {
            stale.push(module.file());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!("not what these sources give: {}; `cargo xtask wasm` and commit", stale.join(", "))
}

fn make(module: &Module, toolchain: &Toolchain, tools: &Value) -> Result<()> {
    let made = build(module, toolchain)?;
    let packed = gzip(&made)?;
    let note = json!({
        "command": "cargo xtask wasm",
        "rustc": tools["rustc"],
        "wasm_opt": tools["wasm_opt"],
        "sha256_wasm": digest(&made),
        "sha256_gzip": digest(&packed),
        "bytes_wasm": made.len(),
        "bytes_gzip": packed.len(),
        "sha256_cargo_lock": digest(&std::fs::read(root().join("Cargo.lock"))?),
    });
    std::fs::write(root().join(module.file()), &packed)?;
    std::fs::write(root().join(module.note()), serde_json::to_string_pretty(&note)? + "\n")?;
    println!("{}: {} bytes, {} unpacked", module.file(), packed.len(), made.len());
    if packed.len() > module.goal {
        println!("note: the goal is {} bytes", module.goal);
    }
    Ok(())
}

/// Whether the file in the tree is what the sources give. Other tools give other bytes: then
/// nothing is said.
fn is_current(module: &Module, toolchain: &Toolchain, tools: &Value) -> Result<bool> {
    let note = std::fs::read_to_string(root().join(module.note())).context(module.note())?;
    let note: Value = serde_json::from_str(&note).context(module.note())?;
    let file = module.file();
    for tool in ["rustc", "wasm_opt"] {
        if note[tool] != tools[tool] {
            let (theirs, ours) = (&note[tool], &tools[tool]);
            eprintln!("note: {file} was made with {tool} {theirs}; this is {ours}: not compared");
            return Ok(true);
        }
    }
    let packed = gzip(&build(module, toolchain)?)?;
    let same = std::fs::read(root().join(&file)).context(file.clone())? == packed;
    if same {
        println!("{file} is what these sources give");
    }
    Ok(same)
}

fn build(module: &Module, toolchain: &Toolchain) -> Result<Vec<u8>> {
    // A folder of its own: another compiler, other features.
    let folder = target().join("wasm");
    let mut cargo = toolchain.command("cargo");
    cargo.current_dir(root()).args(["rustc", "--release", "--locked", "--target", TARGET]);
    if matches!(toolchain, Toolchain::Debian) {
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    }
    // Only a cdylib: beside an rlib nothing would be optimised over crate borders.
    cargo.args(["-p", module.package, "--crate-type", "cdylib"]);
    cargo.env("CARGO_TARGET_DIR", &folder).env("CARGO_ENCODED_RUSTFLAGS", toolchain.flags());
    // Features of the whole workspace would bring in what a browser cannot have.
    cargo.env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION");
    for (name, value) in
        [("OPT_LEVEL", "z"), ("LTO", "fat"), ("CODEGEN_UNITS", "1"), ("PANIC", "abort")]
    {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    run(&mut cargo)?;
    let name = format!("{}.wasm", module.package.replace('-', "_"));
    let made = folder.join(TARGET).join("release").join(name);
    optimised(&made)
}

/// Binaryen's version, where it is installed: another tenth less.
fn optimiser_version() -> Option<String> {
    let output = Command::new("wasm-opt").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn optimised(made: &Path) -> Result<Vec<u8>> {
    if optimiser_version().is_none() {
        eprintln!("note: no wasm-opt (Debian: binaryen): the file stays a tenth larger");
        return std::fs::read(made).with_context(|| made.display().to_string());
    }
    let small = made.with_extension("small.wasm");
    let mut tool = Command::new("wasm-opt");
    tool.args(["-Oz", "--strip-debug", "--strip-producers"]);
    // What the compiler's default target has, and every browser since 2022.
    for feature in
        ["bulk-memory", "sign-ext", "mutable-globals", "nontrapping-float-to-int", "multivalue"]
    {
        tool.arg(format!("--enable-{feature}"));
    }
    tool.arg("--enable-reference-types").arg(made).arg("-o").arg(&small);
    run(&mut tool)?;
    std::fs::read(&small).with_context(|| small.display().to_string())
}

/// Gzip as small as it gets; no name and no time in it, the same bytes everywhere.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, bytes, &mut packed)
        .context("zopfli")?;
    Ok(packed)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
