//! What is said to people: what is wrong, and what to do. IDs and figures, never a value of a registration.

use super::board::{Log, Trouble};
use super::{Key, Kind};
use crate::freshness::Age;
use crate::room::{Room, WALK_BYTES_MIN};

/// Of what comes from outside, in characters.
const QUOTED_MAX: usize = 300;

pub(super) fn not_fresh(key: &Key, failed_ticks: u32, trouble: &Trouble) -> String {
    let what = match &key.directory {
        Some(_) => "is not mirrored any more",
        None => "can't be listed, and none of its directories is mirrored",
    };
    let times = if failed_ticks == 1 { "look" } else { "looks in a row" };
    format!("{} {what}: {failed_ticks} {times} failed, the last because {}", subject(key), because(trouble))
}

pub(super) fn keys_refused(key: &Key, trouble: &Trouble) -> String {
    format!(
        "the API refuses the keys of {}: {}. Nothing is asked in its name until the daemon is started again with \
         keys that work",
        subject(key),
        because(trouble)
    )
}

pub(super) fn brake_held(key: &Key) -> String {
    let id = key.directory.as_ref().map_or_else(String::new, |id| quoted(id.as_str()));
    format!(
        "more of {} would have been removed at once than max_removed_percent allows: nothing is removed until you \
         decide. If they are really gone, stop the daemon, run `coupontools-mirror sync --directory {id} \
         --accept-removals`, and start it again",
        subject(key)
    )
}

pub(super) fn disk_low(room: Room) -> String {
    format!(
        "{} are free on the disk that holds the mirror, less than {}: make room, or move the mirror to a larger disk. \
         Below {} no walk begins; what was mirrored stays readable",
        bytes(room.free_bytes),
        bytes(room.low_bytes()),
        bytes(WALK_BYTES_MIN)
    )
}

pub(super) fn wal_large(log: Log) -> String {
    format!(
        "the log beside the mirror's file has {} and could not be cut for {}: some program keeps an old state of the \
         mirror open. Find it with `fuser -v` or `lsof` on the mirror's -shm file (mirror.db-shm), and end it or let it \
         end its transaction",
        bytes(log.bytes),
        Age(i64::try_from(log.held_s).unwrap_or(i64::MAX))
    )
}

/// What an end says.
pub(super) fn over(key: &Key) -> String {
    let subject = subject(key);
    match key.kind {
        Kind::NotFresh if key.directory.is_some() => format!("{subject} is mirrored again"),
        Kind::NotFresh => format!("{subject} is listed again"),
        Kind::KeysRefused => format!("the keys of {subject} are taken again"),
        Kind::BrakeHeld => format!("the brake no longer holds back removals in {subject}"),
        Kind::DiskLow => "there is room again on the disk that holds the mirror".to_owned(),
        Kind::WalLarge => "the log beside the mirror's file was cut".to_owned(),
    }
}

/// What the end of an alert says whose subject is gone.
pub(super) fn gone(key: &Key) -> String {
    match key.directory {
        Some(_) => {
            format!("{} is no longer listed, or left out by [sync]: it is not watched any more", subject(key))
        }
        None => format!("{} is no longer configured: it is not watched any more", subject(key)),
    }
}

fn subject(key: &Key) -> String {
    match (&key.account, &key.directory) {
        (Some(account), Some(directory)) => {
            format!("directory {} (account {account})", quoted(directory.as_str()))
        }
        (Some(account), None) => format!("account {account}"),
        _ => "the mirror".to_owned(),
    }
}

fn because(Trouble { text, hint, .. }: &Trouble) -> String {
    match hint {
        Some(hint) => format!("{} (hint: {})", quoted(text), quoted(hint)),
        None => quoted(text),
    }
}

/// On one line and not long, whatever it is.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().take(QUOTED_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(QUOTED_MAX).is_some() { format!("{plain}…") } else { plain }
}

fn bytes(count: u64) -> String {
    match count >> 20 {
        megabytes @ 0..10_000 => format!("{megabytes} MiB"),
        megabytes => format!("{} GiB", megabytes >> 10),
    }
}
