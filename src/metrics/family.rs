//! Families that are made at the scrape: what is no more is in them no more.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use super::PREFIX;

/// A family with nothing in it yet.
pub(super) struct Family {
    family: MetricFamily,
    metrics: Vec<Metric>,
}

impl Family {
    /// One of ours: the name without its prefix.
    pub(super) fn ours(kind: MetricType, name: &str, help: &str) -> Self {
        Self::named(kind, format!("{PREFIX}{name}"), help)
    }

    /// One with a name by convention.
    pub(super) fn named(kind: MetricType, name: impl Into<String>, help: &str) -> Self {
        let mut family = MetricFamily::default();
        family.set_name(name.into());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        Self { family, metrics: Vec::new() }
    }

    /// Adds a sample; no two with the same labels.
    pub(super) fn add(&mut self, labels: &[(&str, &str)], value: f64) {
        let pair = |(name, value): &(&str, &str)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value((*value).to_owned());
            pair
        };
        let mut metric = Metric::from_label(labels.iter().map(pair).collect());
        if self.family.get_field_type() == MetricType::COUNTER {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        self.metrics.push(metric);
    }

    /// The family, unless it has no sample: then there is nothing to tell.
    pub(super) fn into_told(mut self) -> Option<MetricFamily> {
        let has_samples = !self.metrics.is_empty();
        self.family.set_metric(self.metrics);
        has_samples.then_some(self.family)
    }
}

/// A family without labels; none without a value.
pub(super) fn single(kind: MetricType, name: &str, help: &str, value: Option<f64>) -> Option<MetricFamily> {
    let mut family = Family::ours(kind, name, help);
    if let Some(value) = value {
        family.add(&[], value);
    }
    family.into_told()
}
