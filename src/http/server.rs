//! The listener, its connections and their end. `axum::serve` knows no limits; hyper below it does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

use super::cut::{Cut, Whole};
use super::router;
use super::socket::Socket;
use super::state::Site;

/// Connections at once; the next one waits in the system's queue.
const CONNECTIONS_MAX: usize = 512;
/// Of a request's head, and how long it may take to come.
const HEAD_BYTES_MAX: usize = 64 << 10;
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Whoever takes no byte of an answer for so long is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Threads that wait for the disk: statements, pages, exports.
const BLOCKING_THREADS_MAX: usize = 16;
/// When it is stopped, answers under way may take so long.
const STOP_GRACE: Duration = Duration::from_secs(3);
/// The system has no file handle left, perhaps: what is open now ends some time.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Why nothing is served.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The address can't be had.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The system's words.
        cause: std::io::Error,
    },
    /// No thread or runtime could be made.
    #[error("cannot start the server: {0}")]
    Start(std::io::Error),
}

/// A server that runs, on a thread of its own, until its site is stopped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    router: watch::Sender<Router>,
    /// The address is free again.
    deaf: CancellationToken,
    ended: CancellationToken,
}

impl Server {
    /// Listens, and serves from then on.
    ///
    /// # Errors
    /// When the address can't be had.
    pub fn start(site: Site, address: SocketAddr) -> Result<Self, ServerError> {
        let listen = |cause| ServerError::Listen { address, cause };
        let listener = std::net::TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_name("http-blocking")
            .build()
            .map_err(ServerError::Start)?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener).map_err(ServerError::Start)?
        };
        let (deaf, ended) = (CancellationToken::new(), CancellationToken::new());
        let (router, routers) = watch::channel(router::make(site.clone()));
        // However the thread ends.
        let guards = (ended.clone().drop_guard(), deaf.clone().drop_guard());
        std::thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || {
                let (_ended, deaf) = guards;
                runtime.block_on(serve(site, listener, routers, deaf));
                // A statement that was ended says so within its next instructions.
                runtime.shutdown_timeout(STOP_GRACE);
            })
            .map_err(ServerError::Start)?;
        Ok(Self { address, router, deaf, ended })
    }

    /// Serves another site from now on, under the same address and over the same connections; what is being
    /// answered is answered by the one of before. It has to be a renewed one ([`Site::renewed`]).
    pub fn replace(&self, site: Site) {
        let _of_before = self.router.send_replace(router::make(site));
    }

    /// Waits until its address is free, after its site was stopped: before its last answers are given.
    pub async fn until_deaf(&self) {
        self.deaf.cancelled().await;
    }

    /// Where it listens: the port is known only now if it was given as 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for its end, after its site was stopped; or for the end of one that panicked.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

async fn serve(site: Site, listener: TcpListener, routers: watch::Receiver<Router>, deaf: DropGuard) {
    tokio::spawn(site.feed.clone().watch(site.stop.clone()));
    let stop = site.stop.clone();
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    while let Some((permit, stream, peer)) = stop.run_until_cancelled(accept(&connections, &listener)).await {
        let routers = routers.clone();
        let cut = Cut::default();
        let socket = Socket::new(stream, PATIENCE, cut.clone());
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let router = routers.borrow().clone();
            answer(router, peer, cut.clone(), request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(socket), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Whoever asked has left, or sent what is no HTTP.
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    drop(deaf);
    if tokio::time::timeout(STOP_GRACE, graceful.shutdown()).await.is_err() {
        tracing::info!("answers under way were cut off");
    }
}

async fn accept(
    connections: &Arc<Semaphore>,
    listener: &TcpListener,
) -> (OwnedSemaphorePermit, TcpStream, SocketAddr) {
    let permit = Arc::clone(connections).acquire_owned().await;
    let permit = permit.expect("Invariant: the connections' permits are never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole: waiting for more would only delay them.
                let _ = stream.set_nodelay(true);
                return (permit, stream, peer);
            }
            Err(error) => {
                tracing::warn!(error = %error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    cut: Cut,
    request: hyper::Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    Ok(response.map(|body| Body::new(Whole::new(body, cut))))
}
