//! Who can be sent to: an email address or a phone number, checked before anything is asked of anybody,
//! and in one form only, so that two spellings are one recipient.
//!
//! Deliberately not here: whether somebody wants to be sent to (the store knows), and whether a mailbox or
//! a phone is there (only the provider finds out).

mod email;
mod phone;

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

pub use phone::Country;

/// Digits by which numbers are told apart before they are read with care.
const ROUGH_DIGITS: usize = 6;

/// What a send goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// `send/email`.
    Email,
    /// `send/sms`.
    Sms,
}

impl Channel {
    /// The word in the file and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Email, Self::Sms].into_iter().find(|channel| channel.as_str() == word)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Somebody who can be sent to. Whoever prints it in a log prints personal data: it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    channel: Channel,
    address: String,
}

impl Recipient {
    /// An email address: as it was written, with its domain in the form that goes over the wire
    /// (`käse.example` is `xn--kse-qla.example`).
    ///
    /// # Errors
    /// What is wrong with it; never quotes it.
    pub fn email(text: &str) -> Result<Self, Invalid> {
        Ok(Self { channel: Channel::Email, address: email::normalize(text)? })
    }

    /// A phone number in E.164, `+447911123456`. A national form needs the country that it is of.
    ///
    /// # Errors
    /// What is wrong with it; never quotes it.
    pub fn phone(text: &str, country: Option<Country>) -> Result<Self, Invalid> {
        Ok(Self { channel: Channel::Sms, address: phone::normalize(text, country)? })
    }

    /// Somebody by what is held of them, or was told by them: whether it can be sent to is not asked. Equal to
    /// whoever can be sent to there.
    ///
    /// # Errors
    /// When it is nobody's in any case; never quotes it.
    pub fn named(channel: Channel, text: &str, country: Option<Country>) -> Result<Self, Invalid> {
        let address = match channel {
            Channel::Email => email::read(text)?,
            Channel::Sms => phone::read(text, country)?,
        };
        Ok(Self { channel, address })
    }

    /// Somebody by a national number of which nobody says the country: equal to other spellings of it, and to no
    /// number of which the country is known.
    #[must_use]
    pub fn national(text: &str) -> Option<Self> {
        let digits = phone::national_digits(text)?;
        Some(Self { channel: Channel::Sms, address: format!("national {digits}") })
    }

    /// By channel.
    ///
    /// # Errors
    /// As [`Self::email`] and [`Self::phone`].
    pub fn parse(channel: Channel, text: &str, country: Option<Country>) -> Result<Self, Invalid> {
        match channel {
            Channel::Email => Self::email(text),
            Channel::Sms => Self::phone(text, country),
        }
    }

    /// Through what it is sent to.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// What the API is given.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What is the same for all spellings of one recipient. Of an email address, upper and lower case are
    /// taken for the same: two letters too few are better than one too many. So are the two ways in which
    /// Unicode writes an accented letter, which look the same to whoever typed it.
    #[must_use]
    pub fn identity(&self) -> String {
        self.address.nfc().collect::<String>().to_lowercase().nfc().collect()
    }

    /// Equal for all spellings of one recipient, and seldom for two: reading with care is slow.
    #[must_use]
    pub fn roughly(channel: Channel, text: &str) -> String {
        match channel {
            Channel::Email => {
                text.trim().split('@').next().unwrap_or_default().nfc().flat_map(char::to_lowercase).collect()
            }
            Channel::Sms => text.chars().rev().filter_map(phone::digit).take(ROUGH_DIGITS).collect(),
        }
    }

    /// Whether the other one is the same recipient.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.channel == other.channel && self.identity() == other.identity()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Why nobody can be sent to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invalid {
    /// There is nothing.
    Empty,
    /// It is no email address.
    NoEmail,
    /// Its domain can't be one.
    NoDomain,
    /// It is no phone number.
    NoPhone,
    /// It begins with a 0 or lacks a country, and no country was given.
    NoCountry,
    /// No numbering plan has it.
    NotInPlan,
    /// It is in the plan, for what takes no text message: a landline, a free or a paid service.
    NoMobile,
}

impl Invalid {
    /// For people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoEmail => "no email address",
            Self::NoDomain => "its domain can't be one",
            Self::NoPhone => "no phone number",
            Self::NoCountry => "a national number without a country",
            Self::NotInPlan => "no numbering plan has this number",
            Self::NoMobile => "a number that takes no text messages",
        }
    }

    /// For programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoEmail => "no_email",
            Self::NoDomain => "no_domain",
            Self::NoPhone => "no_phone",
            Self::NoCountry => "no_country",
            Self::NotInPlan => "not_in_plan",
            Self::NoMobile => "no_mobile",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty => "give an address or a number",
            Self::NoEmail | Self::NoDomain => {
                "write the address alone: a name, an at sign, a domain with a dot"
            }
            Self::NoCountry => "write it as +447911123456, or say of which country it is: --country GB",
            Self::NoPhone | Self::NotInPlan => "write it as +447911123456: the country's code, then digits",
            Self::NoMobile => "a landline or a service number can't be sent a text message",
        }
    }
}
