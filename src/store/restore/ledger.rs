//! What a restore must not make undone: sends, opt-outs and erasures since the snapshot are taken over from the file that
//! loses its place, so that nobody is sent a campaign twice, nobody who opted out is sent anything, and nobody who was
//! erased comes back.
//!
//! It is the union of both: a file that was made anew after a disaster has a ledger of its own, and neither is lost.
//! Deliberately not here: registrations that were erased (`erased`).

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{There, erased, statement};
use crate::instant::UtcInstant;
use crate::store::summary::Summary;

/// The versions of the schema from which on a file tells of sends and opt-outs, and of erasures.
const WITH_SENDS: i64 = 12;
const WITH_ERASURES: i64 = 14;
/// How long another program may keep the replaced file to itself.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// What the snapshot did not know, or knew otherwise, and the replaced file did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// Sends.
    pub sends: u64,
    /// Who must not be sent to.
    pub opt_outs: u64,
    /// Registrations that were erased.
    pub erasures: u64,
}

/// Why not all of it is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTakenOver {
    /// There is no file to take it from.
    Nothing,
    /// It can't be read.
    Unreadable,
    /// Recipients are hashed with another key there: nobody can be recognised. Only registrations are, which have IDs.
    OtherKey,
    /// The snapshot is of a version that had no place for it.
    OlderSnapshot,
}

/// Which parts both files have a place for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    sends: bool,
    erasures: bool,
    hashes: bool,
}

impl Parts {
    pub(super) fn of(there: &Summary, snapshot: &Summary) -> Self {
        let have = |version| there.version >= version && snapshot.version >= version;
        let hashes = there.masking_key_id.is_some() && there.masking_key_id == snapshot.masking_key_id;
        Self { sends: have(WITH_SENDS), erasures: have(WITH_ERASURES), hashes }
    }
}

/// What keeps any of it from being taken over, if there is any.
pub(super) fn find_obstacle(
    mirror: &Path,
    there: &There,
    snapshot: &Summary,
) -> rusqlite::Result<Option<NotTakenOver>> {
    let there = match there {
        There::Nothing => return Ok(Some(NotTakenOver::Nothing)),
        There::Unreadable(_) => return Ok(Some(NotTakenOver::Unreadable)),
        There::Mirror(there) => there,
    };
    let parts = Parts::of(there, snapshot);
    if parts.sends && parts.erasures && parts.hashes {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(mirror, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    let has = |version, sql| {
        Ok::<bool, rusqlite::Error>(
            there.version >= version && connection.query_row(sql, [], |row| row.get(0))?,
        )
    };
    let (sends, erasures) =
        (has(WITH_SENDS, statement::HAS_SENDS)?, has(WITH_ERASURES, statement::HAS_ERASURES)?);
    Ok(if (sends && !parts.sends) || (erasures && !parts.erasures) {
        Some(NotTakenOver::OlderSnapshot)
    } else if (sends || erasures) && !parts.hashes {
        Some(NotTakenOver::OtherKey)
    } else {
        None
    })
}

/// Whether an error is of the file that is replaced: that one may be damaged, and the copy was just looked through.
pub(super) fn is_of_replaced(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
        )
    )
}

/// Takes over into the unfinished file at `path` what the file at `replaced` says, in one transaction. Says, too, which
/// texts were in what it emptied.
pub(super) fn take_over(
    replaced: &Path,
    path: &Path,
    parts: Parts,
    now: UtcInstant,
) -> rusqlite::Result<(TakenOver, Vec<String>)> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    // What is overwritten is overwritten with zeros.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.execute(statement::ATTACH, [read_only(replaced)])?;
    let transaction = connection.transaction()?;
    let (mut taken, mut traces) = (TakenOver::default(), Vec::new());
    if parts.sends {
        transaction.execute(statement::RAISE_SEND_SEQ, [])?;
        transaction.execute(statement::SET_SEND_SEQ, [])?;
    }
    if parts.sends && parts.hashes {
        taken.sends = take_over_sends(&transaction)?;
        taken.opt_outs = count(transaction.execute(statement::INSERT_OPT_OUTS, [])?);
        transaction.execute(statement::EMPTY_OPT_OUTS, [])?;
    }
    if parts.hashes && (parts.sends || parts.erasures) {
        transaction.execute_batch(statement::TAKE_OVER_OTHER_KEYS)?;
    }
    if parts.erasures {
        (taken.erasures, traces) = erased::take_over(&transaction, parts.hashes, now)?;
    }
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    Ok((taken, traces))
}

fn take_over_sends(connection: &Connection) -> rusqlite::Result<u64> {
    connection.execute_batch(statement::PAIR_SENDS)?;
    connection.execute(statement::EMPTY_SENDS, [])?;
    let mut taken = connection.execute(statement::UPDATE_SENDS, [])?;
    taken += connection.execute(statement::PREFER_SENT, [])?;
    for is_number_taken in [true, false] {
        taken += connection.execute(statement::INSERT_SENDS, [is_number_taken])?;
    }
    Ok(count(taken))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// A file's address, as SQLite reads it, by which nobody writes it.
fn read_only(path: &Path) -> String {
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                address.push(char::from(*byte))
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address + "?mode=ro"
}
