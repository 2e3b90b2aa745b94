//! One line of the table that a run ends with.

/// Something measured.
pub struct Figure {
    /// What.
    pub name: String,
    /// What it has to reach; empty: reported only.
    pub target: &'static str,
    /// What was measured, with its unit.
    pub measured: String,
    /// Under which conditions, beside which floors.
    pub beside: String,
}

/// A figure.
pub fn figure(
    name: impl Into<String>,
    target: &'static str,
    measured: impl Into<String>,
    beside: impl Into<String>,
) -> Figure {
    Figure { name: name.into(), target, measured: measured.into(), beside: beside.into() }
}

/// Says it at once: a whole run takes minutes.
pub fn tell(figure: &Figure) {
    eprintln!("{}: {} ({})", figure.name, figure.measured, figure.beside);
}

/// The table, as Markdown.
pub fn print_table(figures: &[Figure]) {
    println!("| figure | target | measured | beside |\n|---|---|---|---|");
    for Figure { name, target, measured, beside } in figures {
        println!("| {name} | {target} | {measured} | {beside} |");
    }
}

/// The middle one.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
