//! A simulated Coupontools v3 API on loopback: for trials without an account, and the upstream of
//! every test and benchmark.
//!
//! It is the vendor: it shares no code with the client that it is read by (`crate::api`), so that
//! one misreading can't hide in both. Its people are invented. What it can be told to do stands in
//! [`variant`] (how answers are spelt), [`behaviour`] (everything that lasts), [`fault`] (what goes
//! wrong) and `control` (all of it over HTTP while it runs).
//!
//! It deliberately does not store anything, check rates or speak TLS.

pub mod behaviour;
pub mod call;
mod calls;
mod control;
mod directory;
pub mod fault;
mod fault_queue;
pub mod journal;
mod life;
mod list;
pub mod mutation;
pub mod options;
mod person;
mod render;
mod socket;
pub mod variant;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::HttpBody;
use axum::http::Response;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::compression::{CompressionLayer, Predicate};

pub use self::behaviour::{Behaviour, Life};
pub use self::call::Call;
pub use self::directory::DirectoryTruth;
pub use self::fault::{Fault, FaultKind};
pub use self::list::{Applied, Row};
pub use self::mutation::{Churn, Mutation, RegistrationNumber};
pub use self::options::{AccountKeys, DirectorySpec, Options};
pub use self::render::Standing;
pub use self::variant::{Reading, Variant, variants};
pub use self::world::{World, WorldError};

use self::calls::delivery::MayCompress;
use self::socket::{ResetHandle, ResettableListener};

/// How long a stop waits for answers that are under way.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// A running simulator. Dropped, it stops without waiting.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
    server: JoinHandle<io::Result<()>>,
    life: JoinHandle<()>,
}

impl Simulator {
    /// Makes the world and listens: when this returns, it answers.
    ///
    /// # Errors
    /// If the address can't be listened on, or the options contradict each other.
    pub async fn start(options: Options) -> io::Result<Self> {
        let invalid = |error: Box<dyn std::error::Error + Send + Sync>| {
            io::Error::new(io::ErrorKind::InvalidInput, error)
        };
        options.behaviour.clone().checked().map_err(|error| invalid(error.into()))?;
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(World::new(&options).map_err(|error| invalid(error.into()))?);
        for fault in options.faults {
            world.add_fault(fault).map_err(|error| invalid(error.into()))?;
        }
        let app = Router::new()
            .merge(calls::routes())
            .merge(control::routes())
            .layer(CompressionLayer::new().compress_when(WhereMarked))
            .with_state(Arc::clone(&world))
            .into_make_service_with_connect_info::<ResetHandle>();
        let server = axum::serve(ResettableListener(listener), app)
            .with_graceful_shutdown(world.stopping.clone().cancelled_owned());
        let server = tokio::spawn(async move { server.await });
        let life = tokio::spawn(life::live(Arc::clone(&world)));
        Ok(Self { address, world, server, life })
    }

    /// What the API is reached at, `http://127.0.0.1:40123`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its world, to look into and to change while it runs.
    #[must_use]
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Stops: no more connections, answers under way get two seconds.
    pub async fn stop(mut self) {
        self.world.stopping.cancel();
        if tokio::time::timeout(STOP_PATIENCE, &mut self.server).await.is_err() {
            tracing::debug!("stopped while answers were under way");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.world.stopping.cancel();
        self.server.abort();
        self.life.abort();
    }
}

/// Compresses the responses that are marked for it.
#[derive(Clone, Copy)]
struct WhereMarked;

impl Predicate for WhereMarked {
    fn should_compress<B: HttpBody>(&self, response: &Response<B>) -> bool {
        response.extensions().get::<MayCompress>().is_some()
    }
}
