//! How fresh a directory is: in a word and a sign, never by colour alone.

use maud::{Markup, html};

use super::frame::Frame;
use super::moment::ago;
use crate::freshness::{Judge, Known, State};
use crate::instant::UtcInstant;

/// As of the page's moment.
pub(super) fn judge(frame: &Frame, known: &Known<'_>) -> State {
    Judge { now: frame.now, stale_after_s: frame.stale_after_s }.state(known)
}

fn class(state: State) -> &'static str {
    match state {
        State::Never | State::NotMirrored => "never",
        other => other.word(),
    }
}

fn sign(state: State) -> &'static str {
    match state {
        State::Fresh => "●",
        State::Stale => "▲",
        State::Failed => "✕",
        State::Never => "○",
        State::NotMirrored => "–",
    }
}

/// The state as a sign and a word.
pub(super) fn badge(state: State) -> Markup {
    saying(state, state.word())
}

/// The state as a sign and what it means here.
pub(super) fn saying(state: State, words: &str) -> Markup {
    html! { span.state.(class(state)) { span.sign aria-hidden="true" { (sign(state)) } " " (words) } }
}

/// The state, and how long ago the last complete walk was.
pub(super) fn freshness(frame: &Frame, state: State, last_complete_at: Option<UtcInstant>) -> Markup {
    html! {
        (badge(state))
        @if let Some(at) = last_complete_at {
            " " span.age {
                @if state == State::Failed { "complete " }
                (ago(frame, at))
            }
        }
    }
}
