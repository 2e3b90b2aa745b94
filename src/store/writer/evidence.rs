//! A page as evidence: what it proves gone. Here a row becomes missing, and a candidate for removal
//! on the second proof, by a later walk; `removal` removes it when that walk ends.

use std::collections::{BTreeSet, HashSet};

use roaring::RoaringTreemap;
use rusqlite::params;

use super::disk::Disk;
use super::statement;
use super::walk::WalkState;
use crate::instant::UtcInstant;
use crate::store::error::StoreError;
use crate::walk::{Evidence, RegistrationKey, WalkKey};

/// Before and after every instant's text.
const BEFORE_ALL: &str = "";
const AFTER_ALL: &str = "~";

/// Marks what the page proves gone. `shown` are keys of rows on the page, as many as are at hand:
/// where the index names no other, no row is read.
pub(super) fn prove(
    disk: &Disk,
    state: &mut WalkState,
    evidence: &Evidence,
    shown: BTreeSet<RegistrationKey>,
    now: UtcInstant,
) -> Result<(), StoreError> {
    if !state.in_order {
        return Ok(());
    }
    let after = evidence.interval.after.map(|at| at.to_string());
    let before = evidence.interval.before.map(|at| at.to_string());
    let interval = params![
        state.directory.0,
        after.as_deref().unwrap_or(BEFORE_ALL),
        before.as_deref().unwrap_or(AFTER_ALL),
    ];
    let mut absent = RoaringTreemap::new();
    disk.each_key(statement::LIST_DATED_BETWEEN, interval, |key| {
        if !shown.contains(&RegistrationKey(key)) {
            absent.insert(key.cast_unsigned());
        }
    })?;
    if absent.is_empty() {
        return Ok(());
    }
    let page: HashSet<&str> = evidence.page.iter().map(|id| id.as_str()).collect();
    let now = now.to_string();
    for key in absent {
        mark_gone(disk, state, key.cast_signed(), &page, &now)?;
    }
    Ok(())
}

fn mark_gone(
    disk: &Disk,
    state: &mut WalkState,
    key: i64,
    page: &HashSet<&str>,
    now: &str,
) -> Result<(), StoreError> {
    let marks = disk.find(statement::FIND_MARKS, [key], |row| {
        let is_shown = page.contains(row.get_ref(0)?.as_str()?);
        let is_evidence = !is_shown && state.is_settled(WalkKey(row.get(1)?)) && row.get::<_, bool>(5)?;
        Ok((
            is_evidence,
            row.get::<_, bool>(2)?,
            row.get::<_, Option<i64>>(3)?,
            row.get::<_, Option<i64>>(4)?,
        ))
    })?;
    let Some((true, is_missing, gone, gone_again)) = marks else { return Ok(()) };
    let me = state.key.0;
    let first = gone.unwrap_or(me);
    let second = if first == me { gone_again } else { Some(me) };
    if is_missing && gone == Some(first) && gone_again == second {
        return Ok(());
    }
    disk.execute(statement::MARK_GONE, params![key, now, first, second])?;
    state.marked.insert(key.cast_unsigned());
    state.counts.missing += u64::from(!is_missing);
    Ok(())
}
