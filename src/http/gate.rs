//! Who asks, and how much they see: a token's access, or on loopback what `[http] without_token` says.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use headers::authorization::{Basic, Bearer};
use headers::{Authorization, HeaderMapExt};

use super::problem::Problem;
use super::state::Site;
use super::tokens::Tokens;
use crate::config::WithoutToken;
use crate::store::Access;

/// What a proxy adds: then whoever asks need not be on this machine, whatever the address says. Not every
/// proxy adds one (`check` warns where there seems to be one).
const FORWARDED: [HeaderName; 6] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];
/// A browser asks for a name and a password: the token goes into the second.
const CHALLENGES: [&str; 2] = ["Bearer", "Basic realm=\"coupontools-mirror\", charset=\"UTF-8\""];

/// Tells how much whoever asks may see.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) tokens: Tokens,
    pub(super) without_token: WithoutToken,
}

/// The access of whoever asks, for the handlers behind the gate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading(pub(super) Access);

impl<S: Sync> FromRequestParts<S> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or_else(refused)
    }
}

/// Lets through who may read something, and remembers how much.
pub(super) async fn admit(
    State(site): State<Site>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    match site.gate.judge(request.headers(), peer) {
        Ok(access) => {
            request.extensions_mut().insert(Reading(access));
            next.run(request).await
        }
        Err(problem) => challenge(problem),
    }
}

impl Gate {
    fn judge(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<Access, Problem> {
        if headers.contains_key(header::AUTHORIZATION) {
            let token = presented(headers).ok_or_else(unknown)?;
            let found = self.tokens.find(&token).map_err(|error| {
                tracing::error!(error = %error, hint = error.hint(), "cannot look a token up");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "cannot look the token up")
                    .hint("the log says why")
            })?;
            return found.ok_or_else(unknown);
        }
        let is_local = peer.ip().to_canonical().is_loopback();
        let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(name));
        if !is_local || is_forwarded {
            return Err(refused());
        }
        match self.without_token {
            WithoutToken::Nothing => Err(refused()),
            WithoutToken::Masked => Ok(Access::Masked),
            WithoutToken::Full => Ok(Access::Full),
        }
    }
}

fn presented(headers: &HeaderMap) -> Option<String> {
    if let Some(Authorization(bearer)) = headers.typed_get::<Authorization<Bearer>>() {
        return Some(bearer.token().to_owned());
    }
    let Authorization(basic) = headers.typed_get::<Authorization<Basic>>()?;
    Some(basic.password().to_owned())
}

/// A browser that follows the link asks for a token, and sends it with everything from then on.
pub(super) async fn sign_in(headers: HeaderMap) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        return Redirect::to("/").into_response();
    }
    challenge(refused())
}

/// A token that was removed is as unknown as one that never was.
fn unknown() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "cannot read the mirror: this token is not known")
        .hint("`coupontools-mirror token list` shows which there are, `token add NAME` makes one")
}

fn refused() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "cannot read the mirror: a token is needed").hint(
        "send Authorization: Bearer TOKEN, or the token as the password of any user name; `coupontools-mirror token \
         add NAME` makes one",
    )
}

fn challenge(problem: Problem) -> Response {
    let is_refused = problem.status == StatusCode::UNAUTHORIZED.as_u16();
    let mut response = problem.into_response();
    if is_refused {
        for challenge in CHALLENGES {
            response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
    }
    response
}
