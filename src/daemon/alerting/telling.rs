//! Telling: one at a time for each hook, again and again until it is told, later each time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::task::JoinSet;

use crate::alert::{Due, Outbox, Via};
use crate::clock;
use crate::config::Alerts;
use crate::hook::Hook;
use crate::metrics::Metrics;

/// The first time that somebody could not be told, it is tried again after this.
const AGAIN_MIN: Duration = Duration::from_secs(1);
/// And never later than this.
const AGAIN_MAX: Duration = Duration::from_secs(300);

/// Who is told, as the configuration says.
#[must_use]
pub fn hooks(alerts: &Alerts) -> BTreeMap<Via, Hook> {
    let command = alerts.command.clone().map(|words| (Via::Command, Hook::Command(words)));
    let webhook = alerts.webhook_url.clone().map(|url| (Via::Webhook, Hook::Webhook(url)));
    command.into_iter().chain(webhook).collect()
}

/// What is being told, and who is given a rest.
#[derive(Debug, Default)]
pub(super) struct Telling {
    under_way: JoinSet<Told>,
    busy: BTreeSet<Via>,
    rests: BTreeMap<Via, Rest>,
}

/// One telling that is over.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) via: Via,
    pub(super) number: i64,
    pub(super) is_told: bool,
}

#[derive(Debug)]
struct Rest {
    waits: ExponentialBackoff,
    until: Instant,
}

impl Telling {
    /// Tells each hook that is idle what is next for it.
    pub(super) fn go_on(&mut self, outbox: &Outbox, hooks: &BTreeMap<Via, Hook>) {
        let now = clock::steady_now();
        for (via, hook) in hooks {
            let rests = self.rests.get(via).is_some_and(|rest| now < rest.until);
            if rests || self.busy.contains(via) {
                continue;
            }
            if let Some(due) = outbox.next(*via) {
                self.busy.insert(*via);
                self.under_way.spawn(tell(hook.clone(), due.clone()));
            }
        }
    }

    /// Whoever is named by a new configuration may be somebody else, and is told at once.
    pub(super) fn forget_rests(&mut self) {
        self.rests.clear();
    }

    pub(super) fn is_under_way(&self) -> bool {
        !self.busy.is_empty()
    }

    /// The next telling that is over; never, if none is under way.
    pub(super) async fn next(&mut self, metrics: &Metrics) -> Told {
        let told = match self.under_way.join_next().await {
            Some(Ok(told)) => told,
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            None => std::future::pending().await,
        };
        self.busy.remove(&told.via);
        metrics.count_told(told.via, told.is_told);
        if told.is_told {
            self.rests.remove(&told.via);
        } else {
            let now = clock::steady_now();
            let rest = self.rests.entry(told.via).or_insert_with(|| Rest { waits: waits(), until: now });
            rest.until = now + rest.waits.next().unwrap_or(AGAIN_MAX);
        }
        told
    }
}

async fn tell(hook: Hook, due: Due) -> Told {
    let (via, number, alert) = (due.via, due.number, &due.alert);
    let (kind, state) = (alert.key.kind.as_str(), alert.state.as_str());
    let is_told = match hook.tell(&alert.to_json()).await {
        Ok(()) => {
            tracing::info!(alert = kind, state, via = via.as_str(), "alert told");
            true
        }
        Err(error) => {
            tracing::warn!(alert = kind, state, via = via.as_str(), error = %error, "cannot tell an alert: it is tried again");
            false
        }
    };
    Told { via, number, is_told }
}

fn waits() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(AGAIN_MIN)
        .with_max_delay(AGAIN_MAX)
        .without_max_times()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alert, State};
    use crate::config::Sync;

    #[tokio::test]
    async fn who_failed_is_given_a_rest_and_none_after_a_new_configuration() {
        let sync = Sync {
            directories_at_once: 1,
            max_removed_percent: 20,
            include: BTreeSet::new(),
            exclude: BTreeSet::new(),
        };
        let metrics = Metrics::of_mirror(std::iter::empty(), &sync);
        let alert = Alert::trial(State::Firing, clock::now());
        let mut outbox = Outbox::default();
        outbox.add(&alert, &BTreeSet::from([Via::Command]));
        let hooks = BTreeMap::from([(Via::Command, Hook::Command(vec!["/bin/false".to_owned()]))]);
        let mut telling = Telling::default();
        telling.go_on(&outbox, &hooks);
        assert!(!telling.next(&metrics).await.is_told);
        telling.go_on(&outbox, &hooks);
        assert!(!telling.is_under_way());
        telling.forget_rests();
        telling.go_on(&outbox, &hooks);
        assert!(telling.is_under_way());
    }
}
