//! Where rows stand, and what is empty, and what is neither.

use crate::answers::{directories, good, reading_with, user_ids, users};
use coupontools_mirror::api::{ApiError, Class};

const ROWS: &str = r#"[{"ID":"reg_1","email":"a@example.com"},{"ID":"reg_2"}]"#;
const MAP: &str = r#"{"0":{"ID":"reg_1","email":"a@example.com"},"1":{"ID":"reg_2"}}"#;

#[test]
fn two_rows_are_found_wherever_they_stand() {
    let known = [
        "users",
        "user",
        "directoryusers",
        "directory_user",
        "registrations",
        "Registration",
        "registered_users",
        "user_info",
        "data",
        "list",
        "DirectoryUsers",
        "directory-users",
    ];
    let mut bodies: Vec<String> = Vec::new();
    for name in known {
        bodies.push(good(&format!(r#""{name}":{ROWS}"#)));
        bodies.push(good(&format!(r#""{name}":{MAP}"#)));
    }
    for rest in [
        format!(r#""data":{{"users":{ROWS}}}"#),
        format!(r#""response":{{"users":{MAP}}}"#),
        format!(r#""result":{{"data":{{"list":{ROWS}}}}}"#),
        format!(r#""data":{{"ID":"dir_1","users":{ROWS}}}"#),
        format!(r#""users":{{"user":{ROWS}}}"#),
        format!(r#""members":{ROWS}"#),
        format!(r#""members":{ROWS},"warnings":[],"page":1"#),
        format!(r#""response":{{"members":{ROWS}}}"#),
        format!(r#""directory_info":{{"ID":"dir_1","name":"x"}},"users":{ROWS}"#),
        format!(r#""directory":{{"ID":"dir_1"}},"members":{ROWS}"#),
        format!(r#""data":[],"users":{ROWS}"#),
        format!(r#""amount_of_users":"2","users":{ROWS}"#),
        r#""users":{"reg_1":{"ID":"reg_1"},"reg_2":{"ID":"reg_2"}},"pagination":{"page":1}"#.to_owned(),
        r#""users":[{"user":{"ID":"reg_1"}},{"user":{"ID":"reg_2"}}]"#.to_owned(),
        r#""users":[{"ID":"reg_1"},{"ID":"reg_2"},{"ID":"reg_1","email":"later"}]"#.to_owned(),
    ] {
        bodies.push(good(&rest));
    }
    bodies.push(format!(r#"{{"response":{{"status":{{"status":"OK"}},"users":{ROWS}}}}}"#));
    bodies.push(format!(r#"{{"users":{ROWS},"status":{{"status":"ok"}}}}"#));
    bodies.push(format!("\u{feff}  {}\n", good(&format!(r#""users":{ROWS}"#))));
    for body in bodies {
        let page = users(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(user_ids(&page), ["reg_1", "reg_2"], "{body}");
        assert_eq!(page.rows_without_id, 0, "{body}");
    }
}

#[test]
fn one_row_may_come_without_its_list() {
    for rest in [
        r#""user":{"ID":"reg_1","email":"a@example.com"}"#,
        r#""data":{"user_info":{"ID":"reg_1"}}"#,
        r#""users":{"0":{"ID":"reg_1"}}"#,
        r#""users":{"ID":"reg_1","registration":"2026-11-23 09:05:10"}"#,
    ] {
        assert_eq!(user_ids(&users(&good(rest)).unwrap()), ["reg_1"], "{rest}");
    }
}

#[test]
fn past_the_end_is_empty_in_all_its_forms() {
    for rest in [
        r#""users":[]"#,
        r#""users":[ ]"#,
        r#""users":{}"#,
        r#""users":null"#,
        r#""users":"""#,
        r#""data":[]"#,
        r#""data":{"users":[]}"#,
        r#""data":{"ID":"dir_1","users":[]}"#,
        r#""response":[]"#,
        r#""members":[]"#,
        r#""members":[],"warnings":[]"#,
        "",
        r#""page":7"#,
        r#""page":"7","pagination":{"page":7,"next":null}"#,
        r#""directory":{"ID":"dir_1","name":"x"}"#,
        r#""users":[],"data":{"page":7}"#,
    ] {
        let page = users(&good(rest)).unwrap_or_else(|error| panic!("{rest}: {error}"));
        assert_eq!((page.rows.len(), page.rows_answered, page.rows_without_id), (0, 0, 0), "{rest}");
    }
    assert_eq!(users(r#"{"status":"OK"}"#).unwrap().rows_answered, 0);
    assert_eq!(users(r#"{"response":{"status":{"status":"OK"}}}"#).unwrap().rows_answered, 0);
}

#[test]
fn an_unknown_shape_is_an_error_that_names_keys() {
    for (rest, named) in [
        (r#""members":{"0":{"ID":"reg_1"}}"#, "status{}, members{}"),
        (r#""members":{"ID":"reg_1"}"#, "members{}"),
        (r#""members":[{"ID":"reg_1"}],"people":[{"ID":"reg_2"}]"#, "members[], people[]"),
        (r#""members":["reg_1"]"#, "members[]"),
        (r#""users":["reg_1","reg_2"]"#, "users[]"),
        (r#""users":[[{"ID":"reg_1"}]]"#, "users[]"),
        (r#""users":5"#, "users"),
        (r#""users":false"#, "users"),
        (r#""users":"none""#, "users"),
        (r#""users":{"email":"a@example.com"}"#, "users{}"),
        (r#""users":{"ID":"dir_1","name":"x"}"#, "users{}"),
        (r#""data":{"page":7}"#, "data{}"),
        (r#""result":{"deep":{"users":5}}"#, "result{}"),
        (r#""a@example.com":{"x":{"y":1}}"#, "(key){}"),
        (r#""12345":{"x":{"y":1}},"Jane Doe":[1]"#, "(key){}, (key)[]"),
        (r#""reg_12345":{"x":{"y":1}}"#, "(key){}"),
    ] {
        let error = users(&good(rest)).expect_err(rest);
        assert_eq!(error.class(), Class::Unreadable, "{rest}");
        assert!(error.to_string().contains(named), "{rest}: {error}");
    }
}

#[test]
fn names_in_an_error_are_few() {
    let keys: Vec<String> = (0..300).map(|n| format!(r#""k{n}":{{"x":[1]}}"#)).collect();
    let error = users(&good(&keys.join(","))).unwrap_err().to_string();
    assert!(error.contains("and 281 more") && error.len() < 400, "{error}");
}

#[test]
fn rows_without_an_id_are_counted_and_drop_nothing_else() {
    for (rows, without) in [
        (r#"[{"ID":"reg_1"},{"email":"a@example.com"},{"ID":"reg_2"}]"#, 1),
        (r#"[{"ID":"reg_1"},null,[],{},{"ID":"reg_2"}]"#, 3),
        (r#"[{"ID":"reg_1"},{"ID":""},{"ID":null},{"ID":0},{"ID":"0"},{"ID":{}},{"ID":"reg_2"}]"#, 5),
        (r#"[{"ID":"reg_1"},{"ID":"dir_9"},{"ID":"reg_2"}]"#, 1),
    ] {
        let page = users(&good(&format!(r#""users":{rows}"#))).unwrap();
        assert_eq!((user_ids(&page), page.rows_without_id), (vec!["reg_1", "reg_2"], without), "{rows}");
        assert_eq!(page.rows_answered, without + 2, "{rows}");
    }
}

#[test]
fn an_id_is_found_by_every_spelling() {
    for (row, id) in [
        (r#"{"id":"reg_1"}"#, "reg_1"),
        (r#"{"Id":12345}"#, "12345"),
        (r#"{"userid":"u","ID":"reg_1"}"#, "reg_1"),
        (r#"{"user_id":"reg_1"}"#, "reg_1"),
        (r#"{"registrationID":"reg_1"}"#, "reg_1"),
        (r#"{"reg-id":"reg_1","directory_id":"dir_1"}"#, "reg_1"),
        (r#"{"ID":"","user_id":"reg_1"}"#, "reg_1"),
        (r#"{"ID":" reg_1 "}"#, "reg_1"),
        (r#"{"\u0049D":"reg\u005f1"}"#, "reg_1"),
    ] {
        assert_eq!(user_ids(&users(&good(&format!(r#""users":[{row}]"#))).unwrap()), [id], "{row}");
    }
}

#[test]
fn a_map_for_a_list_keeps_the_answers_order() {
    let body = good(r#""users":{"10":{"ID":"reg_10"},"2":{"ID":"reg_2"},"3":{"ID":"reg_3"}}"#);
    assert_eq!(user_ids(&users(&body).unwrap()), ["reg_10", "reg_2", "reg_3"]);
}

#[test]
fn the_operator_adds_a_container() {
    let body = good(r#""crowd":{"ID":"reg_1"}"#).into_bytes();
    assert!(users(&String::from_utf8(body.clone()).unwrap()).is_err());
    let page = reading_with("registrations", &["crowd"]).users_page(200, body).unwrap();
    assert_eq!(user_ids(&page), ["reg_1"]);
}

#[test]
fn directories_are_found_wherever_they_stand() {
    let rows =
        r#"[{"ID":"dir_1","name":"North","url":"https://example.com/n","status":"active"},{"ID":"dir_2"}]"#;
    let map = r#"{"0":{"ID":"dir_1","name":"North","url":"https://example.com/n","status":"active"},"1":{"ID":"dir_2"}}"#;
    for name in ["directory_info", "directory", "directories", "directory_list", "data", "list", "folders"] {
        for rows in [rows, map] {
            if name == "folders" && rows == map {
                continue;
            }
            let list = directories(&good(&format!(r#""{name}":{rows}"#))).unwrap();
            assert_eq!(list.directories.len(), 2, "{name}");
            let first = &list.directories[0];
            assert_eq!(first.id.as_str(), "dir_1");
            assert_eq!(first.name.as_deref(), Some("North"));
            assert_eq!(first.url.as_deref(), Some("https://example.com/n"));
            assert_eq!(first.status.as_deref(), Some("active"));
        }
    }
    let list = directories(&good(r#""directories":[{"name":"x"},{"ID":"dir_2"},{"ID":"dir_2"}]"#)).unwrap();
    assert_eq!((list.directories.len(), list.rows_without_id), (1, 1));
    assert!(directories(&good(r#""users":{"0":{"ID":"reg_1"}}"#)).is_err());
}

#[test]
fn one_directory_is_found_wherever_it_stands() {
    let asked = coupontools_mirror::directory::DirectoryId::new("dir_1");
    let read = |rest: &str| crate::answers::reading().directory(&asked, 200, good(rest).into_bytes());
    for rest in [
        r#""directory_info":{"ID":"dir_1","name":"North"}"#,
        r#""directory_info":[{"ID":"dir_1","name":"North"}]"#,
        r#""directory":{"name":"North","id":"dir_1","users":["x"]}"#,
        r#""data":{"directory":{"ID":"dir_1","name":"North"}}"#,
        r#""ID":"dir_1","name":"North""#,
        r#""directory":[{"name":"North"}]"#,
    ] {
        let directory = read(rest).unwrap_or_else(|error| panic!("{rest}: {error}"));
        assert_eq!((directory.id.as_str(), directory.name.as_deref()), ("dir_1", Some("North")), "{rest}");
    }
    for rest in ["", r#""directory":[]"#, r#""directory":[{"ID":"dir_1"},{"ID":"dir_2"}]"#] {
        assert!(matches!(read(rest), Err(ApiError::Unreadable { .. })), "{rest}");
    }
}
