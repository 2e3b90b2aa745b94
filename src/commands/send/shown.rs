//! Plans and outcomes, for people and programs. Everything here goes to standard output alone:
//! it holds recipients.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::output::visible;
use crate::recipient::Channel;
use crate::send::{Ended, LeftOut, Message, Plan, Tally};

/// A recipient as they stood in the list, and what was made of it.
pub(super) struct Example {
    pub(super) text: String,
    pub(super) address: String,
}

/// What is about to be sent.
pub(super) struct Prospect<'a> {
    pub(super) channel: Channel,
    pub(super) message: &'a Message,
    /// When the first got it; `None`: nobody has.
    pub(super) begun_at: Option<String>,
    pub(super) plan: &'a Plan,
    pub(super) first: &'a [Example],
    pub(super) takes: Option<Duration>,
}

impl Prospect<'_> {
    /// For people.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let series = &self.message.series;
        // A slip in its name would be a new campaign, which everybody gets.
        let campaign = series.campaign.as_deref().map_or(String::new(), |name| match &self.begun_at {
            Some(at) => format!(", campaign {name} (begun {at})"),
            None => format!(", campaign {name} (new)"),
        });
        let _ =
            writeln!(out, "{} of {}{}", self.channel, visible(series.directory.as_str()), visible(&campaign));
        let text =
            self.message.text.as_deref().map_or("the vendor's".into(), |text| visible(text).into_owned());
        let _ = writeln!(out, "text: {text}");
        let _ = writeln!(out, "\n{:>9}  to be sent", self.plan.recipients.len());
        for (reason, count) in &self.plan.left_out {
            let _ = writeln!(out, "{count:>9}  left out: {}", reason.as_str());
        }
        if !self.first.is_empty() {
            let _ = writeln!(out, "\nthe first of them:");
        }
        for Example { text, address } in self.first {
            let made = if text.trim() == address { String::new() } else { format!(" → {address}") };
            let _ = writeln!(out, "  {}{made}", visible(text.trim()));
        }
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "channel": self.channel.as_str(),
            "directory_id": self.message.series.directory.as_str(),
            "campaign": self.message.series.campaign,
            "begun_at": self.begun_at,
            "text": self.message.text,
            "recipients": self.plan.recipients.len(),
            "left_out": left_out(&self.plan.left_out),
            "first": self.first.iter().map(|example| &example.address).collect::<Vec<_>>(),
            "takes_s": self.takes.map(|takes| takes.as_secs()),
        })
    }
}

/// In its two largest units.
pub(super) fn duration(takes: Duration) -> String {
    let seconds = takes.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn left_out(reasons: &std::collections::BTreeMap<LeftOut, u64>) -> Value {
    let mut counts = serde_json::Map::new();
    for word in ["invalid", "duplicate", "opted_out", "sent_before", "unknown", "removed"] {
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
        let why = if *ended == Ended::Stopped { "stopped" } else { "ended early" };
        let _ = writeln!(out, "{:>9}  left ({why}): the same command goes on with them", tally.left);
    }
    out
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
        602 | 604 => ("the provider did not send", ": its own records say why"),
        605 => ("opted out at the vendor", ": remembered, see `opt-out list`"),
        _ => ("an error of the vendor's", ""),
    };
    format!("{words} (code {code}){more}")
}
