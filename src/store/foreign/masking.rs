//! What a masked reader may see: by table and column, never by view. A view's name can be forged by a
//! common table expression; a column can't. What identifies a person is denied outright, and what
//! stands in its place has columns of its own, shown under the public names by temporary views.

use rusqlite::Connection;

use super::PublicView;

/// The public views over the columns that a masked reader may read. The other views read no column
/// that is denied, and stay what they are.
const VIEWS: &str = "
CREATE TEMP VIEW directories AS
SELECT d.directory_id, a.name AS account, d.name, d.url, d.status, d.registrations,
       d.first_seen_at, d.last_seen_at, d.removed_at, NULL AS raw
FROM main.directory AS d
JOIN main.account AS a ON a.account_key = d.account_key;

CREATE TEMP VIEW registrations AS
SELECT d.directory_id, r.registration_id, r.email_hash AS email, r.phone_hash AS phone,
       NULL AS first_name, NULL AS last_name, r.birth_year AS birth_date, NULL AS address, r.zip, r.city,
       NULL AS custom_1, NULL AS custom_2, NULL AS custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, NULL AS raw,
       NULL AS registered_text, r.registered_zone, r.erased_at
FROM main.registration AS r
JOIN main.directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NULL;

CREATE TEMP VIEW removed_registrations AS
SELECT d.directory_id, r.registration_id, r.email_hash AS email, r.phone_hash AS phone,
       NULL AS first_name, NULL AS last_name, r.birth_year AS birth_date, NULL AS address, r.zip, r.city,
       NULL AS custom_1, NULL AS custom_2, NULL AS custom_3, r.paid, r.paid_until, r.blocked,
       r.registered_at, r.registered_on, r.first_seen_at, r.changed_at, r.missing_since, NULL AS raw,
       r.removed_at, NULL AS registered_text, r.registered_zone, r.erased_at
FROM main.registration AS r
JOIN main.directory AS d ON d.directory_key = r.directory_key
WHERE r.removed_at IS NOT NULL;

CREATE TEMP VIEW registration_changes AS
SELECT c.seq, c.at, c.kind, d.directory_id, c.registration_id, c.before_masked AS before,
       c.after_masked AS after
FROM main.registration_change AS c
JOIN main.directory AS d ON d.directory_key = c.directory_key;

CREATE TEMP VIEW sends AS
SELECT send_key AS send_id, at, channel, directory_id, recipient_hash AS recipient, outcome, error_code, error,
       campaign, NULL AS text, ended_at, settled_at
FROM main.send;

CREATE TEMP VIEW opt_outs AS
SELECT channel, recipient_hash AS recipient, since, reason FROM main.opt_out;
";

/// Columns that may be read, by table. An empty name is what `count(*)` asks for.
const READABLE: &[(&str, &[&str])] = &[
    ("account", &["", "account_key", "name", "last_error"]),
    (
        "directory",
        &[
            "",
            "directory_key",
            "account_key",
            "directory_id",
            "name",
            "url",
            "status",
            "first_seen_at",
            "last_seen_at",
            "removed_at",
            "loaded_at",
            "brake_held_at",
            "registrations",
            "last_complete_at",
            "last_full_at",
            "last_error",
        ],
    ),
    (
        "walk",
        &[
            "",
            "walk_key",
            "directory_key",
            "kind",
            "started_at",
            "finished_at",
            "outcome",
            "pages",
            "requests",
            "rows_read",
            "created",
            "recovered",
            "updated",
            "removed",
            "restored",
            "missing",
            "error",
        ],
    ),
    (
        "registration",
        &[
            "",
            "registration_key",
            "directory_key",
            "registration_id",
            "first_seen_at",
            "changed_at",
            "missing_since",
            "removed_at",
            "email_hash",
            "phone_hash",
            "birth_year",
            "zip",
            "city",
            "paid",
            "paid_until",
            "blocked",
            "registered_at",
            "registered_on",
            "registered_zone",
            "erased_at",
        ],
    ),
    (
        "registration_change",
        &["", "seq", "at", "kind", "directory_key", "registration_id", "before_masked", "after_masked"],
    ),
    (
        "send",
        &[
            "",
            "send_key",
            "at",
            "channel",
            "directory_id",
            "recipient_hash",
            "outcome",
            "error_code",
            "error",
            "campaign",
            "ended_at",
            "settled_at",
        ],
    ),
    ("opt_out", &["", "channel", "recipient_hash", "since", "reason"]),
    ("registration_day", &["", "directory_key", "day", "registrations"]),
];

/// Table-valued functions whose every column may be read: they only see what they are given.
const TABLE_FUNCTIONS: &[&str] = &["json_each", "json_tree"];

/// Functions that a masked reader may call: they know only their arguments and the date.
const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "cume_dist",
    "date",
    "datetime",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "ifnull",
    "iif",
    "if",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_quote",
    "json_tree",
    "json_type",
    "json_valid",
    "->",
    "->>",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "max",
    "median",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "percentile",
    "pow",
    "power",
    "printf",
    "quote",
    "random",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "time",
    "timediff",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
];

/// Makes the masked views, which stand before the public ones of the same names.
pub(super) fn make_views(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(VIEWS)
}

pub(super) fn may_read(table: &str, column: &str) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(table);
    // What is behind a public view is asked for by itself.
    PublicView::names().chain(TABLE_FUNCTIONS.iter().copied()).any(is)
        || READABLE
            .iter()
            .any(|(name, columns)| is(name) && columns.iter().any(|name| name.eq_ignore_ascii_case(column)))
}

pub(super) fn may_call(function: &str) -> bool {
    FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(function))
}
