//! How fresh a directory is: in a word and a sign, never by colour alone.

use maud::{Markup, html};

use super::frame::Frame;
use super::moment::ago;
use crate::instant::UtcInstant;

/// How fresh a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Read to the end of what was new, not long ago.
    Fresh,
    /// So read, but too long ago.
    Stale,
    /// The last walk failed.
    Failed,
    /// Never read to the end.
    Never,
    /// Left out by the operator.
    NotMirrored,
}

impl Freshness {
    /// Judges by the last complete walk and what went wrong since.
    #[must_use]
    pub fn judge(frame: &Frame, last_complete_at: Option<UtcInstant>, last_error: Option<&str>) -> Self {
        match last_complete_at {
            _ if last_error.is_some() => Self::Failed,
            None => Self::Never,
            Some(at) if frame.now.unix_s() - at.unix_s() > frame.stale_after_s => Self::Stale,
            Some(_) => Self::Fresh,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Never => "never read",
            Self::NotMirrored => "not mirrored",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Never | Self::NotMirrored => "never",
            other => other.word(),
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Fresh => "●",
            Self::Stale => "▲",
            Self::Failed => "✕",
            Self::Never => "○",
            Self::NotMirrored => "–",
        }
    }

    /// The state as a sign and a word.
    pub(super) fn badge(self) -> Markup {
        self.saying(self.word())
    }

    /// The state as a sign and what it means here.
    pub(super) fn saying(self, words: &str) -> Markup {
        html! { span.state.(self.class()) { span.sign aria-hidden="true" { (self.sign()) } " " (words) } }
    }
}

/// The state, and how long ago the last complete walk was.
pub(super) fn freshness(frame: &Frame, state: Freshness, last_complete_at: Option<UtcInstant>) -> Markup {
    html! {
        (state.badge())
        @if let Some(at) = last_complete_at {
            " " span.age {
                @if state == Freshness::Failed { "complete " }
                (ago(frame, at))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Freshness;
    use crate::instant::UtcInstant;
    use crate::page::tests::frame;

    #[test]
    fn an_error_says_more_than_an_age() {
        let frame = frame();
        let before = |seconds| UtcInstant::from_unix_s(frame.now.unix_s() - seconds);
        assert_eq!(Freshness::judge(&frame, before(0), None), Freshness::Fresh);
        assert_eq!(Freshness::judge(&frame, before(frame.stale_after_s), None), Freshness::Fresh);
        assert_eq!(Freshness::judge(&frame, before(frame.stale_after_s + 1), None), Freshness::Stale);
        assert_eq!(Freshness::judge(&frame, None, None), Freshness::Never);
        assert_eq!(Freshness::judge(&frame, before(0), Some("cannot")), Freshness::Failed);
    }
}
