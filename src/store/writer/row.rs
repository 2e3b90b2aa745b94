//! Registrations that a page shows: created, updated, restored, or found as they were.

use chrono_tz::Tz;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, ToSql, params};
use serde_json::{Map, Value};

use super::disk::Disk;
use super::erasure::{self, Erasures};
use super::field::{self, Change};
use super::statement;
use super::walk::WalkState;
use crate::instant::UtcInstant;
use crate::registration::{Registration, RegistrationId};
use crate::store::error::StoreError;
use crate::store::walk::Content;
use crate::walk::Row;

/// Where the fields begin in what `FIND_REGISTRATION` gives.
const FIRST_FIELD: usize = 6;
/// Of these, that of the registration's date.
const REGISTERED_AT: usize = FIRST_FIELD + field::REGISTERED_AT;

/// What the file holds of a registration, as far as it matters to what is written now.
struct Found {
    key: i64,
    removed_at: Option<String>,
    has_marks: bool,
    change: Option<Change>,
    /// The date that it had, if it is erased and its date is read otherwise by now.
    redated_from: Option<Option<String>>,
}

/// Saves the rows of a page.
pub(super) fn save_rows(
    disk: &Disk,
    state: &mut WalkState,
    rows: &[Row<Content>],
    zone: Tz,
    now: UtcInstant,
) -> Result<(), StoreError> {
    let now = now.to_string();
    let erasures = Erasures::look(disk)?;
    for row in rows {
        let Content::Decoded(registration) = &row.payload else {
            clear_own_mark(disk, state, row)?;
            continue;
        };
        if row.stored.is_none() && create(disk, state, erasures, registration, zone, &now)? {
            continue;
        }
        match find(disk, state, registration)? {
            Some(found) => save_found(disk, state, erasures, registration, &found, zone, &now)?,
            // Erased since its look-up.
            None => {
                create(disk, state, erasures, registration, zone, &now)?;
            }
        }
    }
    Ok(())
}

/// A row that looked unchanged may have been marked since its look-up, but by this walk only.
fn clear_own_mark(disk: &Disk, state: &mut WalkState, row: &Row<Content>) -> Result<(), StoreError> {
    let Some(key) = row.stored.map(|stored| stored.key.0) else { return Ok(()) };
    if state.marked.remove(key.cast_unsigned()) {
        disk.execute(statement::CLEAR_MARKS, [key])?;
    }
    Ok(())
}

/// Whether it was new to the file.
fn create(
    disk: &Disk,
    state: &mut WalkState,
    erasures: Erasures,
    r: &Registration,
    zone: Tz,
    now: &str,
) -> Result<bool, StoreError> {
    let erased_at = erasures.find(disk, r)?;
    let emptied = erased_at.as_ref().map(|_| r.emptied());
    let r = emptied.as_ref().unwrap_or(r);
    let fields = field::fields(r);
    let registered_on = r.registered_at.map(|at| at.local_date(zone));
    let mut insert = disk.write(statement::CREATE_REGISTRATION)?;
    let first: [&dyn ToSql; 8] = [
        &state.directory.0,
        &r.id.as_str(),
        &state.key.0,
        &r.fingerprint.0,
        &now,
        &registered_on,
        &&*r.raw,
        &erased_at,
    ];
    bind(&mut insert, &first, &fields)?;
    if insert.raw_execute()? == 0 {
        return Ok(false);
    }
    disk.count(1);
    state.counts.created += 1;
    state.standing_change += 1;
    if state.is_loaded {
        record(disk, state, "created", &r.id, (None, Some(field::all_of(&fields))), now)?;
    }
    Ok(true)
}

fn bind(
    statement: &mut CachedStatement<'_>,
    first: &[&dyn ToSql],
    fields: &[impl ToSql],
) -> Result<(), StoreError> {
    for (value, n) in first.iter().zip(1..) {
        statement.raw_bind_parameter(n, value)?;
    }
    for (value, n) in fields.iter().zip(first.len() + 1..) {
        statement.raw_bind_parameter(n, value)?;
    }
    Ok(())
}

fn find(disk: &Disk, state: &WalkState, r: &Registration) -> Result<Option<Found>, StoreError> {
    disk.find(statement::FIND_REGISTRATION, params![state.directory.0, r.id.as_str()], |row| {
        // An erased row stays as it is, whatever is listed, but for its date.
        let is_erased: bool = row.get(4)?;
        let is_same = is_erased || row.get::<_, i64>(1)? == r.fingerprint.0;
        let dated_before = row.get::<_, Option<String>>(REGISTERED_AT)?;
        let is_redated = is_erased && dated_before != r.registered_at.map(|at| at.to_string());
        let change = if is_same {
            None
        } else {
            let mut before = [ValueRef::Null; field::COUNT];
            for (value, n) in before.iter_mut().zip(FIRST_FIELD..) {
                *value = row.get_ref(n)?;
            }
            field::change(&before, &field::fields(r), row.get_ref(5)?.as_str()?, &r.raw)
        };
        Ok(Found {
            key: row.get(0)?,
            removed_at: row.get(2)?,
            has_marks: row.get(3)?,
            change,
            redated_from: is_redated.then_some(dated_before),
        })
    })
}

fn save_found(
    disk: &Disk,
    state: &mut WalkState,
    erasures: Erasures,
    r: &Registration,
    found: &Found,
    zone: Tz,
    now: &str,
) -> Result<(), StoreError> {
    if found.has_marks || found.removed_at.is_some() {
        disk.execute(statement::CLEAR_MARKS, [found.key])?;
        state.marked.remove(found.key.cast_unsigned());
    }
    if let Some(removed_at) = &found.removed_at {
        state.counts.restored += 1;
        state.standing_change += 1;
        let sides = (Some(removal(Some(removed_at))), Some(removal(None)));
        record(disk, state, "restored", &r.id, sides, now)?;
    }
    if let Some(before) = &found.redated_from {
        let registered_on = r.registered_at.map(|at| at.local_date(zone));
        let after = r.registered_at.map(|at| at.to_string());
        let zone = r.registered_zone.map(|zone| zone.as_str());
        disk.execute(statement::REDATE_ERASED, params![found.key, after, registered_on, zone, now])?;
        state.counts.updated += 1;
        let side = |date: Option<&str>| {
            Some(Map::from_iter([("registered_at".to_owned(), date.map_or(Value::Null, Value::from))]))
        };
        record(disk, state, "updated", &r.id, (side(before.as_deref()), side(after.as_deref())), now)?;
    }
    if let Some(change) = &found.change {
        // Who was erased may have stood here by another address, mistyped until now.
        if change.tells_recipient()
            && let Some(erased_at) = erasures.find(disk, r)?
        {
            return erasure::empty(disk, state, found.key, r, &erased_at, now);
        }
        let registered_on = r.registered_at.map(|at| at.local_date(zone));
        let mut update = disk.write(statement::UPDATE_REGISTRATION)?;
        let first: [&dyn ToSql; 5] = [&found.key, &r.fingerprint.0, &now, &registered_on, &&*r.raw];
        bind(&mut update, &first, &field::fields(r))?;
        disk.count(update.raw_execute()?);
        state.counts.updated += 1;
        let sides = (Some(change.before.clone()), Some(change.after.clone()));
        record(disk, state, "updated", &r.id, sides, now)?;
    }
    Ok(())
}

/// The one column that a removal changes, as a side of a change.
pub(super) fn removal(removed_at: Option<&str>) -> Map<String, Value> {
    Map::from_iter([("removed_at".to_owned(), removed_at.map_or(Value::Null, Value::from))])
}

/// Both sides of a change.
type Sides = (Option<Map<String, Value>>, Option<Map<String, Value>>);

/// Adds to the feed of changes, once the directory is loaded.
pub(super) fn record(
    disk: &Disk,
    state: &WalkState,
    kind: &str,
    id: &RegistrationId,
    (before, after): Sides,
    now: &str,
) -> Result<(), StoreError> {
    if !state.is_loaded {
        return Ok(());
    }
    let text = |side: Option<Map<String, Value>>| side.map(|side| Value::Object(side).to_string());
    let params = params![now, kind, state.directory.0, id.as_str(), text(before), text(after)];
    disk.execute(statement::RECORD_CHANGE, params)?;
    Ok(())
}
