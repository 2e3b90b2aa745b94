//! `serve`: the mirror over HTTP alone, without a daemon that writes it.

use anyhow::Context as _;

use super::{Context, Exit, Failure, site, stop};
use crate::config::Settings;
use crate::metrics::Metrics;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror serve
  coupontools-mirror --database copy.db serve --listen 127.0.0.1:8788

The file must be there, and may be written by a daemon meanwhile. SIGTERM and SIGINT end it.";

/// `serve`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Where to listen [env: COUPONTOOLS_MIRROR_LISTEN] [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

/// Serves until it is stopped.
///
/// # Errors
/// When there is no mirror, or it can't be served.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let flags = context.flags.listening(args.listen.as_deref());
    let settings = Settings::load(&flags, &context.environment)?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let metrics = Metrics::of_server(&settings.sync);
    let served = site::serve(
        &settings.database,
        &settings.http,
        &settings.reports,
        &settings.schedule,
        &settings.sync,
        metrics,
        &stop,
    )
    .await?;
    let server = served.ok_or_else(|| {
        Failure::new(Exit::Misconfigured, anyhow::anyhow!("cannot serve: [http] listen says `none`"))
            .hint("name an address: --listen 127.0.0.1:8787")
    })?;
    server.ended().await;
    if !stop.is_cancelled() {
        return Err(site::ended_by_itself());
    }
    tracing::info!("stopped");
    Ok(Exit::Done)
}
