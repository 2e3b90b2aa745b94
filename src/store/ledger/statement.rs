//! The ledger's statements.

pub(super) const IS_OPTED_OUT: &str = "SELECT 1 FROM opt_out WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const FIND_OUTCOME: &str = "SELECT outcome FROM send \
    WHERE series = ?1 AND channel = ?2 AND recipient_hash = ?3 AND outcome <> 'failed'";

pub(super) const SAVE_OPT_OUT: &str = "INSERT INTO opt_out (channel, recipient_hash, recipient, since, reason) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

/// Who was erased while their own request was under way is not named again.
pub(super) const SAVE_OPT_OUT_OF_VENDOR: &str = "INSERT INTO opt_out (channel, recipient_hash, recipient, since, reason) \
    SELECT ?1, ?2, iif(EXISTS (SELECT 1 FROM erasure WHERE channel = ?1 AND recipient_hash = ?2 AND at >= ?6), NULL, ?3), \
        ?4, ?5 \
    WHERE true ON CONFLICT DO NOTHING";

pub(super) const REMOVE_OPT_OUT: &str = "DELETE FROM opt_out WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const LIST_OPT_OUTS: &str =
    "SELECT channel, recipient, since, reason FROM opt_out ORDER BY since DESC, channel, recipient";

pub(super) const LIST_SENDS: &str = "SELECT send_id, at, channel, directory_id, recipient, outcome, error_code, \
        error, campaign, text, ended_at, settled_at \
    FROM sends WHERE NOT ?1 OR outcome = 'unknown' ORDER BY send_id DESC LIMIT ?2";

pub(super) const SETTLE: &str = "UPDATE send SET outcome = ?2, settled_at = ?3 \
    WHERE send_key = ?1 AND outcome = 'unknown'";

pub(super) const FIND_SEND: &str = "SELECT outcome FROM send WHERE send_key = ?1";

/// Whoever was sending is no more: nobody else has the turn.
pub(super) const ABANDON: &str = "UPDATE send SET outcome = 'unknown', ended_at = ?1, \
        error = 'the program ended before the API answered' \
    WHERE outcome = 'sending'";

pub(super) const BEGIN: &str = "INSERT INTO send \
        (at, channel, directory_id, campaign, series, recipient, recipient_hash, text, outcome) \
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'sending' \
    WHERE NOT EXISTS (SELECT 1 FROM opt_out WHERE channel = ?2 AND recipient_hash = ?7) \
        AND NOT EXISTS (SELECT 1 FROM erasure WHERE channel = ?2 AND recipient_hash = ?7 AND at >= ?9) \
    ON CONFLICT DO NOTHING";

pub(super) const END: &str = "UPDATE send SET outcome = ?2, ended_at = ?3, error_code = ?4, error = ?5 \
    WHERE send_key = ?1 AND outcome = 'sending'";

/// What was not accepted, and is tried again, is as if it had not begun.
pub(super) const WITHDRAW: &str = "DELETE FROM send WHERE send_key = ?1 AND outcome = 'sending'";

pub(super) const REMOVED_EMAILS: &str =
    "SELECT email FROM registration WHERE removed_at IS NOT NULL AND email IS NOT NULL";
pub(super) const STANDING_EMAILS: &str =
    "SELECT email FROM registration WHERE removed_at IS NULL AND email IS NOT NULL";
pub(super) const REMOVED_PHONES: &str =
    "SELECT phone FROM registration WHERE removed_at IS NOT NULL AND phone IS NOT NULL";
pub(super) const STANDING_PHONES: &str =
    "SELECT phone FROM registration WHERE removed_at IS NULL AND phone IS NOT NULL";

/// Whose a directory is.
pub(super) const FIND_ACCOUNT: &str = "SELECT a.name FROM directory AS d \
    JOIN account AS a ON a.account_key = d.account_key WHERE d.directory_id = ?1";
