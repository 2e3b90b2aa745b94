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
use crate::store::ledger::{Outcome, Series, Turn};

/// So many answers in a row that nobody understands, or none at all, end the run: each leaves one more
/// recipient of whom nobody knows.
const UNKNOWN_IN_A_ROW_MAX: u32 = 3;
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
    /// Not asked for.
    pub left: u64,
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

/// Sends to everybody in the plan, until it is stopped.
///
/// # Errors
/// When the ledger can't be written: then nobody else is sent to.
pub async fn run(
    turn: &Turn,
    client: &Client,
    plan: &Plan,
    message: &Message,
    stop: &CancellationToken,
    mut progressed: impl FnMut(Progressed),
) -> Result<(Tally, Ended), StoreError> {
    let mut tally = Tally { left: plan.recipients.len() as u64, ..Tally::default() };
    let mut pace = message.per_second.map(|rate| tokio::time::interval(Duration::from_secs(1) / rate.max(1)));
    let mut unknown_in_a_row = 0;
    for recipient in &plan.recipients {
        if let Some(pace) = &mut pace {
            pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            if stop.run_until_cancelled(pace.tick()).await.is_none() {
                return Ok((tally, Ended::Stopped));
            }
        }
        if stop.is_cancelled() {
            return Ok((tally, Ended::Stopped));
        }
        match send(turn, client, recipient, message, stop, &mut progressed).await? {
            Step::Stopped => return Ok((tally, Ended::Stopped)),
            Step::Early(error) => return Ok((tally, Ended::Early(error))),
            Step::SentBefore => {}
            Step::Sent => {
                tally.sent += 1;
                unknown_in_a_row = 0;
            }
            Step::Failed { code, opted_out } => {
                *tally.failed.entry(code).or_insert(0) += 1;
                tally.opted_out += u64::from(opted_out);
                unknown_in_a_row = 0;
            }
            Step::Unknown(error) => {
                tally.unknown += 1;
                tally.left -= 1;
                progressed(Progressed::Done);
                unknown_in_a_row += 1;
                if unknown_in_a_row >= UNKNOWN_IN_A_ROW_MAX && tally.left > 0 {
                    return Ok((tally, Ended::Early(error)));
                }
                continue;
            }
        }
        tally.left -= 1;
        progressed(Progressed::Done);
    }
    Ok((tally, Ended::All))
}

/// What became of one recipient.
enum Step {
    Sent,
    Failed {
        code: i64,
        opted_out: bool,
    },
    Unknown(ApiError),
    /// Another process was faster.
    SentBefore,
    Stopped,
    Early(ApiError),
}

async fn send(
    turn: &Turn,
    client: &Client,
    recipient: &Recipient,
    message: &Message,
    stop: &CancellationToken,
    progressed: &mut impl FnMut(Progressed),
) -> Result<Step, StoreError> {
    let mut pause = PAUSE_MIN;
    loop {
        // Not while it is written down as being sent: whoever waits was asked nothing.
        if stop.run_until_cancelled(client.until_may_ask()).await.is_none() {
            return Ok(Step::Stopped);
        }
        let begun = turn.begin(recipient, &message.series, message.text.as_deref(), clock::now())?;
        let Some(begun) = begun else { return Ok(Step::SentBefore) };
        // Not to be stopped from here on: what was asked for is waited for, up to its time-out.
        let Err(error) = ask(client, recipient, message).await else {
            turn.end(begun, Outcome::Sent, None, clock::now())?;
            return Ok(Step::Sent);
        };
        let told = error.to_string();
        let told = Some((code(&error), told.as_str()));
        match Concern::of(&error) {
            Concern::Later => {
                turn.withdraw(begun)?;
                progressed(Progressed::Waiting);
                if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return Ok(Step::Stopped);
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
            Concern::Everybody => {
                turn.withdraw(begun)?;
                return Ok(Step::Early(error));
            }
            Concern::Unknown => {
                turn.end(begun, Outcome::Unknown, told, clock::now())?;
                return Ok(Step::Unknown(error));
            }
            Concern::One => {
                let opted_out = matches!(error, ApiError::Recipient { opt_out: true, .. });
                if opted_out {
                    turn.save_opt_out(recipient, clock::now())?;
                }
                turn.end(begun, Outcome::Failed, told, clock::now())?;
                return Ok(Step::Failed { code: code(&error).unwrap_or_default(), opted_out });
            }
        }
    }
}

async fn ask(client: &Client, recipient: &Recipient, message: &Message) -> Result<(), ApiError> {
    let (directory, text) = (&message.series.directory, message.text.as_deref());
    let answer = match recipient.channel() {
        Channel::Email => client.send_email(directory, recipient.address(), text).await,
        Channel::Sms => client.send_sms(directory, recipient.address(), text).await,
    };
    answer.result.map(|_| ())
}
