//! What the file keeps of alerts comes back as it was saved, and saving it twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use coupontools_mirror::alert::{Alert, Due, Firing, Key, Kind, State, Via};
use coupontools_mirror::directory::{AccountName, DirectoryId};
use coupontools_mirror::store::{Absent, AlertsToSave, SavedAlerts};

use crate::fixture::{Mirror, directory, minute};

fn keys() -> [Key; 3] {
    let account = AccountName::new("default");
    [
        Key::of_directory(Kind::NotFresh, &account, &DirectoryId::new("dir_1")),
        Key::of_account(Kind::KeysRefused, &account),
        Key::of_file(Kind::DiskLow),
    ]
}

fn firing(at: i64) -> Firing {
    Firing { since: minute(at), message: format!("it's \"wrong\" since {at}") }
}

fn due(number: i64, via: Via, key: &Key, state: State) -> Due {
    let Firing { since, message } = firing(number);
    Due { number, via, alert: Alert { key: key.clone(), state, since, message } }
}

#[tokio::test]
async fn alerts_come_back_as_they_were_saved_and_what_was_told_is_gone() {
    let mirror = Mirror::new().await;
    assert_eq!(mirror.store.load_alerts().await.unwrap(), SavedAlerts::default());
    let [fresh, keys, disk] = keys();
    let all = vec![
        due(1, Via::Command, &fresh, State::Firing),
        due(2, Via::Webhook, &fresh, State::Firing),
        due(3, Via::Command, &keys, State::Firing),
        due(4, Via::Command, &keys, State::Resolved),
    ];
    let save = AlertsToSave {
        firing: Some(vec![
            (fresh.clone(), firing(1), vec![Via::Command, Via::Webhook]),
            (disk.clone(), firing(2), vec![]),
        ]),
        first_due: vec![(Via::Command, 1), (Via::Webhook, 2)],
        due: all.clone(),
    };
    for _ in 0..2 {
        mirror.store.save_alerts(save.clone()).await.unwrap();
        let saved = mirror.store.load_alerts().await.unwrap();
        assert_eq!(saved.firing, BTreeMap::from([(fresh.clone(), firing(1)), (disk.clone(), firing(2))]));
        let begun = BTreeSet::from([(Via::Command, fresh.clone()), (Via::Webhook, fresh.clone())]);
        assert_eq!((saved.begun, saved.due), (begun, all.clone()));
    }
    let told = AlertsToSave {
        firing: None,
        first_due: vec![(Via::Command, 4), (Via::Webhook, i64::MAX)],
        due: Vec::new(),
    };
    mirror.store.save_alerts(told).await.unwrap();
    let mirror = mirror.reopened(chrono_tz::UTC).await;
    let saved = mirror.store.load_alerts().await.unwrap();
    assert_eq!((saved.firing.len(), saved.due), (2, all[3..].to_vec()));
}

#[tokio::test]
async fn failures_in_a_row_are_counted_for_listed_directories_and_accounts_until_it_goes_well() {
    let mirror = Mirror::new().await;
    let (store, account) = (&mirror.store, mirror.account.key);
    let counted = async || store.load_alerts().await.unwrap().failed;
    for at in 1..=2 {
        store.save_account_error(account, Some("cannot".into()), minute(at)).await.unwrap();
    }
    let of_account = (AccountName::new("default"), None);
    assert_eq!(counted().await, BTreeMap::from([(of_account, 2)]));
    assert_eq!(mirror.list("SELECT listed_at FROM account"), ["-"]);
    store.save_account_error(account, None, minute(3)).await.unwrap();
    store.save_account_error(account, None, minute(4)).await.unwrap();
    assert_eq!(mirror.list("SELECT listed_at FROM account"), [minute(3).to_string()]);
    assert_eq!(counted().await, BTreeMap::new());

    rusqlite::Connection::open(mirror.path())
        .unwrap()
        .execute_batch("UPDATE directory SET failed_ticks = 5")
        .unwrap();
    let of_directory = (AccountName::new("default"), Some(DirectoryId::new("dir_1")));
    assert_eq!(counted().await, BTreeMap::from([(of_directory, 5)]));
    store.save_directories(account, &[directory("dir_2")], Absent::AreGone, minute(5)).await.unwrap();
    assert_eq!(counted().await, BTreeMap::new(), "it is listed no more");
}
