//! Other makers' libraries in the same interleaved run, each in a process of its own that works when it is told to and
//! tells its own CPU time: @digitalbazaar/vc in Node, and ssi (beside us it would switch on features of ours).

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use credential_model::contexts;
use credential_model::moment::Moment;
use serde_json::{Map, Value, json};

use crate::proofs::NOW;
use crate::runner::{Case, Measured, spent_elsewhere};
use crate::selective::{MANDATORY, SELECTIVE};

/// Our case, theirs, and how many times theirs the goal is.
const COMPARED: [(&str, &str, &str, Option<f64>); 11] = [
    ("issue ldp_vc badge", SSI[0].1, "ours over ssi: ldp_vc issue", None),
    ("verify ldp_vc badge", SSI[1].1, "ours over ssi: ldp_vc verify", Some(60.0)),
    ("issue ldp_vc badge", EDDSA_ISSUE, "ours over @digitalbazaar: ldp_vc issue", None),
    ("verify ldp_vc badge", EDDSA_VERIFY, "ours over @digitalbazaar: ldp_vc verify", Some(85.0)),
    (
        "verify ldp_vc badge, batch of 256",
        EDDSA_VERIFY,
        "ours over @digitalbazaar: batch of 256",
        None,
    ),
    ("ecdsa-sd-2023 issue", THEIRS[2].1, "ours over @digitalbazaar: ecdsa-sd issue", Some(10.0)),
    ("ecdsa-sd-2023 derive", THEIRS[3].1, "ours over @digitalbazaar: ecdsa-sd derive", Some(10.0)),
    ("ecdsa-sd-2023 verify", THEIRS[4].1, "ours over @digitalbazaar: ecdsa-sd verify", Some(10.0)),
    ("bbs-2023 issue", THEIRS[5].1, "ours over @digitalbazaar: bbs issue", Some(70.0)),
    ("bbs-2023 derive", THEIRS[6].1, "ours over @digitalbazaar: bbs derive", Some(70.0)),
    ("bbs-2023 verify", THEIRS[7].1, "ours over @digitalbazaar: bbs verify", Some(70.0)),
];
const EDDSA_ISSUE: &str = THEIRS[0].1;
const EDDSA_VERIFY: &str = THEIRS[1].1;

/// What the script calls it, and what we do.
const THEIRS: [(&str, &str); 8] = [
    ("eddsa-rdfc-2022 issue", "@digitalbazaar eddsa-rdfc-2022 issue"),
    ("eddsa-rdfc-2022 verify", "@digitalbazaar eddsa-rdfc-2022 verify"),
    ("ecdsa-sd-2023 issue", "@digitalbazaar ecdsa-sd-2023 issue"),
    ("ecdsa-sd-2023 derive", "@digitalbazaar ecdsa-sd-2023 derive"),
    ("ecdsa-sd-2023 verify", "@digitalbazaar ecdsa-sd-2023 verify"),
    ("bbs-2023 issue", "@digitalbazaar bbs-2023 issue"),
    ("bbs-2023 derive", "@digitalbazaar bbs-2023 derive"),
    ("bbs-2023 verify", "@digitalbazaar bbs-2023 verify"),
];

/// What the ssi process calls it, and what we do.
const SSI: [(&str, &str); 2] = [
    ("eddsa-rdfc-2022 issue", "ssi eddsa-rdfc-2022 issue"),
    ("eddsa-rdfc-2022 verify", "ssi eddsa-rdfc-2022 verify"),
];

/// Where the peers are.
#[derive(Default)]
pub(crate) struct Installed {
    /// The folder with the npm packages and the script.
    pub(crate) node: Option<PathBuf>,
    /// The program of the differential room, built with ssi.
    pub(crate) ssi: Option<PathBuf>,
}

impl Installed {
    /// Starts what is there.
    pub(crate) fn start(&self, badge: &Value) -> Result<Vec<Peer>> {
        let mut peers = Vec::new();
        if let Some(folder) = &self.node {
            peers.push(Peer::node(folder, badge)?);
        }
        if let Some(program) = &self.ssi {
            peers.push(Peer::ssi(program, badge)?);
        }
        Ok(peers)
    }
}

/// A process that measures somebody's library.
pub(crate) struct Peer {
    child: Child,
    known: &'static [(&'static str, &'static str)],
    lines: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Peer {
    /// The script, in a folder where its packages are installed.
    fn node(folder: &Path, badge: &Value) -> Result<Self> {
        let contexts: Map<String, Value> = contexts::all()
            .iter()
            .map(|context| Ok((context.url.to_owned(), serde_json::from_str(context.json)?)))
            .collect::<Result<_>>()?;
        let date = Moment::from_unix(NOW).to_string();
        let input = json!({
            "contexts": contexts, "credential": badge, "date": date,
            "mandatory": MANDATORY, "selective": SELECTIVE,
        });
        std::fs::write(folder.join("input.json"), input.to_string())?;
        let mut command = Command::new("node");
        command.args(["peers.mjs", "input.json"]).current_dir(folder);
        Self::start(&mut command, &THEIRS)
    }

    /// The differential room's program; it pins the same contexts.
    fn ssi(program: &Path, badge: &Value) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["--peer", &badge.to_string()]);
        Self::start(&mut command, &SSI)
    }

    fn start(
        command: &mut Command,
        known: &'static [(&'static str, &'static str)],
    ) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("a peer could not be started")?;
        let stdin = child.stdin.take().context("the peer's input")?;
        let stdout = child.stdout.take().context("the peer's output")?;
        let peer = Self { child, known, lines: RefCell::new((stdin, BufReader::new(stdout))) };
        let ready = peer.answer()?;
        ensure!(ready.get("ready").is_some(), "the peer said {ready}");
        Ok(peer)
    }

    fn answer(&self) -> Result<Value> {
        let mut line = String::new();
        self.lines.borrow_mut().1.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("the peer said {line:?}"))
    }

    fn work(&self, name: &str) -> Result<u64> {
        writeln!(self.lines.borrow_mut().0, "{name}")?;
        let answer = self.answer()?;
        let number = |name: &str| answer[name].as_u64().context("the peer's answer");
        spent_elsewhere(Duration::from_micros(number("microseconds")?));
        number("operations")
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        self.known.iter().map(move |(script, name)| Case {
            name,
            work: Box::new(move || match self.work(script) {
                Ok(operations) => operations,
                Err(error) => panic!("{script}: {error:#}"),
            }),
            against: None,
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It would end by itself when its input does; nothing of it is needed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many times a peer's rate ours is.
pub(crate) fn compare(measured: &mut Vec<Measured>) {
    for (ours, theirs, name, goal) in COMPARED {
        let rate = |wanted: &str| {
            measured.iter().find(|case| case.name == wanted).map(|case| (case.rate, case.time))
        };
        if let (Some((rate, time)), Some((base, _))) = (rate(ours), rate(theirs)) {
            measured.push(Measured { name, rate, time, ratio: Some((rate / base, theirs)), goal });
        }
    }
}
