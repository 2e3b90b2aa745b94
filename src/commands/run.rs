//! `run`: the daemon.

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::{Context, Exit, Failure, mirror, site, stop};
use crate::config::Config;
use crate::daemon::{self, Ended};
use crate::metrics::Metrics;

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

/// The daemon, from the configuration to its end.
///
/// # Errors
/// As [`run`].
pub async fn serve(config: &Config, stop: &CancellationToken) -> Result<Exit, Failure> {
    let metrics = Metrics::of_mirror(config.accounts.iter().map(|account| &account.name), &config.sync);
    let (store, mirror) = mirror::open(config, mirror::Watched::ByMetrics(&metrics)).await?;
    let accounts = config.accounts.len();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database = %config.database.display(), accounts, "started");
    // It goes on while walks are being stopped, and ends with the daemon, however that ends.
    let serving = CancellationToken::new();
    let server =
        site::serve(&config.database, &config.http, &config.reports, &config.schedule, metrics, &serving)
            .await?;
    let ended =
        daemon::run(&mirror, config.schedule.clone(), stop).await.context("cannot start the schedule");
    serving.cancel();
    if let Some(server) = server {
        server.ended().await;
    }
    store.close().await;
    let ended = ended?;
    match ended {
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
