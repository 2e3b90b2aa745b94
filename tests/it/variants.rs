//! Every way in which the API may turn out to spell its answers: mirrored exactly, or refused with
//! an error that says what to do. A new axis or value of the simulator is tested by being there.

use std::collections::BTreeSet;

use coupontools_mirror::simulator::{Call, Mutation, Reading, Variant, variants};
use serde_json::json;

use crate::stage::{DIRECTORY, Ended, File, Mirror, Upstream, play};

/// Columns that a variant doesn't tell.
fn columns_lost(variant: &Variant) -> &'static [&'static str] {
    match (variant.axis, variant.value) {
        ("values", "odd") => &["zip", "city", "custom_2"],
        // No zone is stated anywhere: what is assumed of it is right of one column only.
        ("dates", "local") => &["paid_until"],
        ("dates", "empty" | "zero" | "no-dates" | "absent" | "sometimes") => &["registered_at"],
        _ => &[],
    }
}

fn mirror_of(upstream: &Upstream, variant: &Variant) -> Mirror {
    let zone = if variant.name() == "dates-local" { "Europe/Brussels" } else { "UTC" };
    Mirror::of(upstream).api(&format!("time_zone = \"{zone}\""))
}

/// Plays every variant of this reading; of the defaults, which are the same for every axis, one.
fn play_all(reading: Reading, scene: impl Fn(&Variant) + Sync) {
    let mut axes = BTreeSet::new();
    let mut is_new = |variant: &Variant| !axes.insert(variant.axis) || axes.len() == 1;
    let new: Vec<_> = variants().filter(|variant| is_new(variant)).collect();
    let cases: Vec<_> = new.into_iter().filter(|variant| variant.reading == reading).collect();
    assert!(!cases.is_empty());
    play(&cases, Variant::name, scene);
}

#[test]
fn every_readable_variant_is_mirrored_exactly_twice() {
    play_all(Reading::Exact, |variant| {
        let upstream = Upstream::of(&[250, 200, 7, 0]);
        upstream.set(variant.patch());
        let mirror = mirror_of(&upstream, variant);
        let lost = columns_lost(variant);
        mirror.sync(&[]).exits(0);
        mirror.file().assert_exact_but_for(&upstream, lost);

        upstream.reset_requests();
        File::forbid_writes(&mirror.database());
        mirror.sync(&[]).exits(0);
        let asked = upstream.requests();
        assert_eq!((asked.of(Call::DirectoryList), asked.of(Call::UsersList)), (1, 4));
        mirror.sync(&["--full"]).exits(0);
        File::allow_writes(&mirror.database());

        upstream.stir(DIRECTORY);
        upstream.change("dir_10002", Mutation { insert: 130, ..Mutation::default() });
        for _ in 0..2 {
            mirror.sync(&["--full"]).exits(0);
        }
        mirror.file().assert_exact_but_for(&upstream, lost);
    });
}

#[test]
fn every_unreadable_variant_is_an_error_that_tells_no_value_and_empties_nothing() {
    play_all(Reading::Error, |variant| {
        let upstream = Upstream::of(&[250]);
        let mirror = mirror_of(&upstream, variant);
        let refuses = |ended: Ended| {
            let ended = ended.exits(1);
            for row in upstream.standing(DIRECTORY).unwrap() {
                for value in [row.email, row.phone].into_iter().flatten() {
                    assert!(!ended.stderr.contains(&value) && !ended.stdout.contains(&value));
                }
            }
        };
        upstream.set(variant.patch());
        refuses(mirror.sync(&[]));
        upstream.set(json!({ variant.axis.replace('-', "_"): null }));
        mirror.sync(&["--full"]).exits(0);
        mirror.file().assert_exact(&upstream);

        if variant.axis == "page-numbers" {
            return; // An account that has told pages apart: see the next test.
        }
        upstream.set(variant.patch());
        upstream.change(DIRECTORY, Mutation { insert: 120, ..Mutation::default() });
        refuses(mirror.sync(&["--full"]));
        assert!(mirror.file().count("registrations WHERE missing_since IS NULL") >= 250);
    });
}

#[test]
fn a_page_number_that_is_ignored_from_one_day_on_removes_nothing() {
    let upstream = Upstream::of(&[250]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.set(json!({ "page_numbers": "ignored" }));
    for arguments in [&[][..], &["--full"], &["--full"], &["--full"]] {
        mirror.sync(arguments);
        assert_eq!(mirror.file().count("registrations"), 250);
    }
    upstream.set(json!({ "page_numbers": null }));
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn errors_are_understood_in_every_spelling() {
    let of_axis = |axis| variants().filter(move |variant: &Variant| variant.axis == axis);
    let cases: Vec<_> = of_axis("error-code")
        .flat_map(|code| of_axis("error-status").map(move |status| (code, status)))
        .collect();
    play(
        &cases,
        |(code, status)| format!("{} {}", code.name(), status.name()),
        |(code, status)| {
            let upstream = Upstream::of(&[150]);
            upstream.set(code.patch());
            upstream.set(status.patch());
            let mirror = Mirror::of(&upstream);
            upstream.fault("gone-directory,page=2,skip=2");
            mirror.sync(&[]).exits(1);
            let error = mirror.file().value::<String>("SELECT last_error FROM sync_status");
            assert_eq!(error, "the directory was not found (code 507)");
            mirror.sync(&[]).exits(0);
            mirror.file().assert_exact(&upstream);
            upstream.fault("refused-keys,call=directory-list");
            mirror.sync(&[]).exits(77).says("(code 1000)");
        },
    );
}

#[test]
fn an_unknown_shape_is_an_error_that_names_its_keys() {
    let upstream = Upstream::of(&[150]);
    upstream.set(json!({ "container": "unknown-shape" }));
    let error = Mirror::of(&upstream).sync(&[]).exits(1).walk()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("was not understood") && error.contains("status"), "{error}");
}

#[test]
fn what_pages_are_counted_from_is_found_out_once_and_remembered() {
    for from in ["from-one", "from-one-zero-rejected", "from-one-zero-empty", "from-zero"] {
        let upstream = Upstream::of(&[450]);
        upstream.set(json!({ "page_numbers": from }));
        let mirror = Mirror::of(&upstream);
        mirror.sync(&[]).exits(0);
        let remembered = mirror.file().value::<i64>("SELECT first_page FROM account");
        assert_eq!(remembered == 0, from == "from-zero");
        upstream.reset_requests();
        mirror.sync(&["--full"]).exits(0);
        let pages: Vec<_> = upstream.requests().requests.into_iter().filter_map(|asked| asked.page).collect();
        let expected: Vec<_> = (remembered..remembered + 6).map(|page| page.to_string()).collect();
        assert_eq!(pages, expected, "{from}");
        mirror.file().assert_exact(&upstream);
    }
}

#[test]
fn one_wrong_answer_fakes_nothing_of_what_pages_are_counted_from() {
    for (from, pages) in [("from-zero", [1, 2, 3]), ("from-one", [1, 2, 3])] {
        for page in pages {
            for wrong in ["empty-page", "repeated-page", "outdated-page,changes=300"] {
                let upstream = Upstream::of(&[350]);
                upstream.set(json!({ "page_numbers": from }));
                let mirror = Mirror::of(&upstream);
                upstream.fault(&format!("{wrong},page={page},times=1"));
                mirror.sync(&[]);
                upstream.clear_faults();
                mirror.sync(&["--full"]).exits(0);
                let remembered = mirror.file().value::<i64>("SELECT first_page FROM account");
                assert_eq!(remembered == 0, from == "from-zero", "{from}, {wrong} of page {page}");
                mirror.file().assert_exact(&upstream);
            }
        }
    }
}

#[test]
fn what_was_found_out_wrongly_is_found_out_anew() {
    let upstream = Upstream::of(&[350]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    File::execute(&mirror.database(), "UPDATE account SET first_page = 0, tells_pages_apart = 0");
    mirror.sync(&["--full"]).exits(1).says("every page number is answered with the first page");
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
}

#[test]
fn a_page_number_that_is_ignored_is_an_error_and_no_loop() {
    let upstream = Upstream::of(&[450]);
    upstream.set(json!({ "page_numbers": "ignored" }));
    let mirror = Mirror::of(&upstream);
    for _ in 0..2 {
        upstream.reset_requests();
        let walk = mirror.sync(&[]).exits(1).walk();
        assert_eq!(walk["error"], "every page number is answered with the first page");
        assert!(upstream.pages_asked() <= 10);
    }
    assert_eq!(mirror.file().count("walks WHERE outcome = 'complete'"), 0);
}

#[test]
fn an_account_that_filters_after_paging_is_mirrored_exactly() {
    for hide_every in [2, 3, 50] {
        let upstream = Upstream::of(&[450, 200]);
        upstream.set(json!({ "hide_every": hide_every }));
        let mirror = Mirror::of(&upstream);
        mirror.sync(&[]).exits(0);
        mirror.file().assert_exact(&upstream);
        upstream.stir(DIRECTORY);
        mirror.sync(&["--full"]).exits(0);
        mirror.file().assert_exact(&upstream);
        mirror.sync(&["--full"]).exits(0);
        mirror.file().assert_exact(&upstream);
    }
}

#[test]
fn pages_of_any_size_are_mirrored_exactly() {
    for rows_a_page in [1, 7, 25, 99, 101, 1_000] {
        let upstream = Upstream::of(&[120, 100]);
        upstream.set(json!({ "rows_a_page": rows_a_page }));
        let mirror = Mirror::of(&upstream);
        mirror.sync(&[]).exits(0);
        upstream.stir(DIRECTORY);
        mirror.sync(&["--full"]).exits(0);
        mirror.file().assert_exact(&upstream);
    }
}
