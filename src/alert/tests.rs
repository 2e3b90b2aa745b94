//! The board against a naive model that reads the whole history each time; the outbox against lists.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::room::Room;

fn at(second: i64) -> UtcInstant {
    UtcInstant::from_unix_s(second).unwrap()
}

fn account(number: u8) -> AccountName {
    AccountName::new(format!("account{number}"))
}

fn directory(number: u8) -> DirectoryId {
    DirectoryId::new(format!("dir_{number}"))
}

fn trouble(is_refused: bool) -> Trouble {
    Trouble { is_refused, text: "it\nfailed".into(), hint: Some("do something".into()) }
}

fn ends() -> impl Strategy<Value = End> {
    prop_oneof![
        3 => Just(End::Complete),
        4 => Just(End::Failed(trouble(false))),
        1 => Just(End::Failed(trouble(true))),
        1 => Just(End::Stopped),
    ]
}

/// Ticks of two accounts; account 0 has directories 0 and 1, account 1 has 2 and 3.
fn ticks() -> impl Strategy<Value = Tick> {
    let walk = || (ends(), proptest::option::of(any::<bool>()));
    let listing = prop_oneof![6 => Just(None), 2 => Just(Some(false)), 1 => Just(Some(true))];
    (0_u8..2, listing, walk(), proptest::option::of(walk()), any::<bool>()).prop_map(
        |(number, refused, first, second, lists_both)| {
            let (one, other) = (directory(number * 2), directory(number * 2 + 1));
            let listed = if lists_both { vec![one.clone(), other.clone()] } else { vec![one.clone()] };
            let walks: Vec<WalkEnd> = [(one, Some(first)), (other, second.filter(|_| lists_both))]
                .into_iter()
                .filter_map(|(directory, walk)| {
                    let (end, is_brake_held) = walk?;
                    Some(WalkEnd { directory, end, is_brake_held })
                })
                .collect();
            match refused {
                None => Tick {
                    account: account(number),
                    listing: Listing::Well(listed.into_iter().collect()),
                    walks,
                },
                Some(is_refused) => Tick {
                    account: account(number),
                    listing: Listing::Badly(trouble(is_refused)),
                    walks: Vec::new(),
                },
            }
        },
    )
}

fn seen() -> impl Strategy<Value = Seen> {
    const GIB: u64 = 1 << 30;
    let disk = (0..2 * GIB).prop_map(|free_bytes| Seen::Disk(Room { free_bytes, size_bytes: 100 * GIB }));
    let log = (0..GIB, prop_oneof![Just(0_u64), 1..30_u64, 800..1000_u64])
        .prop_map(|(bytes, held_s)| Seen::Log(Log { bytes, held_s }));
    prop_oneof![8 => ticks().prop_map(Seen::Tick), 1 => disk, 1 => log]
}

/// Whether a directory's or account's last ticks failed so often in a row, said by reading all of them.
fn is_not_fresh(history: &[Seen], key: &Key, after: u32) -> bool {
    let (mut failed, mut fires) = (0, false);
    for seen in history {
        let Seen::Tick(tick) = seen else { continue };
        if Some(&tick.account) != key.account.as_ref() {
            continue;
        }
        let verdict = match &key.directory {
            None => Some(matches!(tick.listing, Listing::Well(_))),
            Some(directory) => {
                let is_gone = matches!(&tick.listing, Listing::Well(listed) if !listed.contains(directory));
                let walk = tick.walks.iter().find(|walk| walk.directory == *directory);
                match walk.map(|walk| &walk.end) {
                    _ if is_gone => Some(true),
                    Some(End::Complete) => Some(true),
                    Some(End::Failed(_)) => Some(false),
                    Some(End::Stopped) | None => None,
                }
            }
        };
        match verdict {
            Some(true) => (failed, fires) = (0, false),
            Some(false) => failed += 1,
            None => {}
        }
        fires |= failed >= after;
    }
    fires
}

proptest! {
    #[test]
    fn each_alert_begins_once_and_ends_once_and_fires_exactly_while_it_is_so(
        history in proptest::collection::vec(seen(), 1..60),
        after in 1_u32..4,
    ) {
        let mut board = Board::default();
        let mut told: BTreeMap<Key, UtcInstant> = BTreeMap::new();
        for (step, seen) in history.iter().enumerate() {
            let now = at(i64::try_from(step).unwrap());
            for alert in board.see(seen, after, now) {
                match alert.state {
                    State::Firing => {
                        prop_assert_eq!(alert.since, now);
                        prop_assert_eq!(told.insert(alert.key.clone(), now), None);
                    }
                    State::Resolved => prop_assert_eq!(told.remove(&alert.key), Some(alert.since)),
                }
                prop_assert!(!alert.message.contains('\n') && !alert.message.is_empty());
            }
            let firing: BTreeMap<_, _> =
                board.firing().iter().map(|(key, firing)| (key.clone(), firing.since)).collect();
            prop_assert_eq!(&firing, &told);
            for number in 0..4 {
                let owner = account(number / 2);
                for key in [
                    Key::of_directory(Kind::NotFresh, &owner, &directory(number)),
                    Key::of_account(Kind::NotFresh, &owner),
                ] {
                    prop_assert_eq!(told.contains_key(&key), is_not_fresh(&history[..=step], &key, after));
                }
            }
        }
        for alert in board.watch_only(&BTreeSet::new(), at(2000)) {
            prop_assert_eq!(told.remove(&alert.key), Some(alert.since));
        }
        prop_assert!(board.firing().keys().all(|key| key.account.is_none()));
    }

    #[test]
    fn each_is_told_everything_in_order_whenever_the_other_can_be(
        steps in proptest::collection::vec((seen(), any::<bool>(), any::<bool>()), 1..40),
    ) {
        let vias: BTreeSet<Via> = Via::ALL.into();
        let (mut board, mut outbox) = (Board::default(), Outbox::default());
        let mut happened = Vec::new();
        let mut told: BTreeMap<Via, Vec<Alert>> = BTreeMap::new();
        for (step, (seen, command, webhook)) in steps.iter().enumerate() {
            for alert in board.see(seen, 2, at(i64::try_from(step).unwrap())) {
                outbox.add(&alert, &vias);
                happened.push(alert);
            }
            outbox.tell_by(&vias, board.firing());
            for (via, can_be) in [(Via::Command, command), (Via::Webhook, webhook)] {
                if *can_be && let Some(due) = outbox.next(via).cloned() {
                    outbox.told(via, due.number);
                    told.entry(via).or_default().push(due.alert);
                }
            }
            // As after a restart.
            let begun = vias.iter().flat_map(|via| board.firing().keys().map(|key| (*via, key.clone())));
            let begun = begun.filter(|(via, key)| outbox.has_begun(*via, key)).collect();
            let mut due: Vec<_> = outbox.due().cloned().collect();
            due.sort_by_key(|due| due.number);
            outbox = Outbox::new(due, begun);
        }
        for via in Via::ALL {
            let told = told.remove(&via).unwrap_or_default();
            let due = outbox.due().filter(|due| due.via == via).map(|due| due.alert.clone());
            prop_assert_eq!(told.into_iter().chain(due).collect::<Vec<_>>(), happened.clone());
        }
    }
}

fn low() -> Seen {
    Seen::Disk(Room { free_bytes: 9 << 20, size_bytes: 1 << 40 })
}

fn ample() -> Seen {
    Seen::Disk(Room { free_bytes: 9 << 30, size_bytes: 1 << 40 })
}

#[test]
fn who_is_named_later_is_told_of_what_fires_then_and_of_its_end_and_of_nothing_before() {
    let (nobody, command) = (BTreeSet::new(), BTreeSet::from([Via::Command]));
    let (mut board, mut outbox) = (Board::default(), Outbox::default());
    for (seen, second) in [(low(), 1), (ample(), 2), (low(), 3)] {
        board.see(&seen, 3, at(second)).iter().for_each(|alert| outbox.add(alert, &nobody));
    }
    assert_eq!(outbox.due().count(), 0);
    assert!(outbox.tell_by(&command, board.firing()));
    assert!(!outbox.tell_by(&command, board.firing()), "once");
    board.see(&ample(), 3, at(4)).iter().for_each(|alert| outbox.add(alert, &command));
    let told: Vec<_> = outbox.due().map(|due| (due.alert.state, due.alert.since)).collect();
    assert_eq!(told, [(State::Firing, at(3)), (State::Resolved, at(3))]);
    assert!(outbox.tell_by(&nobody, board.firing()));
    assert_eq!(outbox.due().count(), 0);
}

#[test]
fn what_waits_for_one_who_cannot_be_told_is_limited_and_the_oldest_goes() {
    let (mut board, mut outbox) = (Board::default(), Outbox::default());
    let vias = BTreeSet::from([Via::Webhook]);
    for second in 0..3000 {
        let seen = if second % 2 == 0 { low() } else { ample() };
        board.see(&seen, 3, at(second)).iter().for_each(|alert| outbox.add(alert, &vias));
    }
    let numbers: Vec<_> = outbox.due().map(|due| due.number).collect();
    assert_eq!(numbers, (2001..=3000).collect::<Vec<_>>());
}

#[test]
fn a_log_is_large_once_it_could_not_be_cut_and_over_once_it_was() {
    const MIB: u64 = 1 << 20;
    let mut board = Board::default();
    let mut states = |bytes: u64, held_s| -> Vec<State> {
        let alerts = board.see(&Seen::Log(Log { bytes: bytes * MIB, held_s }), 3, at(0));
        alerts.into_iter().map(|alert| alert.state).collect()
    };
    assert_eq!(states(700, 0), [], "one large transaction");
    assert_eq!(states(80, 600), [], "a long export");
    assert_eq!(states(80, 900), [State::Firing]);
    assert_eq!(states(80, 0), [], "a process that has just begun");
    assert_eq!(states(0, 0), [State::Resolved]);
    assert_eq!(states(256, 10), [State::Firing]);
}

#[test]
fn the_object_has_the_promised_keys_in_order_and_nothing_breaks_its_line() {
    let odd = DirectoryId::new(format!("dir\n\"{}", "x".repeat(2000)));
    let key = Key::of_directory(Kind::BrakeHeld, &account(0), &odd);
    let walk = WalkEnd { directory: odd.clone(), end: End::Stopped, is_brake_held: Some(true) };
    let listing = Listing::Well(BTreeSet::from([odd.clone()]));
    let tick = Seen::Tick(Tick { account: account(0), listing, walks: vec![walk] });
    let alerts = Board::default().see(&tick, 3, at(0));
    let [alert] = &alerts[..] else { panic!("{alerts:?}") };
    assert_eq!((&alert.key, alert.state), (&key, State::Firing));
    assert!(alert.message.chars().count() < 1200, "{}", alert.message);
    let text = alert.to_json();
    assert!(!text.contains('\n'), "{text}");
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let keys: Vec<_> = object.keys().map(String::as_str).collect();
    assert_eq!(keys, ["alert", "state", "account", "directory_id", "since", "message"]);
    assert_eq!((&object["alert"], &object["directory_id"]), (&"brake_held".into(), &odd.as_str().into()));
    assert_eq!(object["since"], "1970-01-01T00:00:00Z");
    let trial = Alert::trial(State::Firing, at(0)).to_json();
    assert!(trial.contains("\"account\":null,\"directory_id\":null"), "{trial}");
}

#[test]
fn words_are_read_back() {
    assert_eq!(Kind::ALL.map(|kind| Kind::parse(kind.as_str())), Kind::ALL.map(Some));
    assert_eq!(Via::ALL.map(|via| Via::parse(via.as_str())), Via::ALL.map(Some));
    let states = [State::Firing, State::Resolved];
    assert_eq!(states.map(|state| State::parse(state.as_str())), states.map(Some));
    assert_eq!(Kind::parse("disk"), None);
}
