//! `probe`: the shapes that the API answers with. Key paths and kinds of values, never a value.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::{Context, Exit, Failure, mirror};
use crate::api::{Client, KeyShape, Probe, ProbeCall, Retry};
use crate::config::{Account, Config};
use crate::directory::DirectoryId;
use crate::output::{Align, print, table, visible};

/// Directories that are tried until one has registered users.
const DIRECTORIES_TRIED: usize = 5;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror probe
  coupontools-mirror probe --account acme --directory dir_12345 --page 2
  coupontools-mirror probe --json > shapes.json

Safe to send to others: it holds no key, no name, no address. Where the mirror misreads an answer, \
a key's spelling can be added to [api.aliases].";

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

/// One answer's shape, as it is printed.
#[derive(Debug, Serialize)]
struct Shape {
    account: String,
    call: String,
    http_status: u16,
    rows: Option<usize>,
    rows_without_id: usize,
    error: Option<String>,
    keys: Vec<Key>,
    keys_left_out: usize,
    #[serde(skip)]
    exit: Exit,
}

#[derive(Debug, Serialize)]
struct Key {
    path: String,
    kinds: BTreeMap<&'static str, usize>,
}

/// Prints the shapes.
///
/// # Errors
/// When an account can't be asked.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let config = Config::load(&context.flags, &context.environment)?;
    let is_asked =
        |account: &&Account| args.account.as_ref().is_none_or(|name| account.name.as_str() == name);
    let mut shapes = Vec::new();
    for account in config.accounts.iter().filter(is_asked) {
        let client = mirror::client(account, Retry { attempts: 2, ..Retry::default() })?;
        shapes.extend(probe(&client, account, args).await?);
    }
    if shapes.is_empty() {
        let names: Vec<&str> = config.accounts.iter().map(|account| account.name.as_str()).collect();
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("cannot probe: no account has this name"))
            .hint(format!("there are {}", names.join(", "))));
    }
    print(if args.json { json(&shapes) } else { text(&shapes) })?;
    let exits = [Exit::Refused, Exit::Unreachable, Exit::Failed];
    let gravest = exits.into_iter().find(|exit| shapes.iter().any(|shape| shape.exit == *exit));
    Ok(gravest.unwrap_or(Exit::Done))
}

async fn probe(client: &Client, account: &Account, args: &Args) -> Result<Vec<Shape>, Failure> {
    let mut shapes = vec![ask(client, account, &ProbeCall::Directories).await?];
    let candidates = match &args.directory {
        Some(id) => vec![DirectoryId::new(id.as_str())],
        None => match client.fetch_directories().await.result {
            Ok(list) => {
                list.directories.into_iter().map(|directory| directory.id).take(DIRECTORIES_TRIED).collect()
            }
            Err(_) => return Ok(shapes),
        },
    };
    let mut found = None;
    for id in candidates {
        let users = ask(client, account, &ProbeCall::Users(id.clone(), args.page)).await?;
        let has_rows = users.rows.is_some_and(|rows| rows > 0);
        found = Some((id, users));
        if has_rows {
            break;
        }
    }
    if let Some((id, users)) = found {
        shapes.push(ask(client, account, &ProbeCall::Directory(id)).await?);
        shapes.push(users);
    }
    Ok(shapes)
}

async fn ask(client: &Client, account: &Account, call: &ProbeCall) -> Result<Shape, Failure> {
    let name = match call {
        ProbeCall::Directories => "directory/list".into(),
        ProbeCall::Directory(id) => format!("directory/info of {id}"),
        ProbeCall::Users(id, page) => format!("directoryusers/list of {id}, page {page}"),
    };
    let Probe { http_status, keys, keys_left_out, rows, rows_without_id } = client.probe(call).await.result?;
    let error = rows.as_ref().err().map(ToString::to_string);
    let exit = rows.as_ref().err().map_or(Exit::Done, |error| Failure::from(error.clone()).exit);
    Ok(Shape {
        account: account.name.to_string(),
        call: name,
        http_status,
        rows: rows.as_ref().ok().copied(),
        rows_without_id,
        error,
        exit,
        keys: keys.into_iter().map(|KeyShape { path, kinds }| Key { path, kinds }).collect(),
        keys_left_out,
    })
}

fn json(shapes: &[Shape]) -> String {
    let whole = serde_json::json!({ "probes": shapes });
    format!("{whole:#}\n")
}

fn text(shapes: &[Shape]) -> String {
    let mut text = String::new();
    for shape in shapes {
        let read = match (&shape.error, shape.rows) {
            (Some(error), _) => error.clone(),
            (None, rows) => format!("{} rows, {} without an ID", rows.unwrap_or(0), shape.rows_without_id),
        };
        let _infallible = writeln!(
            text,
            "{}, account {}: HTTP {}, {}",
            visible(&shape.call),
            shape.account,
            shape.http_status,
            visible(&read)
        );
        let mut table = table(&[("KEY", Align::Wrapped), ("KINDS OF VALUES, AND HOW MANY", Align::Wrapped)]);
        for key in &shape.keys {
            let kinds: Vec<String> =
                key.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            let path = if key.path.is_empty() { "(all)" } else { &key.path };
            table.add_row([visible(path).into_owned(), kinds.join(", ")]);
        }
        let _infallible = writeln!(text, "{}", table.trim_fmt());
        if shape.keys_left_out > 0 {
            let _infallible = writeln!(text, "and {} keys more", shape.keys_left_out);
        }
        text.push('\n');
    }
    text
}
