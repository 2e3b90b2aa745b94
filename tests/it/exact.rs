//! What a sync is for: the file holds what stands upstream, at the cost that was promised.

use coupontools_mirror::simulator::mutation::RegistrationNumber;
use coupontools_mirror::simulator::{Call, Mutation};
use serde_json::json;

use crate::stage::{DIRECTORY, File, Mirror, Upstream};

#[test]
fn a_first_sync_mirrors_every_directory_exactly() {
    let upstream = Upstream::of(&[1_234, 300, 100, 1, 0]);
    let mirror = Mirror::of(&upstream);
    let walks = mirror.sync(&[]).exits(0).walks();
    assert!(walks.iter().all(|walk| walk["outcome"] == "complete"), "{walks:?}");
    let created: Vec<_> = walks.iter().map(|walk| walk["created"].as_u64().unwrap()).collect();
    assert_eq!(created, [1_234, 300, 100, 1, 0]);
    mirror.file().assert_exact(&upstream);
    assert_eq!(mirror.file().texts("SELECT DISTINCT kind FROM registration_changes"), ["loaded"]);
}

#[test]
fn a_second_sync_over_unchanged_directories_writes_no_row_and_asks_once_for_each() {
    let upstream = Upstream::of(&[450, 100, 3, 0]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.reset_requests();
    File::forbid_writes(&mirror.database());
    mirror.sync(&[]).exits(0);
    let asked = upstream.requests();
    assert_eq!((asked.of(Call::DirectoryList), asked.of(Call::UsersList), asked.total), (1, 4, 5));
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_full_walk_over_unchanged_directories_writes_no_row_and_costs_its_pages_and_three_at_most() {
    for past_end in ["empty", "error-301"] {
        let upstream = Upstream::of(&[650]);
        upstream.set(json!({ "past_end": past_end }));
        let mirror = Mirror::of(&upstream);
        mirror.sync(&[]).exits(0);
        upstream.reset_requests();
        File::forbid_writes(&mirror.database());
        let walk = mirror.sync(&["--full"]).exits(0).walk();
        assert_eq!((&walk["kind"], &walk["outcome"]), (&json!("full"), &json!("complete")));
        let asked = upstream.pages_asked();
        assert!((7..=10).contains(&asked), "{asked} requests for 7 pages, past the end {past_end}");
        assert_eq!(walk["requests"], asked);
    }
}

#[test]
fn a_write_that_is_forbidden_is_seen_and_lost_for_no_longer_than_that() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { edit: 9, insert: 150, ..Mutation::default() });
    File::forbid_writes(&mirror.database());
    let walk = mirror.sync(&["--full"]).exits(1).walk();
    assert_eq!((&walk["outcome"], &walk["created"]), (&json!("failed"), &json!(0)));
    File::allow_writes(&mirror.database());
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn newcomers_cost_the_pages_that_hold_them_and_the_first_settled_row() {
    let upstream = Upstream::of(&[650]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    for (newcomers, pages) in [(1, 1), (99, 1), (100, 2), (250, 3)] {
        upstream.reset_requests();
        upstream.change(DIRECTORY, Mutation { insert: newcomers, ..Mutation::default() });
        let walk = mirror.sync(&[]).exits(0).walk();
        assert_eq!(walk["created"], newcomers);
        assert_eq!(upstream.pages_asked(), pages, "requests for {newcomers} newcomers");
        mirror.file().assert_exact(&upstream);
    }
    let created = mirror.file().count("registration_changes WHERE kind = 'created'");
    assert_eq!(created, 450);
}

#[test]
fn a_full_walk_finds_edits_and_records_what_was_there_before() {
    let upstream = Upstream::of(&[650]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { edit: 30, ..Mutation::default() });
    let walk = mirror.sync(&["--full"]).exits(0).walk();
    let updated = walk["updated"].as_i64().unwrap();
    assert!((1..=30).contains(&updated), "{walk}");
    mirror.file().assert_exact(&upstream);
    let recorded = "registration_changes WHERE kind = 'updated' AND before IS NOT NULL AND after IS NOT NULL";
    assert_eq!(mirror.file().count(recorded), updated);
    assert_eq!(mirror.sync(&["--full"]).exits(0).walk()["updated"], 0);
}

#[test]
fn a_deletion_needs_two_walks_to_be_removed_and_who_comes_back_is_restored() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    let gone: Vec<_> = [1_000_100, 1_000_200, 1_000_340].map(RegistrationNumber).into();
    upstream.change(DIRECTORY, Mutation { delete: gone.clone(), ..Mutation::default() });

    let first = mirror.sync(&["--full"]).exits(0).walk();
    assert_eq!((&first["removed"], &first["missing"]), (&json!(0), &json!(3)));
    assert_eq!(mirror.file().count("registrations WHERE missing_since IS NOT NULL"), 3);

    assert_eq!(mirror.sync(&["--full"]).exits(0).walk()["removed"], 3);
    mirror.file().assert_exact(&upstream);
    let kept = "removed_registrations WHERE email IS NOT NULL AND raw IS NOT NULL AND removed_at IS NOT NULL";
    assert_eq!(mirror.file().count(kept), 3);

    upstream.change(DIRECTORY, Mutation { restore: gone, ..Mutation::default() });
    assert_eq!(mirror.sync(&["--full"]).exits(0).walk()["restored"], 3);
    mirror.file().assert_exact(&upstream);
    assert_eq!(mirror.file().count("removed_registrations"), 0);
    let kinds = mirror.file().texts("SELECT kind FROM registration_changes ORDER BY seq");
    assert_eq!(kinds, ["loaded", "removed", "removed", "removed", "restored", "restored", "restored"]);
}

#[test]
fn a_deletion_on_the_first_page_is_found_by_incremental_walks_at_no_extra_request() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { delete_newest: 2, ..Mutation::default() });
    upstream.reset_requests();
    assert_eq!(mirror.sync(&[]).exits(0).walk()["missing"], 2);
    assert_eq!(mirror.sync(&[]).exits(0).walk()["removed"], 2);
    assert_eq!(upstream.pages_asked(), 2);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn deletions_before_every_page_of_a_first_walk_leave_no_hole_and_no_ghost() {
    let upstream = Upstream::of(&[10_000]);
    upstream.set(json!({ "before_each_page": { "delete_newest": 3 } }));
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.set(json!({ "before_each_page": null }));
    mirror.file().assert_none_removed_falsely(&upstream);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
    assert_eq!(mirror.file().count("registrations WHERE missing_since IS NOT NULL"), 0);
}

#[test]
fn everything_at_once_during_every_walk_is_exact_once_it_is_quiet() {
    let upstream = Upstream::of(&[1_500]);
    upstream.set(json!({ "before_each_page": { "insert": 2, "edit": 3, "delete_random": 1 } }));
    let mirror = Mirror::of(&upstream);
    for arguments in [&[][..], &["--full"], &[]] {
        mirror.sync(arguments).exits(0);
        mirror.file().assert_none_removed_falsely(&upstream);
    }
    upstream.set(json!({ "before_each_page": null }));
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}
