//! The variants of answer: every way in which the API may turn out to spell what it says. One enum
//! an axis, one value a way; the first value of each axis is the default.
//!
//! A variant's name is its axis and its value, `past-end-null`; `simulate --list-variants` and the
//! tests go by [`variants`]. What each value does to an answer stands in `render` and `calls`.

use serde::{Deserialize, Serialize};

/// What a faithful mirror makes of a variant, by what is known of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It reads every registration.
    Exact,
    /// It must report an error: what it read, if anything, is not complete.
    Error,
}

/// One way to spell answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// What it concerns: a key of the behaviour, with hyphens.
    pub axis: &'static str,
    /// The way.
    pub value: &'static str,
    /// What to expect of a mirror.
    pub reading: Reading,
    /// What it does, in one line.
    pub what: &'static str,
}

impl Variant {
    /// Its name, `past-end-null`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}", self.axis, self.value)
    }

    /// What sets it: a part of a behaviour, `{"past_end":"null"}`.
    #[must_use]
    pub fn patch(&self) -> serde_json::Value {
        let mut patch = serde_json::Map::new();
        patch.insert(self.axis.replace('-', "_"), self.value.into());
        patch.into()
    }
}

macro_rules! axes {
    ($($(#[$doc:meta])* $name:ident $axis:literal { $($variant:ident $value:literal $reading:ident $what:literal)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
            pub enum $name { $( #[doc = $what] #[serde(rename = $value)] $variant, )+ }

            impl Default for $name {
                fn default() -> Self {
                    [$(Self::$variant),+][0]
                }
            }
        )+

        /// Every variant, axis by axis, each axis' default first.
        pub fn variants() -> impl Iterator<Item = Variant> {
            [$($( Variant { axis: $axis, value: $value, reading: Reading::$reading, what: $what } ),+),+].into_iter()
        }
    };
}

axes! {
    /// How success is announced.
    Envelope "envelope" {
        Documented "documented" Exact "status stands beside the payload: {\"status\":{\"status\":\"OK\"},…}"
        Last "last" Exact "status stands after the payload"
        Absent "absent" Error "no status at all: nothing says that the answer is one"
    }
    /// How `error_code` is spelt.
    ErrorCode "error-code" {
        Documented "documented" Exact "an integer for refused keys, else an array"
        Integer "integer" Exact "an integer"
        Array "array" Exact "an array of integers"
        Text "text" Exact "a number as text"
        TextArray "text-array" Exact "an array of numbers as text"
    }
    /// The HTTP status that goes with a failure.
    ErrorStatus "error-status" {
        AsMessage "as-message" Exact "what the message says: 401 or 422"
        Ok "200" Exact "always 200"
        Unauthorized "401" Exact "always 401"
        Unprocessable "422" Exact "always 422"
    }
    /// The key that holds the registrations.
    Container "container" {
        UserInfo "user-info" Exact "user_info"
        Users "users" Exact "users"
        User "user" Exact "user"
        DirectoryUsers "directoryusers" Exact "directoryusers"
        DirectoryUser "directory-user" Exact "directory_user"
        Registrations "registrations" Exact "registrations"
        Registration "registration" Exact "registration"
        RegisteredUsers "registered-users" Exact "registeredUsers"
        Data "data" Exact "data"
        List "list" Exact "list"
        UnknownName "unknown-name" Exact "an unknown name, but the only array of objects"
        UnknownShape "unknown-shape" Error "deep inside keys that nobody knows"
    }
    /// The key that holds the directories.
    DirectoryContainer "directory-container" {
        DirectoryInfo "directory-info" Exact "directory_info"
        Directory "directory" Exact "directory"
        Directories "directories" Exact "directories"
        DirectoryList "directory-list" Exact "directory_list"
        Data "data" Exact "data"
        List "list" Exact "list"
        UnknownName "unknown-name" Exact "an unknown name, but the only array of objects"
        UnknownShape "unknown-shape" Error "deep inside keys that nobody knows"
    }
    /// How `directory/info` gives its one directory.
    Info "info" {
        Object "object" Exact "an object"
        List "list" Exact "a list of one"
    }
    /// What the container stands in.
    Nested "nested" {
        Top "top" Exact "beside status"
        Data "data" Exact "inside data"
        Response "response" Exact "inside response"
        Result "result" Exact "inside result"
    }
    /// How a list is spelt.
    Rows "rows" {
        List "list" Exact "a list"
        Map "map" Exact "a map with the keys \"0\", \"1\", …"
        MapFromOne "map-from-one" Exact "a map with the keys \"1\", \"2\", …"
    }
    /// How keys are spelt.
    Keys "keys" {
        Vendor "vendor" Exact "ID, firstname, birthday, registered_utc"
        Snake "snake" Exact "id, first_name, birth_date, registration_date_utc"
        Mixed "mixed" Exact "user_id, first_Name, Birth_Date, created_at_utc"
        Hyphen "hyphen" Exact "registration-id, first-name, birth-date, reg-date-utc"
        Camel "camel" Exact "regId, firstName, birthDate, dateUtc"
    }
    /// How a registration's ID is spelt.
    Ids "ids" {
        Prefixed "prefixed" Exact "\"reg_1000001\""
        Number "number" Exact "1000001"
        NumberText "number-text" Exact "\"1000001\""
    }
    /// How numbers and flags are spelt.
    Scalars "scalars" {
        Text "text" Exact "as text: \"0\", \"1\""
        Number "number" Exact "as numbers: 0, 1"
        Bool "bool" Exact "flags as false and true"
    }
    /// Whether keys come twice in one row.
    DoubleKeys "double-keys" {
        None "none" Exact "no key twice"
        Equal "equal" Exact "two keys twice, with the same value"
        LastCounts "last-counts" Exact "two keys twice, the first time empty"
    }
    /// What stands before the JSON.
    ByteOrderMark "byte-order-mark" {
        None "none" Exact "nothing"
        Utf8 "utf8" Exact "a UTF-8 byte order mark"
    }
    /// How text is written.
    Text "text" {
        Utf8 "utf8" Exact "as UTF-8"
        Escaped "escaped" Exact "as PHP does: \\u00e9 and \\/"
    }
    /// The content type of answers.
    ContentType "content-type" {
        Json "json" Exact "application/json"
        Html "html" Exact "text/html; charset=UTF-8, PHP's default"
    }
    /// Whether answers are compressed for a client that asks for it.
    Gzip "gzip" {
        Off "off" Exact "never"
        On "on" Exact "if asked for"
    }
    /// How a value that isn't set is spelt.
    Unset "unset" {
        Empty "empty" Exact "\"\""
        ZeroDate "zero-date" Exact "\"0000-00-00 00:00:00\" for dates, else \"\""
        Null "null" Exact "null"
        Absent "absent" Exact "its key is absent"
    }
    /// How the registration date is given.
    Dates "dates" {
        Utc "utc" Exact "in UTC, under a key that says so"
        Local "local" Exact "in Brussels' time, under a key that doesn't say so"
        Offset "offset" Exact "2026-11-23T10:05:10+01:00"
        Empty "empty" Exact "\"\""
        Zero "zero" Exact "\"0000-00-00 00:00:00\""
        NoDates "no-dates" Exact "text that is no date"
        Absent "absent" Exact "its key is absent"
        Sometimes "sometimes" Exact "every third row has none"
    }
    /// How registration dates lie.
    Order "order" {
        Falling "falling" Exact "newest first"
        Equal "equal" Exact "equal by the hundred"
        Disordered "disordered" Exact "every fifth row up to three days off"
    }
    /// Whether rows have IDs.
    RowIds "row-ids" {
        All "all" Exact "every row has one"
        SomeAbsent "some-absent" Error "every tenth row has none"
        Absent "absent" Error "no row has one"
    }
    /// Whether a page gives rows twice.
    RepeatedRows "repeated-rows" {
        None "none" Exact "no row twice"
        Some "some" Exact "every twentieth row twice"
    }
    /// How an empty map is spelt.
    EmptyMap "empty-map" {
        List "list" Exact "[], as PHP does"
        Map "map" Exact "{}"
    }
    /// Whether values keep to their types.
    Values "values" {
        Plain "plain" Exact "they do"
        Odd "odd" Exact "every fifth row has a number for a postal code, a list for a city, a map for a remark"
    }
    /// Whether rows hold what should not be kept.
    Secrets "secrets" {
        Absent "absent" Exact "they don't"
        Present "present" Exact "a password hash and a token"
    }
    /// What is answered past the end of the list.
    PastEnd "past-end" {
        Empty "empty" Exact "an empty list"
        Absent "absent" Exact "no container"
        Null "null" Exact "null"
        EmptyText "empty-text" Exact "\"\""
        Error301 "error-301" Exact "error 301"
        LastPage "last-page" Exact "the last page again"
        FirstPage "first-page" Exact "the first page again"
    }
    /// How pages are numbered.
    PageNumbers "page-numbers" {
        FromOne "from-one" Exact "from 1; page 0 is page 1"
        FromOneZeroRejected "from-one-zero-rejected" Exact "from 1; page 0 is error 301"
        FromOneZeroEmpty "from-one-zero-empty" Exact "from 1; page 0 is empty"
        FromZero "from-zero" Exact "from 0; absent is the first page"
        Ignored "ignored" Error "page is ignored: always the first page"
    }
}
