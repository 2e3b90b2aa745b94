//! Alerts, as `AlertsToSave` says them.

use rusqlite::params;

use super::Writer;
use super::statement;
use crate::alert::{Key, Via};
use crate::directory::{AccountName, DirectoryId};
use crate::store::alert::AlertsToSave;
use crate::store::error::StoreError;

fn columns(key: &Key) -> (&'static str, Option<&str>, Option<&str>) {
    let account = key.account.as_ref().map(AccountName::as_str);
    (key.kind.as_str(), account, key.directory.as_ref().map(DirectoryId::as_str))
}

impl Writer {
    pub(in crate::store) fn save_alerts(&mut self, alerts: &AlertsToSave) -> Result<(), StoreError> {
        if let Some(firing) = &alerts.firing {
            self.disk.execute(statement::FORGET_ALERTS, [])?;
            for (key, firing, vias) in firing {
                let (alert, account, directory) = columns(key);
                let (since, message) = (firing.since.to_string(), firing.message.as_str());
                let by = Via::ALL.map(|via| vias.contains(&via));
                self.disk.execute(
                    statement::CREATE_ALERT,
                    params![alert, account, directory, since, message, by[0], by[1]],
                )?;
            }
        }
        for (via, number) in &alerts.first_due {
            self.disk.execute(statement::FORGET_TOLD, params![via.as_str(), number])?;
        }
        for due in &alerts.due {
            let (alert, account, directory) = columns(&due.alert.key);
            let (state, since) = (due.alert.state.as_str(), due.alert.since.to_string());
            let message = due.alert.message.as_str();
            self.disk.execute(
                statement::CREATE_DUE,
                params![due.via.as_str(), due.number, alert, state, account, directory, since, message],
            )?;
        }
        Ok(())
    }
}
