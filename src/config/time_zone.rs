//! Time zones by their name in the IANA database.

use chrono_tz::{TZ_VARIANTS, Tz};
use toml::Spanned;

use super::error::Wrong;

/// UTC where nothing is said.
pub(super) fn validate(name: Option<&Spanned<String>>) -> Result<Option<Tz>, Wrong> {
    let Some(name) = name else { return Ok(None) };
    let text = name.get_ref().as_str();
    if let Ok(zone) = text.parse() {
        return Ok(Some(zone));
    }
    let near = TZ_VARIANTS.iter().find(|zone| {
        let city = zone.name().rsplit('/').next().unwrap_or_default();
        zone.name().eq_ignore_ascii_case(text) || city.eq_ignore_ascii_case(text)
    });
    let hint = match near {
        Some(zone) => format!("did you mean \"{}\"?", zone.name()),
        None => "use a name such as \"Europe/Brussels\" or \"UTC\"".into(),
    };
    Err(Wrong::new(name.span(), "no time zone has this name").hint(hint))
}
