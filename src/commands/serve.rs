//! `serve`: the mirror over HTTP alone, without a daemon that writes it.

use std::path::Path;

use anyhow::Context as _;

use super::site::Serving;
use super::{Context, Exit, Failure, reload, site, stop};
use crate::config::{ConfigError, Settings};
use crate::metrics::Metrics;
use crate::service::Service;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror serve
  coupontools-mirror --database copy.db serve --listen 127.0.0.1:8788

The file must be there, and may be written by a daemon meanwhile. SIGTERM and SIGINT end it, SIGHUP \
reads the configuration again.";

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
    let mut hangups = stop::hangups().context("cannot listen for signals")?;
    let flags = context.flags.listening(args.listen.as_deref());
    let read = || Settings::load(&flags, &context.environment);
    let settings = read()?;
    let stop = stop::on_signals().context("cannot listen for signals")?;
    let metrics = Metrics::of_server(&settings.sync);
    let mut serving = Serving::start(&settings.database, (&settings).into(), metrics).await?;
    if !serving.is_served() {
        let error = anyhow::anyhow!("cannot serve: [http] listen says `none`");
        return Err(Failure::new(Exit::Misconfigured, error).hint("name an address: --listen 127.0.0.1:8787"));
    }
    let service = Service::of_process();
    service.ready("serving");
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = serving.ended() => return Err(site::ended_by_itself()),
            Some(()) = hangups.recv() => {
                service.reloading();
                match reload(&mut serving, read(), &settings.database).await {
                    Ok(()) => tracing::info!("reloaded"),
                    Err(failure) => reload::refuse(&failure),
                }
                service.ready("serving");
            }
        }
    }
    service.stopping();
    serving.stop().await;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

async fn reload(
    serving: &mut Serving,
    read: Result<Settings, ConfigError>,
    database: &Path,
) -> Result<(), Failure> {
    let settings = read?;
    let other = [
        ("database", settings.database != database),
        ("[http] listen to `none`", settings.http.listen.is_none()),
    ];
    if let Some((name, _)) = other.into_iter().find(|(_, is_other)| *is_other) {
        let error = anyhow::anyhow!("cannot change {name} while it is served");
        return Err(Failure::new(Exit::Misconfigured, error).hint("stop `serve` and start it again"));
    }
    serving.change((&settings).into()).await
}
