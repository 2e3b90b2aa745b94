//! Newcomers who push the list by a page and more while a walk reads it: pages that show no row of
//! the stretch, and no date that tells where they stand.

use coupontools_mirror::walk::{Kind, Outcome};

use crate::answer::PastTheEnd;
use crate::disk::Disk;
use crate::drive::{End, Fate, walk, walk_by};
use crate::upstream::{Dates, Deed, Upstream};

const ROWS_A_PAGE: usize = 5;

fn undated(rows: usize) -> Upstream {
    let mut upstream = Upstream::new(0, ROWS_A_PAGE);
    upstream.dates = Dates::Absent;
    upstream.insert(rows);
    upstream
}

/// Walks until two ticks were complete: then every row is there.
fn assert_nothing_is_lost(disk: &mut Disk, upstream: &mut Upstream) {
    upstream.script.clear();
    for _ in 0..2 {
        let end = walk(disk, upstream, Kind::Incremental);
        assert_eq!(end, End::Finished(Outcome::Complete));
    }
    let lacks = upstream.rows.iter().filter(|person| !disk.rows.contains_key(&person.id)).count();
    assert_eq!(lacks, 0, "{:?}", upstream.pages_asked);
}

/// Page 2 shows only what page 1 showed; at the next look at it, only newcomers. They stand above
/// the stretch, since page 3 shows a row of it.
#[test]
fn newcomers_where_a_repeated_page_was_are_not_taken_for_the_next_one() {
    for kind in [Kind::Incremental, Kind::Full] {
        for pushed in 1..=20 {
            let (mut disk, mut upstream) = (Disk::new(), undated(ROWS_A_PAGE));
            upstream.script = vec![(Some(2), Deed::Insert(1)), (Some(3), Deed::Insert(pushed))];
            walk(&mut disk, &mut upstream, kind);
            assert_nothing_is_lost(&mut disk, &mut upstream);
        }
    }
}

/// The last page is short; what follows is the first page again, and all newcomers by now.
#[test]
fn newcomers_on_the_first_page_again_are_not_taken_for_the_next_one() {
    for kind in [Kind::Incremental, Kind::Full] {
        // Three more fill the last page: then nobody can tell.
        for pushed in (1..=20).filter(|pushed| pushed % 5 != 3) {
            let (mut disk, mut upstream) = (Disk::new(), undated(5 * ROWS_A_PAGE + 2));
            upstream.past_the_end = PastTheEnd::FirstPage;
            let each = (2..=6).map(|request| (Some(request), Deed::Insert(pushed / 5)));
            upstream.script = each.chain([(Some(7), Deed::Insert(pushed % 5))]).collect();
            walk(&mut disk, &mut upstream, kind);
            assert_nothing_is_lost(&mut disk, &mut upstream);
            assert!(!disk.learned.gives_short_pages, "{pushed} pushed");
        }
    }
}

/// A walk that has jumped to the last page has not read what newcomers push there, and knows it all
/// the same.
#[test]
fn rows_jumped_over_that_newcomers_push_down_are_no_strangers() {
    for past_the_end in [PastTheEnd::Empty, PastTheEnd::LastPage, PastTheEnd::FirstPage] {
        for pushed in 1..=30 {
            let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(43, ROWS_A_PAGE));
            upstream.past_the_end = past_the_end;
            walk_by(&mut disk, &mut upstream, Kind::Incremental, Fate::dying_after(9));
            assert_eq!(disk.rows.len(), 43);
            upstream.insert_apart(2);
            // Page 1, the jump to the last page, and then they come.
            upstream.script = vec![(Some(upstream.requests + 3), Deed::Insert(pushed))];
            walk(&mut disk, &mut upstream, Kind::Incremental);
            assert!(disk.in_order && !disk.learned.gives_short_pages, "{past_the_end:?}, {pushed} pushed");
            assert_nothing_is_lost(&mut disk, &mut upstream);
        }
    }
}

/// Older people are imported at the head of the list: everybody else's dates lie above theirs.
#[test]
fn what_stands_below_an_import_is_not_taken_for_newcomers() {
    for imported in 1..=3 * ROWS_A_PAGE {
        for second_apart in [0, 1] {
            for newcomers in [0, 1] {
                let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(40, ROWS_A_PAGE));
                for at in 0..imported as i64 {
                    upstream.insert_dated(Some(500 + at * second_apart), false);
                }
                upstream.script = vec![(None, Deed::Insert(newcomers))];
                walk(&mut disk, &mut upstream, Kind::Incremental);
                assert_nothing_is_lost(&mut disk, &mut upstream);
            }
        }
    }
}

/// Past the end, the first page again, all newcomers by now; and before page 1 is looked at, as many
/// again.
#[test]
fn a_first_page_again_that_is_pushed_while_it_is_compared_is_not_taken_for_the_next_one() {
    // With the early ones, the last page is full.
    for (rows, early, late) in [(40, 5, 5), (39, 6, 7), (37, 8, 5), (36, 9, 12)] {
        for request in 8..24 {
            let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(rows, ROWS_A_PAGE));
            upstream.past_the_end = PastTheEnd::FirstPage;
            upstream.script = vec![(Some(5), Deed::Insert(early)), (Some(request), Deed::Insert(late))];
            walk(&mut disk, &mut upstream, Kind::Incremental);
            assert!(disk.in_order, "a burst of {late} before request {request}");
            assert_nothing_is_lost(&mut disk, &mut upstream);
        }
    }
}
