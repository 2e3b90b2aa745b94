//! The five calls of the API, by name.

use serde::{Deserialize, Serialize};

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// `/v3/directory/list`.
    DirectoryList,
    /// `/v3/directory/info`.
    DirectoryInfo,
    /// `/v3/directoryusers/list`.
    UsersList,
    /// `/v3/send/email`.
    SendEmail,
    /// `/v3/send/sms`.
    SendSms,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DirectoryList, Self::DirectoryInfo, Self::UsersList, Self::SendEmail, Self::SendSms];

    /// Its path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::DirectoryList => "/v3/directory/list",
            Self::DirectoryInfo => "/v3/directory/info",
            Self::UsersList => "/v3/directoryusers/list",
            Self::SendEmail => "/v3/send/email",
            Self::SendSms => "/v3/send/sms",
        }
    }

    /// Whether it sends something to somebody.
    #[must_use]
    pub fn is_send(self) -> bool {
        matches!(self, Self::SendEmail | Self::SendSms)
    }
}
