//! How a send ends for whoever gave the command: the exit code, and what is said on stderr.

use anyhow::anyhow;

use crate::api::ApiError;
use crate::commands::{Exit, Failure};
use crate::send::{Ended, LeftOut, Tally};
use crate::store::ledger::TurnError;

/// Why the one who was named is not sent to.
pub(super) fn refusal(reason: LeftOut) -> Failure {
    let (exit, hint) = match reason {
        LeftOut::Invalid(invalid) => (Exit::Usage, invalid.hint()),
        LeftOut::OptedOut => {
            (Exit::Failed, "`opt-out list` shows since when; `opt-out remove` takes it back")
        }
        LeftOut::Erased => (
            Exit::Failed,
            "who registers anew is sent to by --to-query; --include-erased sends to an address all the same",
        ),
        LeftOut::SentBefore => (Exit::Failed, "`send list` shows when; another --campaign is another send"),
        _ => (Exit::Failed, "find out whether it arrived, then `send settle ID sent|failed`"),
    };
    Failure::new(exit, anyhow!("cannot send: {}", reason.as_str())).hint(hint)
}

/// Of a list in which nobody can be sent to.
pub(super) fn nonsense() -> Failure {
    Failure::new(Exit::Usage, anyhow!("cannot send: nobody in the list can be sent to"))
        .hint("--left-out FILE has why, line by line")
}

/// Of one who was named: the tally is not shown, so that all of it is told here.
pub(super) fn verdict_of_one(tally: Tally, ended: Ended) -> Result<Exit, Failure> {
    match (ended, tally.last_error) {
        (Ended::All, Some(error)) if tally.unknown > 0 => Err(Failure::new(
            Exit::Failed,
            anyhow::Error::new(error).context("cannot tell whether it was sent"),
        )
        .hint(
            "find out whether it arrived; `send list --unknown` has its ID for `send settle ID sent|failed`",
        )),
        (Ended::All, Some(error)) => Err(told(error)),
        (Ended::All, None) if tally.unwanted > 0 => {
            let error = anyhow!("cannot send: they opted out or were erased this very moment");
            Err(Failure::new(Exit::Failed, error).hint("`opt-out list` shows who is sent nothing"))
        }
        (Ended::Stopped, _) => {
            Err(Failure::new(Exit::Failed, anyhow!("cannot send: stopped before it was asked for"))
                .hint("the same command sends it"))
        }
        (ended, error) => verdict(&Tally { last_error: error, ..tally }, ended),
    }
}

/// Of many: how many were sent and not, the tally says.
pub(super) fn verdict(tally: &Tally, ended: Ended) -> Result<Exit, Failure> {
    match ended {
        Ended::Early(error) => Err(told(error)),
        Ended::Broken(error) => Err(error.into()),
        Ended::Stopped => Ok(Exit::Failed),
        Ended::All if tally.last_error.is_some() => Ok(Exit::Failed),
        Ended::All => Ok(Exit::Done),
    }
}

fn told(error: ApiError) -> Failure {
    let hint = match &error {
        ApiError::WrongParameter { .. } => Some("see that the directory's ID is right, dir_12345".to_owned()),
        error => error.hint().map(str::to_owned),
    };
    let Failure { exit, .. } = Failure::from(error.clone());
    Failure { exit, error: anyhow::Error::new(error).context("cannot send"), hint }
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        let hint = match &error {
            TurnError::Taken => "wait until it is over, or stop it: it can be gone on with",
            TurnError::Lock { .. } => "run it as the mirror's user: sudo -u coupontools-mirror …",
            TurnError::Store(_) => "see whether the file may be written by this user",
        };
        Self::new(Exit::Failed, error).hint(hint)
    }
}
