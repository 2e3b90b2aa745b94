//! The API's address: what is allowed, and who says it last.

use std::net::IpAddr;

use url::{Host, Url};

use super::{ConfigError, Environment, Flags, Place, Shadowed};

/// The vendor's.
pub(super) const DEFAULT: &str = "https://api.coupontools.com";
const VARIABLE: &str = "COUPONTOOLS_BASE_URL";
const FLAG: &str = "--base-url";

/// An address that wins over the file's, and what said it.
pub(super) struct Override {
    pub(super) base_url: String,
    pub(super) from: &'static str,
}

/// The flag's, else the environment's.
pub(super) fn find_override(
    flags: &Flags,
    environment: &Environment,
) -> Result<(Option<Override>, Vec<Shadowed>), ConfigError> {
    let placed = |place: Place, refused: Refused| {
        let error = ConfigError::new(place, refused.cause);
        if let Some(hint) = refused.hint { error.hint(hint) } else { error }
    };
    let variable = environment.text(VARIABLE)?;
    if let Some(text) = &flags.base_url {
        let base_url = validate(text).map_err(|refused| placed(Place::Flag(FLAG), refused))?;
        let shadowed = variable.map(|_| Shadowed { name: VARIABLE.into(), by: FLAG.into() });
        return Ok((Some(Override { base_url, from: FLAG }), shadowed.into_iter().collect()));
    }
    let Some(text) = variable else { return Ok((None, Vec::new())) };
    let base_url = validate(text).map_err(|refused| placed(Place::Variable(VARIABLE.into()), refused))?;
    Ok((Some(Override { base_url, from: VARIABLE }), Vec::new()))
}

/// Why an address is not taken.
pub(super) struct Refused {
    pub(super) cause: String,
    pub(super) hint: Option<String>,
}

/// The address without a slash at its end.
pub(super) fn validate(text: &str) -> Result<String, Refused> {
    const EXAMPLE: &str = "write it as https://api.coupontools.com or http://127.0.0.1:8080";
    let refused = |cause: &str, hint: &str| Err(Refused { cause: cause.into(), hint: Some(hint.into()) });
    let Ok(url) = Url::parse(text) else { return refused("it is no address", EXAMPLE) };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return refused("it is no address of http or https", EXAMPLE);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused(
            "it holds a user name or password",
            "leave them out: keys come from COUPONTOOLS_CLIENT_ID and COUPONTOOLS_CLIENT_SECRET, or from files",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refused("it holds a query or a fragment", "end it before `?` or `#`");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return refused(
            "keys and personal data would travel in the clear",
            "use https; http is for addresses of this machine only",
        );
    }
    Ok(url.as_str().trim_end_matches('/').into())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}
