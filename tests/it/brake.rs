//! The brake: what a walk may not remove without the operator's word.

use coupontools_mirror::simulator::Mutation;

use crate::stage::{DIRECTORY, Mirror, Upstream};

/// A mirror of 500, of whom 300 are gone since.
fn decimated() -> (Upstream, Mirror) {
    let upstream = Upstream::of(&[500]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { delete_random: 300, ..Mutation::default() });
    (upstream, mirror)
}

#[test]
fn a_walk_that_would_remove_too_many_removes_none_and_says_what_to_do() {
    let (upstream, mirror) = decimated();
    let first = mirror.sync(&["--full"]).exits(0).walk();
    assert_eq!((&first["missing"], &first["removed"]), (&300.into(), &0.into()));

    for arguments in [&["--full"][..], &["--full"], &["--full"]] {
        let ended = mirror.sync(arguments).exits(1);
        let walk = ended.walk();
        assert_eq!((&walk["outcome"], &walk["removed"]), (&"failed".into(), &0.into()));
        let error = walk["error"].as_str().unwrap();
        assert!(
            error.contains("cannot remove ") && error.contains("more than max_removed_percent (20)"),
            "{error}"
        );
        assert!(ended.stderr.contains("hint"), "{}", ended.stderr);
        assert!(ended.stderr.contains("--accept-removals"), "{}", ended.stderr);
        assert_eq!(mirror.file().count("registrations"), 500);
    }
    mirror.file().assert_exact(&upstream);
}

#[test]
fn the_operators_word_lets_them_go() {
    let (upstream, mirror) = decimated();
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(1);
    let walk = mirror.sync(&["--full", "--accept-removals"]).exits(0).walk();
    let removed = walk["removed"].as_i64().unwrap();
    let missing = mirror.file().count("registrations WHERE missing_since IS NOT NULL");
    assert_eq!(removed + missing, 300);
    assert!(removed > 250, "{walk}");
    mirror.file().assert_exact(&upstream);
    mirror.sync(&["--full"]).exits(0);
}

#[test]
fn who_comes_back_while_the_brake_is_held_was_never_removed() {
    let (upstream, mirror) = decimated();
    mirror.sync(&["--full"]).exits(0);
    mirror.sync(&["--full"]).exits(1);
    let gone = mirror
        .file()
        .texts("SELECT substr(registration_id, 5) FROM registrations WHERE missing_since IS NOT NULL");
    let number =
        |text: &String| coupontools_mirror::simulator::mutation::RegistrationNumber(text.parse().unwrap());
    upstream
        .change(DIRECTORY, Mutation { restore: gone.iter().map(number).collect(), ..Mutation::default() });
    mirror.sync(&["--full"]).exits(0);
    mirror.file().assert_exact(&upstream);
    assert_eq!(mirror.file().count("registration_changes WHERE kind <> 'loaded'"), 0);
}

#[test]
fn a_directory_emptied_upstream_is_not_emptied_here() {
    let upstream = Upstream::of(&[150]);
    let mirror = Mirror::of(&upstream);
    mirror.sync(&[]).exits(0);
    upstream.change(DIRECTORY, Mutation { delete_newest: 150, ..Mutation::default() });
    for _ in 0..3 {
        mirror.sync(&["--full"]);
        assert_eq!(mirror.file().count("registrations"), 150);
    }
    assert_eq!(mirror.file().count("registrations WHERE missing_since IS NOT NULL"), 150);
}

#[test]
fn the_brake_is_set_in_the_configuration() {
    let (upstream, mirror) = decimated();
    let mirror = mirror.with("[sync]\nmax_removed_percent = 100");
    mirror.sync(&["--full"]).exits(0);
    assert!(mirror.sync(&["--full"]).exits(0).walk()["removed"].as_i64().unwrap() > 250);
    mirror.file().assert_exact(&upstream);
}
