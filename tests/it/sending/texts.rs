//! What may be sent, and what a send may be called: checked before anything is asked, and never repeated on stderr.

use super::{mirrored, outcomes, send, write_list};

#[test]
fn a_subject_is_one_line_and_a_message_may_have_several() {
    let (upstream, mirror) = mirrored(3);
    let asked = upstream.requests().total;
    let to = ["--to", "ann@example.com", "--subject"];
    for broken in
        ["Hello\r\nBcc: eve", "Hello\nBcc: eve", "a\rb", "a\tb", "a\u{85}b", "a\u{2028}b", "\u{1b}[1m"]
    {
        send(&mirror, "email", &[&to[..], &[broken]].concat())
            .exits(2)
            .says("cannot read --subject: it holds a line break")
            .says("hint: ");
    }
    for broken in ["a\r\nb", "a\tb", "\u{7}"] {
        send(&mirror, "sms", &["--to", "+32470123456", "--body", broken])
            .exits(2)
            .says("cannot read --body: it holds a control character")
            .says("hint: ");
    }
    assert_eq!(upstream.requests().total, asked);
    assert!(outcomes(&mirror).is_empty());
    send(&mirror, "sms", &["--to", "+32470123456", "--body", "Hello\nyou"]).exits(0);
    assert_eq!(upstream.sends()[0].text.as_deref(), Some("Hello\nyou"));
}

#[test]
fn what_is_too_long_or_empty_is_refused_without_being_repeated() {
    let (_upstream, mirror) = mirrored(3);
    let list = write_list(&mirror, 1);
    let long = "secret".repeat(500);
    let more = |flag: &str, text: &str| {
        let channel = if flag == "--body" { "sms" } else { "email" };
        let ended = send(&mirror, channel, &["--to-file", &list, flag, text]).exits(2).says("hint: ");
        assert!(!ended.stderr.contains("secret") && ended.stderr.len() < 300, "{}", ended.stderr);
        ended
    };
    more("--subject", &long).says("cannot read --subject: it has more than 1600 characters");
    more("--body", &long).says("cannot read --body: it has more than 1600 characters");
    more("--campaign", &long).says("cannot read --campaign: it has more than 100 characters");
    more("--campaign", " ").says("cannot read --campaign: it is empty");
    more("--subject", " ").says("cannot read --subject: it is empty");
    more("--campaign", "a\nb").says("cannot read --campaign: it holds a line break");
}
