//! The envelope: `status` and what stands beside it.

use std::borrow::Cow;

use super::write_text;
use crate::simulator::behaviour::Behaviour;
use crate::simulator::variant::{ByteOrderMark, EmptyMap, Envelope, ErrorCode, ErrorStatus, Nested, Text};

const OK: &str = "\"status\":{\"status\":\"OK\"}";

/// What the payload is put under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: `status` is all.
    Nothing,
    /// A key.
    Under(&'static str),
    /// Keys that nobody knows, three deep.
    Unknown,
}

/// An error as the API gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Its code.
    pub code: u16,
    /// Its text. Those of 602, 604 and 605 hold the recipient.
    pub text: Cow<'static, str>,
}

impl ApiError {
    /// An error with a fixed text.
    #[must_use]
    pub fn new(code: u16, text: &'static str) -> Self {
        Self { code, text: text.into() }
    }

    fn is_about_keys(&self) -> bool {
        matches!(self.code, 1000 | 101 | 102)
    }
}

/// A success, its payload written by `write`.
pub fn success(behaviour: &Behaviour, shape: Shape, write: impl FnOnce(&mut String)) -> String {
    let mut out = String::with_capacity(80 * 1024);
    open(&mut out, behaviour);
    if behaviour.envelope == Envelope::Documented {
        out.push_str(OK);
        if shape != Shape::Nothing || behaviour.nested != Nested::Top {
            out.push(',');
        }
    }
    let nest = match behaviour.nested {
        Nested::Top => None,
        Nested::Data => Some("data"),
        Nested::Response => Some("response"),
        Nested::Result => Some("result"),
    };
    if let Some(key) = nest {
        write_text(&mut out, key, Text::Utf8);
        out.push(':');
    }
    match (shape, nest) {
        (Shape::Nothing, Some(_)) => {
            out.push_str(if behaviour.empty_map == EmptyMap::List { "[]" } else { "{}" });
        }
        (Shape::Nothing, None) => {}
        (_, nest) => {
            out.push_str(if nest.is_some() { "{" } else { "" });
            write_payload(&mut out, shape, write);
            out.push_str(if nest.is_some() { "}" } else { "" });
        }
    }
    if behaviour.envelope == Envelope::Last {
        if !out.ends_with('{') {
            out.push(',');
        }
        out.push_str(OK);
    }
    out.push('}');
    out
}

fn write_payload(out: &mut String, shape: Shape, write: impl FnOnce(&mut String)) {
    match shape {
        Shape::Nothing => {}
        Shape::Under(key) => {
            write_text(out, key, Text::Utf8);
            out.push(':');
            write(out);
        }
        Shape::Unknown => {
            out.push_str("\"payload\":{\"part_1\":{\"entries\":");
            write(out);
            out.push_str("}}");
        }
    }
}

/// A failure: its HTTP status and its body.
pub fn failure(behaviour: &Behaviour, error: &ApiError) -> (u16, String) {
    let (http, phrase) = if error.is_about_keys() {
        (401, "HTTP/1.0 401 Unauthorized.")
    } else {
        (422, "HTTP/1.0 422 Unprocessable entity.")
    };
    let http = match behaviour.error_status {
        ErrorStatus::AsMessage => http,
        ErrorStatus::Ok => 200,
        ErrorStatus::Unauthorized => 401,
        ErrorStatus::Unprocessable => 422,
    };
    let code = error.code;
    let (code_text, is_list) = match behaviour.error_code {
        ErrorCode::Documented if error.is_about_keys() => (format!("{code}"), false),
        ErrorCode::Documented | ErrorCode::Array => (format!("[{code}]"), true),
        ErrorCode::Integer => (format!("{code}"), false),
        ErrorCode::Text => (format!("\"{code}\""), false),
        ErrorCode::TextArray => (format!("[\"{code}\"]"), true),
    };
    let mut out = String::with_capacity(256);
    open(&mut out, behaviour);
    out.push_str("\"status\":{\"status\":\"failed\",\"errors\":{");
    if is_list {
        out.push_str("\"error_message\":");
        write_text(&mut out, phrase, behaviour.text);
        out.push_str(",\"error_message_description\":[");
        write_text(&mut out, &error.text, behaviour.text);
        out.push_str("],\"error_code\":");
        out.push_str(&code_text);
    } else {
        out.push_str("\"error_code\":");
        out.push_str(&code_text);
        out.push_str(",\"error_message\":");
        write_text(&mut out, &format!("{phrase} {}", error.text), behaviour.text);
    }
    out.push_str("}}}");
    (http, out)
}

fn open(out: &mut String, behaviour: &Behaviour) {
    if behaviour.byte_order_mark == ByteOrderMark::Utf8 {
        out.push('\u{feff}');
    }
    out.push('{');
}
