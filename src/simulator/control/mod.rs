//! Control while it runs, under `/simulator/`: what is true, how the API behaves, what goes wrong,
//! what happens to the lists, what was asked. JSON in, JSON out; an unknown key is an error.
//!
//! | call | does |
//! |---|---|
//! | `GET /simulator/truth` | the directories and how many registrations stand in each |
//! | `GET /simulator/truth/{directory}` | its standing registrations, newest first, an object a line: `id`, `row` (as the API spells it by default), `standing` (in the names and forms of the mirror's views) |
//! | `GET /simulator/behaviour` | how the API behaves |
//! | `POST /simulator/behaviour` | changes a part of it: `{"past_end":"null","latency_ms":20}`; `null` sets back |
//! | `GET /simulator/variants` | every variant: `axis`, `value`, `what` |
//! | `GET`, `DELETE /simulator/faults` | the faults that wait; forgets them |
//! | `POST /simulator/faults` | adds one: `{"kind":"http-503","directory":"dir_10001","page":2,"retry_after_s":1}` |
//! | `POST /simulator/directories` | adds one: `{"registrations":500}` |
//! | `DELETE /simulator/directories/{directory}` | lets one vanish |
//! | `POST /simulator/directories/{directory}/registrations` | `{"insert":3,"delete":["reg_1000001"],"delete_newest":1,"delete_random":2,"edit":5,"edit_ids":[],"restore":[]}` |
//! | `GET /simulator/requests` | what was asked: `total`, `by_call`, `by_directory`, `requests` |
//! | `POST /simulator/requests/reset` | forgets it |
//! | `GET /simulator/sends` | the sends that were carried out |
//!
//! It asks for no keys: it listens on loopback and holds nobody's data.

mod truth;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::behaviour::BehaviourError;
use super::fault::{Fault, FaultError};
use super::mutation::{MUTATION_MAX, Mutation};
use super::options::DirectorySpec;
use super::variant::variants;
use super::world::{World, WorldError};

/// The control calls' routes.
pub fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/simulator/truth", get(truth::directories))
        .route("/simulator/truth/{directory}", get(truth::registrations))
        .route("/simulator/behaviour", get(show_behaviour).post(change_behaviour))
        .route("/simulator/variants", get(list_variants))
        .route("/simulator/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/simulator/directories", post(add_directory))
        .route("/simulator/directories/{directory}", delete(remove_directory))
        .route("/simulator/directories/{directory}/registrations", post(mutate))
        .route("/simulator/requests", get(list_requests))
        .route("/simulator/requests/reset", post(reset_requests))
        .route("/simulator/sends", get(list_sends))
}

/// A control call that could not be done: an HTTP status and `{"error":…}`.
#[derive(Debug)]
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<BehaviourError> for Refused {
    fn from(error: BehaviourError) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }
}

impl From<FaultError> for Refused {
    fn from(error: FaultError) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }
}

impl From<WorldError> for Refused {
    fn from(error: WorldError) -> Self {
        let status = match error {
            WorldError::NoSuchDirectory => StatusCode::NOT_FOUND,
            WorldError::NoSuchAccount | WorldError::TooManyDirectories => StatusCode::BAD_REQUEST,
        };
        Self(status, error.to_string())
    }
}

/// Reads a JSON object; a list, which serde would take for a struct's fields in order, is refused.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let refused = |error: serde_json::Error| Refused(StatusCode::BAD_REQUEST, error.to_string());
    let object: Map<String, Value> = serde_json::from_slice(body).map_err(refused)?;
    serde_json::from_value(object.into()).map_err(refused)
}

async fn show_behaviour(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!(*world.behaviour()))
}

async fn change_behaviour(State(world): State<Arc<World>>, body: Bytes) -> Result<Json<Value>, Refused> {
    Ok(Json(json!(*world.merge_behaviour(read(&body)?)?)))
}

async fn list_variants() -> Json<Value> {
    let row = |variant: super::variant::Variant| json!({ "axis": variant.axis, "value": variant.value, "what": variant.what });
    Json(json!({ "variants": variants().map(row).collect::<Vec<_>>() }))
}

async fn list_faults(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "faults": world.faults() }))
}

async fn add_fault(State(world): State<Arc<World>>, body: Bytes) -> Result<Json<Value>, Refused> {
    world.add_fault(read::<Fault>(&body)?)?;
    Ok(Json(json!({ "faults": world.faults().len() })))
}

async fn clear_faults(State(world): State<Arc<World>>) -> Json<Value> {
    world.clear_faults();
    Json(json!({ "faults": 0 }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDirectory {
    #[serde(default)]
    registrations: u32,
    #[serde(default = "yes")]
    takes_registrations: bool,
    #[serde(default)]
    account: Option<String>,
}

fn yes() -> bool {
    true
}

async fn add_directory(State(world): State<Arc<World>>, body: Bytes) -> Result<Json<Value>, Refused> {
    let new: NewDirectory = read(&body)?;
    if new.registrations > MUTATION_MAX {
        return Err(too_many());
    }
    let place = |id: String| {
        let accounts = world.accounts();
        accounts.iter().position(|keys| keys.client_id == id).ok_or(WorldError::NoSuchAccount)
    };
    let spec = DirectorySpec {
        registrations: new.registrations,
        takes_registrations: new.takes_registrations,
        account: new.account.map(place).transpose()?,
    };
    Ok(Json(json!({ "directory_id": world.add_directory(&spec)? })))
}

async fn remove_directory(
    State(world): State<Arc<World>>,
    Path(directory): Path<String>,
) -> Result<Json<Value>, Refused> {
    world.remove_directory(&directory)?;
    Ok(Json(json!({ "removed": true })))
}

async fn mutate(
    State(world): State<Arc<World>>,
    Path(directory): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let mutation: Mutation = read(&body)?;
    if !mutation.is_within_limits() {
        return Err(too_many());
    }
    let applied = world.mutate(&directory, &mutation)?;
    let ids = |numbers: &[u32]| numbers.iter().map(|number| format!("reg_{number}")).collect::<Vec<_>>();
    Ok(Json(json!({
        "inserted": ids(&applied.inserted),
        "deleted": ids(&applied.deleted),
        "edited": ids(&applied.edited),
        "restored": ids(&applied.restored),
    })))
}

fn too_many() -> Refused {
    Refused(StatusCode::BAD_REQUEST, format!("more than {MUTATION_MAX} registrations at once"))
}

async fn list_requests(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!(world.requests()))
}

async fn reset_requests(State(world): State<Arc<World>>) -> Json<Value> {
    world.reset_requests();
    Json(json!({ "total": 0 }))
}

async fn list_sends(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "sends": world.sends() }))
}
