//! Every attempt, and every column of every table behind the views.

use coupontools_mirror::store::Access;

use crate::attempts::{COLUMNS, HARMLESS, PRAGMA_TEMPLATES, PRAGMAS, STATEMENTS, TEMPLATES, replace_words};
use crate::people::{Table, World, ask};
use crate::secrets::Secrets;

/// What a statement told, all of it.
fn told(result: &Result<Table, impl std::fmt::Display>) -> String {
    match result {
        Ok((columns, rows)) => format!("{columns:?} {rows:?}"),
        Err(error) => error.to_string(),
    }
}

/// Runs every attempt; those that were answered, or told a secret, are the failures.
fn failures(attempts: impl Iterator<Item = (String, String)>, may_answer: bool) -> Vec<String> {
    let (world, secrets) = (World::new(), Secrets::new());
    let reader = world.reader(Access::Masked);
    let mut tried = 0;
    let failed = attempts.filter_map(|(name, sql)| {
        tried += 1;
        let result = ask(&reader, &sql);
        let secret = secrets.find_in(&told(&result));
        let is_answered = result.is_ok() && !may_answer;
        (is_answered || secret.is_some()).then(|| format!("{name}: {sql}: {secret:?}"))
    });
    let failed = failed.collect();
    assert!(tried > 30, "{tried} attempts");
    failed
}

#[track_caller]
fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{} succeeded:\n{}", failures.len(), failures.join("\n"));
}

/// Every spelling of a table's name.
fn spellings(table: &str) -> [String; 7] {
    [
        table.to_owned(),
        table.to_uppercase(),
        format!("main.{table}"),
        format!("\"main\".\"{table}\""),
        format!("[MAIN] . [{table}]"),
        format!("main/**/.`{table}`"),
        format!("'{table}'"),
    ]
}

#[test]
fn no_column_of_a_person_is_reached_by_any_construct() {
    let attempts = COLUMNS.iter().flat_map(|(table, columns)| columns.iter().map(move |c| (*table, *c)));
    let attempts = attempts.flat_map(|(table, column)| {
        spellings(table).into_iter().flat_map(move |spelling| {
            TEMPLATES.iter().map(move |(name, template)| {
                let sql = replace_words(template, &[("T", &spelling), ("C", column)]);
                (format!("{name}, {table}.{column}"), sql)
            })
        })
    });
    assert_none(&failures(attempts, false));
}

#[test]
fn nothing_but_reading_the_public_views_is_possible() {
    assert_none(&failures(STATEMENTS.iter().map(|(name, sql)| ((*name).into(), (*sql).into())), false));
}

#[test]
fn no_pragma_works_as_a_statement_or_as_a_table() {
    let attempts = PRAGMAS.iter().flat_map(|pragma| {
        let sql = move |template: &&str| template.replace("PRAGMA P", &format!("PRAGMA {pragma}"));
        let sql = move |template: &&str| sql(template).replace(".P", &format!(".{pragma}"));
        let sql = move |template: &&str| {
            sql(template)
                .replace("pragma_P", &format!("pragma_{pragma}"))
                .replace("PRAGMA_P", &format!("PRAGMA_{pragma}"))
        };
        PRAGMA_TEMPLATES.iter().map(move |template| ((*pragma).to_owned(), sql(template)))
    });
    assert_none(&failures(attempts, false));
}

#[test]
fn what_may_be_asked_tells_nobody() {
    assert_none(&failures(HARMLESS.iter().map(|(name, sql)| ((*name).into(), (*sql).into())), true));
}

#[test]
fn a_full_reader_sees_what_masked_readers_must_not() {
    let (world, secrets) = (World::new(), Secrets::new());
    let reader = world.reader(Access::Full);
    for view in ["registrations", "removed_registrations", "registration_changes", "directories"] {
        let result = ask(&reader, &format!("SELECT * FROM {view}"));
        assert!(secrets.find_in(&told(&result)).is_some(), "{view} holds nothing to look for");
    }
}
