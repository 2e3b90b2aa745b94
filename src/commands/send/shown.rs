//! Plans and outcomes, for people and programs. Everything here goes to standard output alone:
//! it holds recipients.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::ApiError;
use crate::output::visible;
use crate::recipient::Channel;
use crate::send::{Ended, LeftOut, Message, Plan, Tally};

/// A recipient as they stood in the list, and what was made of it.
pub(super) struct Example {
    pub(super) text: String,
    pub(super) address: String,
}

impl Example {
    /// For people: both, where they differ.
    fn text(&self) -> String {
        let text = visible(self.text.trim());
        if text == self.address { text.into_owned() } else { format!("{text} → {}", self.address) }
    }
}

/// What is about to be sent.
pub(super) struct Prospect<'a> {
    pub(super) channel: Channel,
    /// Whether it is one, who was named.
    pub(super) is_one: bool,
    pub(super) message: &'a Message,
    /// When the first got it; `None`: nobody has.
    pub(super) begun_at: Option<String>,
    /// The masks' key is another one than that of earlier erasures.
    pub(super) is_anybody_unrecognised: bool,
    pub(super) plan: Plan,
    pub(super) first: Vec<Example>,
    pub(super) takes: Option<Duration>,
    /// Where it is written who is left out.
    pub(super) left_out_file: Option<&'a Path>,
}

impl Prospect<'_> {
    /// For people.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let series = &self.message.series;
        let to = match &self.first[..] {
            [one] if self.is_one => format!(" to {}", one.text()),
            _ => String::new(),
        };
        // A slip in its name would be a new campaign, which everybody gets.
        let campaign = series.campaign.as_deref().map_or(String::new(), |name| match &self.begun_at {
            Some(at) => format!(", campaign {name} (begun {at})"),
            None => format!(", campaign {name} (new)"),
        });
        let directory = visible(series.directory.as_str());
        let _ = writeln!(out, "{} of {directory}{to}{}", self.channel, visible(&campaign));
        let text =
            self.message.text.as_deref().map_or("the vendor's".into(), |text| visible(text).into_owned());
        let _ = writeln!(out, "text: {text}");
        if self.is_anybody_unrecognised {
            let _ = writeln!(
                out,
                "beware: the masks' key is not the one of earlier erasures: who was erased, or is past sends_days, is not \
                 recognised, also who had opted out"
            );
        }
        if !self.is_one {
            self.write_list(&mut out);
        }
        out
    }

    fn write_list(&self, out: &mut String) {
        let _ = writeln!(out, "\n{:>9}  to be sent", self.plan.recipients.len());
        for (reason, count) in &self.plan.left_out {
            let _ = writeln!(out, "{count:>9}  left out: {}", reason.as_str());
        }
        if let Some(file) = self.left_out_file {
            let _ = writeln!(out, "who is left out: {}", visible(&file.display().to_string()));
        }
        if !self.first.is_empty() {
            let _ = writeln!(out, "\nthe first of them:");
        }
        for example in &self.first {
            let _ = writeln!(out, "  {}", example.text());
        }
    }

    /// What would come next, for people.
    pub(super) fn next(&self) -> String {
        if self.plan.recipients.is_empty() {
            return "nobody is to be sent to".into();
        }
        let takes = self.takes.map_or(String::new(), |takes| format!(", in about {}", duration(takes)));
        format!("nothing was sent; --yes sends it{takes}")
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "channel": self.channel.as_str(),
            "directory_id": self.message.series.directory.as_str(),
            "campaign": self.message.series.campaign,
            "begun_at": self.begun_at,
            "unrecognised": self.is_anybody_unrecognised,
            "text": self.message.text,
            "recipients": self.plan.recipients.len(),
            "left_out": left_out(&self.plan.left_out),
            "invalid_by_reason": invalid(&self.plan.left_out),
            "first": self.first.iter().map(|example| &example.address).collect::<Vec<_>>(),
            "takes_s": self.takes.map(|takes| takes.as_secs()),
        })
    }
}

/// In its two largest units.
fn duration(takes: Duration) -> String {
    let seconds = takes.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn invalid(reasons: &BTreeMap<LeftOut, u64>) -> Value {
    let count = |reason: LeftOut| Value::from(reasons.get(&reason).copied().unwrap_or_default());
    let counts: serde_json::Map<_, _> =
        LeftOut::INVALID.into_iter().map(|reason| (reason.detail().to_owned(), count(reason))).collect();
    counts.into()
}

fn left_out(reasons: &BTreeMap<LeftOut, u64>) -> Value {
    let mut counts = serde_json::Map::new();
    for word in ["invalid", "duplicate", "opted_out", "sent_before", "unknown", "removed", "erased"] {
        let count: u64 =
            reasons.iter().filter(|(reason, _)| reason.word() == word).map(|(_, count)| count).sum();
        counts.insert(word.into(), count.into());
    }
    counts.into()
}

/// What became of a run, for people.
pub(super) fn tally_text(tally: &Tally, ended: &Ended) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{:>9}  sent", tally.sent);
    for (code, count) in &tally.failed {
        let _ = writeln!(out, "{count:>9}  not sent: {}", meaning(*code));
    }
    if tally.unknown > 0 {
        let _ = writeln!(out, "{:>9}  unknown: see `send list --unknown`", tally.unknown);
    }
    if tally.unwanted > 0 {
        let _ = writeln!(out, "{:>9}  left out: opted out or erased meanwhile", tally.unwanted);
    }
    if tally.left > 0 {
        let how = match ended {
            Ended::Stopped => " (stopped): the same command goes on with them",
            Ended::Early(error) if is_lasting(error) => ": not asked for",
            _ => " (ended early): the same command goes on with them",
        };
        let _ = writeln!(out, "{:>9}  left{how}", tally.left);
    }
    out
}

/// Whether the same command would end the same way, until the operator changes something.
fn is_lasting(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Refused { .. }
            | ApiError::Gone { .. }
            | ApiError::WrongParameter { .. }
            | ApiError::Setup { .. }
    )
}

/// What became of a run, for programs.
pub(super) fn tally_json(tally: &Tally, ended: &Ended) -> Value {
    let codes: serde_json::Map<_, _> =
        tally.failed.iter().map(|(code, count)| (code.to_string(), Value::from(*count))).collect();
    json!({
        "sent": tally.sent,
        "failed": tally.failed(),
        "failed_by_code": codes,
        "opted_out": tally.opted_out,
        "unknown": tally.unknown,
        "unwanted": tally.unwanted,
        "left": tally.left,
        "ended": match ended {
            Ended::All => "all",
            Ended::Stopped => "stopped",
            Ended::Early(_) | Ended::Broken(_) => "early",
        },
        "error": match ended {
            Ended::Early(error) => Some(error.to_string()),
            Ended::Broken(error) => Some(error.to_string()),
            _ => None,
        },
    })
}

/// What the vendor's code says of one recipient.
fn meaning(code: i64) -> String {
    let (words, more) = match code {
        301 | 305 => ("the vendor takes the recipient for none", ""),
        602 => ("the SMS platform did not send", ": its own records say why"),
        604 => ("the email platform did not send", ": its own records say why"),
        605 => ("opted out at the vendor", ": remembered, see `opt-out list`"),
        _ => ("an error of the vendor's", ""),
    };
    format!("{words} (code {code}){more}")
}
