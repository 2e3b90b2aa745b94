//! What systemd sees and does, from its side of the protocols: a notify socket, a watchdog's clock, a folder
//! of credentials, SIGHUP, exit codes.

mod manager;
mod readiness;
mod reload;
mod watchdog;

use manager::Manager;

/// Ticks every second, full walks never.
const EVERY_SECOND: &str = "[schedule]\nincremental = \"* * * * * *\"\nfull = \"0 0 0 29 2 *\"";
/// No tick within a test but the one at start.
const SELDOM: &str = "[schedule]\nincremental = \"0 0 0 29 2 *\"\nfull = \"0 0 0 29 2 *\"";
