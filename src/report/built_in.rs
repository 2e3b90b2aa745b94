//! The reports that come with the program.

/// Name and text of each file in `reports/`, by name.
pub(super) const REPORTS: &[(&str, &str)] = &[
    ("changes-this-week", include_str!("../../reports/changes-this-week.sql")),
    ("duplicates", include_str!("../../reports/duplicates.sql")),
    ("freshness", include_str!("../../reports/freshness.sql")),
    ("growth", include_str!("../../reports/growth.sql")),
    ("hour-of-week", include_str!("../../reports/hour-of-week.sql")),
    ("overlap", include_str!("../../reports/overlap.sql")),
    ("paid", include_str!("../../reports/paid.sql")),
    ("registrations-per-day", include_str!("../../reports/registrations-per-day.sql")),
    ("registrations-per-month", include_str!("../../reports/registrations-per-month.sql")),
    ("registrations-per-week", include_str!("../../reports/registrations-per-week.sql")),
];

#[cfg(test)]
mod tests {
    use super::REPORTS;
    use crate::report::Report;

    #[test]
    fn every_file_is_compiled_in_reads_and_describes_itself() {
        let mut files: Vec<String> = std::fs::read_dir("reports")
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let names: Vec<String> = REPORTS.iter().map(|(name, _)| format!("{name}.sql")).collect();
        assert_eq!(names, files);
        for (name, sql) in REPORTS {
            let report = Report::parse(name, sql).unwrap();
            assert!(report.title != *name && report.description.ends_with('.'), "{name}");
            assert!(report.parameters.iter().all(|parameter| !parameter.description.is_empty()), "{name}");
        }
    }
}
