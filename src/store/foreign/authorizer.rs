//! What a foreign statement may do, asked by SQLite while it compiles one. By list: whatever is not
//! on it is refused.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::masking;
use crate::store::access::Access;

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

/// Functions that reach outside the statement, of which few are compiled in today; and one that takes
/// the square of its arguments' lengths.
const FUNCTIONS_REFUSED: &[&str] =
    &["load_extension", "fts3_tokenizer", "writefile", "readfile", "edit", "fsdir", "json_patch"];

/// Of whoever may see everything.
pub(super) fn authorize_full(context: AuthContext<'_>) -> Authorization {
    let among = |list: &[&str], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    verdict(match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => !among(FUNCTIONS_REFUSED, function_name),
        AuthAction::Pragma { pragma_name, .. } => among(PRAGMAS, pragma_name),
        _ => false,
    })
}

/// Of whoever may not see people.
pub(super) fn authorize_masked(context: AuthContext<'_>) -> Authorization {
    verdict(match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Read { table_name, column_name } => masking::may_read(table_name, column_name),
        AuthAction::Function { function_name } => masking::may_call(function_name),
        _ => false,
    })
}

fn verdict(is_allowed: bool) -> Authorization {
    if is_allowed { Authorization::Allow } else { Authorization::Deny }
}

/// Of the program's own statements, for a reader of that access: they may begin and end a
/// transaction, and see the last number of the feed, too.
pub(in crate::store) fn authorize_house(access: Access) -> impl Fn(AuthContext<'_>) -> Authorization {
    move |context| match (context.action, access) {
        (AuthAction::Transaction { .. } | AuthAction::Read { table_name: "sqlite_sequence", .. }, _) => {
            Authorization::Allow
        }
        (_, Access::Full) => authorize_full(context),
        (_, Access::Masked) => authorize_masked(context),
    }
}
