//! `probe`: the shapes that the API answers with. Key paths and kinds of values, never a value.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Context, Exit, Failure, mirror};
use crate::api::{ApiError, Client, ProbeCall};
use crate::config::{Account, Config};
use crate::directory::DirectoryId;
use crate::output::{Align, print, table, visible};
use crate::sync::{Trouble, TroubleKind};

/// Directories that are looked into for one that has users.
const DIRECTORIES_TRIED_MAX: usize = 20;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror probe
  coupontools-mirror probe --account acme --directory dir_12345 --page 2
  coupontools-mirror probe --json > shapes.json

Safe to send to others: it holds no key, no name, no address. Where the mirror misreads an answer, a key's spelling \
can be added to [api.aliases].";

/// `probe`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this account
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// This directory's users [default: the first that has some]
    #[arg(long, value_name = "ID")]
    pub directory: Option<String>,
    /// This page of them, as the API counts
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub page: u32,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Prints the shapes.
///
/// # Errors
/// When no account could be asked.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let config = Config::load(&context.flags, &context.environment)?;
    let is_asked =
        |account: &&Account| args.account.as_ref().is_none_or(|name| account.name.as_str() == name);
    let accounts: Vec<_> = config.accounts.iter().filter(is_asked).collect();
    if accounts.is_empty() {
        let error = anyhow::anyhow!("cannot probe: there is no account of this name");
        return Err(Failure::new(Exit::Usage, error).hint("`check` lists the accounts"));
    }
    let mut shapes = Vec::new();
    for account in accounts {
        let client = mirror::client(account)?;
        let listed = probe(&client, account, "directory/list", &ProbeCall::Directories).await?;
        shapes.push(listed);
        let Some(directory) = find_directory(args, &client).await? else { continue };
        let info = ProbeCall::Directory(directory.clone());
        shapes.push(probe(&client, account, "directory/info", &info).await?);
        let users = ProbeCall::Users(directory, args.page);
        shapes.push(probe(&client, account, "directoryusers/list", &users).await?);
    }
    print(if args.json { json(&shapes) } else { text(&shapes) })?;
    let is_read = shapes.iter().all(|shape| shape.error.is_none());
    Ok(if is_read { Exit::Done } else { Exit::Failed })
}

/// The directory that was named, else the first that has users.
async fn find_directory(args: &Args, client: &Client) -> Result<Option<DirectoryId>, Failure> {
    if let Some(id) = &args.directory {
        return Ok(Some(DirectoryId::new(id.as_str())));
    }
    let list = client.fetch_directories().await.result.map_err(|error| failure(&error))?;
    for directory in list.directories.iter().take(DIRECTORIES_TRIED_MAX) {
        let page = client.fetch_users(&directory.id, args.page).await.result;
        if page.is_ok_and(|page| !page.rows.is_empty()) {
            return Ok(Some(directory.id.clone()));
        }
    }
    Ok(list.directories.into_iter().next().map(|directory| directory.id))
}

fn failure(error: &ApiError) -> Failure {
    let trouble = Trouble::from(error);
    let exit = match trouble.kind {
        TroubleKind::Refused => Exit::Refused,
        TroubleKind::Unreachable => Exit::Unreachable,
        TroubleKind::Other => Exit::Failed,
    };
    Failure { exit, error: anyhow::anyhow!("cannot probe: {}", trouble.text), hint: trouble.hint }
}

/// One answer's shape, as it is printed.
#[derive(Debug, Serialize)]
struct Shape {
    account: String,
    call: &'static str,
    http_status: u16,
    rows: Option<usize>,
    rows_without_id: usize,
    error: Option<String>,
    keys: Vec<Key>,
    keys_left_out: usize,
}

#[derive(Debug, Serialize)]
struct Key {
    path: String,
    kinds: BTreeMap<&'static str, usize>,
}

async fn probe(
    client: &Client,
    account: &Account,
    name: &'static str,
    call: &ProbeCall,
) -> Result<Shape, Failure> {
    let probe = client.probe(call).await.result.map_err(|error| failure(&error))?;
    let keys = probe.keys.into_iter().map(|key| Key { path: key.path, kinds: key.kinds }).collect();
    Ok(Shape {
        account: account.name.to_string(),
        call: name,
        http_status: probe.http_status,
        rows: probe.rows.as_ref().ok().copied(),
        rows_without_id: probe.rows_without_id,
        error: probe.rows.err().map(|error| error.to_string()),
        keys,
        keys_left_out: probe.keys_left_out,
    })
}

fn json(shapes: &[Shape]) -> String {
    format!("{:#}\n", serde_json::json!({ "answers": shapes }))
}

fn text(shapes: &[Shape]) -> String {
    let mut out = String::new();
    for shape in shapes {
        let read = match (&shape.error, shape.rows) {
            (Some(error), _) => error.clone(),
            (None, rows) => format!("{} rows, {} without ID", rows.unwrap_or(0), shape.rows_without_id),
        };
        out.push_str(&format!("{} {}: HTTP {}, {read}\n", shape.account, shape.call, shape.http_status));
        let mut table = table(&[("KEY", Align::Left), ("KINDS", Align::Left)]);
        for key in &shape.keys {
            let kinds: Vec<_> = key.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            table.add_row([visible(&key.path), kinds.join(", ").into()]);
        }
        out.push_str(&format!("{}\n", table.trim_fmt()));
        if shape.keys_left_out > 0 {
            out.push_str(&format!("and {} keys more\n", shape.keys_left_out));
        }
        out.push('\n');
    }
    out
}
