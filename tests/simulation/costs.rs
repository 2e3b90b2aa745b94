//! I4, to the request: what walks over quiet lists cost, whatever the server does past its end.

use coupontools_mirror::walk::{Failure, Kind, Outcome};

use crate::answer::PastTheEnd;
use crate::disk::Disk;
use crate::drive::{End, walk};
use crate::upstream::{Dates, Upstream};

const ROWS_A_PAGE: usize = 5;

/// How a walk ended and what it cost.
fn cost(disk: &mut Disk, upstream: &mut Upstream, kind: Kind) -> (End, usize) {
    let requests = upstream.requests;
    let end = walk(disk, upstream, kind);
    (end, (upstream.requests - requests) as usize)
}

fn complete(disk: &mut Disk, upstream: &mut Upstream, kind: Kind) -> usize {
    let (end, cost) = cost(disk, upstream, kind);
    assert!(end.is_complete(), "{end:?} after {:?}", upstream.pages_asked);
    cost
}

const COMPLETE: End = End::Finished(Outcome::Complete);
const IGNORED: End = End::Finished(Outcome::Failed(Failure::PageNumberIgnored));

#[test]
fn an_unchanged_tick_costs_one_request() {
    for rows in [0, 1, ROWS_A_PAGE - 1, ROWS_A_PAGE, ROWS_A_PAGE + 1, 10 * ROWS_A_PAGE, 203] {
        for first in [Kind::Incremental, Kind::Full] {
            let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(rows, ROWS_A_PAGE));
            complete(&mut disk, &mut upstream, first);
            for _ in 0..3 {
                assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), 1, "{rows} rows");
            }
        }
    }
}

#[test]
fn newcomers_cost_the_pages_that_hold_them_and_the_first_settled_row() {
    let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(40, ROWS_A_PAGE));
    complete(&mut disk, &mut upstream, Kind::Full);
    for newcomers in 0..=4 * ROWS_A_PAGE {
        upstream.insert_apart(newcomers);
        let pages = newcomers / ROWS_A_PAGE + 1;
        assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), pages, "{newcomers} newcomers");
        assert_eq!(disk.rows.len(), upstream.rows.len());
    }
}

#[test]
fn a_full_walk_costs_its_pages_and_what_the_end_takes_to_believe() {
    let (short, full) = (10 * ROWS_A_PAGE - 2, 10 * ROWS_A_PAGE);
    for (past_the_end, rows, beyond) in [
        (PastTheEnd::Empty, short, 1),
        (PastTheEnd::Empty, full, 2),
        (PastTheEnd::Rejected, short, 1),
        (PastTheEnd::Rejected, full, 2),
        (PastTheEnd::LastPage, short, 5),
        (PastTheEnd::LastPage, full, 5),
        (PastTheEnd::FirstPage, short, 6),
        (PastTheEnd::FirstPage, full, 6),
    ] {
        for dates in [Dates::Falling, Dates::Absent] {
            let mut upstream = Upstream::new(0, ROWS_A_PAGE);
            (upstream.dates, upstream.past_the_end) = (dates, past_the_end);
            upstream.insert(rows);
            let mut disk = Disk::new();
            for kind in [Kind::Incremental, Kind::Full, Kind::Full] {
                let cost = complete(&mut disk, &mut upstream, kind);
                assert_eq!(cost, upstream.pages() + beyond, "{past_the_end:?}, {rows} rows, {dates:?}");
            }
            assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), 1);
        }
    }
}

#[test]
fn an_emptied_directory_is_asked_twice_before_it_is_believed() {
    let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(12, ROWS_A_PAGE));
    complete(&mut disk, &mut upstream, Kind::Full);
    upstream.rows.clear();
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), 2);
    assert!(disk.rows.values().all(|kept| !kept.is_missing && !kept.is_removed));
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Full), 2);
    assert!(disk.rows.values().all(|kept| kept.is_missing && !kept.is_removed));
}

#[test]
fn one_full_page_is_complete_unless_every_page_number_gives_it() {
    for (past_the_end, end, requests) in [
        (PastTheEnd::Empty, COMPLETE, 3),
        (PastTheEnd::Rejected, COMPLETE, 3),
        (PastTheEnd::LastPage, IGNORED, 3),
        (PastTheEnd::FirstPage, IGNORED, 3),
    ] {
        for kind in [Kind::Incremental, Kind::Full] {
            let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(ROWS_A_PAGE, ROWS_A_PAGE));
            upstream.past_the_end = past_the_end;
            assert_eq!(cost(&mut disk, &mut upstream, kind), (end, requests), "{past_the_end:?}");
            assert_eq!(disk.rows.len(), ROWS_A_PAGE);
        }
    }
}

#[test]
fn one_full_page_is_complete_where_page_numbers_are_known_to_work() {
    for past_the_end in [PastTheEnd::LastPage, PastTheEnd::FirstPage] {
        let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(ROWS_A_PAGE, ROWS_A_PAGE));
        upstream.past_the_end = past_the_end;
        disk.learned.tells_pages_apart = true;
        assert_eq!(complete(&mut disk, &mut upstream, Kind::Full), 1 + 5, "{past_the_end:?}");
    }
}

/// A server that ignores page numbers never makes a mirror of one page: an error, and nothing
/// settled, so that the first walk after it was mended reads everything.
#[test]
fn an_ignored_page_number_is_an_error_and_never_settles() {
    for seed in 0..300 {
        let mut upstream = Upstream::new(seed, 8);
        upstream.ignores_page_number = true;
        upstream.dates = upstream.choose(&[Dates::Falling, Dates::Absent, Dates::Disordered]);
        upstream.insert(100);
        let mut disk = Disk::new();
        for _ in 0..6 {
            upstream.inserting = upstream.choose(&[0.0, 0.3, 0.8]);
            upstream.deleting = upstream.choose(&[0.0, 0.4]);
            let kind = upstream.choose(&[Kind::Incremental, Kind::Full]);
            let end = walk(&mut disk, &mut upstream, kind);
            assert!(!end.is_complete(), "seed {seed}");
        }
        assert!(!disk.learned.tells_pages_apart, "seed {seed}");
        upstream.is_quiet();
        assert_eq!(cost(&mut disk, &mut upstream, Kind::Incremental).0, IGNORED, "seed {seed}");
        upstream.ignores_page_number = false;
        complete(&mut disk, &mut upstream, Kind::Incremental);
        let lacks = upstream.rows.iter().filter(|person| !disk.rows.contains_key(&person.id)).count();
        assert_eq!(lacks, 0, "seed {seed}");
    }
}

#[test]
fn short_pages_in_the_middle_cost_one_look_once() {
    let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(70, ROWS_A_PAGE));
    upstream.filters = Some(7);
    let pages = upstream.pages();
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), pages + 3);
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Full), pages + 2);
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), 1);
    assert_eq!(disk.rows.len(), upstream.standing().len());
}

#[test]
fn short_pages_without_dates_cost_one_more_look_once() {
    let mut upstream = Upstream::new(0, ROWS_A_PAGE);
    (upstream.dates, upstream.filters) = (Dates::Absent, Some(7));
    upstream.insert(70);
    let (mut disk, pages) = (Disk::new(), upstream.pages());
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Full), pages + 4);
    assert_eq!(complete(&mut disk, &mut upstream, Kind::Full), pages + 2);
}

#[test]
fn a_server_may_have_pages_of_another_size() {
    for (rows_a_page, rows_expected, beyond) in [(5, 10, 3), (10, 5, 2)] {
        let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(200, rows_a_page));
        upstream.rows_expected = rows_expected;
        let pages = 200 / rows_a_page;
        assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), pages + beyond);
        assert_eq!(complete(&mut disk, &mut upstream, Kind::Full), pages + 2);
        assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), 1);
        upstream.insert_apart(rows_a_page);
        assert_eq!(complete(&mut disk, &mut upstream, Kind::Incremental), 2);
        assert_eq!(disk.rows.len(), 200 + rows_a_page);
    }
}
