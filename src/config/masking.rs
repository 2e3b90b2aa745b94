//! `[masking]`: where the key of the masks lies.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::error::Wrong;

/// The section as it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaskingSection {
    key_file: Option<Spanned<PathBuf>>,
}

/// Where the key of the masks lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masking {
    /// The file that holds it; `None`: beside the mirror's file.
    pub key_file: Option<PathBuf>,
}

impl MaskingSection {
    pub(super) fn validate(&self, folder: &Path) -> Result<Masking, Wrong> {
        let Some(path) = &self.key_file else { return Ok(Masking::default()) };
        if path.get_ref().as_os_str().is_empty() {
            return Err(Wrong::new(path.span(), "`key_file` is empty"));
        }
        Ok(Masking { key_file: Some(folder.join(path.get_ref())) })
    }
}
