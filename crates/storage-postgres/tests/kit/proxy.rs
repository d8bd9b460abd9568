//! A proxy before the server that breaks a connection at its COMMIT, before or after the server
//! hears of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PASS: u8 = 0;
const BEFORE: u8 = 1;
const AFTER: u8 = 2;

/// Passes everything on until it is told to break the next COMMIT.
#[derive(Clone)]
pub(crate) struct Proxy {
    port: u16,
    mode: Arc<AtomicU8>,
}

impl Proxy {
    pub(crate) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), mode: Arc::default() };
        let mode = Arc::clone(&proxy.mode);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, Arc::clone(&mode)));
            }
        });
        proxy
    }

    /// The same database through the proxy.
    pub(crate) fn url(&self, direct: &str, server: u16) -> String {
        direct.replace(&format!(":{server}/"), &format!(":{}/", self.port))
    }

    /// The server does not hear the next COMMIT.
    pub(crate) fn lose_next_commit(&self) {
        self.mode.store(BEFORE, Ordering::SeqCst);
    }

    /// The server commits, and its answer is lost.
    pub(crate) fn lose_next_answer(&self) {
        self.mode.store(AFTER, Ordering::SeqCst);
    }

    /// Whether the order was carried out.
    pub(crate) fn is_done(&self) -> bool {
        self.mode.load(Ordering::SeqCst) == PASS
    }
}

async fn pass(mut client: TcpStream, server: u16, mode: Arc<AtomicU8>) {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let (mut asked, mut told) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let bytes = &asked[..length];
                let is_commit = bytes.windows(6).any(|word| word == b"COMMIT");
                let order = if is_commit { mode.swap(PASS, Ordering::SeqCst) } else { PASS };
                if order == BEFORE {
                    return;
                }
                if server.write_all(bytes).await.is_err() {
                    return;
                }
                if order == AFTER {
                    // The server has spoken, so it has committed; nobody hears it.
                    let _ = server.read(&mut told).await;
                    return;
                }
            }
            read = server.read(&mut told) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&told[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
