//! `run`: the daemon.

use std::pin::pin;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::mirror::{self, Watched};
use super::{Context, Exit, Failure, site, stop};
use crate::config::Config;
use crate::daemon::{Daemon, Ended};
use crate::http::Server;
use crate::metrics::Metrics;
use crate::sync::observe_by;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror run
  coupontools-mirror run --config mirror.toml --log-format json

Looks at once, then by [schedule], and serves pages and the API on 127.0.0.1:8787. SIGTERM and SIGINT end it within the page in flight, a second one \
at once.";

/// `run`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Where to listen; `none`: nowhere [env: COUPONTOOLS_MIRROR_LISTEN] [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

/// Runs until it is stopped.
///
/// # Errors
/// When it can't start, or every account's keys are refused at once.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let config = Config::load(&context.flags.listening(args.listen.as_deref()), &context.environment)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    serve(&config, &stop).await
}

/// Ticks until the daemon's end, and ends the server with it. A server that ends by itself ends the daemon:
/// whoever restarts it restarts both.
async fn tick(
    daemon: &Daemon,
    server: Option<Server>,
    serving: &CancellationToken,
    stop: &CancellationToken,
) -> Result<Ended, Failure> {
    let mut ticking = pin!(daemon.run(stop));
    let Some(server) = server else { return Ok(ticking.await.context("cannot start the schedule")?) };
    let mut served = pin!(server.ended());
    let ended = tokio::select! {
        biased;
        ended = &mut ticking => ended,
        () = &mut served => {
            stop.cancel();
            // What its walks found is saved; the failure is the server's.
            let _ = ticking.await;
            return Err(site::ended_by_itself());
        }
    };
    serving.cancel();
    served.await;
    Ok(ended.context("cannot start the schedule")?)
}

/// The daemon, from the configuration to its end.
///
/// # Errors
/// As [`run`].
pub async fn serve(config: &Config, stop: &CancellationToken) -> Result<Exit, Failure> {
    site::check(&config.http)?;
    let metrics = Metrics::of_mirror(config.accounts.iter().map(|account| &account.name), &config.sync);
    let watched = Watched {
        ticks: observe_by(vec![metrics.observer()]),
        requests: &|account| metrics.api_observer(account),
    };
    // A migration or new masks may take a while. Broken off, they are begun again, or gone on with, by the next start.
    let Some(opened) = stop.run_until_cancelled(mirror::open(config, watched)).await else {
        tracing::info!("stopped before the file was ready");
        return Ok(Exit::Done);
    };
    let (store, mirror) = opened?;
    let accounts = config.accounts.len();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database = %config.database.display(), accounts, "started");
    // It goes on while walks are being stopped, and ends with the daemon, however that ends.
    let serving = CancellationToken::new();
    let served = site::serve(
        &config.database,
        &config.http,
        &config.reports,
        &config.schedule,
        &config.sync,
        metrics.clone(),
        &serving,
    )
    .await;
    let ended = match served {
        Ok(server) => {
            let (_, in_force) = watch::channel(Arc::new(config.clone()));
            let daemon = Daemon { store: store.clone(), mirror, in_force, metrics };
            tick(&daemon, server, &serving, stop).await
        }
        Err(failure) => Err(failure),
    };
    store.close().await;
    match ended? {
        Ended::Stopped => {
            tracing::info!("stopped");
            Ok(Exit::Done)
        }
        Ended::Refused => Err(Failure::new(
            Exit::Refused,
            anyhow::anyhow!("cannot mirror: every account's keys were refused"),
        )
        .hint("check the client ID and the client secret, then start again")),
    }
}
