//! What other tools lost rows by: deletions while they read, and one empty answer.

use std::collections::BTreeSet;

use coupontools_mirror::walk::Kind;

use crate::answer::Wrong;
use crate::disk::Disk;
use crate::drive::walk;
use crate::upstream::{Deed, Person, Upstream};

fn ids_of(upstream: &Upstream) -> BTreeSet<u32> {
    upstream.rows.iter().map(|person| person.id).collect()
}

fn ids_here(disk: &Disk) -> BTreeSet<u32> {
    disk.standing().into_keys().collect()
}

/// Two well-known tools ended with 285 of 10,000 live rows missing and 288 ghosts.
#[test]
fn with_the_three_newest_rows_deleted_before_each_page_nothing_lacks_and_no_ghost_is_left() {
    for first in [Kind::Incremental, Kind::Full] {
        let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(10_000, 100));
        upstream.script.push((None, Deed::DeleteNewest(3)));
        assert!(walk(&mut disk, &mut upstream, first).is_complete());
        upstream.script.clear();

        let truth = ids_of(&upstream);
        let lacking = truth.difference(&ids_here(&disk)).count() as u64;
        let ghosts = ids_here(&disk).difference(&truth).count();
        assert!(lacking > 250 && ghosts > 250, "the list was to make trouble: {lacking}, {ghosts}");

        // What stands above every known row might have come since.
        let known = |person: &Person| disk.rows.contains_key(&person.id);
        let above = upstream.rows.iter().take_while(|person| !known(person)).count() as u64;
        assert!(walk(&mut disk, &mut upstream, Kind::Full).is_complete());
        assert!(truth.is_subset(&ids_here(&disk)));
        assert_eq!(disk.recovered, lacking - above);
        assert!(walk(&mut disk, &mut upstream, Kind::Full).is_complete());
        assert!(ids_here(&disk) == truth, "two quiet full walks leave what stands, and no ghosts");
        assert!(disk.standing().values().all(|kept| !kept.is_missing));
    }
}

#[test]
fn with_rows_deleted_before_every_page_of_every_walk_no_live_row_is_ever_removed() {
    let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(3_000, 100));
    for _ in 0..8 {
        upstream.script = vec![(None, Deed::DeleteNewest(3)), (None, Deed::Insert(2))];
        walk(&mut disk, &mut upstream, Kind::Full);
        let removed: BTreeSet<u32> =
            disk.rows.iter().filter(|(_, kept)| kept.is_removed).map(|(id, _)| *id).collect();
        assert!(removed.is_disjoint(&ids_of(&upstream)));
    }
    assert!(disk.rows.values().any(|kept| kept.is_removed));
}

/// One empty page made them drop 6,100 live rows.
/// The last page, cut, is a shorter last page: only the next full walk can tell.
#[test]
fn one_empty_cut_or_refused_page_hides_nothing() {
    for wrong in [Wrong::Empty, Wrong::Cut, Wrong::Rejected, Wrong::Repeated] {
        let requests = if wrong == Wrong::Cut { 19 } else { 20 };
        for request in 2..=requests {
            for (is_known, kind) in [(false, Kind::Incremental), (false, Kind::Full), (true, Kind::Full)] {
                let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(1_990, 100));
                let mut offset = 0;
                if is_known {
                    walk(&mut disk, &mut upstream, Kind::Full);
                    offset = upstream.requests;
                }
                upstream.script.push((Some(request + offset), Deed::Answer(wrong)));
                let end = walk(&mut disk, &mut upstream, kind);
                assert!(end.is_complete(), "{wrong:?} at request {request}: {end:?}");
                assert!(ids_here(&disk) == ids_of(&upstream), "{wrong:?} at request {request}");
                assert!(disk.rows.values().all(|kept| !kept.is_missing), "{wrong:?} at request {request}");
            }
        }
    }
}

#[test]
fn a_wrong_first_page_of_any_kind_removes_nothing() {
    for wrong in [Wrong::Empty, Wrong::Cut, Wrong::Rejected, Wrong::Outdated] {
        for kind in [Kind::Incremental, Kind::Full] {
            let (mut disk, mut upstream) = (Disk::new(), Upstream::quiet(450, 100));
            walk(&mut disk, &mut upstream, Kind::Full);
            upstream.outdated = upstream.rows[150..].to_vec();
            let requests = upstream.requests;
            upstream.script.push((Some(requests + 1), Deed::Answer(wrong)));
            for kind in [kind, Kind::Incremental, Kind::Full] {
                walk(&mut disk, &mut upstream, kind);
                assert!(disk.rows.values().all(|kept| !kept.is_removed), "{wrong:?}");
            }
            assert!(disk.rows.values().all(|kept| !kept.is_missing), "{wrong:?}");
        }
    }
}
