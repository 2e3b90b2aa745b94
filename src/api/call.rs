//! The vendor's five calls: path and parameters.

use serde_json::{Map, Value, json};

use crate::directory::DirectoryId;

/// One call.
#[derive(Clone, Copy)]
pub(super) enum Call<'a> {
    DirectoryList,
    DirectoryInfo(&'a DirectoryId),
    UsersList(&'a DirectoryId, u32),
    SendEmail { directory: &'a DirectoryId, email: &'a str, subject: Option<&'a str> },
    SendSms { directory: &'a DirectoryId, phone: &'a str, body: Option<&'a str> },
}

impl Call<'_> {
    /// Below the base URL, without a leading slash.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::DirectoryList => "v3/directory/list",
            Self::DirectoryInfo(_) => "v3/directory/info",
            Self::UsersList(..) => "v3/directoryusers/list",
            Self::SendEmail { .. } => "v3/send/email",
            Self::SendSms { .. } => "v3/send/sms",
        }
    }

    /// For whoever counts calls.
    pub(super) fn name(self) -> &'static str {
        &self.path()["v3/".len()..]
    }

    /// Whether it does something when asked: then it is asked once, and its codes mean other things.
    pub(super) fn is_send(self) -> bool {
        matches!(self, Self::SendEmail { .. } | Self::SendSms { .. })
    }

    /// The JSON body; `{}` where there are no parameters.
    pub(super) fn body(self) -> Vec<u8> {
        let parameters = match self {
            Self::DirectoryList => Map::new(),
            Self::DirectoryInfo(directory) => map(&[("directory", json!(directory.as_str()))]),
            Self::UsersList(directory, page) => {
                map(&[("directory", json!(directory.as_str())), ("page", json!(page))])
            }
            Self::SendEmail { directory, email, subject } => {
                with(&[("campaign", json!(directory.as_str())), ("email", json!(email))], "subject", subject)
            }
            Self::SendSms { directory, phone, body } => {
                with(&[("campaign", json!(directory.as_str())), ("phone", json!(phone))], "body", body)
            }
        };
        Value::Object(parameters).to_string().into_bytes()
    }
}

fn map(entries: &[(&str, Value)]) -> Map<String, Value> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

fn with(entries: &[(&str, Value)], key: &str, text: Option<&str>) -> Map<String, Value> {
    let mut parameters = map(entries);
    if let Some(text) = text {
        parameters.insert(key.to_owned(), json!(text));
    }
    parameters
}
