//! Guessing: a right guess and a wrong one get the same answer, or the same refusal.

use coupontools_mirror::store::Access;
use coupontools_mirror::store::foreign::Parameter;

use crate::attempts::{ORACLES, replace_words};
use crate::people::{World, ask};

/// Columns, values that somebody in the file has, and values that nobody has.
const GUESSES: [(&str, &str, &str); 8] = [
    ("email", "ximena.villagrossa@example.com", "ximena.villagrosso@example.com"),
    ("phone", "+15005550444", "+15005550447"),
    ("first_name", "Ximenaluisa", "Ximenaluiso"),
    ("last_name", "Villagrossa", "Villagrosso"),
    ("birth_date", "2001-12-24", "2001-12-25"),
    ("address", "Callejuela 12b", "Callejuela 12c"),
    ("custom_3", "shoesizefortyseven", "shoesizefortyeight"),
    ("registered_text", "2026-11-24T15:00:00Z", "2026-11-24T15:00:01Z"),
];

#[test]
fn a_right_guess_is_answered_as_a_wrong_one() {
    let world = World::new();
    let reader = world.reader(Access::Masked);
    for (column, right, wrong) in GUESSES {
        let is_there = format!("SELECT count(*) FROM registration WHERE {column} = '{right}'");
        let count: i64 = world.sql().query_row(&is_there, [], |row| row.get(0)).unwrap();
        assert!(count > 0, "nobody has {right}");
        for (name, template) in ORACLES {
            let answer = |guess: &str| {
                let sql = replace_words(template, &[("C", column), ("G", guess)]);
                let answered = ask(&reader, &sql);
                answered.map(|(_, rows)| rows).map_err(|error| error.to_string().replace(guess, "…"))
            };
            assert_eq!(answer(right), answer(wrong), "{name}, {column}");
        }
    }
}

#[test]
fn a_parameter_asks_no_more_than_a_word_does() {
    let world = World::new();
    let reader = world.reader(Access::Masked);
    let count = |guess: &str| {
        let sql = "WITH g(email) AS (VALUES (:guess)) SELECT count(*) FROM registrations JOIN g USING (email)
            WHERE :guess IS NOT NULL";
        let mut statement = reader.prepare(sql).unwrap();
        let guess = Parameter::Text(guess.to_owned());
        statement.bind([("guess", &guess)]).unwrap();
        let mut rows = statement.rows();
        let row = rows.next_row().unwrap().unwrap();
        row.cells().map(|cell| format!("{cell:?}")).collect::<String>()
    };
    assert_eq!(count(GUESSES[0].1), "Integer(0)");
    assert!(reader.prepare("SELECT count(*) FROM registration WHERE email = :guess").is_err());
    assert!(reader.prepare("SELECT count(*) FROM :guess").is_err());
}

#[test]
fn a_mask_is_no_hash_that_anybody_can_make() {
    use sha2::{Digest, Sha256};
    let world = World::new();
    let (_, masks) = ask(&world.reader(Access::Masked), "SELECT email, phone FROM registrations").unwrap();
    let texts = world.sql();
    let mut texts =
        texts.prepare("SELECT email FROM registration UNION SELECT phone FROM registration").unwrap();
    let texts = texts.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
    for text in texts.filter_map(|text| text.unwrap()) {
        for word in ["", "email\0", "phone\0"] {
            let digest = Sha256::digest(format!("{word}{text}"));
            let plain: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            assert!(masks.iter().flatten().all(|mask| !mask.starts_with(&plain)));
        }
    }
}
