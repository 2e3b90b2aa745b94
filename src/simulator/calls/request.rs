//! What a request of the API says: keys and parameters, from headers and from a body in JSON or as
//! a form.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::Value;

use crate::simulator::call::Call;
use crate::simulator::journal::KeysIn;
use crate::simulator::options::AccountKeys;

/// A request, read.
pub struct Incoming {
    client_id: String,
    client_secret: String,
    /// Where the keys were.
    pub keys_in: KeysIn,
    /// Whether a cookie came back.
    pub cookie: bool,
    /// Why the body could not be read.
    pub unreadable: Option<&'static str>,
    parameters: BTreeMap<String, String>,
}

impl Incoming {
    /// Reads a request.
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let (parameters, unreadable) = match read_body(headers, body) {
            Ok(parameters) => (parameters, None),
            Err(reason) => (BTreeMap::new(), Some(reason)),
        };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let in_headers = header("x-client-id").zip(header("x-client-secret"));
        let in_body =
            || Some((parameters.get("client_id")?.clone(), parameters.get("client_secret")?.clone()));
        let (keys_in, (client_id, client_secret)) = match in_headers {
            Some(keys) => (KeysIn::Headers, keys),
            None => in_body().map_or((KeysIn::Nowhere, Default::default()), |keys| (KeysIn::Body, keys)),
        };
        Self {
            client_id,
            client_secret,
            keys_in,
            cookie: headers.contains_key(header::COOKIE),
            unreadable,
            parameters,
        }
    }

    /// The place of the account that the keys open.
    pub fn account(&self, accounts: &[AccountKeys]) -> Option<usize> {
        if self.keys_in == KeysIn::Nowhere {
            return None;
        }
        accounts
            .iter()
            .position(|keys| keys.client_id == self.client_id && keys.client_secret == self.client_secret)
    }

    /// A parameter; an empty one is none.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The directory that the call is about.
    pub fn directory(&self, call: Call) -> Option<&str> {
        self.parameter(if call.is_send() { "campaign" } else { "directory" })
    }

    /// The page, as given.
    pub fn page(&self) -> Option<&str> {
        self.parameter("page")
    }
}

fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<BTreeMap<String, String>, &'static str> {
    if body.is_empty() {
        return Ok(BTreeMap::new());
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Ok(form_urlencoded::parse(body).into_owned().collect());
    }
    if !content_type.starts_with("application/json") {
        return Err("Body is neither JSON nor a form.");
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object.into_iter().filter_map(read_value).collect()),
        Ok(Value::Array(list)) if list.is_empty() => Ok(BTreeMap::new()),
        _ => Err("Body is not a JSON object."),
    }
}

fn read_value((key, value): (String, Value)) -> Option<(String, String)> {
    match value {
        Value::Null => None,
        Value::String(text) => Some((key, text)),
        other => Some((key, other.to_string())),
    }
}
