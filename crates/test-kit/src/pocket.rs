//! A citizen's pocket: the `wallet` command with a home folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::binary;

#[derive(Clone)]
pub struct Pocket {
    pub home: PathBuf,
    passphrase: PathBuf,
    origins: Vec<String>,
    language: &'static str,
}

/// What a wallet command ended with: 0 done, 1 the answer is no, 2 could not do.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout)
            .with_context(|| format!("no JSON: {}\n{}", self.stdout, self.stderr))
    }
}

impl Pocket {
    /// A new wallet below `folder`.
    pub fn open(
        folder: &Path,
        owner: &str,
        origins: &[String],
        language: &'static str,
    ) -> Result<Self> {
        let pocket = Self::at(folder, owner, origins, language)?;
        pocket.done(&["init"])?;
        Ok(pocket)
    }

    /// A home folder without a wallet in it yet.
    pub fn at(
        folder: &Path,
        owner: &str,
        origins: &[String],
        language: &'static str,
    ) -> Result<Self> {
        let base = folder.join(format!("wallet-{owner}"));
        std::fs::create_dir_all(&base)?;
        let passphrase = base.join("passphrase");
        std::fs::write(&passphrase, "a passphrase of the demo only\n")?;
        restrict(&passphrase)?;
        Ok(Self { home: base.join("home"), passphrase, origins: origins.to_vec(), language })
    }

    pub fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(binary("wallet")?);
        command.arg("--home").arg(&self.home);
        command.arg("--passphrase-file").arg(&self.passphrase);
        command.args(["--lang", self.language]);
        for origin in &self.origins {
            command.args(["--danger-plain-http", origin]);
        }
        command.args(arguments).stdin(Stdio::null());
        Ok(command)
    }

    /// Writes a little script that is this wallet: `SCRIPT list`, `SCRIPT show ID`, …
    pub fn script(&self, path: &Path) -> Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let command = self.command(&[])?;
        let quoted = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''")))
            .collect::<Vec<_>>()
            .join(" ");
        std::fs::write(path, format!("#!/bin/sh\nexec {quoted} \"$@\"\n"))?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        Ok(path.to_owned())
    }

    /// Runs a command with `--json` and gives how it ended.
    pub fn run(&self, arguments: &[&str]) -> Result<Ended> {
        let output = self.command(&[&["--json"], arguments].concat())?.output()?;
        Ok(Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs a command that must succeed, and gives its JSON.
    pub fn done(&self, arguments: &[&str]) -> Result<Value> {
        let ended = self.run(arguments)?;
        if ended.code != 0 {
            bail!(
                "wallet {arguments:?} ended with {}: {}{}",
                ended.code,
                ended.stdout,
                ended.stderr
            );
        }
        ended.json()
    }
}

/// Secrets are readable by their owner only.
pub fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(())
}
