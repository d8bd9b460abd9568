//! Start and stop. A service says `ready URL` on stdout when it listens, and on SIGTERM
//! or SIGINT finishes the requests in work before it ends.

use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpListener;

use crate::connections::{Bounded, Peer};
use crate::tls::{Tls, TlsError, TlsFiles};

/// How long requests in work may take after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// Why a service could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is taken, not ours, or needs more rights.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The listener failed while running.
    #[error("the listener failed: {0}")]
    Run(std::io::Error),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl ServeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "listen_failed",
            Self::Run(_) => "serve_failed",
            Self::Tls(error) => error.code(),
        }
    }
}

/// As [`serve_limited`] with the usual number of connections.
pub async fn serve(router: Router, listen: &str, tls: Option<&TlsFiles>) -> Result<(), ServeError> {
    serve_limited(router, listen, tls, crate::Limits::default().connections).await
}

/// Serves `router` on `listen` (`ADDRESS:PORT`; port 0 takes a free one) until a signal comes; by https where there are
/// TLS files, which SIGHUP reads again. No more than `connections` at once.
pub async fn serve_limited(
    router: Router,
    listen: &str,
    tls: Option<&TlsFiles>,
    connections: usize,
) -> Result<(), ServeError> {
    // Before the address is taken: a wrong file should be told first.
    let tls = tls.map(Tls::load).transpose()?;
    let fail = |source| ServeError::Listen { address: listen.to_owned(), source };
    let listener = TcpListener::bind(listen).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    let Some(tls) = tls else {
        announce("http", address);
        let listener = Bounded::new(listener, connections);
        return serve_until(router, listener, stop_signal()).await;
    };
    let listener = Bounded::new(tls.listen(listener).map_err(fail)?, connections);
    let reloading = tokio::spawn(reload_on_hangup(tls));
    announce("https", address);
    let served = serve_until(router, listener, stop_signal()).await;
    reloading.abort();
    served
}

/// Serves on a listener that is already bound until `stop` resolves; tests use this.
pub async fn serve_until<L>(
    router: Router,
    listener: L,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError>
where
    L: Listener<Addr = SocketAddr>,
    Peer: for<'stream> Connected<IncomingStream<'stream, L>>,
{
    let (asked, mut seen) = tokio::sync::watch::channel(false);
    let stop = async move {
        stop.await;
        let _ = asked.send(true);
    };
    let router = router.into_make_service_with_connect_info::<Peer>();
    let running = axum::serve(listener, router).with_graceful_shutdown(stop);
    let deadline = async move {
        // A dropped sender means the server ended by itself: then wait for it below.
        if seen.wait_for(|stopped| *stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = async { running.await } => ended.map_err(ServeError::Run),
        () = deadline => {
            tracing::warn!("requests were still in work when the time to stop ran out");
            Ok(())
        }
    }
}

fn announce(scheme: &str, address: SocketAddr) {
    let mut out = std::io::stdout().lock();
    // Whoever started us may have closed stdout; that is no reason not to serve.
    let _ = writeln!(out, "ready {scheme}://{address}");
    let _ = out.flush();
}

async fn reload_on_hangup(tls: Tls) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return };
    while hangups.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("certificate and key were read again"),
            Err(error) => tracing::error!(code = error.code(), %error, "the old certificate stays"),
        }
    }
}

/// Resolves when the process is asked to end (SIGTERM, SIGINT).
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping");
}
