//! The ledger's statements.

pub(super) const IS_OPTED_OUT: &str = "SELECT 1 FROM opt_out WHERE channel = ?1 AND recipient_hash = ?2";

pub(super) const IS_ERASED: &str =
    "SELECT 1 FROM erasure WHERE channel = ?1 AND recipient_hash = ?2 AND is_named";

pub(super) const FIND_OUTCOME: &str = "SELECT outcome FROM send \
    WHERE series = ?1 AND channel = ?2 AND recipient_hash = ?3 AND outcome <> 'failed'";

pub(super) const FIND_BEGUN_AT: &str =
    "SELECT min(at) FROM send WHERE series = ?1 AND channel = ?2 AND outcome <> 'failed'";

/// Who is hashed with another key than the file's would be somebody else.
pub(super) const SAVE_OPT_OUT: &str = "INSERT INTO opt_out (channel, recipient_hash, recipient, since, reason) \
    SELECT ?1, ?2, ?3, ?4, 'operator' \
    WHERE EXISTS (SELECT 1 FROM setting WHERE name = ?5 AND value = ?6) ON CONFLICT DO NOTHING";

/// Whoever was erased since the send began is not written down again.
pub(super) const SAVE_VENDORS_OPT_OUT: &str = "INSERT INTO opt_out (channel, recipient_hash, recipient, since, reason) \
    SELECT channel, recipient_hash, recipient, ?2, 'vendor' FROM send WHERE send_key = ?1 ON CONFLICT DO NOTHING";

pub(super) const REMOVE_OPT_OUT: &str =
    "DELETE FROM opt_out WHERE channel = ?1 AND recipient_hash = ?2 RETURNING reason";

pub(super) const LIST_OPT_OUTS: &str =
    "SELECT channel, recipient, since, reason FROM opt_out ORDER BY since DESC, channel, recipient";

pub(super) const LIST_SENDS: &str = "SELECT send_id, at, channel, directory_id, recipient, outcome, error_code, \
        error, campaign, text, ended_at, settled_at \
    FROM sends WHERE (?1 IS NULL OR campaign = ?1) AND (?2 IS NULL OR outcome = ?2) ORDER BY send_id DESC LIMIT ?3";

pub(super) const SETTLE: &str = "UPDATE send SET outcome = ?2, settled_at = ?3, \
        error_code = iif(?2 = 'sent', NULL, error_code), error = iif(?2 = 'sent', NULL, error) \
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
        AND NOT EXISTS (SELECT 1 FROM erasure WHERE channel = ?2 AND recipient_hash = ?7 AND number > ?9) \
        AND EXISTS (SELECT 1 FROM setting WHERE name = ?10 AND value = ?11) \
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
