//! The processes under load: both services as they ship, on their embedded stores, and a handler
//! that only reads the same JSON.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use test_kit::process::{Process, binary, free_port};

/// The argument that makes this program the trivial server.
pub(crate) const TRIVIAL: &str = "--trivial-server";

/// The servers' cores, once they are kept apart.
static SERVERS: OnceLock<String> = OnceLock::new();

/// The first half of the cores is the servers', the second the load generator's: it must not take
/// from those whom it drives. Nothing is said on machines with one core or without `taskset`.
fn cores() -> Option<(String, String)> {
    let count = std::thread::available_parallelism().ok()?.get();
    let known = Command::new("taskset").arg("--version").output().is_ok();
    (count > 1 && known).then(|| {
        let half = count / 2;
        (format!("0-{}", half - 1), format!("{half}-{}", count - 1))
    })
}

/// Keeps this process to its half.
pub(crate) fn keep_apart() {
    if let Some((servers, load)) = cores() {
        let own = std::process::id().to_string();
        let kept = Command::new("taskset").args(["-a", "-c", "-p", &load, &own]).output();
        if kept.is_ok_and(|ended| ended.status.success()) {
            eprintln!("servers on the cores {servers}, load from the cores {load}");
            let _ = SERVERS.set(servers);
        }
    }
}

/// A server on the servers' half. `taskset` becomes the program: the process id is the server's.
fn apart(program: &Path) -> Command {
    let Some(servers) = SERVERS.get() else { return Command::new(program) };
    let mut command = Command::new("taskset");
    command.args(["-c", servers]).arg(program);
    command
}

/// A running process and what the kernel says about it.
pub(crate) struct Server {
    process: Process,
    pub(crate) port: u16,
}

impl Server {
    /// Starts a binary of ours over a configuration, both below `folder`.
    pub(crate) fn service(
        name: &str,
        folder: &Path,
        configuration: impl FnOnce(u16) -> String,
    ) -> Result<Self> {
        let port = free_port(0)?;
        std::fs::create_dir_all(folder)?;
        let file = folder.join("service.toml");
        std::fs::write(&file, configuration(port))?;
        let mut command = apart(&binary(name)?);
        command.arg("serve").arg("--config").arg(file);
        Ok(Self { process: Process::start(name, command, folder, "ready")?, port })
    }

    /// Starts this program again as the trivial server.
    pub(crate) fn trivial(folder: &Path) -> Result<Self> {
        let port = free_port(0)?;
        let mut command = apart(&std::env::current_exe()?);
        command.arg(TRIVIAL).arg(port.to_string());
        Ok(Self { process: Process::start("trivial", command, folder, "ready")?, port })
    }

    /// CPU time that the process has used, to a hundredth of a second (`/proc/PID/stat`).
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no stat of the process")?;
        // `utime` and `stime` are fields 14 and 15; the first after the name is field 3.
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().unwrap_or_default())
            .sum();
        // The kernel tells user space hundredths on every platform of ours.
        Ok(Duration::from_millis(ticks * 10))
    }

    /// A figure of `/proc/PID/status` in MiB: `VmRSS:`, `VmHWM:`.
    #[allow(clippy::cast_precision_loss, reason = "memory in KiB is far below 2^52")]
    pub(crate) fn memory(&self, name: &str) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no figure")?;
        let kib = line.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
        Ok(kib.context("no figure")? as f64 / 1024.0)
    }

    /// Lets the peak begin anew, so that the start (argon2) does not count for the load.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5")?)
    }

    /// SIGTERM and wait.
    pub(crate) fn stop(mut self) {
        self.process.stop();
    }
}

/// Reads JSON, says that it did. Ends when the benchmark ends it.
pub(crate) fn serve_trivially(port: u16) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let handler =
            |Json(body): Json<Value>| async move { Json(json!({ "read": body.is_object() })) };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        println!("ready");
        axum::serve(listener, Router::new().route("/", post(handler))).await?;
        Ok(())
    })
}

/// The issuer with one VC-API instance, the admin token in its file.
pub(crate) fn issuer(port: u16) -> String {
    format!(
        r#"[server]
listen = "127.0.0.1:{port}"
public_url = "http://localhost:{port}"
[store]
path = "store"
[keys]
path = "keys"
passphrase_file = "passphrase"
danger_create_on_start = true
[admin]
token_file = "admin-token"
[issuer]
name_ko = "가상 발급기관(시험용)"
name_en = "Fictitious issuer (test)"
[network]
danger_plain_http_origins = ["localhost:{port}"]
[vc_api]
danger_open_to_everybody = true
[[vc_api.instances]]
id = "eddsa-rdfc-2022"
securing = "eddsa-rdfc-2022"
key = "vc-api-ed25519"
"#
    )
}

/// The verifier.
pub(crate) fn verifier(port: u16) -> String {
    format!(
        r#"[server]
listen = "127.0.0.1:{port}"
public_url = "http://localhost:{port}"
[store]
path = "store"
[keys]
path = "keys"
passphrase_file = "passphrase"
danger_create_on_start = true
[client]
name_ko = "가상 검증기관(시험용)"
name_en = "Fictitious verifier (test)"
[network]
danger_plain_http_origins = ["localhost:{port}"]
"#
    )
}
