//! What was found, how it is told, and which exit code it makes.

use std::fmt::Write;

use serde::Serialize;

use super::Exit;
use crate::config::ConfigError;
use crate::output::visible;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Ok,
    Warning,
    Error,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) what: String,
    pub(super) advice: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

impl Finding {
    pub(super) fn ok(what: impl Into<String>) -> Self {
        Self { level: Level::Ok, what: what.into(), advice: None, exit: Exit::Done }
    }

    pub(super) fn warning(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warning, what: what.into(), advice: Some(advice.into()), exit: Exit::Done }
    }

    pub(super) fn error(exit: Exit, what: impl Into<String>, advice: Option<String>) -> Self {
        Self { level: Level::Error, what: what.into(), advice, exit }
    }

    pub(super) fn misconfigured(error: &ConfigError) -> Self {
        Self::error(Exit::Misconfigured, error.to_string(), error.hint.clone())
    }
}

/// All of it, in order.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// The gravest: what is wrong here comes before what is wrong elsewhere.
    pub(super) fn exit(&self) -> Exit {
        [Exit::Misconfigured, Exit::Refused, Exit::Unreachable, Exit::Failed]
            .into_iter()
            .find(|exit| self.findings.iter().any(|finding| finding.exit == *exit))
            .unwrap_or(Exit::Done)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let level = match finding.level {
                Level::Ok => "ok     ",
                Level::Warning => "warning",
                Level::Error => "error  ",
            };
            let _infallible = write!(text, "{level}  {}", visible(&finding.what));
            if let Some(advice) = &finding.advice {
                let _infallible = write!(text, " — {}", visible(advice));
            }
            text.push('\n');
        }
        text
    }

    pub(super) fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("Invariant: text and words only");
        text.push('\n');
        text
    }
}
