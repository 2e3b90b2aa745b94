//! The shape of an answer for the operator: key paths and kinds of values with their counts, never
//! a value.

use std::collections::BTreeMap;

use super::call::Call;
use super::client::{Answer, Client};
use super::date;
use super::error::{ApiError, Cause};
use super::exchange::Received;
use super::json::{Json, Kind, text_of};
use super::shape::shown;
use crate::directory::DirectoryId;

/// The most paths that are told.
const PATHS_MAX: usize = 500;
/// How deep paths go.
const DEPTH_MAX: usize = 12;

/// Which call to probe; sends are not probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeCall {
    /// `directory/list`.
    Directories,
    /// `directory/info`.
    Directory(DirectoryId),
    /// `directoryusers/list`, with the page as the API counts.
    Users(DirectoryId, u32),
}

/// What stands at one path, `users[].ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyShape {
    /// Keys joined by `.`; `[]` is a list's elements, `{}` those of a map with numbers for keys.
    pub path: String,
    /// How often each kind of value stands there: `text`, `empty text`, `numeric text`,
    /// `date text`, `number`, `flag`, `null`, `list`, `empty list`, `map`, `empty map`.
    pub kinds: BTreeMap<&'static str, usize>,
}

/// An answer's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The answer's HTTP status.
    pub http_status: u16,
    /// In the order of first appearance.
    pub keys: Vec<KeyShape>,
    /// How many paths there were beyond those.
    pub keys_left_out: usize,
    /// How the answer was read: how many rows, or what was wrong with it.
    pub rows: Result<usize, ApiError>,
    /// Rows that had no ID.
    pub rows_without_id: usize,
}

impl Client {
    /// Makes the call as a read and tells the shape of the answer, also of one that says no.
    pub async fn probe(&self, call: &ProbeCall) -> Answer<Probe> {
        let asked = match call {
            ProbeCall::Directories => Call::DirectoryList,
            ProbeCall::Directory(id) => Call::DirectoryInfo(id),
            ProbeCall::Users(id, page) => Call::UsersList(id, *page),
        };
        let answer = self.call(asked, |received| self.shape(call, received)).await;
        if let Ok(Probe { rows: Err(ApiError::Refused { code }), .. }) = &answer.result {
            self.refuse(*code);
        }
        answer
    }

    fn shape(&self, call: &ProbeCall, received: Received) -> Result<Probe, ApiError> {
        let Received { http_status, body, .. } = received;
        let text = text_of(body.clone());
        let (rows, rows_without_id) = match call {
            ProbeCall::Directories => match self.reading().directories(http_status, body) {
                Ok(list) => (Ok(list.directories.len() + list.rows_without_id), list.rows_without_id),
                Err(error) => (Err(error), 0),
            },
            ProbeCall::Directory(id) => (self.reading().directory(id, http_status, body).map(|_| 1), 0),
            ProbeCall::Users(..) => match self.reading().users_page(http_status, body) {
                Ok(page) => (Ok(page.rows_answered), page.rows_without_id),
                Err(error) => (Err(error), 0),
            },
        };
        match rows {
            Err(error @ (ApiError::Passing { .. } | ApiError::Redirected { .. })) => Err(error),
            rows => {
                let not_json =
                    ApiError::Passing { cause: Cause::NotJson(http_status), attempts: 1, answered: true };
                let mut paths = Paths::default();
                paths.add(String::new(), Json::parse(&text).ok_or(not_json)?, 0);
                Ok(Probe {
                    http_status,
                    keys: paths.keys,
                    keys_left_out: paths.left_out,
                    rows,
                    rows_without_id,
                })
            }
        }
    }
}

#[derive(Default)]
struct Paths {
    keys: Vec<KeyShape>,
    places: BTreeMap<String, usize>,
    left_out: usize,
}

impl Paths {
    fn add(&mut self, path: String, value: Json<'_>, depth: usize) {
        self.count(&path, kind(value));
        if depth == DEPTH_MAX {
            return;
        }
        for item in value.items().unwrap_or_default() {
            self.add(format!("{path}[]"), item, depth + 1);
        }
        let entries = value.entries().unwrap_or_default();
        let numbered = entries.iter().all(|(key, _)| key.bytes().all(|byte| byte.is_ascii_digit()));
        for (key, inner) in entries {
            let inner_path = match (numbered, path.as_str()) {
                (true, _) => format!("{path}{{}}"),
                (false, "") => shown(&key).to_owned(),
                (false, _) => format!("{path}.{}", shown(&key)),
            };
            self.add(inner_path, inner, depth + 1);
        }
    }

    fn count(&mut self, path: &str, kind: &'static str) {
        let place = match self.places.get(path) {
            Some(place) => *place,
            None if self.keys.len() == PATHS_MAX => {
                self.left_out += 1;
                return;
            }
            None => {
                self.places.insert(path.to_owned(), self.keys.len());
                self.keys.push(KeyShape { path: path.to_owned(), kinds: BTreeMap::new() });
                self.keys.len() - 1
            }
        };
        *self.keys[place].kinds.entry(kind).or_default() += 1;
    }
}

fn kind(value: Json<'_>) -> &'static str {
    match value.kind() {
        Kind::Null => "null",
        Kind::Bool => "flag",
        Kind::Number => "number",
        Kind::List if value.is_void() => "empty list",
        Kind::List => "list",
        Kind::Map if value.is_void() => "empty map",
        Kind::Map => "map",
        Kind::Text if value.is_void() => "empty text",
        Kind::Text => {
            let text = value.text().unwrap_or_default();
            if text.parse::<f64>().is_ok() {
                "numeric text"
            } else if date::looks_like_one(&text) {
                "date text"
            } else {
                "text"
            }
        }
    }
}
