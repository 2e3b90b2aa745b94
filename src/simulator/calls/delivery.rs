//! How an answer reaches the wire: headers as the vendor's PHP sends them, and the faults that
//! happen on the way.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response as HttpResponse, StatusCode, header};
use axum::response::Response;
use futures_util::stream;

use crate::clock;
use crate::simulator::behaviour::Behaviour;
use crate::simulator::fault::{Fault, FaultKind, RetryAfterForm};
use crate::simulator::socket::ResetHandle;
use crate::simulator::variant::{ContentType, Gzip};
use crate::simulator::world::World;

const HTML: &str = "<html>\r\n<head><title>Something went wrong</title></head>\r\n<body>\r\n<center><h1>Something \
                    went wrong</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const HUGE_BODY_BYTES: usize = 100 * 1024 * 1024;
const HUGE_CHUNK_BYTES: usize = 64 * 1024;
const SLOW_BODY_MS: u64 = 10_000;
const SLOW_CHUNKS: u64 = 20;
const ELSEWHERE: &str = "http://elsewhere.example.net/";

/// What is answered, before anything happens to it on the way.
pub struct Answer {
    /// HTTP status.
    pub http: u16,
    /// JSON.
    pub text: String,
}

/// Marks a response that may be compressed.
#[derive(Clone, Copy)]
pub struct MayCompress;

/// Whether a call that gets this fault isn't carried out.
pub fn comes_before_the_call(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Http500
            | FaultKind::Http502
            | FaultKind::Http503
            | FaultKind::Http429
            | FaultKind::Hang
            | FaultKind::Reset
            | FaultKind::NotJson
            | FaultKind::Redirect
    )
}

/// Puts an answer on the wire.
pub async fn deliver(
    world: &Arc<World>,
    behaviour: &Behaviour,
    answer: Answer,
    fault: Option<Fault>,
    reset: &ResetHandle,
) -> Response {
    let Some(fault) = fault else {
        return plain(behaviour, answer.http, Body::from(answer.text));
    };
    match fault.kind {
        FaultKind::Http500 => page(StatusCode::INTERNAL_SERVER_ERROR, &fault),
        FaultKind::Http502 => page(StatusCode::BAD_GATEWAY, &fault),
        FaultKind::Http503 => page(StatusCode::SERVICE_UNAVAILABLE, &fault),
        FaultKind::Http429 => page(StatusCode::TOO_MANY_REQUESTS, &fault),
        FaultKind::NotJson => page(StatusCode::OK, &fault),
        FaultKind::Hang | FaultKind::HangAfter => {
            world.stopping.cancelled().await;
            page(StatusCode::SERVICE_UNAVAILABLE, &fault)
        }
        FaultKind::Redirect => {
            let mut response = page(StatusCode::FOUND, &fault);
            let to = fault.location.as_deref().unwrap_or(ELSEWHERE);
            if let Ok(to) = HeaderValue::from_str(to) {
                response.headers_mut().insert(header::LOCATION, to);
            }
            response
        }
        FaultKind::TruncatedJson => {
            let mut text = answer.text;
            let half = text.floor_char_boundary(text.len() / 2);
            text.truncate(half);
            plain(behaviour, answer.http, Body::from(text))
        }
        FaultKind::Reset => {
            reset.set();
            plain(behaviour, answer.http, Body::empty())
        }
        FaultKind::ResetMidBody => broken(behaviour, answer, reset),
        FaultKind::SlowBody => slow(world, behaviour, answer, fault.delay_ms.unwrap_or(SLOW_BODY_MS)),
        FaultKind::HugeBody => huge(behaviour, answer, fault.bytes.unwrap_or(HUGE_BODY_BYTES)),
        _ => plain(behaviour, answer.http, Body::from(answer.text)),
    }
}

fn plain(behaviour: &Behaviour, http: u16, body: Body) -> Response {
    let content_type = match behaviour.content_type {
        ContentType::Json => "application/json",
        ContentType::Html => "text/html; charset=UTF-8",
    };
    let mut response = HttpResponse::builder()
        .status(http)
        .header(header::CONTENT_TYPE, content_type)
        .header(header::SET_COOKIE, "PHPSESSID=0123456789abcdef0123456789; path=/")
        .header(header::EXPIRES, "Thu, 19 Nov 1981 08:52:00 GMT")
        .header(header::CACHE_CONTROL, "no-store, no-cache, must-revalidate")
        .body(body)
        .expect("Invariant: constant headers and a status from 200 to 422 are valid");
    if behaviour.gzip == Gzip::On {
        response.extensions_mut().insert(MayCompress);
    }
    response
}

fn page(status: StatusCode, fault: &Fault) -> Response {
    let mut response = HttpResponse::new(Body::from(HTML));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    if let Some(after_s) = fault.retry_after_s {
        let text = match fault.retry_after_form {
            RetryAfterForm::Seconds => after_s.to_string(),
            RetryAfterForm::Date => {
                let at = clock::now().datetime() + chrono::TimeDelta::seconds(after_s.into());
                httpdate::fmt_http_date(at.into())
            }
        };
        let value = HeaderValue::from_str(&text).expect("Invariant: digits and dates are ASCII");
        headers.insert(header::RETRY_AFTER, value);
    }
    response
}

/// An answer whose connection is reset after its first half, which is flushed while the body
/// yields.
fn broken(behaviour: &Behaviour, answer: Answer, reset: &ResetHandle) -> Response {
    let length = answer.text.len();
    let mut half = answer.text;
    half.truncate(half.floor_char_boundary(length / 2));
    let chunks = stream::unfold((Some(half), reset.clone()), |(half, reset)| async move {
        if let Some(half) = half {
            return Some((Ok(Bytes::from(half)), (None, reset)));
        }
        tokio::task::yield_now().await;
        reset.set();
        Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), (None, reset)))
    });
    let mut response = plain(behaviour, answer.http, Body::from_stream(chunks));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// The answer in pieces, over `delay_ms`.
fn slow(world: &Arc<World>, behaviour: &Behaviour, answer: Answer, delay_ms: u64) -> Response {
    let bytes = Bytes::from(answer.text);
    let piece = bytes.len().div_ceil(SLOW_CHUNKS.try_into().unwrap_or(1)).max(1);
    let pause = Duration::from_millis(delay_ms / SLOW_CHUNKS);
    let stopping = world.stopping.clone();
    let chunks = stream::unfold((bytes, stopping), move |(mut left, stopping)| async move {
        if left.is_empty() {
            return None;
        }
        tokio::select! {
            () = stopping.cancelled() => return None,
            () = tokio::time::sleep(pause) => {}
        }
        let chunk = left.split_to(piece.min(left.len()));
        Some((Ok::<_, io::Error>(chunk), (left, stopping)))
    });
    plain(behaviour, answer.http, Body::from_stream(chunks))
}

/// The answer, then white space without sense, made as it is read.
fn huge(behaviour: &Behaviour, answer: Answer, bytes: usize) -> Response {
    let blank = Bytes::from(vec![b' '; HUGE_CHUNK_BYTES]);
    let chunks = stream::unfold((Some(answer.text), bytes), move |(first, left)| {
        let blank = blank.clone();
        async move {
            if let Some(text) = first {
                return Some((Ok::<_, io::Error>(Bytes::from(text)), (None, left)));
            }
            let size = left.min(HUGE_CHUNK_BYTES);
            (size > 0).then(|| (Ok(blank.slice(..size)), (None, left - size)))
        }
    });
    plain(behaviour, answer.http, Body::from_stream(chunks))
}
