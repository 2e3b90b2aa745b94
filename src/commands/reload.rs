//! SIGHUP: the configuration and the keys are read again. A good one is in force for everything that begins
//! from then on; a bad one is refused as a whole, and the one of before stays.

use std::sync::Arc;

use tokio::signal::unix::Signal;
use tokio::sync::watch;

use super::site::{self, Serving};
use super::{Exit, Failure, mirror};
use crate::api::Retry;
use crate::config::{Config, Environment, Flags};
use crate::daemon::Vitals;
use crate::service::Service;

/// Where the configuration can be read again.
#[derive(Clone, Debug)]
pub struct Origin {
    /// What flags said at start, where `--listen` belongs to them.
    pub flags: Flags,
    /// What the environment said.
    pub environment: Environment,
}

/// Reads again, as often as it is asked to.
pub struct Reload {
    /// Where from.
    pub origin: Origin,
    /// Who is asked to by.
    pub hangups: Signal,
    /// The configuration that counts.
    pub in_force: watch::Sender<Arc<Config>>,
    /// Who is told.
    pub service: Service,
    /// What the status is made of.
    pub vitals: Vitals,
}

impl Reload {
    /// Reloads with every hangup. Ends only if the server does, by itself.
    pub async fn run(&mut self, serving: &mut Serving) -> Failure {
        // A hangup that came before waits until then: systemd is not told of a reload while it waits for a start.
        tokio::select! {
            () = self.service.until_ready() => {}
            () = serving.ended() => return site::ended_by_itself(),
        }
        loop {
            tokio::select! {
                biased;
                () = serving.ended() => return site::ended_by_itself(),
                Some(()) = self.hangups.recv() => {
                    self.service.reloading();
                    let is_refused = self.reload(serving).await.is_err();
                    let status = if is_refused { "the reload was refused, see the log" } else { "reloaded" };
                    self.vitals.overview().set_reload_refused(is_refused);
                    self.service.ready(status);
                }
            }
        }
    }

    /// Reads again, and tells what came of it.
    async fn reload(&mut self, serving: &mut Serving) -> Result<(), ()> {
        let old = self.in_force.borrow().clone();
        let replaced = async {
            let new = read(self.origin.clone(), Arc::clone(&old)).await?;
            // Last, because it alone may fail and does something.
            serving.change((&new).into()).await?;
            Ok::<_, Failure>(new)
        };
        let new = replaced.await.map_err(|failure| refuse(&failure))?;
        let changed = new.list_changes(&old);
        self.vitals.overview().keep(|name| new.accounts.iter().any(|account| account.name == *name));
        // Also where nothing has changed: keys that were refused are tried again.
        self.in_force.send_replace(Arc::new(new));
        match changed.as_slice() {
            [] => tracing::info!("reloaded: nothing has changed"),
            changed => tracing::info!(changed = changed.join(", "), "reloaded"),
        }
        Ok(())
    }
}

/// Tells why the settings of before stay.
pub fn refuse(failure: &Failure) {
    let (error, hint) = (format!("{:#}", failure.error), failure.hint.as_deref());
    tracing::error!(error, hint, "cannot reload: the settings of before stay");
}

/// A configuration that could be started with, and that what is open can go on with.
async fn read(origin: Origin, old: Arc<Config>) -> Result<Config, Failure> {
    let reading = move || {
        let new = Config::load(&origin.flags, &origin.environment)?;
        refuse_what_is_open(&new, &old)?;
        for account in &new.accounts {
            mirror::client(account, Retry::default())?;
        }
        Ok(new)
    };
    // Files are read and certificates taken apart: ticks don't wait for that.
    let read = tokio::task::spawn_blocking(reading).await;
    read.unwrap_or_else(|error| Err(anyhow::anyhow!("cannot read the configuration: {error}").into()))
}

/// What stays as long as the file is open.
fn refuse_what_is_open(new: &Config, old: &Config) -> Result<(), Failure> {
    let is_other = [
        ("database", new.database != old.database),
        ("[reports] time_zone", new.reports.time_zone != old.reports.time_zone),
        ("[masking] key_file", new.masking != old.masking),
    ];
    let Some((name, _)) = is_other.into_iter().find(|(_, is_other)| *is_other) else { return Ok(()) };
    let error = anyhow::anyhow!("cannot change {name} while the file is open");
    Err(Failure::new(Exit::Misconfigured, error)
        .hint("restart the daemon: systemctl restart coupontools-mirror"))
}
