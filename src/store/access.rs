//! How much of people a reader sees.

/// How much of people a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// The same views, with what identifies a person hashed, coarse or null.
    Masked,
    /// Everything.
    Full,
}

impl Access {
    /// The word in configuration and tokens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Masked => "masked",
            Self::Full => "full",
        }
    }

    /// From that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Masked, Self::Full].into_iter().find(|access| access.as_str() == word)
    }
}
