//! Cron expressions of six fields, seconds first, read exactly as the scheduler reads them.

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use toml::Spanned;

use super::error::Wrong;

/// An expression that occurs.
#[derive(Clone, Debug)]
pub struct CronExpression {
    text: String,
    cron: Cron,
}

impl CronExpression {
    /// As the operator wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As the parser understood it.
    #[must_use]
    pub fn cron(&self) -> &Cron {
        &self.cron
    }

    /// The next moments after this one, at most so many.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz, count: usize) -> Vec<DateTime<Tz>> {
        self.cron.iter_after(after.with_timezone(&zone)).take(count).collect()
    }

    /// For the built-in defaults.
    pub(super) fn built_in(text: &'static str) -> Self {
        Self::parse(text).expect("Invariant: a built-in expression is right (a test reads each)")
    }

    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parser =
            CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).dom_and_dow(true).build();
        let cron = parser.parse(text).map_err(|error| error.to_string())?;
        let somewhere = DateTime::from_timestamp(0, 0).expect("Invariant: 1970 is a moment");
        if cron.find_next_occurrence(&somewhere, false).is_err() {
            return Err("it never occurs".into());
        }
        Ok(Self { text: text.into(), cron })
    }

    /// Reads the operator's; `None` where nothing is said.
    pub(super) fn validate(expression: Option<&Spanned<String>>) -> Result<Option<Self>, Wrong> {
        const HINT: &str = "six fields: second minute hour day month weekday, as in \"0 */5 * * * *\"";
        let Some(expression) = expression else { return Ok(None) };
        let text = expression.get_ref().trim();
        let wrong = |cause: String, hint: String| Err(Wrong::new(expression.span(), cause).hint(hint));
        match text.split_whitespace().count() {
            6 => match Self::parse(text) {
                Ok(parsed) => Ok(Some(parsed)),
                Err(cause) => wrong(format!("it is no cron expression: {cause}"), HINT.into()),
            },
            5 => wrong(
                "a cron expression has six fields here, seconds first, and this has five".into(),
                format!("put a second in front: \"0 {text}\""),
            ),
            fields => {
                wrong(format!("a cron expression has six fields here, and this has {fields}"), HINT.into())
            }
        }
    }
}

/// As the operator wrote them: two spellings of one schedule are two.
impl PartialEq for CronExpression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for CronExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
