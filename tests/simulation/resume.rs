//! I1 and I4 of a walk after a crash at every page of a list: it costs the missing pages, the new
//! ones and four, and loses nothing.

use coupontools_mirror::walk::{Failure, Kind, Outcome};

use crate::answer::PastTheEnd;
use crate::disk::Disk;
use crate::drive::{End, Fate, walk, walk_by};
use crate::upstream::Upstream;

const ROWS_A_PAGE: usize = 5;
const PAGES: usize = 40;

fn list() -> Upstream {
    Upstream::quiet(PAGES * ROWS_A_PAGE - 2, ROWS_A_PAGE)
}

/// A first walk that died when so many pages were durable.
fn crashed_after(pages: usize, upstream: &mut Upstream) -> Disk {
    let mut disk = Disk::new();
    let end = walk_by(&mut disk, upstream, Kind::Incremental, Fate::dying_after(pages));
    assert_eq!(end, End::Crashed);
    assert_eq!(disk.rows.len(), pages * upstream.rows_a_page);
    disk
}

fn assert_whole(disk: &Disk, upstream: &Upstream) {
    let lacks = upstream.rows.iter().filter(|person| !disk.rows.contains_key(&person.id)).count();
    assert_eq!(lacks, 0, "rows lack");
}

/// What the walk cost that resumed; it lost nothing, and the next tick costs one request.
fn resume(disk: &mut Disk, upstream: &mut Upstream) -> usize {
    let requests = upstream.requests;
    let end = walk(disk, upstream, Kind::Incremental);
    let cost = (upstream.requests - requests) as usize;
    assert!(end.is_complete(), "{end:?}");
    assert_whole(disk, upstream);
    let requests = upstream.requests;
    assert!(walk(disk, upstream, Kind::Incremental).is_complete());
    assert_eq!(upstream.requests - requests, 1);
    cost
}

#[test]
fn after_a_crash_at_any_page_a_walk_costs_the_missing_pages_the_new_ones_and_four() {
    for pages in 0..PAGES {
        for newcomers in [0, 1, ROWS_A_PAGE, 3 * ROWS_A_PAGE + 2] {
            let mut upstream = list();
            let mut disk = crashed_after(pages, &mut upstream);
            upstream.insert_apart(newcomers);
            let most = PAGES - pages + newcomers.div_ceil(ROWS_A_PAGE) + 4;
            let cost = resume(&mut disk, &mut upstream);
            assert!(cost <= most, "{cost} after {pages} pages and {newcomers} newcomers, not {most}");
        }
    }
}

/// What was deleted makes the jump too long: each step back is twice as far as the one before.
#[test]
fn deletions_meanwhile_cost_few_steps_back() {
    for pages in 1..PAGES {
        for deleted in [1, ROWS_A_PAGE, 3 * ROWS_A_PAGE, 8 * ROWS_A_PAGE] {
            for past_the_end in [PastTheEnd::Empty, PastTheEnd::LastPage, PastTheEnd::FirstPage] {
                let mut upstream = list();
                upstream.past_the_end = past_the_end;
                let mut disk = crashed_after(pages, &mut upstream);
                upstream.insert_apart(2);
                let held = pages * ROWS_A_PAGE;
                let deleted = deleted.min(held - 1);
                upstream.rows.drain(2 + (held - deleted) / 2..2 + (held + deleted) / 2);
                let shifted = deleted.div_ceil(ROWS_A_PAGE);
                let most = PAGES - pages + 1 + 4 + shifted + shifted.ilog2() as usize + 5;
                let cost = resume(&mut disk, &mut upstream);
                assert!(cost <= most, "{cost} after {pages} pages, {deleted} deleted, not {most}");
            }
        }
    }
}

#[test]
fn insertions_between_the_requests_of_a_resumed_walk_lose_nothing() {
    for pages in 0..PAGES {
        for seed in 0..4 {
            let mut upstream = Upstream::new(seed, ROWS_A_PAGE);
            upstream.insert_apart(PAGES * ROWS_A_PAGE - 2);
            let mut disk = crashed_after(pages, &mut upstream);
            upstream.inserting = 0.1;
            let stood = upstream.standing();
            // One may be too busy to tell the last page from a pushed one: the next goes on.
            let ends = [(); 3].map(|()| walk(&mut disk, &mut upstream, Kind::Incremental));
            assert!(ends.iter().any(|end| end.is_complete()));
            let lost = stood.iter().filter(|person| !disk.rows.contains_key(&person.id)).count();
            assert_eq!(lost, 0, "after {pages} pages, seed {seed}");
        }
    }
}

#[test]
fn a_resumed_walk_may_crash_at_any_page_itself() {
    for first in (0..PAGES).step_by(3) {
        for second in 0..PAGES - first {
            let mut upstream = list();
            let mut disk = crashed_after(first, &mut upstream);
            upstream.insert_apart(3);
            let end = walk_by(&mut disk, &mut upstream, Kind::Incremental, Fate::dying_after(second));
            upstream.insert_apart(4);
            let held = disk.rows.len() / ROWS_A_PAGE;
            let most = if end == End::Crashed { PAGES - held + 2 + 4 + 4 } else { 1 };
            let cost = resume(&mut disk, &mut upstream);
            assert!(cost <= most, "{cost} after {first} and {second} pages, not {most}");
        }
    }
}

#[test]
fn a_crash_before_the_end_is_written_is_made_up_for_by_the_next_walk() {
    for lag in [0, 3, 64] {
        let mut upstream = list();
        let mut disk = Disk::new();
        let fate = Fate { lag, dies_after: Some(PAGES - 1) };
        assert_eq!(walk_by(&mut disk, &mut upstream, Kind::Full, fate), End::Crashed);
        assert!(resume(&mut disk, &mut upstream) <= 1 + 4);
    }
}

#[test]
fn saves_that_wait_are_lost_in_a_crash_and_nothing_else() {
    for seed in 0..10 {
        for pages in (1..PAGES).step_by(3) {
            let mut upstream = Upstream::new(seed, ROWS_A_PAGE);
            upstream.insert_apart(PAGES * ROWS_A_PAGE - 2);
            let (mut disk, fate) = (Disk::new(), Fate { lag: 3, dies_after: Some(pages) });
            assert_eq!(walk_by(&mut disk, &mut upstream, Kind::Incremental, fate), End::Crashed);
            upstream.insert_apart(1);
            let cost = resume(&mut disk, &mut upstream);
            assert!(cost <= PAGES - pages + 1 + 4, "{cost} after {pages} pages, seed {seed}");
        }
    }
}

#[test]
fn a_full_walk_reads_everything_itself_and_the_next_one_jumps_over_both() {
    let mut upstream = list();
    let mut disk = crashed_after(20, &mut upstream);
    upstream.insert_apart(7);
    assert_eq!(walk_by(&mut disk, &mut upstream, Kind::Full, Fate::dying_after(10)), End::Crashed);
    upstream.insert_apart(7);
    let cost = resume(&mut disk, &mut upstream);
    assert!(cost <= PAGES - 20 + 2 + 4, "{cost}");
}

/// A row without an ID is in no file. Had it been jumped over, it would lack for good when it gets
/// one.
#[test]
fn nobody_jumps_over_a_row_that_had_no_id() {
    for late in 2..60 {
        let mut upstream = list();
        upstream.nameless.insert(upstream.rows[late].id);
        let mut disk = Disk::new();
        walk_by(&mut disk, &mut upstream, Kind::Incremental, Fate::dying_after(20));
        upstream.nameless.clear();
        upstream.insert_apart(1);
        resume(&mut disk, &mut upstream);
    }
}

#[test]
fn a_row_without_an_id_keeps_every_walk_from_being_complete_and_no_other_row_from_the_file() {
    for at in [0, 3, 17, PAGES * ROWS_A_PAGE - 3] {
        let mut upstream = list();
        upstream.nameless.insert(upstream.rows[at].id);
        let mut disk = Disk::new();
        for kind in [Kind::Incremental, Kind::Full, Kind::Incremental] {
            let end = walk(&mut disk, &mut upstream, kind);
            assert_eq!(end, End::Finished(Outcome::Failed(Failure::RowsWithoutId(1))), "row {at}");
            assert_eq!(disk.rows.len(), upstream.rows.len() - 1);
            assert!(disk.rows.values().all(|kept| !disk.is_settled(kept.walk)));
        }
        upstream.nameless.clear();
        resume(&mut disk, &mut upstream);
    }
}

#[test]
fn a_server_with_pages_of_another_size_is_jumped_over_all_the_same() {
    for (rows_a_page, rows_expected) in [(5, 10), (10, 5)] {
        let mut upstream = Upstream::quiet(400, rows_a_page);
        upstream.rows_expected = rows_expected;
        let pages = 400 / rows_a_page;
        let mut disk = crashed_after(pages - 10, &mut upstream);
        upstream.insert_apart(1);
        let cost = resume(&mut disk, &mut upstream);
        assert!(cost <= 10 + 1 + 4, "{cost} for pages of {rows_a_page}");
    }
}

#[test]
fn a_server_that_filters_is_jumped_over_but_for_what_it_hides() {
    let mut upstream = Upstream::quiet(700, 10);
    upstream.filters = Some(7);
    let mut disk = Disk::new();
    walk_by(&mut disk, &mut upstream, Kind::Incremental, Fate::dying_after(60));
    upstream.insert_apart(1);
    let requests = upstream.requests;
    assert!(walk(&mut disk, &mut upstream, Kind::Incremental).is_complete());
    let cost = upstream.requests - requests;
    assert!(cost <= 10 + 1 + 4 + 60 / 7, "{cost}");
    assert_eq!(disk.rows.len(), upstream.standing().len());
}
