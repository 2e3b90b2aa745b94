//! The operator's reports: their folder, their headers, their statements.

use std::path::Path;

use super::finding::Finding;
use crate::config::Reports;
use crate::report::{Library, ReportError};
use crate::store::Access;
use crate::store::foreign::ForeignReader;

pub(super) fn check(reports: &Reports, database: &Path) -> Vec<Finding> {
    let library = Library::new(reports.folder.clone());
    let listing = library.list();
    let mut findings = Vec::new();
    if let (Some(folder), Some(cause)) = (&reports.folder, &listing.folder_error) {
        let what = format!("reports: cannot read {}: {cause}", folder.display());
        findings.push(Finding::warning(what, "correct [reports] folder, or let the daemon's user read it"));
    }
    // Without a mirror, statements can't be compiled: the headers are looked at alone.
    let reader = ForeignReader::open(database, Access::Full, || false).ok();
    let mut is_wrong = |error: ReportError| {
        let text = error.to_string();
        findings.push(Finding::warning(format!("reports: {text}"), error.hint()));
    };
    let mut sound = 0;
    for entry in &listing.entries {
        let found = library.find(&entry.name);
        match found.and_then(|report| reader.as_ref().map_or(Ok(()), |reader| report.check(reader))) {
            Ok(()) => sound += 1,
            Err(error) => is_wrong(error),
        }
    }
    let unread = if reader.is_some() { "" } else { " (not compiled: there is no mirror to read)" };
    findings.push(Finding::ok(format!("reports: {sound} can be run{unread}")));
    findings
}
