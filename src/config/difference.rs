//! What a configuration says that another one does not: names of sections and accounts, never a value.

use secrecy::{ExposeSecret, SecretString};

use super::{Account, Alerts, Config};

impl Config {
    /// The names of what is not as it was.
    #[must_use]
    pub fn list_changes(&self, old: &Self) -> Vec<String> {
        let sections = [
            ("database", self.database != old.database),
            ("[sync]", self.sync != old.sync),
            ("[schedule]", self.schedule != old.schedule),
            ("[http]", self.http != old.http),
            ("[reports]", self.reports != old.reports),
            ("[masking]", self.masking != old.masking),
            ("[snapshots]", self.snapshots != old.snapshots),
            ("[alerts]", !is_same_alerts(&self.alerts, &old.alerts)),
            ("[retention]", self.retention != old.retention),
            ("[sends]", self.sends != old.sends),
        ];
        let changed = sections.into_iter().filter(|(_, is_other)| *is_other).map(|(name, _)| name.to_owned());
        changed.chain(self.list_accounts_changed(old)).collect()
    }

    fn list_accounts_changed(&self, old: &Self) -> Vec<String> {
        let find = |accounts: &[Account], wanted: &Account| {
            accounts.iter().find(|account| account.name == wanted.name).cloned()
        };
        let mut changed = Vec::new();
        for account in &self.accounts {
            let name = &account.name;
            match find(&old.accounts, account) {
                None => changed.push(format!("account {name}: new")),
                Some(old) => {
                    let keys = is_same(&account.client_id, &old.client_id)
                        && is_same(&account.client_secret, &old.client_secret);
                    changed.extend((!keys).then(|| format!("account {name}: keys")));
                    changed.extend((account.api != old.api).then(|| format!("account {name}: [api]")));
                }
            }
        }
        let gone = old.accounts.iter().filter(|account| find(&self.accounts, account).is_none());
        changed.extend(gone.map(|account| format!("account {}: gone", account.name)));
        changed
    }
}

fn is_same_alerts(one: &Alerts, other: &Alerts) -> bool {
    let url = match (&one.webhook_url, &other.webhook_url) {
        (None, None) => true,
        (Some(one), Some(other)) => is_same(one, other),
        _ => false,
    };
    url && one.command == other.command && one.after_failures == other.after_failures
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
