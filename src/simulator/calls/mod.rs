//! The five calls: who asks, what goes wrong, what is answered.
//!
//! `request` reads what came, one file a group of calls answers it, `delivery` puts it on the wire.

pub mod delivery;
mod directories;
mod request;
mod sends;
mod users;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;

use self::delivery::Answer;
use self::request::Incoming;
use super::behaviour::Behaviour;
use super::call::Call;
use super::fault::{Fault, FaultKind};
use super::fault_queue::Target;
use super::journal::{Request, keep};
use super::render::{ApiError, failure};
use super::socket::ResetHandle;
use super::world::World;

const BODY_BYTES_MAX: usize = 64 * 1024;

/// The API's routes.
pub fn routes() -> Router<Arc<World>> {
    let mut router = Router::new();
    for call in Call::ALL {
        let answer =
            move |State(world): State<Arc<World>>,
                  ConnectInfo(reset): ConnectInfo<ResetHandle>,
                  headers: HeaderMap,
                  body: Bytes| async move { answer(&world, call, &headers, &body, &reset).await };
        router = router.route(call.path(), post(answer));
    }
    router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

async fn answer(
    world: &Arc<World>,
    call: Call,
    headers: &HeaderMap,
    body: &[u8],
    reset: &ResetHandle,
) -> Response {
    let behaviour = world.behaviour();
    let jitter_ms = if behaviour.jitter_ms == 0 { 0 } else { world.roll(behaviour.jitter_ms + 1) };
    let late_ms = behaviour.latency_ms + jitter_ms;
    if late_ms > 0 {
        tokio::time::sleep(Duration::from_millis(late_ms)).await;
    }
    let incoming = Incoming::read(headers, body);
    let account = incoming.account(world.accounts());
    let fault = account.and_then(|account| {
        world.take_fault(&Target {
            call,
            account: &world.accounts()[account].client_id,
            directory: incoming.directory(call),
            page: users::page_counted_from_one(&behaviour, incoming.page()),
        })
    });
    let result = match account {
        None => Err(ApiError::new(1000, "Client ID or Secret not correct.")),
        Some(account) => carry_out(world, &behaviour, call, account, &incoming, fault.as_ref()),
    };
    world.add_request(Request {
        seq: 0,
        call,
        account: account.map(|account| world.accounts()[account].client_id.clone()),
        directory: incoming.directory(call).map(keep),
        page: incoming.page().map(keep),
        keys_in: incoming.keys_in,
        cookie: incoming.cookie,
        fault: fault.as_ref().map(|fault| fault.kind),
        error_code: result.as_ref().err().map(|error| error.code),
    });
    let (http, text) = match result {
        Ok(text) => (200, text),
        Err(error) => failure(&behaviour, &error),
    };
    delivery::deliver(world, &behaviour, Answer { http, text }, fault, reset).await
}

/// Carries a call out, unless a fault comes before: then what it answers is the fault's.
fn carry_out(
    world: &World,
    behaviour: &Behaviour,
    call: Call,
    account: usize,
    incoming: &Incoming,
    fault: Option<&Fault>,
) -> Result<String, ApiError> {
    match fault.map(|fault| fault.kind) {
        Some(FaultKind::RefusedKeys) => {
            return Err(ApiError::new(1000, "Client ID or Secret not correct."));
        }
        Some(FaultKind::ExpiredKeys) => return Err(ApiError::new(101, "Account expired.")),
        Some(FaultKind::SubaccountKeys) => {
            return Err(ApiError::new(102, "Subaccount keys can't manage subaccounts."));
        }
        Some(FaultKind::GoneDirectory) => {
            let code = if call.is_send() { 502 } else { 507 };
            return Err(ApiError::new(code, "Directory not found."));
        }
        Some(FaultKind::WrongParameter) => return Err(ApiError::new(301, "Wrong parameter.")),
        Some(FaultKind::MissingParameter) => {
            let code = if call.is_send() { 200 } else { 300 };
            return Err(ApiError::new(code, "Parameter missing."));
        }
        Some(kind) if delivery::comes_before_the_call(kind) => return Ok(String::new()),
        _ => {}
    }
    if let Some(reason) = incoming.unreadable {
        return Err(ApiError::new(300, reason));
    }
    match call {
        Call::DirectoryList => Ok(directories::list(world, behaviour, account, fault)),
        Call::DirectoryInfo => directories::info(world, behaviour, account, incoming, fault),
        Call::UsersList => users::list(world, behaviour, account, incoming, fault),
        Call::SendEmail => sends::email(world, behaviour, account, incoming, fault),
        Call::SendSms => sends::sms(world, behaviour, account, incoming, fault),
    }
}
