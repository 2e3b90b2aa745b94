//! Whom the ledger knows, by hashes: made anew with another key, kept where nobody is named any more.

use coupontools_mirror::directory::DirectoryId;
use coupontools_mirror::recipient::Recipient;
use coupontools_mirror::store::Past;
use coupontools_mirror::store::ledger::{Ledger, Obstacle, Outcome, Series, Turn};

use crate::fixture::{Mirror, minute};
use crate::masking::write_key;
use crate::retention::plant;

const HASHES: &str = "SELECT recipient_hash FROM send ORDER BY send_key";
const OPT_OUTS: &str = "SELECT recipient_hash FROM opt_out ORDER BY since";
/// Numbers are what no plan has any more: what a newer version's plans make of an older one's.
const NO_MORE: &str = "+999 no more";

fn ledger(mirror: &Mirror) -> Ledger {
    Ledger::open(&mirror.path(), None).unwrap()
}

fn series(campaign: &str) -> Series {
    Series { directory: DirectoryId::new("dir_1"), campaign: Some(campaign.into()) }
}

fn email(text: &str) -> Recipient {
    Recipient::email(text).unwrap()
}

fn phone(text: &str) -> Recipient {
    Recipient::phone(text, None).unwrap()
}

/// Sends a campaign to some, as far as the ledger is concerned, at the minute.
fn send(mirror: &Mirror, to: &[(&Recipient, Outcome)], at: i64) {
    let turn = Turn::take(ledger(mirror), &mirror.path(), minute(at)).unwrap();
    for (recipient, outcome) in to {
        let begun = turn.begin(recipient, &series("spring"), Some("Your card"), minute(at)).unwrap().unwrap();
        turn.end(begun, *outcome, None, minute(at)).unwrap();
    }
}

async fn rekeyed(mirror: Mirror, digit: &str) -> Mirror {
    mirror.store.close().await;
    write_key(mirror.folder.path(), digit);
    Mirror::in_folder(mirror.folder, chrono_tz::UTC).await
}

async fn with_key(digit: &str) -> Mirror {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), digit);
    Mirror::in_folder(folder, chrono_tz::UTC).await
}

#[tokio::test]
async fn another_key_hashes_recipients_anew_and_whom_nothing_reads_any_more_stays_as_they_were() {
    let mirror = with_key("a").await;
    let (ann, bob) = (email("ann@example.com"), phone("+32470123456"));
    send(
        &mirror,
        &[(&ann, Outcome::Sent), (&bob, Outcome::Unknown), (&phone("+32470123457"), Outcome::Sent)],
        10,
    );
    ledger(&mirror).save_opt_out(&email("eve@example.com"), minute(1)).unwrap();
    ledger(&mirror).save_opt_out(&phone("+32470123458"), minute(2)).unwrap();
    let no_more = format!(
        "UPDATE send SET recipient = '{NO_MORE}' WHERE recipient = '+32470123457';
         UPDATE opt_out SET recipient = '{NO_MORE}' WHERE recipient = '+32470123458'"
    );
    plant(&mirror, &no_more);
    let (sends, opt_outs) = (mirror.list(HASHES), mirror.list(OPT_OUTS));

    let mirror = rekeyed(mirror, "b").await;
    let anew = (mirror.list(HASHES), mirror.list(OPT_OUTS));
    assert!(anew.0[0] != sends[0] && anew.0[1] != sends[1] && anew.1[0] != opt_outs[0], "{anew:?}");
    assert_eq!((&anew.0[2], &anew.1[1]), (&sends[2], &opt_outs[1]));
    let obstacle =
        |recipient: &Recipient| ledger(&mirror).find_obstacle(recipient, &series("spring")).unwrap();
    assert_eq!(obstacle(&ann), Some(Obstacle::SentBefore));
    assert_eq!(obstacle(&email("Ann@Example.com")), Some(Obstacle::SentBefore));
    assert_eq!(obstacle(&bob), Some(Obstacle::Unknown));
    assert_eq!(obstacle(&email("eve@example.com")), Some(Obstacle::OptedOut));
    assert_eq!(ledger(&mirror).list_opt_outs().unwrap().len(), 2);
    let turn = Turn::take(ledger(&mirror), &mirror.path(), minute(20)).unwrap();
    assert!(turn.begin(&ann, &series("spring"), None, minute(20)).unwrap().is_none(), "the index holds, too");
    drop(turn);
    // The key of before brings back what it had made.
    let mirror = rekeyed(mirror, "a").await;
    assert_eq!((mirror.list(HASHES), mirror.list(OPT_OUTS)), (sends, opt_outs));
}

#[tokio::test]
async fn two_who_were_told_apart_and_are_one_by_now_keep_nobody_from_opening_the_file() {
    let mirror = with_key("a").await;
    send(
        &mirror,
        &[(&email("ann@example.com"), Outcome::Sent), (&email("bob@example.com"), Outcome::Sent)],
        10,
    );
    for name in ["ann", "bob"] {
        let recipient = email(&format!("{name}@example.com"));
        ledger(&mirror).save_opt_out(&recipient, minute(1)).unwrap();
    }
    let as_one =
        "UPDATE send SET recipient = 'ann@example.com'; UPDATE opt_out SET recipient = 'ann@example.com'";
    plant(&mirror, as_one);
    let mirror = rekeyed(mirror, "b").await;
    let ann = email("ann@example.com");
    assert_eq!(ledger(&mirror).find_obstacle(&ann, &series("spring")).unwrap(), Some(Obstacle::OptedOut));
    ledger(&mirror).remove_opt_out(&ann).unwrap();
    assert_eq!(ledger(&mirror).find_obstacle(&ann, &series("spring")).unwrap(), Some(Obstacle::SentBefore));
}

#[tokio::test]
async fn long_past_sends_are_emptied_but_for_the_unknown_and_stand_in_the_way_all_the_same() {
    let mirror = Mirror::new().await;
    let (ann, bob, eve) = (email("ann@example.com"), phone("+32470123456"), email("eve@example.com"));
    send(&mirror, &[(&ann, Outcome::Sent), (&bob, Outcome::Unknown), (&eve, Outcome::Failed)], 10);
    let many: Vec<Recipient> = (0..250).map(|n| email(&format!("p{n}@example.com"))).collect();
    send(&mirror, &many.iter().map(|one| (one, Outcome::Sent)).collect::<Vec<_>>(), 20);
    ledger(&mirror).save_opt_out(&eve, minute(5)).unwrap();
    const NAMED: &str = "SELECT count(*) FROM sends WHERE recipient IS NOT NULL AND text IS NOT NULL";
    const EMPTY: &str = "SELECT count(*) FROM sends WHERE recipient IS NULL AND text IS NULL";
    let left = |mirror: &Mirror| (mirror.number(NAMED), mirror.number(EMPTY));

    assert_eq!(mirror.forget(Past::Sends, 10).await, [0]);
    assert_eq!(mirror.forget(Past::Sends, 11).await, [2]);
    assert_eq!(left(&mirror), (251, 2));
    // Batch by batch, and twice changes nothing.
    assert_eq!(mirror.forget(Past::Sends, 21).await, [200, 50]);
    assert_eq!(mirror.forget(Past::Sends, 21).await, [0]);
    assert_eq!(left(&mirror), (1, 252));
    assert_eq!(mirror.list("SELECT recipient FROM sends WHERE outcome = 'unknown'"), [bob.address()]);
    assert_eq!(mirror.number("SELECT count(*) FROM opt_outs WHERE recipient IS NOT NULL"), 1);
    let obstacle =
        |recipient: &Recipient| ledger(&mirror).find_obstacle(recipient, &series("spring")).unwrap();
    assert_eq!(obstacle(&ann), Some(Obstacle::SentBefore));
    assert_eq!(obstacle(&many[249]), Some(Obstacle::SentBefore));
    assert_eq!(obstacle(&bob), Some(Obstacle::Unknown));
    assert_eq!(ledger(&mirror).find_obstacle(&ann, &series("summer")).unwrap(), None);
    // Settled, it is past, too.
    let unknown = mirror.number("SELECT send_id FROM sends WHERE outcome = 'unknown'");
    ledger(&mirror).settle(unknown, Outcome::Sent, minute(30)).unwrap();
    assert_eq!(mirror.forget(Past::Sends, 21).await, [1]);
    assert_eq!(obstacle(&bob), Some(Obstacle::SentBefore));
}
