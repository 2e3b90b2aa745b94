//! Rows of one second by the hundred: they prove nothing of each other.

use std::collections::BTreeSet;

use coupontools_mirror::walk::Kind;

use crate::disk::Disk;
use crate::drive::walk;
use crate::upstream::Upstream;

const TIED: usize = 300;

/// 40 rows, 300 of one second, 40 rows.
fn list(seed: u64, rows_a_page: usize) -> Upstream {
    let mut upstream = Upstream::new(seed, rows_a_page);
    upstream.insert_apart(40);
    let second = upstream.rows[0].date;
    for _ in 0..TIED {
        upstream.insert_dated(second, false);
    }
    upstream.insert_apart(40);
    upstream
}

fn removed(disk: &Disk) -> BTreeSet<u32> {
    disk.rows.iter().filter(|(_, kept)| kept.is_removed).map(|(id, _)| *id).collect()
}

#[test]
fn no_standing_row_of_a_tie_is_ever_removed() {
    for rows_a_page in 5..=8 {
        for seed in 0..10 {
            let (mut disk, mut upstream) = (Disk::new(), list(seed, rows_a_page));
            for kind in [Kind::Incremental, Kind::Full, Kind::Full, Kind::Incremental, Kind::Full] {
                (upstream.inserting, upstream.deleting) = (0.3, 0.4);
                walk(&mut disk, &mut upstream, kind);
                let standing: BTreeSet<u32> = upstream.rows.iter().map(|person| person.id).collect();
                assert!(removed(&disk).is_disjoint(&standing), "pages of {rows_a_page}, seed {seed}");
            }
        }
    }
}

#[test]
fn what_is_gone_of_a_tie_stays_missing_and_what_is_gone_beside_it_is_removed() {
    for rows_a_page in 5..=8 {
        let (mut disk, mut upstream) = (Disk::new(), list(0, rows_a_page));
        walk(&mut disk, &mut upstream, Kind::Full);
        let tied: Vec<u32> = upstream.rows[150..170].iter().map(|person| person.id).collect();
        let beside: Vec<u32> = upstream.rows[1..4].iter().map(|person| person.id).collect();
        upstream.rows.retain(|person| !tied.contains(&person.id) && !beside.contains(&person.id));
        for _ in 0..3 {
            walk(&mut disk, &mut upstream, Kind::Full);
        }
        assert!(tied.iter().all(|id| disk.rows[id].is_missing && !disk.rows[id].is_removed));
        assert!(beside.iter().all(|id| disk.rows[id].is_removed));
        let missing = disk.standing().values().filter(|kept| kept.is_missing).count();
        assert_eq!(missing, tied.len(), "pages of {rows_a_page}");
    }
}

#[test]
fn a_tie_that_a_crash_or_newcomers_cut_through_loses_nothing() {
    for rows_a_page in 5..=8 {
        for seed in 0..10 {
            let (mut disk, mut upstream) = (Disk::new(), list(seed, rows_a_page));
            (upstream.inserting, upstream.crashing) = (0.1, 0.03);
            let is_complete = |()| walk(&mut disk, &mut upstream, Kind::Incremental).is_complete();
            assert!([(); 60].map(is_complete).contains(&true), "pages of {rows_a_page}, seed {seed}");
            let stood = 380;
            let known = (1..=stood).filter(|id| disk.rows.contains_key(id)).count();
            assert_eq!(known, stood as usize, "pages of {rows_a_page}, seed {seed}");
        }
    }
}
