//! A connection's socket. It is given up when whoever is at its other end takes nothing for too long, and
//! reset, not closed, where an answer was cut: HTTP/1.0, which proxies speak, takes a close for the end.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::cut::Cut;

/// A socket of limited patience.
pub(super) struct Socket {
    stream: TcpStream,
    patience: Duration,
    /// While nothing is taken.
    stalled: Option<Pin<Box<Sleep>>>,
    cut: Cut,
}

impl Socket {
    /// One that waits for so long until some bytes are taken.
    pub(super) fn new(stream: TcpStream, patience: Duration, cut: Cut) -> Self {
        Self { stream, patience, stalled: None, cut }
    }

    fn in_time<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        self.cut.set();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.cut.is_set() {
            // Where that fails, it is closed: nothing better can be done.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.in_time(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cut.is_set() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    /// Both ends of a connection; the first is ours.
    async fn connection(cut: &Cut) -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        (Socket::new(stream, Duration::from_millis(50), cut.clone()), peer)
    }

    #[tokio::test]
    async fn whoever_takes_nothing_is_given_up() {
        let (mut socket, _peer) = connection(&Cut::default()).await;
        let bytes = vec![0; 64 << 20];
        assert_eq!(socket.write_all(&bytes).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_that_was_cut_ends_in_a_reset_and_a_whole_one_does_not() {
        use tokio::io::AsyncReadExt;
        for is_cut in [false, true] {
            let cut = Cut::default();
            let (mut socket, mut peer) = connection(&cut).await;
            socket.write_all(b"half").await.unwrap();
            let mut half = [0; 4];
            peer.read_exact(&mut half).await.unwrap();
            if is_cut {
                cut.set();
            }
            let _ = socket.shutdown().await;
            drop(socket);
            let end = peer.read(&mut half).await;
            assert_eq!(end.is_err(), is_cut, "{end:?}");
        }
    }
}
