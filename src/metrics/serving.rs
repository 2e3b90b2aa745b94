//! What a process that serves counts: HTTP requests by route, and queries.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus::{HistogramVec, IntCounter, IntCounterVec, IntGauge, Registry};

use super::PREFIX;
use super::mirroring::{counter, counters, durations, register};

/// From a page out of the cache to the longest query.
const REQUEST_BUCKETS_S: [f64; 11] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];
/// The route of what no route is for, and the method of what no method is for.
const OTHER: &str = "other";

/// A request that the HTTP server has answered.
#[derive(Clone, Copy, Debug)]
pub struct Served<'a> {
    /// The route's template, `/directories/{id}`; never the path as asked for.
    pub route: Option<&'a str>,
    /// As asked with.
    pub method: &'a Method,
    /// As answered.
    pub status: StatusCode,
    /// Until the answer's headers.
    pub took: Duration,
}

#[derive(Debug)]
pub(super) struct Serving {
    requests: IntCounterVec,
    request_s: HistogramVec,
    queries_under_way: IntGauge,
    queries_refused: IntCounter,
}

/// A query under way: counted until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct QueryUnderWay(IntGauge);

impl Drop for QueryUnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Serving {
    pub(super) fn new(registry: &Registry) -> Self {
        let under_way = IntGauge::new(
            format!("{PREFIX}queries_under_way"),
            "SQL statements that run for whoever asked over HTTP.",
        );
        Self {
            requests: counters(
                registry,
                "http_requests_total",
                "HTTP requests answered by this process, by the route's template.",
                &["route", "method", "status"],
            ),
            request_s: durations(
                registry,
                "http_request_duration_seconds",
                "From an HTTP request to the beginning of its answer.",
                &["route"],
                &REQUEST_BUCKETS_S,
            ),
            queries_under_way: register(registry, under_way),
            queries_refused: counter(
                registry,
                "queries_refused_total",
                "SQL statements asked over HTTP and refused because too many were under way.",
            ),
        }
    }

    pub(super) fn count(&self, served: &Served<'_>) {
        let route = served.route.unwrap_or(OTHER);
        let method = match *served.method {
            Method::GET | Method::HEAD | Method::POST | Method::OPTIONS => served.method.as_str(),
            _ => OTHER,
        };
        self.requests.with_label_values(&[route, method, served.status.as_str()]).inc();
        self.request_s.with_label_values(&[route]).observe(served.took.as_secs_f64());
    }

    pub(super) fn begin_query(&self) -> QueryUnderWay {
        self.queries_under_way.inc();
        QueryUnderWay(self.queries_under_way.clone())
    }

    pub(super) fn refuse_query(&self) {
        self.queries_refused.inc();
    }
}
