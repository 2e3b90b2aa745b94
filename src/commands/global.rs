//! What every command understands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Exit, Failure};
use crate::config::{Environment, Flags};
use crate::logging::{Format, Level};

const HEADING: &str = "Everywhere";
const LEVEL_VARIABLE: &str = "COUPONTOOLS_MIRROR_LOG";

/// What every command understands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = HEADING)]
pub struct GlobalArgs {
    /// The configuration [env: COUPONTOOLS_MIRROR_CONFIG] [default:
    /// /etc/coupontools-mirror/coupontools-mirror.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The mirror's file [env: COUPONTOOLS_MIRROR_DATABASE] [default: mirror.db in $STATE_DIRECTORY, else here]
    #[arg(long, global = true, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// The API's address.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "The API's address [env: COUPONTOOLS_BASE_URL] [default: https://api.coupontools.com]"
    )]
    pub base_url: Option<String>,
    /// How log lines on stderr look [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<Format>,
    /// From which level on is logged [env: COUPONTOOLS_MIRROR_LOG] [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<Level>,
}

impl GlobalArgs {
    /// What of it is configuration.
    #[must_use]
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            database: self.database.clone(),
            base_url: self.base_url.clone(),
            listen: None,
        }
    }

    /// The flag's level, else the environment's, else the default.
    ///
    /// # Errors
    /// When the environment names a level that doesn't exist.
    pub fn level(&self, environment: &Environment) -> Result<Level, Failure> {
        if let Some(level) = self.log_level {
            return Ok(level);
        }
        let Some(word) = environment.text(LEVEL_VARIABLE)? else { return Ok(Level::default()) };
        Level::from_str(word, true).map_err(|_| {
            Failure::new(
                Exit::Misconfigured,
                anyhow::anyhow!("cannot read {LEVEL_VARIABLE}: no level has this name"),
            )
            .hint("use off, error, warn, info, debug or trace")
        })
    }
}
