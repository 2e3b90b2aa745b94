//! What a foreign statement may do, asked by SQLite while it compiles one. By list: whatever is not
//! on it is refused.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that only tell what tables and views look like, with or without an argument.
const PRAGMAS: &[&str] = &[
    "table_list",
    "table_info",
    "table_xinfo",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "function_list",
];

/// Functions that reach outside the statement. None of the first three is compiled in today.
const FUNCTIONS_REFUSED: &[&str] =
    &["load_extension", "fts3_tokenizer", "writefile", "readfile", "edit", "fsdir"];

pub(super) fn authorize(context: AuthContext<'_>) -> Authorization {
    let among = |list: &[&str], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    let allowed = match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => !among(FUNCTIONS_REFUSED, function_name),
        AuthAction::Pragma { pragma_name, .. } => among(PRAGMAS, pragma_name),
        _ => false,
    };
    if allowed { Authorization::Allow } else { Authorization::Deny }
}
