//! What a registration is: one registered user of one directory.

use std::fmt;

use crate::instant::UtcInstant;

/// A registration's ID as the vendor gives it, `reg_12345`: unique within its directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationId(Box<str>);

impl RegistrationId {
    /// Takes the vendor's text as it is.
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The vendor's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What tells an unchanged row without decoding it: a hash of the row's bytes as they came and of
/// the rules that they are read by. Rows with equal fingerprints are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub i64);

/// Whether a date said which zone it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// By its key (`…_utc`) or its own text (`Z`, `+02:00`).
    Stated,
    /// By `[api] time_zone`.
    Assumed,
}

impl Zone {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Assumed => "assumed",
        }
    }
}

/// One registered user, decoded. A field that was absent or could not be read is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The vendor's ID.
    pub id: RegistrationId,
    /// Of the bytes that this was read from.
    pub fingerprint: Fingerprint,
    /// Email address as sent.
    pub email: Option<String>,
    /// Phone number as sent.
    pub phone: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// City.
    pub city: Option<String>,
    /// The operator's first free field.
    pub custom_1: Option<String>,
    /// The operator's second free field.
    pub custom_2: Option<String>,
    /// The operator's third free field.
    pub custom_3: Option<String>,
    /// Whether access was paid for.
    pub paid: Option<bool>,
    /// When paid access ends.
    pub paid_until: Option<UtcInstant>,
    /// Whether the operator disabled this user.
    pub blocked: Option<bool>,
    /// When the person registered.
    pub registered_at: Option<UtcInstant>,
    /// The registration date as sent, whatever could be made of it.
    pub registered_text: Option<String>,
    /// Whether the registration date said which zone it is in.
    pub registered_zone: Option<Zone>,
    /// The row as it came (JSON), less password- and secret-like keys.
    pub raw: Box<str>,
}

impl Registration {
    /// What is left of it once the person is erased: that somebody registered, and when.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self {
            id: self.id.clone(),
            // That of the values would tell who tries them out.
            fingerprint: Fingerprint(0),
            email: None,
            phone: None,
            first_name: None,
            last_name: None,
            birth_date: None,
            address: None,
            zip: None,
            city: None,
            custom_1: None,
            custom_2: None,
            custom_3: None,
            paid: None,
            paid_until: None,
            blocked: None,
            registered_at: self.registered_at,
            registered_text: None,
            registered_zone: self.registered_zone,
            raw: "{}".into(),
        }
    }
}
