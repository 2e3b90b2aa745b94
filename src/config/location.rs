//! Where the configuration and the mirror's file are when nobody says.

use std::path::{Path, PathBuf};

use toml::Spanned;

use super::document::Document;
use super::error::Wrong;
use super::{ConfigError, Environment, Flags, Place, Shadowed};

/// The configuration file's name in its folder.
const CONFIG_NAME: &str = "coupontools-mirror.toml";
/// Its folder, unless systemd names one (`ConfigurationDirectory=`).
const CONFIG_FOLDER: &str = "/etc/coupontools-mirror";
/// The mirror's name in its folder.
const DATABASE_NAME: &str = "mirror.db";

/// The file that is read when none is named and it exists: `coupontools-mirror.toml` in
/// `$CONFIGURATION_DIRECTORY`, else in `/etc/coupontools-mirror`. Never the working directory,
/// which may be somebody else's.
#[must_use]
pub fn default_file(environment: &Environment) -> PathBuf {
    default_folder(environment).join(CONFIG_NAME)
}

pub(super) fn default_folder(environment: &Environment) -> PathBuf {
    environment.first_path("CONFIGURATION_DIRECTORY").unwrap_or_else(|| CONFIG_FOLDER.into())
}

/// The mirror's file, for who needs nothing else: where flag or environment name it, the
/// configuration file, which not everybody may read, is not read.
///
/// # Errors
/// As [`super::Settings::load`].
pub fn find_database(flags: &Flags, environment: &Environment) -> Result<PathBuf, ConfigError> {
    if flags.database.is_none() && environment.get("COUPONTOOLS_MIRROR_DATABASE").is_none() {
        return Ok(super::Settings::load(flags, environment)?.database);
    }
    let nowhere = Document::default();
    database(flags, environment, None, &nowhere, &mut Vec::new())
}

/// Flag, environment, file, `$STATE_DIRECTORY`, working directory: the first that says.
pub(super) fn database(
    flags: &Flags,
    environment: &Environment,
    in_file: Option<&Spanned<PathBuf>>,
    document: &Document,
    shadowed: &mut Vec<Shadowed>,
) -> Result<PathBuf, ConfigError> {
    const VARIABLE: &str = "COUPONTOOLS_MIRROR_DATABASE";
    if let Some(path) = in_file.filter(|path| path.get_ref().as_os_str().is_empty()) {
        return Err(document.place(Wrong::new(path.span(), "`database` is empty")));
    }
    let flag = flags.database.clone().map(|path| ("--database", path));
    if flag.as_ref().is_some_and(|(_, path)| path.as_os_str().is_empty()) {
        return Err(ConfigError::new(Place::Flag("--database"), "it is empty"));
    }
    let variable = environment.path(VARIABLE).map(|path| (VARIABLE, path));
    let setting = in_file.map(|path| ("database", document.folder().join(path.get_ref())));
    let mut said = [flag, variable, setting].into_iter().flatten();
    let Some((by, path)) = said.next() else {
        let folder = environment.first_path("STATE_DIRECTORY");
        return Ok(folder.as_deref().unwrap_or(Path::new("")).join(DATABASE_NAME));
    };
    shadowed.extend(said.map(|(name, _)| Shadowed { name: name.into(), by: by.into() }));
    Ok(path)
}
