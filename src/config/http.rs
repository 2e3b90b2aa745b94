//! `[http]`: where the mirror is served, and to whom.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;
use super::sync::within;
use super::{ConfigError, Environment, Flags, Place, Shadowed};

/// Where it listens unless told otherwise: only this machine reaches it.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8787);
/// The word for not listening at all.
const NOWHERE: &str = "none";
const VARIABLE: &str = "COUPONTOOLS_MIRROR_LISTEN";
const QUERY_TIMEOUT_S_MAX: i64 = 3600;
const HOSTS_MAX: usize = 100;
const HOST_CHARACTERS_MAX: usize = 253;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpSection {
    listen: Option<Spanned<String>>,
    tokens_file: Option<Spanned<PathBuf>>,
    without_token: Option<Spanned<String>>,
    query_timeout_s: Option<Spanned<i64>>,
    hosts: Option<Spanned<Vec<Spanned<String>>>>,
}

/// What whoever asks from this machine sees without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutToken {
    /// Nothing.
    Nothing,
    /// The masked views: every user of the machine can reach loopback.
    Masked,
    /// Everything.
    Full,
}

/// Where the mirror is served, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// 127.0.0.1:8787; `None`: nowhere.
    pub listen: Option<SocketAddr>,
    /// Names, kinds and hashes of tokens; beside the database.
    pub tokens_file: PathBuf,
    /// On loopback; masked.
    pub without_token: WithoutToken,
    /// How long a statement may take; 1 s to an hour, 30 s.
    pub query_timeout: Duration,
    /// Names that the server is reached by, besides addresses and `localhost`.
    pub hosts: BTreeSet<String>,
}

/// A statement's time unless told otherwise.
const QUERY_TIMEOUT: Duration = Duration::from_secs(30);

impl HttpSection {
    pub(super) fn validate(&self, folder: &Path, database: &Path) -> Result<Http, Wrong> {
        let timeout = within(self.query_timeout_s.as_ref(), 1, QUERY_TIMEOUT_S_MAX)?;
        Ok(Http {
            listen: match &self.listen {
                Some(text) => parse_listen(text.get_ref()).map_err(|cause| {
                    Wrong::new(text.span(), cause).hint("write an address and a port: \"127.0.0.1:8787\"")
                })?,
                None => Some(LISTEN),
            },
            tokens_file: match &self.tokens_file {
                Some(path) if path.get_ref().as_os_str().is_empty() => {
                    return Err(Wrong::new(path.span(), "`tokens_file` is empty"));
                }
                Some(path) => folder.join(path.get_ref()),
                None => beside(database),
            },
            without_token: self.without_token()?.unwrap_or(WithoutToken::Masked),
            query_timeout: timeout.map_or(QUERY_TIMEOUT, |s| Duration::from_secs(s.unsigned_abs())),
            hosts: hosts(self.hosts.as_ref())?,
        })
    }

    fn without_token(&self) -> Result<Option<WithoutToken>, Wrong> {
        let Some(word) = &self.without_token else { return Ok(None) };
        Ok(Some(match word.get_ref().as_str() {
            "nothing" => WithoutToken::Nothing,
            "masked" => WithoutToken::Masked,
            "full" => WithoutToken::Full,
            _ => {
                return Err(Wrong::new(word.span(), "it must be \"nothing\", \"masked\" or \"full\""));
            }
        }))
    }
}

impl Http {
    /// Whether only this machine reaches it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.listen.is_none_or(|address| address.ip().is_loopback())
    }

    /// Lets flag and environment have their say.
    pub(super) fn listen_elsewhere(
        &mut self,
        flags: &Flags,
        environment: &Environment,
        is_in_file: bool,
        shadowed: &mut Vec<Shadowed>,
    ) -> Result<(), ConfigError> {
        let flag = flags.listen.as_deref().map(|text| ("--listen", text));
        let variable = environment.text(VARIABLE)?.map(|text| (VARIABLE, text));
        let in_file = is_in_file.then_some("[http] listen");
        let mut said = [flag, variable].into_iter().flatten();
        let Some((by, text)) = said.next() else { return Ok(()) };
        let unheard = said.map(|(name, _)| name).chain(in_file);
        shadowed.extend(unheard.map(|name| Shadowed { name: name.into(), by: by.into() }));
        let place = if by == VARIABLE { Place::Variable(by.into()) } else { Place::Flag("--listen") };
        self.listen = parse_listen(text).map_err(|cause| {
            ConfigError::new(place, cause).hint("write an address and a port: 127.0.0.1:8787")
        })?;
        Ok(())
    }
}

impl HttpSection {
    pub(super) fn says_listen(&self) -> bool {
        self.listen.is_some()
    }
}

/// `mirror.db-tokens`, as SQLite's own `mirror.db-wal`.
fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-tokens");
    name.into()
}

fn parse_listen(text: &str) -> Result<Option<SocketAddr>, &'static str> {
    if text == NOWHERE {
        return Ok(None);
    }
    // A name would have to be looked up, and may mean several addresses; this one means one.
    let address = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = address.as_deref().unwrap_or(text);
    address.parse().map(Some).map_err(|_| "it is no address with a port")
}

fn hosts(list: Option<&Spanned<Vec<Spanned<String>>>>) -> Result<BTreeSet<String>, Wrong> {
    let Some(list) = list else { return Ok(BTreeSet::new()) };
    if list.get_ref().len() > HOSTS_MAX {
        return Err(Wrong::new(list.span(), format!("it lists more than {HOSTS_MAX} names")));
    }
    let mut hosts = BTreeSet::new();
    for host in list.get_ref() {
        let text = host.get_ref();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if text.is_empty() || text.len() > HOST_CHARACTERS_MAX || !text.chars().all(is_name) {
            return Err(Wrong::new(host.span(), "it is no host's name")
                .hint("write the name alone, without https:// and without a port"));
        }
        hosts.insert(text.to_ascii_lowercase());
    }
    Ok(hosts)
}
