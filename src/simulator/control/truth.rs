//! What truly stands, for whoever judges a mirror. Streamed: a million registrations need 16 bytes
//! each.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};

use super::Refused;
use crate::simulator::behaviour::Behaviour;
use crate::simulator::render::{RowWriter, Standing};
use crate::simulator::world::{World, WorldError};

const ROWS_A_CHUNK: usize = 200;

pub(super) async fn directories(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "directories": world.truth() }))
}

pub(super) async fn registrations(
    State(world): State<Arc<World>>,
    Path(directory): Path<String>,
) -> Result<Response, Refused> {
    let (seed, rows) = world.standing_rows(&directory).ok_or(WorldError::NoSuchDirectory)?;
    let behaviour = world.behaviour();
    let plain = Behaviour { order: behaviour.order, ids: behaviour.ids, ..Behaviour::default() };
    let lines = stream::unfold((rows, 0), move |(rows, from)| {
        let plain = plain.clone();
        async move {
            let to = rows.len().min(from + ROWS_A_CHUNK);
            let chunk = rows.get(from..to).filter(|chunk| !chunk.is_empty())?;
            let mut out = String::with_capacity(ROWS_A_CHUNK * 1_024);
            let mut writer = RowWriter::new(&plain, seed);
            for row in chunk {
                let standing = Standing::of(&plain, seed, row);
                out.push_str("{\"id\":");
                out.push_str(&json!(standing.registration_id).to_string());
                out.push_str(",\"row\":");
                writer.write_registration(&mut out, row);
                out.push_str(",\"standing\":");
                out.push_str(&json!(standing).to_string());
                out.push_str("}\n");
            }
            Some((Ok::<_, Infallible>(Bytes::from(out)), (rows, to)))
        }
    });
    let mut response = Response::new(Body::from_stream(lines));
    let ndjson = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, ndjson);
    Ok(response)
}
