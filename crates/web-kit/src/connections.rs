//! Connections: so many at once, and none that says nothing for long.

use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use crate::tls::TlsListener;

/// A connection over which nothing goes for this long is closed. Longer than a request may take.
const IDLE: Duration = Duration::from_secs(75);

/// Who is at the other end of the connection; a request has it among its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// For each kind of listener by itself: axum has a blanket rule for a kind of its own.
macro_rules! tell_peer_of {
    ($($listener:ty),+) => {$(
        impl Connected<IncomingStream<'_, $listener>> for Peer {
            fn connect_info(stream: IncomingStream<'_, $listener>) -> Self {
                Self(*stream.remote_addr())
            }
        }
    )+};
}

tell_peer_of!(TcpListener, TlsListener, Bounded<TcpListener>, Bounded<TlsListener>);

/// A listener that accepts no more than so many connections at once; more wait in the backlog.
pub(crate) struct Bounded<L> {
    inner: L,
    places: Arc<Semaphore>,
    idle: Duration,
}

impl<L> Bounded<L> {
    pub(crate) fn new(inner: L, most: usize) -> Self {
        Self { inner, places: Arc::new(Semaphore::new(most.max(1))), idle: IDLE }
    }
}

impl<L: Listener> Listener for Bounded<L>
where
    L::Io: Send,
{
    type Io = Watched<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // The semaphore is never closed, so there is always a permit in the end.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (io, address) = self.inner.accept().await;
        (
            Watched { io, idle: self.idle, deadline: Box::pin(sleep(self.idle)), _place: place },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// A connection with its place and its deadline.
pub(crate) struct Watched<S> {
    io: S,
    idle: Duration,
    deadline: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<S> Watched<S> {
    /// Moves the deadline after progress; ends a wait that lasts too long.
    fn watch<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            let next = Instant::now() + self.idle;
            self.deadline.as_mut().reset(next);
            return polled;
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_read(context, buffer);
        this.watch(polled, context)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(context, bytes);
        this.watch(polled, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    async fn bounded(most: usize, idle: Duration) -> (Bounded<TcpListener>, SocketAddr) {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = inner.local_addr().unwrap();
        (Bounded { idle, ..Bounded::new(inner, most) }, address)
    }

    #[tokio::test]
    async fn one_more_waits_until_a_place_is_free() {
        let (mut listener, address) = bounded(1, IDLE).await;
        let _first_client = TcpStream::connect(address).await.unwrap();
        let (first, _) = listener.accept().await;
        let mut second_client = TcpStream::connect(address).await.unwrap();
        second_client.write_all(b"hello").await.unwrap();
        let mut accepting = Box::pin(listener.accept());
        let waiting = std::future::poll_fn(|context| Poll::Ready(accepting.as_mut().poll(context)));
        assert!(waiting.await.is_pending());
        drop(first);
        let (mut second, _) = accepting.await;
        let mut got = [0; 5];
        second.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"hello");
    }

    #[tokio::test]
    async fn a_silent_connection_is_closed() {
        let (mut listener, address) = bounded(1, Duration::from_millis(1)).await;
        let _client = TcpStream::connect(address).await.unwrap();
        let (mut silent, _) = listener.accept().await;
        let error = silent.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
