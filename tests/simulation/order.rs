//! Dates out of order: when they stop proving anything, when they prove something again, and what
//! must not be believed then.

use std::collections::BTreeSet;

use coupontools_mirror::walk::Kind;

use crate::disk::Disk;
use crate::drive::{End, Fate, walk, walk_by};
use crate::upstream::{Deed, Upstream};

const ROWS_A_PAGE: usize = 5;

fn list(rows: usize) -> Upstream {
    Upstream::quiet(rows, ROWS_A_PAGE)
}

/// Gives the row at this place a date far below its neighbours'.
fn disorder(upstream: &mut Upstream, at: usize) -> u32 {
    upstream.rows[at].date = Some(5);
    upstream.rows[at].id
}

fn assert_nothing_standing_is_removed(disk: &Disk, upstream: &Upstream) {
    let standing: BTreeSet<u32> = upstream.rows.iter().map(|person| person.id).collect();
    let wrongly = disk.rows.iter().filter(|(id, kept)| kept.is_removed && standing.contains(id)).count();
    assert_eq!(wrongly, 0);
}

#[test]
fn out_of_order_nothing_is_proven_gone_until_a_full_walk_saw_all_in_order() {
    let (mut disk, mut upstream) = (Disk::new(), list(40));
    let odd = disorder(&mut upstream, 17);
    walk(&mut disk, &mut upstream, Kind::Full);
    assert!(!disk.in_order);
    let gone = upstream.rows[12].id;
    upstream.delete(12);
    for _ in 0..3 {
        walk(&mut disk, &mut upstream, Kind::Full);
    }
    assert!(disk.rows[&gone].is_missing && !disk.rows[&gone].is_removed);

    upstream.rows.retain(|person| person.id != odd);
    walk(&mut disk, &mut upstream, Kind::Full);
    assert!(disk.in_order);
    let gone_later = upstream.rows[12].id;
    upstream.delete(12);
    for _ in 0..2 {
        walk(&mut disk, &mut upstream, Kind::Full);
    }
    assert!(disk.rows[&gone_later].is_removed, "order was proven, and two walks showed it gone");
    assert!(!disk.rows[&odd].is_removed, "its date was never seen in order");
}

/// A row out of order that the full walk did not see which proved the order (a deletion pulled it
/// past a page boundary): back on the page that ends a tick, it bounds what it does not belong to.
#[test]
fn a_row_that_order_was_not_proven_with_bounds_nothing() {
    let (mut disk, mut upstream) = (Disk::new(), list(40));
    let odd = disorder(&mut upstream, 10);
    walk(&mut disk, &mut upstream, Kind::Full);
    assert!(!disk.in_order);
    // Row 10 begins page 3; a deletion before the third request pulls it onto page 2.
    let newest = upstream.rows[0].id;
    upstream.script.push((Some(upstream.requests + 3), Deed::Delete(newest)));
    walk(&mut disk, &mut upstream, Kind::Full);
    assert!(disk.in_order && disk.rows[&odd].is_missing);
    // Now it ends page 1.
    upstream.rows.drain(..5);
    assert_eq!(upstream.rows[4].id, odd);
    for _ in 0..3 {
        walk(&mut disk, &mut upstream, Kind::Incremental);
        assert_nothing_standing_is_removed(&disk, &upstream);
    }
}

/// The same for a row that was removed, then shown again.
#[test]
fn a_row_that_comes_back_bounds_nothing() {
    let (mut disk, mut upstream) = (Disk::new(), list(40));
    walk(&mut disk, &mut upstream, Kind::Full);
    let back = upstream.rows[4].id;
    upstream.hidden.insert(back);
    for _ in 0..2 {
        walk(&mut disk, &mut upstream, Kind::Full);
    }
    assert!(disk.rows[&back].is_removed);
    upstream.rows[4].date = Some(5);
    upstream.hidden.clear();
    for _ in 0..3 {
        walk(&mut disk, &mut upstream, Kind::Incremental);
        assert_nothing_standing_is_removed(&disk, &upstream);
        assert!(!disk.rows[&back].is_removed, "restored");
    }
}

/// The operator changes `[api] time_zone`: the dates in the file mean other moments than the
/// page's.
#[test]
fn dates_read_by_another_zone_prove_nothing_until_a_full_walk() {
    for shift_s in [-20, -3, 3, 20] {
        let (mut disk, mut upstream) = (Disk::new(), list(60));
        walk(&mut disk, &mut upstream, Kind::Full);
        upstream.shift_s = shift_s;
        for _ in 0..3 {
            walk(&mut disk, &mut upstream, Kind::Incremental);
            assert!(disk.rows.values().all(|kept| !kept.is_missing && !kept.is_removed));
        }
        assert!(!disk.in_order);
        walk(&mut disk, &mut upstream, Kind::Full);
        assert!(disk.in_order);
    }
}

#[test]
fn disorder_across_two_pages_is_seen_also_after_a_crash_between_them() {
    for pages in 1..8 {
        let (mut disk, mut upstream) = (Disk::new(), list(40));
        disorder(&mut upstream, 9);
        let end = walk_by(&mut disk, &mut upstream, Kind::Incremental, Fate::dying_after(pages));
        assert_eq!(end, End::Crashed);
        upstream.insert_apart(2);
        assert!(walk(&mut disk, &mut upstream, Kind::Incremental).is_complete());
        assert!(!disk.in_order, "after {pages} pages");
    }
}

/// An import: newcomers whose dates lie below those of rows that stand. As long as no walk has
/// crossed them, nobody knows.
#[test]
fn newcomers_with_older_dates_prove_nothing_before_they_are_crossed() {
    let (mut disk, mut upstream) = (Disk::new(), list(40));
    walk(&mut disk, &mut upstream, Kind::Full);
    for _ in 0..2 * ROWS_A_PAGE {
        upstream.insert_dated(Some(500), false);
    }
    for _ in 0..3 {
        upstream.script = vec![(Some(upstream.requests + 2), Deed::Fail)];
        let end = walk(&mut disk, &mut upstream, Kind::Incremental);
        assert!(!end.is_complete());
        assert_nothing_standing_is_removed(&disk, &upstream);
    }
    walk(&mut disk, &mut upstream, Kind::Incremental);
    assert!(!disk.in_order && disk.rows.values().all(|kept| !kept.is_removed));
}

#[test]
fn newcomers_who_push_the_list_do_not_break_its_order() {
    for seed in 0..50 {
        for lag in [0, 64] {
            let (mut disk, mut upstream) = (Disk::new(), Upstream::new(seed, ROWS_A_PAGE));
            upstream.insert(60);
            (upstream.inserting, upstream.deleting) = (0.6, 0.2);
            walk_by(&mut disk, &mut upstream, Kind::Incremental, Fate { lag, dies_after: Some(7) });
            for kind in [Kind::Incremental, Kind::Full, Kind::Full] {
                walk_by(&mut disk, &mut upstream, kind, Fate { lag, dies_after: None });
            }
            assert!(disk.in_order, "seed {seed}, lag {lag}");
        }
    }
}
