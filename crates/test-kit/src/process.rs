//! A child process that says `ready …`, can be killed like a power cut, and leaves no orphan.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How long a process may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` and waits for a line of its stdout that starts with `ready`.
    /// Its stderr goes to `<folder>/<name>.log`.
    pub fn start(name: &str, mut command: Command, folder: &Path, ready: &str) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let append = File::options().create(true).append(true).open(&log)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(append);
        let mut child = command.spawn().with_context(|| format!("{name} could not be started"))?;
        let stdout = child.stdout.take().context("a process without stdout")?;
        let (said, heard) = mpsc::channel();
        let ready = ready.to_owned();
        // The reader goes on after `ready`, so that a full pipe never stops the process.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if line.contains(&ready) {
                    let _ = said.send(());
                }
            }
        });
        let mut process = Self { name: name.to_owned(), child, log };
        if heard.recv_timeout(PATIENCE).is_err() {
            process.kill();
            bail!("{name} did not come up:\n{}", process.last_words());
        }
        Ok(process)
    }

    /// SIGKILL: nothing of the process gets a chance to tidy up.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, then waits: the ordinary way to stop.
    pub fn stop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        for _ in 0..150 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.kill();
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The end of the process' log, for a failure's message.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port of the loopback address that was free a moment ago; `wanted` when it is.
pub fn free_port(wanted: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", wanted))
        .or_else(|_| TcpListener::bind(("127.0.0.1", 0)))
        .context("no free port on the loopback address")?;
    Ok(listener.local_addr()?.port())
}

/// A binary of this workspace.
pub fn binary(name: &str) -> Result<PathBuf> {
    let folder = match std::env::var_os("SINPYO_BIN_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => {
            // target/debug/deps/<test> or target/debug/<story>
            let own = std::env::current_exe()?;
            let folder = own.parent().context("no folder of this program")?;
            if folder.ends_with("deps") {
                folder.parent().context("no target folder")?.to_owned()
            } else {
                folder.to_owned()
            }
        }
    };
    let path = folder.join(name);
    if !path.is_file() {
        bail!("{name} is not built; run `cargo build --workspace --bins` first");
    }
    Ok(path)
}
