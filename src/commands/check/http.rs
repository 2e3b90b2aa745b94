//! Who may ask over HTTP: the address, the tokens, and whether the two fit together.

use std::os::unix::fs::PermissionsExt;

use super::Exit;
use super::finding::Finding;
use super::place::is_of_another;
use crate::config::{Http, WithoutToken};
use crate::http::tokens::{Token, Tokens};
use crate::store::Access;

pub(super) fn check(http: &Http) -> Vec<Finding> {
    let Some(address) = http.listen else {
        return vec![Finding::ok("http: nothing is served ([http] listen is `none`)")];
    };
    if is_of_another(&http.tokens_file) {
        let path = http.tokens_file.display();
        return vec![Finding::ok(format!(
            "http: {address} will be served; the tokens in {path} are for who serves, and not for this user"
        ))];
    }
    let tokens = match Tokens::at(&http.tokens_file).list() {
        Ok(tokens) => tokens,
        Err(error) => {
            return vec![Finding::error(
                Exit::Misconfigured,
                format!("http: {error}"),
                Some(error.hint().to_owned()),
            )];
        }
    };
    let mut findings = vec![Finding::ok(format!("http: {address} will be served to {}", readers(&tokens)))];
    if !http.is_local() && tokens.is_empty() {
        findings.push(Finding::error(
            Exit::Misconfigured,
            format!(
                "http: other machines reach {address}, and there is no token: `run` will refuse to start"
            ),
            Some("coupontools-mirror token add NAME, or listen on 127.0.0.1".to_owned()),
        ));
    }
    if http.without_token == WithoutToken::Full {
        findings.push(Finding::warning(
            "http: every user and program of this machine sees everybody's data without a token",
            "set [http] without_token = \"masked\", and give a token to who needs more",
        ));
    }
    if !http.hosts.is_empty() && http.without_token != WithoutToken::Nothing {
        findings.push(Finding::warning(
            "http: it is reached by a name ([http] hosts), and who comes through a proxy on this machine needs no token",
            "set [http] without_token = \"nothing\" where a proxy stands before it",
        ));
    }
    let is_open = http.tokens_file.metadata().is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if is_open {
        let path = http.tokens_file.display();
        findings.push(Finding::warning(
            format!("http: others than its owner may read or change {path}"),
            format!("chmod 600 {path}"),
        ));
    }
    findings
}

fn readers(tokens: &[Token]) -> String {
    let count = |access| tokens.iter().filter(|token| token.access == access).count();
    format!("{} full and {} masked tokens", count(Access::Full), count(Access::Masked))
}
