//! What goes wrong, as `application/problem+json` (RFC 9457): what can't be done, why, and a hint.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use utoipa::{IntoResponses, ToSchema};

use crate::report::ReportError;
use crate::store::StoreError;
use crate::store::foreign::ForeignError;

/// What a client that may ask again waits for at least, in seconds.
const RETRY_AFTER_S: &str = "1";

/// A problem, as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status tells the kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What can't be done, and why; never personal data.
    pub detail: String,
    /// What whoever asked can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What every path of the API may answer besides what it is there for.
#[derive(Debug, IntoResponses)]
#[expect(dead_code, reason = "it describes what is answered as a `Problem`")]
pub(super) enum Problems {
    /// What was asked can't be done: `detail` says why, `hint` what can be done
    #[response(status = "4XX", content_type = "application/problem+json")]
    Asked(Problem),
    /// The mirror can't be read just now
    #[response(status = "5XX", content_type = "application/problem+json")]
    Mirror(Problem),
}

impl Problem {
    /// Of a status; `detail` says `cannot …: cause`.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            hint: None,
        }
    }

    /// With what can be done.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A parameter that makes no sense.
    pub fn parameter(name: &str, cause: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("cannot read the parameter {name}: {cause}"))
            .hint("/openapi.json says what it takes")
    }

    /// The file can't be read now. What it is and why is the operator's to know, and not everybody's
    /// who may ask.
    pub fn unreadable(error: &dyn std::error::Error) -> Self {
        tracing::warn!(error = %error, "cannot read for a request");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "cannot read the mirror: its file does not open or is damaged",
        )
        .hint("the server's log says why")
    }

    /// It is being stopped.
    pub fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "cannot answer: the server is being stopped")
            .hint("ask again once it runs")
    }

    /// No such directory.
    pub fn no_directory() -> Self {
        Self::new(StatusCode::NOT_FOUND, "cannot find the directory: no account ever listed it")
            .hint("/api/v1/directories lists them")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        // For who makes a page of it.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Closed => Self::stopping(),
            StoreError::TooSlow => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
                .hint(error.hint().unwrap_or_default()),
            error => Self::unreadable(&error),
        }
    }
}

impl From<&ForeignError> for Problem {
    fn from(error: &ForeignError) -> Self {
        use ForeignError as E;
        let status = match error {
            E::Missing { .. } | E::Unreadable { .. } | E::Damaged { .. } | E::NotADatabase { .. } => {
                return Self::unreadable(error);
            }
            E::Failed(_) => return Self::unreadable(error),
            E::NotShown(_) => StatusCode::FORBIDDEN,
            E::Locked => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        let hint = match error {
            E::UnnamedParameter => {
                "write :name in the statement, and give p.name (GET) or parameters.name (POST)"
            }
            E::UnboundParameter(_) | E::NoSuchParameter(_) => {
                "give p.NAME (GET) or parameters.NAME (POST) for each :NAME of the statement, and no other"
            }
            E::Stopped => "ask for less, or raise [http] query_timeout_s",
            E::NotShown(_) => {
                "masked readers read the views; person columns stand there hashed, coarse or null. A full token sees all"
            }
            other => other.hint(),
        };
        Self::new(status, error.to_string()).hint(hint)
    }
}

impl Problem {
    /// Of a statement that was ended: at its limit, or with the server.
    pub(super) fn ended(limit: Duration, server_stops: &CancellationToken) -> Self {
        if server_stops.is_cancelled() {
            return Self::stopping();
        }
        let cause = format!("cannot finish the statement: {} s are over", limit.as_secs());
        Self::new(StatusCode::BAD_REQUEST, cause).hint("ask for less, or raise [http] query_timeout_s")
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        if let ReportError::Statement { cause, .. } = &error
            && !cause.is_of_statement()
        {
            return Self::from(cause);
        }
        let status = match &error {
            ReportError::Unknown { .. } => StatusCode::NOT_FOUND,
            ReportError::UnknownParameter { .. } | ReportError::Value { .. } => StatusCode::BAD_REQUEST,
            ReportError::Statement { cause: ForeignError::NotShown(_), .. } => StatusCode::FORBIDDEN,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string()).hint(error.hint())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), format!("cannot read the address: {}", rejection.body_text()))
            .hint("write it in UTF-8, percent-encoded")
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), format!("cannot read the body: {}", rejection.body_text()))
            .hint("send a JSON object with Content-Type: application/json")
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), format!("cannot read the parameters: {}", rejection.body_text()))
            .hint("/openapi.json says which there are")
    }
}
