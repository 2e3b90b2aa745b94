//! Carries a plan out: one recipient after the other, at the operator's pace. Each is written down as
//! *sending* before the request, and as what it became after. What nobody knows stays unknown.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::plan::Plan;
use crate::api::{ApiError, Cause, Client};
use crate::clock;
use crate::recipient::{Channel, Recipient};
use crate::store::StoreError;
use crate::store::ledger::{Begun, Outcome, Series, Turn};

/// So many answers in a row that nobody understands, or none at all, end the run: each leaves one more
/// recipient of whom nobody knows. So do as many wrong parameters: once it may be the recipient's.
const PUZZLES_IN_A_ROW_MAX: u32 = 3;
/// The wait after a "too many requests" that says no time; doubled each time, up to the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What everybody is sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// The directory, and the campaign's name.
    pub series: Series,
    /// Subject of an email, body of a text message; the vendor's where there is none.
    pub text: Option<String>,
    /// At most so many in a second; none: as fast as the account is asked.
    pub per_second: Option<u32>,
}

/// What became of the recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The vendor took it.
    pub sent: u64,
    /// Not sent, by the vendor's code.
    pub failed: BTreeMap<i64, u64>,
    /// Of these, who have opted out: remembered.
    pub opted_out: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// Opted out or erased since the plan was made.
    pub unwanted: u64,
    /// Not asked for.
    pub left: u64,
    /// What went wrong with the latest who was not sent to, or of whom nobody knows.
    pub last_error: Option<ApiError>,
}

impl Tally {
    /// How many were not sent.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.values().sum()
    }
}

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everybody was asked for.
    All,
    /// It was asked to stop.
    Stopped,
    /// What went wrong concerns everybody.
    Early(ApiError),
    /// The ledger can't be written: then nobody else may be sent to.
    Broken(StoreError),
}

/// A step of the run, for whoever shows it.
#[derive(Clone, Copy, Debug)]
pub enum Progressed {
    /// One more recipient is done with.
    Done,
    /// The API asked to wait.
    Waiting,
}

/// Whom an error concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// This recipient: not sent.
    One,
    /// Nobody: the API did not take it, and will later.
    Later,
    /// Everybody: none of the others would be sent either.
    Everybody,
    /// Nobody knows whether it was sent.
    Unknown,
}

impl Concern {
    /// Whom an answer to a send concerns.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        match error {
            ApiError::Passing { cause: Cause::TooManyRequests, .. } => Self::Later,
            ApiError::Recipient { .. } | ApiError::NotSent { .. } => Self::One,
            // The vendor says so of numbers, too, and not always in words that name them.
            ApiError::WrongParameter { codes } if codes.contains(&301) => Self::One,
            error if error.may_have_happened() => Self::Unknown,
            _ => Self::Everybody,
        }
    }
}

/// The vendor's code, where the error has one.
fn code(error: &ApiError) -> Option<i64> {
    match error {
        ApiError::Refused { code }
        | ApiError::Gone { code }
        | ApiError::Setup { code }
        | ApiError::Recipient { code, .. }
        | ApiError::NotSent { code } => Some(*code),
        ApiError::WrongParameter { codes } | ApiError::Unknown { codes } => codes.first().copied(),
        _ => None,
    }
}

fn is_opt_out(error: &ApiError) -> bool {
    matches!(error, ApiError::Recipient { opt_out: true, .. })
}

/// Sends to everybody in the plan, until it is stopped.
pub async fn run(
    turn: &Turn,
    client: &Client,
    plan: &Plan,
    message: &Message,
    stop: &CancellationToken,
    mut progressed: impl FnMut(Progressed),
) -> (Tally, Ended) {
    let mut tally = Tally { left: plan.recipients.len() as u64, ..Tally::default() };
    let mut pace = message.per_second.map(|rate| tokio::time::interval(Duration::from_secs(1) / rate.max(1)));
    let mut puzzles_in_a_row = 0;
    for recipient in &plan.recipients {
        if let Some(pace) = &mut pace {
            pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            if stop.run_until_cancelled(pace.tick()).await.is_none() {
                return (tally, Ended::Stopped);
            }
        }
        if stop.is_cancelled() {
            return (tally, Ended::Stopped);
        }
        let step = match send(turn, client, recipient, message, stop, &mut progressed).await {
            Ok(step) => step,
            Err(ended) => return (tally, ended),
        };
        tally.left -= 1;
        progressed(Progressed::Done);
        puzzles_in_a_row = if step.is_puzzle() { puzzles_in_a_row + 1 } else { 0 };
        match step {
            Step::Unwanted => tally.unwanted += 1,
            Step::Sent => tally.sent += 1,
            Step::Failed(error) => {
                *tally.failed.entry(code(&error).unwrap_or_default()).or_insert(0) += 1;
                tally.opted_out += u64::from(is_opt_out(&error));
                tally.last_error = Some(error);
            }
            Step::Unknown(error) => {
                tally.unknown += 1;
                tally.last_error = Some(error);
            }
            Step::Lost(error) => {
                tally.unknown += 1;
                return (tally, Ended::Broken(error));
            }
        }
        if let Some(error) = &tally.last_error
            && puzzles_in_a_row >= PUZZLES_IN_A_ROW_MAX
            && tally.left > 0
        {
            let error = error.clone();
            return (tally, Ended::Early(error));
        }
    }
    (tally, Ended::All)
}

/// What became of one recipient.
enum Step {
    Sent,
    Failed(ApiError),
    Unknown(ApiError),
    /// They opted out or were erased since the plan was made.
    Unwanted,
    /// They were asked for, and what became of it could not be written down.
    Lost(StoreError),
}

impl Step {
    /// Whether the answer says less of this recipient than of the API, or of what it is asked.
    fn is_puzzle(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Failed(ApiError::WrongParameter { .. }))
    }
}

/// # Errors
/// Why nobody else is sent to, nor this one.
async fn send(
    turn: &Turn,
    client: &Client,
    recipient: &Recipient,
    message: &Message,
    stop: &CancellationToken,
    progressed: &mut impl FnMut(Progressed),
) -> Result<Step, Ended> {
    let mut pause = PAUSE_MIN;
    loop {
        // Not while it is written down as being sent: whoever waits was asked nothing.
        stop.run_until_cancelled(client.until_may_ask()).await.ok_or(Ended::Stopped)?;
        let begun = turn.begin(recipient, &message.series, message.text.as_deref(), clock::now());
        let Some(begun) = begun.map_err(Ended::Broken)? else { return Ok(Step::Unwanted) };
        // Not to be stopped from here on: what was asked for is waited for, up to its time-out.
        let error = match ask(client, recipient, message).await {
            Err(error) if matches!(Concern::of(&error), Concern::Later | Concern::Everybody) => error,
            answer => return Ok(settle(turn, begun, answer).unwrap_or_else(Step::Lost)),
        };
        if let Err(error) = turn.withdraw(begun) {
            return Ok(Step::Lost(error));
        }
        if Concern::of(&error) == Concern::Everybody {
            return Err(Ended::Early(error));
        }
        progressed(Progressed::Waiting);
        stop.run_until_cancelled(tokio::time::sleep(pause)).await.ok_or(Ended::Stopped)?;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Writes down what became of a send that the vendor took, refused for its recipient, or that nobody knows of.
fn settle(turn: &Turn, begun: Begun, answer: Result<(), ApiError>) -> Result<Step, StoreError> {
    let Err(error) = answer else {
        turn.end(begun, Outcome::Sent, None, clock::now())?;
        return Ok(Step::Sent);
    };
    let told = error.to_string();
    let told = (code(&error), told.as_str());
    if Concern::of(&error) == Concern::Unknown {
        turn.end(begun, Outcome::Unknown, Some(told), clock::now())?;
        return Ok(Step::Unknown(error));
    }
    if is_opt_out(&error) {
        turn.end_opted_out(begun, told, clock::now())?;
    } else {
        turn.end(begun, Outcome::Failed, Some(told), clock::now())?;
    }
    Ok(Step::Failed(error))
}

async fn ask(client: &Client, recipient: &Recipient, message: &Message) -> Result<(), ApiError> {
    let (directory, text) = (&message.series.directory, message.text.as_deref());
    let answer = match recipient.channel() {
        Channel::Email => client.send_email(directory, recipient.address(), text).await,
        Channel::Sms => client.send_sms(directory, recipient.address(), text).await,
    };
    answer.result.map(|_| ())
}
