//! A report's parameters: their types, and text made into values.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{Report, ReportError};
use crate::store::foreign;

/// Which values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Any text.
    Text,
    /// A day, `2026-11-23`.
    Date,
    /// A directory's ID.
    Directory,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// As it stands in the statement, without the `:`.
    pub name: String,
    /// Which values it takes.
    pub kind: Kind,
    /// What it is when nobody says; without one, somebody must.
    pub default: Option<foreign::Parameter>,
    /// For people; may be empty.
    pub description: String,
}

/// A value for each of a report's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(BTreeMap<String, foreign::Parameter>);

impl Kind {
    const ALL: [(&'static str, Self); 5] = [
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("text", Self::Text),
        ("date", Self::Date),
        ("directory", Self::Directory),
    ];

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, kind)| kind)
    }

    /// The word in a header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// From a text that is not empty; what is wrong with it continues "the parameter …".
    pub(super) fn value(self, text: &str) -> Result<foreign::Parameter, &'static str> {
        match self {
            Self::Integer => {
                text.trim().parse().map(foreign::Parameter::Integer).map_err(|_| "is no whole number")
            }
            Self::Number => match text.trim().parse() {
                Ok(number) if f64::is_finite(number) => Ok(foreign::Parameter::Real(number)),
                _ => Err("is no number"),
            },
            Self::Date => match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
                Ok(day) => Ok(foreign::Parameter::Text(day.format("%Y-%m-%d").to_string())),
                Err(_) => Err("is no date: write it as 2026-11-23"),
            },
            Self::Text | Self::Directory => Ok(foreign::Parameter::Text(text.into())),
        }
    }
}

impl Values {
    /// Values as they were given, by name; what was not given, or is empty as a form's field may be, is the
    /// default.
    ///
    /// # Errors
    /// When one is not of its parameter's type, is missing, is given twice, or belongs to no parameter.
    pub fn read<'t>(
        report: &Report,
        given: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, ReportError> {
        let wrong = |parameter: &str, cause| ReportError::Value {
            name: report.name.clone(),
            parameter: parameter.into(),
            cause,
        };
        let mut values = BTreeMap::new();
        for (name, text) in given {
            let Some(parameter) = report.parameters.iter().find(|parameter| parameter.name == name) else {
                let known = report.parameters.iter().map(|parameter| parameter.name.clone()).collect();
                let (report, parameter) = (report.name.clone(), name.into());
                return Err(ReportError::UnknownParameter { name: report, parameter, known });
            };
            if text.is_empty() {
                continue;
            }
            let value = parameter.kind.value(text).map_err(|cause| wrong(name, cause))?;
            if values.insert(name.to_owned(), value).is_some() {
                return Err(wrong(name, "has two values"));
            }
        }
        for parameter in &report.parameters {
            if !values.contains_key(&parameter.name) {
                let default = parameter.default.clone();
                let value = default.ok_or_else(|| wrong(&parameter.name, "has no value, and no default"))?;
                values.insert(parameter.name.clone(), value);
            }
        }
        Ok(Self(values))
    }

    /// Null for each, to see whether a statement has them.
    pub(super) fn nothing(parameters: &[Parameter]) -> Self {
        Self(parameters.iter().map(|parameter| (parameter.name.clone(), foreign::Parameter::Null)).collect())
    }

    /// As a statement takes them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &foreign::Parameter)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, Values};
    use crate::store::foreign::Parameter as Value;

    fn read(given: &[(&str, &str)]) -> Result<Vec<(String, Value)>, String> {
        let header = "-- parameter: days integer 90\n-- parameter: share number 0.5\n-- parameter: name text\n\
            -- parameter: since date null\nSELECT 1";
        let report = Report::parse("some", header).unwrap();
        let values = Values::read(&report, given.iter().copied()).map_err(|error| error.to_string())?;
        Ok(values.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
    }

    #[test]
    fn text_becomes_values_of_the_parameters_types_and_the_rest_is_the_default() {
        let given = [("name", "7"), ("days", " 7 "), ("since", "2026-02-28"), ("share", "2")];
        let expected = [
            ("days", Value::Integer(7)),
            ("name", Value::Text("7".into())),
            ("share", Value::Real(2.0)),
            ("since", Value::Text("2026-02-28".into())),
        ];
        assert_eq!(read(&given).unwrap(), expected.map(|(name, value)| (name.to_owned(), value)));
        let defaults = read(&[("name", "x"), ("days", ""), ("since", "")]).unwrap();
        assert_eq!((&defaults[0].1, &defaults[3].1), (&Value::Integer(90), &Value::Null));
    }

    #[test]
    fn a_wrong_value_is_told_without_the_value() {
        for (given, cause) in [
            (&[][..], "the parameter name has no value, and no default"),
            (&[("name", "")], "the parameter name has no value, and no default"),
            (&[("days", "1.5")], "the parameter days is no whole number"),
            (&[("days", "9223372036854775808")], "the parameter days is no whole number"),
            (&[("share", "inf")], "the parameter share is no number"),
            (&[("share", "NaN")], "the parameter share is no number"),
            (&[("since", "2026-02-30")], "the parameter since is no date: write it as 2026-11-23"),
            (&[("name", "a"), ("name", "b")], "the parameter name has two values"),
            (&[("other", "a")], "it has no parameter other"),
        ] {
            assert_eq!(read(given).unwrap_err(), format!("cannot run the report some: {cause}"));
        }
    }
}
