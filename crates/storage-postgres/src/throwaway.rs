//! A real PostgreSQL server in a temporary directory, for tests and measurements.
//!
//! It listens on a free loopback port with a password, belongs to an unprivileged user where the
//! tests run as root (PostgreSQL refuses root), and ends with this value or with this process,
//! whichever comes first: a watching shell stops it when our end of its pipe closes, however we
//! died. Needs `initdb`, `postgres`, `pg_ctl`, `pg_isready` and `psql` (Debian: `postgresql`).

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const USER: &str = "sinpyo";
const PASSWORD: &str = "throwaway";
/// Looks at a server that starts, one every 20 ms: a crash recovery may take its time.
const LOOKS: u32 = 1_500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How a server is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Connections are closed, everything is written: `pg_ctl stop -m fast`.
    Fast,
    /// As in a crash: `pg_ctl stop -m immediate`.
    Immediate,
    /// `kill -9` of the postmaster.
    Killed,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    directory: PathBuf,
    port: u16,
    owner: Option<(u32, u32)>,
    durable: bool,
    process: Mutex<Option<Child>>,
    databases: AtomicU64,
    // Held for its pipe: see the module's text.
    watcher: Child,
}

impl Server {
    /// A new, empty server that does not wait for the disk: nothing here outlives the machine.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the text says which.
    pub fn start() -> io::Result<Self> {
        Self::start_with(false)
    }

    /// As [`Server::start`], with every commit on disk: for measurements.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_durable() -> io::Result<Self> {
        Self::start_with(true)
    }

    fn start_with(durable: bool) -> io::Result<Self> {
        let server = Self::prepare(durable)?;
        server.initialise()?;
        server.start_again()?;
        Ok(server)
    }

    /// A hot standby of this server that follows it by streaming. From now on this server
    /// acknowledges no commit that the standby has not written.
    ///
    /// # Errors
    /// When it cannot be copied or does not follow.
    pub fn standby(&self) -> io::Result<Self> {
        let standby = Self::prepare(self.durable)?;
        let mut copy = self.program("pg_basebackup");
        copy.args(["-h", "127.0.0.1", "-U", USER, "-p", &self.port.to_string()])
            .args([
                "--wal-method=stream",
                "--checkpoint=fast",
                "--write-recovery-conf",
                "--no-sync",
            ])
            .arg("-D")
            .arg(standby.data());
        finish(copy)?;
        standby.start_again()?;
        self.execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        self.execute("postgres", "SELECT pg_reload_conf()")?;
        for _ in 0..LOOKS {
            let told = self.execute(
                "postgres",
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
            )?;
            if told == "1" {
                return Ok(standby);
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Err(io::Error::other("the standby does not follow"))
    }

    /// Makes a standby the primary.
    ///
    /// # Errors
    /// When it could not be promoted.
    pub fn promote(&self) -> io::Result<()> {
        let mut promote = self.program("pg_ctl");
        promote.args(["promote", "-w", "-D"]).arg(self.data());
        finish(promote)
    }

    /// A directory, a port and a watcher; no data yet.
    fn prepare(durable: bool) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let programs = programs()?;
        let owner = unprivileged();
        // Process numbers come round again, and a killed process leaves its directory: a name taken is passed over.
        let directory = loop {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("sinpyo-postgres-{}-{next}", std::process::id());
            let directory = std::env::temp_dir().join(name);
            match std::fs::create_dir(&directory) {
                Ok(()) => break directory,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        own(&directory, owner)?;
        let watcher = watch(&programs, &directory, owner)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let process = Mutex::new(None);
        let databases = AtomicU64::new(0);
        Ok(Self { programs, directory, port, owner, durable, process, databases, watcher })
    }

    fn initialise(&self) -> io::Result<()> {
        let password = self.directory.join("password");
        std::fs::write(&password, PASSWORD)?;
        own(&password, self.owner)?;
        let mut initdb = self.program("initdb");
        initdb
            .args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .args(["--username", USER, "--pwfile"])
            .arg(&password)
            .arg("-D")
            .arg(self.data());
        finish(initdb)
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// A program of PostgreSQL, run by the server's owner.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.directory).env("PGPASSWORD", PASSWORD).stdin(Stdio::null());
        become_owner(&mut command, self.owner);
        command
    }

    /// Starts it after [`Server::end`], on the same port with the same data.
    ///
    /// # Errors
    /// When it does not answer; its log is in the text.
    pub fn start_again(&self) -> io::Result<()> {
        for _ in 0..LOOKS {
            if self.launch()? {
                return Ok(());
            }
            // After `kill -9` the old one's children may still hold its memory.
            std::thread::sleep(BETWEEN_LOOKS);
        }
        let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        Err(io::Error::other(format!("PostgreSQL does not start:\n{log}")))
    }

    /// Whether it came up; false when it ended at once.
    fn launch(&self) -> io::Result<bool> {
        let path = self.directory.join("log");
        let log = std::fs::File::options().create(true).append(true).open(path)?;
        let flush = if self.durable { "on" } else { "off" };
        let port = self.port.to_string();
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &port]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=60",
            &format!("fsync={flush}"),
        ] {
            postgres.args(["-c", setting]);
        }
        let mut child = postgres.stdout(Stdio::null()).stderr(log).spawn()?;
        for _ in 0..LOOKS {
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
            let mut ready = self.program("pg_isready");
            ready.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            if ready.status()?.success() {
                *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
                return Ok(true);
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        child.kill()?;
        child.wait()?;
        Err(io::Error::other("PostgreSQL started but does not answer"))
    }

    /// Ends it; the data stay.
    ///
    /// # Errors
    /// When it could not be ended.
    pub fn end(&self, ending: Ending) -> io::Result<()> {
        let child = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut child) = child else { return Ok(()) };
        match ending {
            Ending::Killed => child.kill()?,
            Ending::Fast | Ending::Immediate => {
                let mode = if ending == Ending::Fast { "fast" } else { "immediate" };
                let mut stop = self.program("pg_ctl");
                stop.args(["stop", "-m", mode, "-w", "-D"]).arg(self.data());
                finish(stop)?;
            }
        }
        child.wait().map(drop)
    }

    /// Makes a new, empty database and gives its URL.
    ///
    /// # Errors
    /// When the server does not.
    pub fn database(&self) -> io::Result<String> {
        let next = self.databases.fetch_add(1, Ordering::Relaxed);
        self.execute("postgres", &format!("CREATE DATABASE test_{next}"))?;
        Ok(self.url(&format!("test_{next}")))
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL with `psql` and gives back what it prints, unaligned and without headers.
    /// `database` is a name or a URL.
    ///
    /// # Errors
    /// When a statement fails; the text has the server's words.
    pub fn execute(&self, database: &str, sql: &str) -> io::Result<String> {
        let url = if database.contains("://") { database.to_owned() } else { self.url(database) };
        let mut psql = self.program("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, &url]);
        let output = psql.output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The watcher stops the server and removes the directory once its pipe is closed.
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
        if let Some(mut child) = self.process.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            let _ = child.wait();
        }
    }
}

/// A shell that waits for the end of its input and then cleans up.
fn watch(programs: &Path, directory: &Path, owner: Option<(u32, u32)>) -> io::Result<Child> {
    let script = "cat >/dev/null; \"$1/pg_ctl\" stop -s -m immediate -D \"$2/data\"; rm -rf \"$2\"";
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, "sh"])
        .args([programs, directory])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    become_owner(&mut shell, owner);
    shell.spawn()
}

fn finish(mut command: Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("{:?}: {told}", command.get_program())))
}

/// Where the programs are: on the PATH, or where Debian puts them.
fn programs() -> io::Result<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&paths).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    places.extend(versions.into_iter().rev());
    let wanted = ["initdb", "postgres", "pg_ctl", "pg_isready", "psql"];
    let complete = |place: &&PathBuf| wanted.iter().all(|name| place.join(name).is_file());
    places.iter().find(complete).cloned().ok_or_else(|| {
        io::Error::other(
            "PostgreSQL's server programs are missing (Debian: apt-get install postgresql)",
        )
    })
}

/// Whose the server shall be, when we are root: `postgres` where there is one, else `nobody`.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;

    // /proc/self belongs to the user whose process this is.
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() != 0) {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

fn become_owner(command: &mut Command, owner: Option<(u32, u32)>) {
    use std::os::unix::process::CommandExt as _;

    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
}

fn own(path: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    match owner {
        Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
        None => Ok(()),
    }
}
