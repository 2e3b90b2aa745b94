//! Keeps web pages out: one that a person of this machine looks at must neither read the mirror through
//! their browser nor burden it.
//!
//! A page can make a browser ask any address, with any of its own names for it (DNS rebinding): so a
//! name has to be known here, while a bare address can't be rebound. What a browser says of where a
//! request comes from is believed, since only browsers are tricked like this.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::state::Site;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Refuses a host's name that is not known here.
pub(super) async fn check_host(State(site): State<Site>, request: Request, next: Next) -> Response {
    if is_asked_by_known_name(request.headers(), request.uri(), &site) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "cannot answer under this name: the host is not known here")
        .hint("use the address or localhost, or add the name to [http] hosts")
        .into_response()
}

/// Refuses what another site's page asks for.
pub(super) async fn check_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if is_foreign_origin(headers) || is_foreign_fetch(headers, request.uri()) {
        return Problem::new(StatusCode::FORBIDDEN, "cannot answer another site's page")
            .hint("open the address itself, or ask from a script with a token")
            .into_response();
    }
    next.run(request).await
}

/// In the header or in the request's first line: whichever is meant, it has to be known.
fn is_asked_by_known_name(headers: &HeaderMap, uri: &Uri, site: &Site) -> bool {
    let named = headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let mut hosts = named.chain(uri.authority().map(Authority::as_str)).peekable();
    hosts.peek().is_some() && hosts.all(|host| is_known(host, site))
}

fn is_known(host: &str, site: &Site) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    name == "localhost" || address.parse::<std::net::IpAddr>().is_ok() || site.hosts.contains(&name)
}

/// A browser names the page's origin with everything but plain loads.
fn is_foreign_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let host = text(headers, &header::HOST).map(str::to_ascii_lowercase);
    authority.is_none() || authority != host.as_deref()
}

/// With plain loads it tells how the page that asks is related to what it asks for. A link that is
/// followed to a page is the one thing that another site may do: it shows the page to the person, not
/// to the site.
fn is_foreign_fetch(headers: &HeaderMap, uri: &Uri) -> bool {
    let says = |name: &HeaderName, word: &str| text(headers, name) == Some(word);
    if !says(&SEC_FETCH_SITE, "cross-site") && !says(&SEC_FETCH_SITE, "same-site") {
        return false;
    }
    let is_followed = says(&SEC_FETCH_MODE, "navigate") && says(&SEC_FETCH_DEST, "document");
    !is_followed || uri.path().starts_with("/api/")
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
