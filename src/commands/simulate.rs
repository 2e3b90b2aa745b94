//! `simulate`: a simulated Coupontools API on loopback, until it is told to stop.
//!
//! What can be set while it runs is not repeated as flags: `--set` takes any part of the behaviour.

use std::net::SocketAddr;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::instant::UtcInstant;
use crate::output::print;
use crate::simulator::behaviour::{LATENCY_MS_MAX, PAGE_ROWS_MAX, PER_MINUTE_MAX};
use crate::simulator::mutation::MUTATION_MAX;
use crate::simulator::{
    AccountKeys, Behaviour, DirectorySpec, Fault, Life, Options, Reading, Simulator, Variant, variants,
};

const DIRECTORIES_MAX: i64 = 100_000;
const SIZE_MAX: i64 = MUTATION_MAX as i64;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror simulate
  coupontools-mirror simulate --directories 3 --registrations 1000000 --still
  coupontools-mirror simulate --sizes 12,340,0 --variant past-end-null
  coupontools-mirror simulate --fault http-503,retry_after_s=2,times=3
  coupontools-mirror simulate --set '{\"before_each_page\":{\"delete_newest\":3}}'

Kinds of fault:
  http-500 http-502 http-503 http-429 hang hang-after reset reset-mid-body
  not-json truncated-json slow-body huge-body redirect refused-keys
  expired-keys subaccount-keys gone-directory wrong-parameter
  missing-parameter unknown-shape empty-page short-page cut-page
  holed-page repeated-page outdated-page provider-refuses
Which requests a fault hits:
  call account directory page skip times probability
More about a fault:
  retry_after_s retry_after_form (seconds, date) rows changes bytes delay_ms
  location

While it runs, under the printed address, JSON; an unknown key is an error:
  GET    /simulator/truth             directories and their registrations' count
  GET    /simulator/truth/DIRECTORY   its registrations, newest first, one a line
  GET    /simulator/behaviour         all that can be set
  POST   /simulator/behaviour         a part of it: {\"past_end\":\"null\"}
  GET    /simulator/variants          every variant and what it does
  POST   /simulator/faults            {\"kind\":\"http-500\",\"page\":2}
  GET    /simulator/faults            those that wait; DELETE forgets them
  POST   /simulator/directories       {\"registrations\":500}
  DELETE /simulator/directories/DIRECTORY
  POST   /simulator/directories/DIRECTORY/registrations
         {\"insert\":3,\"delete\":[\"reg_1000001\"],\"delete_newest\":1,
          \"delete_random\":2,\"edit\":5,\"edit_ids\":[],\"restore\":[]}
  GET    /simulator/requests          what was asked
  POST   /simulator/requests/reset    forgets it
  GET    /simulator/sends             what would have been sent";

/// Simulates the Coupontools API on loopback, with invented people, for trials and tests.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SimulateArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8790")]
    pub listen: SocketAddr,
    /// Everything but the time follows from it
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// So many directories of equal size
    #[arg(long, value_name = "N", conflicts_with = "sizes", value_parser = clap::value_parser!(u32).range(1..=DIRECTORIES_MAX))]
    pub directories: Option<u32>,
    /// Registrations in each of them
    #[arg(long, value_name = "N", conflicts_with = "sizes", value_parser = clap::value_parser!(u32).range(..=SIZE_MAX))]
    pub registrations: Option<u32>,
    /// Sizes of the directories, one by one: 12,340,0
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(..=SIZE_MAX))]
    pub sizes: Vec<u32>,
    /// An account's keys; directories are dealt out in turn [default: demo-id:demo-secret]
    #[arg(long = "account", value_name = "ID:SECRET", value_parser = read_keys)]
    pub accounts: Vec<AccountKeys>,
    /// People who register in a minute, over all directories
    #[arg(long, value_name = "N", value_parser = read_rate)]
    pub registrations_per_minute: Option<f64>,
    /// Registrations edited in a minute
    #[arg(long, value_name = "N", value_parser = read_rate)]
    pub edits_per_minute: Option<f64>,
    /// Registrations deleted in a minute
    #[arg(long, value_name = "N", value_parser = read_rate)]
    pub deletions_per_minute: Option<f64>,
    /// Nothing happens by itself
    #[arg(long, conflicts_with_all = ["registrations_per_minute", "edits_per_minute", "deletions_per_minute"])]
    pub still: bool,
    /// The moment of the start, which time then doesn't leave: 2026-11-23T09:05:10Z
    #[arg(long, value_name = "INSTANT", value_parser = read_instant)]
    pub starts_at: Option<UtcInstant>,
    /// Each answer comes so many milliseconds late
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=LATENCY_MS_MAX))]
    pub latency_ms: Option<u64>,
    /// And up to so many more
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=LATENCY_MS_MAX))]
    pub jitter_ms: Option<u64>,
    /// Registrations a page [default: 100]
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=PAGE_ROWS_MAX as u64))]
    pub page_size: Option<usize>,
    /// Filters after paging: never shows a registration whose number is a multiple of N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub hide_every: Option<u32>,
    /// A way to spell answers, by its name in --list-variants
    #[arg(long = "variant", value_name = "NAME", value_parser = read_variant)]
    pub variants: Vec<Variant>,
    /// Something that goes wrong: KIND[,key=value]…
    #[arg(long = "fault", value_name = "FAULT")]
    pub faults: Vec<Fault>,
    /// A part of the behaviour, as JSON
    #[arg(long = "set", value_name = "JSON", value_parser = read_setting)]
    pub settings: Vec<Value>,
    /// Prints every variant and what it does
    #[arg(long)]
    pub list_variants: bool,
}

/// Serves until SIGINT or SIGTERM; says on stdout where, once it answers.
///
/// # Errors
/// If the flags contradict each other or the address can't be listened on.
pub async fn run(args: SimulateArgs) -> Result<(), Failure> {
    if args.list_variants {
        print(list_variants())?;
        return Ok(());
    }
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let options = options(&args)?;
    let simulator = Simulator::start(options.clone())
        .await
        .with_context(|| format!("cannot simulate on {}", args.listen))?;
    for keys in &options.accounts {
        // These keys open the simulator only.
        print(format_args!(
            "listening on {}  client id {}  client secret {}\n",
            simulator.base_url(),
            keys.client_id,
            keys.client_secret
        ))?;
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    simulator.stop().await;
    Ok(())
}

/// The options that the flags mean.
///
/// # Errors
/// If a number is out of range or a setting unknown.
pub fn options(args: &SimulateArgs) -> anyhow::Result<Options> {
    let default = Options::default();
    let directories = match (args.directories, args.registrations, args.sizes.as_slice()) {
        (None, None, []) => default.directories,
        (None, None, sizes) => sizes.iter().map(|&size| spec(size)).collect(),
        (count, size, _) => {
            vec![spec(size.unwrap_or(1_000)); count.unwrap_or(1) as usize]
        }
    };
    let accounts = if args.accounts.is_empty() { default.accounts } else { args.accounts.clone() };
    Ok(Options {
        listen: args.listen,
        seed: args.seed,
        starts_at: args.starts_at,
        directories,
        accounts,
        behaviour: behaviour(args)?,
        faults: args.faults.clone(),
    })
}

fn spec(size: u32) -> DirectorySpec {
    if size == 0 { DirectorySpec::without_registration() } else { DirectorySpec::of(size) }
}

fn behaviour(args: &SimulateArgs) -> anyhow::Result<Behaviour> {
    let gentle = if args.still { Life::default() } else { Life::GENTLE };
    let life = Life {
        registrations_per_minute: args.registrations_per_minute.unwrap_or(gentle.registrations_per_minute),
        edits_per_minute: args.edits_per_minute.unwrap_or(gentle.edits_per_minute),
        deletions_per_minute: args.deletions_per_minute.unwrap_or(gentle.deletions_per_minute),
    };
    let plain = Behaviour::default();
    let mut behaviour = Behaviour {
        life,
        latency_ms: args.latency_ms.unwrap_or(plain.latency_ms),
        jitter_ms: args.jitter_ms.unwrap_or(plain.jitter_ms),
        rows_a_page: args.page_size.unwrap_or(plain.rows_a_page),
        hide_every: args.hide_every,
        ..plain
    }
    .checked()
    .context("cannot behave so")?;
    for variant in &args.variants {
        behaviour = behaviour
            .merged(variant.patch())
            .with_context(|| format!("cannot set the variant {}", variant.name()))?;
    }
    for setting in &args.settings {
        behaviour = behaviour.merged(setting.clone()).context("cannot behave so")?;
    }
    Ok(behaviour)
}

fn list_variants() -> String {
    let line = |variant: Variant| {
        let error = if variant.reading == Reading::Error { " (a mirror must report an error)" } else { "" };
        format!("{:<36} {}{error}\n", variant.name(), variant.what)
    };
    variants().map(line).collect()
}

fn read_variant(name: &str) -> anyhow::Result<Variant> {
    variants()
        .find(|variant| variant.name() == name)
        .ok_or_else(|| anyhow!("no such variant; --list-variants prints all of them"))
}

fn read_setting(text: &str) -> anyhow::Result<Value> {
    let part: Value = serde_json::from_str(text)?;
    Behaviour::default().merged(part.clone())?;
    Ok(part)
}

fn read_rate(text: &str) -> anyhow::Result<f64> {
    match text.parse() {
        Ok(rate) if (0.0..=PER_MINUTE_MAX).contains(&rate) => Ok(rate),
        _ => bail!("not 0 to {PER_MINUTE_MAX}"),
    }
}

fn read_keys(text: &str) -> anyhow::Result<AccountKeys> {
    match text.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(AccountKeys::new(id, secret)),
        _ => bail!("not ID:SECRET"),
    }
}

fn read_instant(text: &str) -> anyhow::Result<UtcInstant> {
    UtcInstant::parse(text).ok_or_else(|| anyhow!("not an instant like 2026-11-23T09:05:10Z"))
}
