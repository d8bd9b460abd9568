//! A small load generator: HTTP/1.1 over kept connections, so many at once (closed loop) or so many
//! a second whatever comes back (open loop). Everything is bounded in count and in time.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

/// Whoever gets no answer for this long goes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read.
const LONGEST: usize = 4 * 1024 * 1024;

/// A request that is sent again and again.
#[derive(Clone)]
pub(crate) struct Target {
    address: SocketAddr,
    request: Arc<[u8]>,
}

impl Target {
    /// A POST to a loopback port.
    pub(crate) fn post(port: u16, path: &str, media: &str, body: &[u8]) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-type: {media}\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        Self { address, request: [head.as_bytes(), body].concat().into() }
    }

    /// A GET from a loopback port.
    pub(crate) fn get(port: u16, path: &str) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
        Self { address, request: head.into_bytes().into() }
    }

    /// The same with a bearer token.
    pub(crate) fn by(self, token: &str) -> Self {
        let text = String::from_utf8_lossy(&self.request);
        let line = format!(" HTTP/1.1\r\nauthorization: Bearer {token}\r\n");
        Self { request: text.replacen(" HTTP/1.1\r\n", &line, 1).into_bytes().into(), ..self }
    }

    /// Sends it once, over a connection of its own.
    pub(crate) async fn once(&self) -> Result<Answer> {
        Ok(Connection::open(self).await?.ask(self).await?)
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    retry_after: bool,
}

impl Answer {
    /// 503 as it should be: when to come back, and a stable code.
    fn is_clean_refusal(&self) -> bool {
        let body = String::from_utf8_lossy(&self.body);
        self.status == 503 && self.retry_after && body.contains("\"code\":\"busy\"")
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(target: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    async fn ask(&mut self, target: &Target) -> io::Result<Answer> {
        self.stream.write_all(&target.request).await?;
        self.read.clear();
        let head = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        let bad = || io::Error::from(io::ErrorKind::InvalidData);
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok())
            .ok_or_else(bad)?;
        while self.read.len() < head + length {
            self.more().await?;
        }
        Ok(Answer {
            status: status.ok_or_else(bad)?,
            body: self.read[head..].to_vec(),
            retry_after: text.contains("\r\nretry-after:"),
        })
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.read.len() > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// What a run came to.
#[derive(Default)]
pub(crate) struct Tally {
    /// How long each accepted request took, in order of length.
    pub(crate) accepted: Vec<Duration>,
    /// How long each clean 503 took.
    pub(crate) refused: Vec<Duration>,
    /// Anything else, by status; 0 for a connection that broke or kept silent.
    pub(crate) other: BTreeMap<u16, u64>,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
}

impl Tally {
    fn note(&mut self, answer: &io::Result<Answer>, took: Duration) {
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => self.accepted.push(took),
            Ok(answer) if answer.is_clean_refusal() => self.refused.push(took),
            Ok(answer) => *self.other.entry(answer.status).or_default() += 1,
            Err(_) => *self.other.entry(0).or_default() += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.refused.extend(other.refused);
        for (status, count) in other.other {
            *self.other.entry(status).or_default() += count;
        }
    }

    /// Requests a second that were served.
    #[allow(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
    pub(crate) fn rate(&self) -> f64 {
        self.accepted.len() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// The value below which so many hundredths lie.
pub(crate) fn percentile(sorted: &[Duration], hundredths: usize) -> Duration {
    sorted.get(sorted.len() * hundredths / 100).or(sorted.last()).copied().unwrap_or_default()
}

/// So many clients, each asking again as soon as it is answered.
pub(crate) async fn closed(target: &Target, clients: usize, time: Duration) -> Result<Tally> {
    let end = Instant::now() + time;
    drive(target, clients, move |_| async move { (Instant::now() < end).then(Instant::now) }).await
}

/// So many requests a second over at most so many connections, whatever comes back: each has its
/// moment, and its time counts from that moment.
pub(crate) async fn open(
    target: &Target,
    rate: f64,
    clients: usize,
    time: Duration,
) -> Result<Tally> {
    let begun = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    drive(target, clients, move |_| {
        let next = Arc::clone(&next);
        async move {
            #[allow(clippy::cast_precision_loss, reason = "a count of requests, below 2^52")]
            let number = next.fetch_add(1, Ordering::Relaxed) as f64;
            let after = Duration::from_secs_f64(number / rate);
            if after >= time || begun.elapsed() > time + PATIENCE {
                return None;
            }
            sleep_until(begun + after).await;
            Some(begun + after)
        }
    })
    .await
}

/// Clients that ask whenever `turn` says so, and count from the moment that it names.
async fn drive<F, T>(target: &Target, clients: usize, turn: F) -> Result<Tally>
where
    F: Fn(usize) -> T + Clone + Send + 'static,
    T: Future<Output = Option<Instant>> + Send,
{
    let begun = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for client in 0..clients {
        let (target, turn) = (target.clone(), turn.clone());
        running.spawn(async move {
            let mut tally = Tally::default();
            let mut connection: Option<Connection> = None;
            while let Some(due) = turn(client).await {
                let asked = timeout(PATIENCE, async {
                    let mut open = match connection.take() {
                        Some(open) => open,
                        None => Connection::open(&target).await?,
                    };
                    let answer = open.ask(&target).await?;
                    connection = Some(open);
                    Ok(answer)
                });
                let answer = asked.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                tally.note(&answer, due.elapsed());
            }
            tally
        });
    }
    let mut whole = Tally::default();
    while let Some(ended) = running.join_next().await {
        whole.add(ended?);
    }
    whole.elapsed = begun.elapsed();
    whole.accepted.sort_unstable();
    whole.refused.sort_unstable();
    Ok(whole)
}
