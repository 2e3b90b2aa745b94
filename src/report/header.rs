//! The comment at a report's head, read line by line.

use super::{Chart, HeaderError, Kind, Parameter, Report};
use crate::store::foreign;

const PARAMETERS_MAX: usize = 20;
const LINES: &str = "title, description, parameter, chart";

/// Reads lines until the first that is no comment.
pub(super) fn parse(name: &str, sql: &str) -> Result<Report, HeaderError> {
    let mut header = Header::default();
    for (position, line) in sql.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            header.in_description = false;
            continue;
        }
        let Some(text) = line.strip_prefix("--") else { break };
        header.add(text.trim()).map_err(|cause| HeaderError {
            file: format!("{name}.sql"),
            line: Some(position + 1),
            cause,
        })?;
    }
    Ok(Report {
        name: name.into(),
        title: header.title.unwrap_or_else(|| name.into()),
        description: header.description,
        parameters: header.parameters,
        chart: header.chart,
        sql: sql.into(),
    })
}

#[derive(Default)]
struct Header {
    title: Option<String>,
    description: String,
    parameters: Vec<Parameter>,
    chart: Option<Chart>,
    /// The line before was of the description, which may go on.
    in_description: bool,
}

impl Header {
    fn add(&mut self, text: &str) -> Result<(), String> {
        let Some((key, rest)) = split_key(text) else {
            if self.in_description && !text.is_empty() {
                self.describe(text);
            } else {
                self.in_description = false;
            }
            return Ok(());
        };
        self.in_description = false;
        match key.to_ascii_lowercase().as_str() {
            "title" if self.title.is_some() => return Err("it has a second title".into()),
            "title" if rest.is_empty() => return Err("its title is empty".into()),
            "title" => self.title = Some(rest.into()),
            "description" => {
                self.describe(rest);
                self.in_description = true;
            }
            "parameter" => self.add_parameter(rest)?,
            "chart" if self.chart.is_some() => return Err("it has a second chart".into()),
            "chart" => self.chart = Some(Chart::parse(rest)?),
            _ => return Err(format!("`{key}:` is no line of a header; there are {LINES}")),
        }
        Ok(())
    }

    fn describe(&mut self, text: &str) {
        if !self.description.is_empty() && !text.is_empty() {
            self.description.push(' ');
        }
        self.description.push_str(text);
    }

    fn add_parameter(&mut self, text: &str) -> Result<(), String> {
        let parameter = parameter(text)?;
        if self.parameters.iter().any(|other| other.name == parameter.name) {
            return Err(format!("the parameter {} is there already", parameter.name));
        }
        if self.parameters.len() >= PARAMETERS_MAX {
            return Err(format!("it has more than {PARAMETERS_MAX} parameters"));
        }
        self.parameters.push(parameter);
        Ok(())
    }
}

/// `key: rest`, where the key is one this module knows, or a word in small letters that may be meant as one.
fn split_key(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.split_once(':')?;
    let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_known = LINES.split(", ").any(|known| known.eq_ignore_ascii_case(key));
    let is_meant = is_known || key.bytes().all(|byte| byte.is_ascii_lowercase());
    let ends_here = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (is_word && is_meant && ends_here).then(|| (key, rest.trim()))
}

/// `NAME TYPE [DEFAULT] [-- what it is]`.
fn parameter(text: &str) -> Result<Parameter, String> {
    let (text, description) = match text.split_once(" -- ") {
        Some((text, description)) => (text.trim(), description.trim()),
        None => (text, ""),
    };
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (word, default) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_name {
        return Err("a parameter is NAME TYPE DEFAULT; its name has only a-z, 0-9 and _".into());
    }
    let kind = Kind::parse(word).ok_or_else(|| {
        format!("the parameter {name} needs a type: integer, number, text, date or directory")
    })?;
    let default = match default.trim() {
        "" => None,
        "null" => Some(foreign::Parameter::Null),
        text => {
            let unquoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            let value = kind.value(unquoted.unwrap_or(text));
            Some(value.map_err(|cause| format!("the default of the parameter {name} {cause}"))?)
        }
    };
    Ok(Parameter { name: name.into(), kind, default, description: description.into() })
}

#[cfg(test)]
mod tests {
    use super::super::{ChartKind, Kind, Report};
    use crate::store::foreign::Parameter as Value;

    #[test]
    fn a_header_is_read_to_its_end_and_no_further() {
        let sql = "\u{feff}-- Copyright: nobody\n-- title: Two words\n-- description: It goes on\n--   here. Note: so.\n\
            --\n-- not described\n-- parameter: days integer 90 -- how many\n-- parameter: until date\n\
            -- parameter: greeting text 'two  words'\n-- parameter: directory directory null\n\n\
            -- chart: heatmap x=hour y=registrations series=weekday\nSELECT 1 -- title: no\n-- nonsense: no\n";
        let report = Report::parse("some", sql).unwrap();
        assert_eq!(report.title, "Two words");
        assert_eq!(report.description, "It goes on here. Note: so.");
        let [days, until, greeting, directory] = &report.parameters[..] else { panic!("{report:?}") };
        assert_eq!((days.kind, &days.default), (Kind::Integer, &Some(Value::Integer(90))));
        assert_eq!(days.description, "how many");
        assert_eq!((until.kind, &until.default), (Kind::Date, &None));
        assert_eq!(greeting.default, Some(Value::Text("two  words".into())));
        assert_eq!((directory.kind, &directory.default), (Kind::Directory, &Some(Value::Null)));
        let chart = report.chart.unwrap();
        assert_eq!(chart.kind, ChartKind::Heatmap);
        assert_eq!(chart.columns().collect::<Vec<_>>(), ["hour", "registrations", "weekday"]);
        assert_eq!(report.sql, sql);
    }

    #[test]
    fn a_file_without_a_header_is_a_report_named_as_its_file() {
        let report = Report::parse("some", "SELECT 1").unwrap();
        assert_eq!((report.title.as_str(), report.parameters.len()), ("some", 0));
    }

    #[test]
    fn a_header_that_can_t_be_read_is_told_with_file_and_line() {
        let many: String = (0..21).map(|number| format!("-- parameter: p{number} integer 1\n")).collect();
        for (sql, told) in [
            ("-- title: a\n-- title: b", "some.sql, line 2: it has a second title"),
            ("-- title:", "some.sql, line 1: its title is empty"),
            (
                "\n-- titel: a",
                "some.sql, line 2: `titel:` is no line of a header; there are title, description, parameter, chart",
            ),
            (
                "-- parameter: Days integer",
                "some.sql, line 1: a parameter is NAME TYPE DEFAULT; its name has only a-z, 0-9 and _",
            ),
            (
                "-- parameter: days int 3",
                "some.sql, line 1: the parameter days needs a type: integer, number, text, date or directory",
            ),
            (
                "-- parameter: days integer x",
                "some.sql, line 1: the default of the parameter days is no whole number",
            ),
            (
                "-- parameter: a text\n-- parameter: a text",
                "some.sql, line 2: the parameter a is there already",
            ),
            (
                "-- chart: pie x=a y=b",
                "some.sql, line 1: a chart is `line`, `bar` or `heatmap`, then x=COLUMN y=COLUMN",
            ),
            ("-- chart: bar x=a", "some.sql, line 1: a chart needs x=COLUMN and y=COLUMN"),
            (
                "-- chart: bar x=a y=b z=c",
                "some.sql, line 1: `z=c` is none of x=COLUMN, y=COLUMN, series=COLUMN",
            ),
            (
                "-- chart: heatmap x=a y=b",
                "some.sql, line 1: a heat map needs series=COLUMN, too: its vertical axis",
            ),
            (&many, "some.sql, line 21: it has more than 20 parameters"),
        ] {
            assert_eq!(Report::parse("some", sql).unwrap_err().to_string(), told, "{sql}");
        }
    }
}
