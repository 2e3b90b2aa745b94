//! `run`: the daemon.

use std::pin::pin;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::mirror::{self, Watched};
use super::reload::{Origin, Reload};
use super::site::Serving;
use super::{Context, Exit, Failure, site, stop};
use crate::api::{self, Retry};
use crate::config::Config;
use crate::daemon::alerting::Alerting;
use crate::daemon::{Connect, Daemon, Ended, Vitals};
use crate::metrics::Metrics;
use crate::service::Service;
use crate::sync::observe_by;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror run
  coupontools-mirror run --config mirror.toml --log-format json

Looks at once, then by [schedule], and serves pages and the API on 127.0.0.1:8787. SIGTERM and SIGINT end it within the page in flight, a second one \
at once. SIGHUP reads the configuration and the keys again; a wrong one is refused, and that of before stays.";

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
    // Before anything that takes its time: a hangup ends nothing.
    let hangups = stop::hangups().context("cannot listen for signals")?;
    let flags = context.flags.listening(args.listen.as_deref());
    let origin = Origin { flags, environment: context.environment.clone() };
    let config = Config::load(&origin.flags, &origin.environment)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    serve(&config, Some((origin, hangups)), &Service::of_process(), &stop).await
}

/// The daemon, from the configuration to its end. With an origin, the configuration is read again with every
/// hangup.
///
/// # Errors
/// As [`run`].
pub async fn serve(
    config: &Config,
    origin: Option<(Origin, Signal)>,
    service: &Service,
    stop: &CancellationToken,
) -> Result<Exit, Failure> {
    let starting = service.starting("opening the file");
    site::check(&config.http)?;
    let vitals = Vitals::of(service);
    let metrics = Metrics::of_mirror(config.accounts.iter().map(|account| &account.name), &config.sync);
    let alerting = Alerting::new(&metrics);
    let observer = {
        let (metrics, vitals) = (metrics.clone(), vitals.clone());
        move |account: &_| {
            api::Observer::of_all(vec![metrics.api_observer(account), vitals.api_observer(account)])
        }
    };
    let watched = Watched {
        ticks: observe_by(vec![metrics.observer(), vitals.observer(), alerting.observer()]),
        requests: &observer.clone(),
    };
    // A migration or new masks may take a while. Broken off, they are begun again, or gone on with, by the next start.
    let Some(opened) = stop.run_until_cancelled(mirror::open(config, watched)).await else {
        tracing::info!("stopped before the file was ready");
        return Ok(Exit::Done);
    };
    let (store, mirror) = opened?;
    let accounts = config.accounts.len();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database = %config.database.display(), accounts, "started");
    let ended = match Serving::start(&config.database, config.into(), metrics.clone()).await {
        Err(failure) => Err(failure),
        Ok(serving) => {
            drop(starting);
            let counted = metrics.clone();
            let connect: Connect = Arc::new(move |account| {
                counted.expect(&account.name);
                let client = mirror::watched_client(account, Retry::default(), observer(&account.name));
                client.map_err(|failure| failure.error)
            });
            let (sender, in_force) = watch::channel(Arc::new(config.clone()));
            let reload = origin.map(|(origin, hangups)| Reload {
                origin,
                hangups,
                in_force: sender,
                service: service.clone(),
                vitals: vitals.clone(),
            });
            let store = store.clone();
            let daemon = Daemon {
                store,
                mirror,
                in_force,
                alerting,
                connect,
                service: service.clone(),
                vitals,
                metrics,
            };
            tick(&daemon, serving, reload, stop).await
        }
    };
    service.stopping();
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

/// Ticks until the daemon's end, and ends the server with it: it goes on while walks are being stopped. A
/// server that ends by itself ends the daemon: whoever restarts it restarts both.
async fn tick(
    daemon: &Daemon,
    mut serving: Serving,
    mut reload: Option<Reload>,
    stop: &CancellationToken,
) -> Result<Ended, Failure> {
    let mut ticking = pin!(daemon.run(stop));
    let ended = tokio::select! {
        biased;
        ended = &mut ticking => ended,
        () = stop.cancelled() => {
            daemon.service.stopping();
            ticking.await
        }
        failure = serve_on(&mut serving, reload.as_mut()) => {
            stop.cancel();
            // What its walks found is saved; the failure is the server's.
            let _ = ticking.await;
            return Err(failure);
        }
    };
    serving.stop().await;
    Ok(ended.context("cannot start the schedule")?)
}

/// Until the server ends by itself.
async fn serve_on(serving: &mut Serving, reload: Option<&mut Reload>) -> Failure {
    match reload {
        Some(reload) => reload.run(serving).await,
        None => {
            serving.ended().await;
            site::ended_by_itself()
        }
    }
}
