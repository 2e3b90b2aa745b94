//! The masks' key: there, usable, its owner's alone, and the one that the file was masked with.

use std::path::Path;

use super::Exit;
use super::finding::Finding;
use super::place::is_of_another;
use crate::config::Masking;
use crate::store::{OpenError, look_at_key};

pub(super) fn check(database: &Path, masking: &Masking) -> Vec<Finding> {
    let file = match look_at_key(database, masking.key_file.as_deref()) {
        Ok(file) => file,
        Err(OpenError::KeyUnusable { path, .. }) if is_of_another(&path) => {
            let path = path.display();
            return vec![Finding::ok(format!(
                "masking: the key {path} is for who writes, and not for this user"
            ))];
        }
        Err(error) => {
            let advice = Some(error.hint().to_owned());
            return vec![Finding::error(Exit::Misconfigured, format!("masking: {error}"), advice)];
        }
    };
    let path = file.path.display();
    let Some(key) = file.found else {
        if file.is_wanted {
            return vec![Finding::warning(
                format!("masking: the key {path}, with which the mirror was masked, is not there"),
                "put its copy there: the next sync makes another, by which masks differ from those of earlier exports, and \
                 nobody is recognised who was erased",
            )];
        }
        return vec![Finding::ok(format!("masking: the key {path} will be made by the next sync"))];
    };
    let mut findings = vec![Finding::ok(format!("masking: the key is {path}"))];
    if !key.is_private {
        findings.push(Finding::warning(
            format!("masking: others than its owner may read or change the key in {path}"),
            format!("chmod 600 {path}"),
        ));
    }
    if key.is_of_database == Some(false) {
        findings.push(Finding::warning(
            "masking: the mirror was masked with another key",
            "put that key back, or let the next sync mask everybody anew",
        ));
    }
    findings
}
