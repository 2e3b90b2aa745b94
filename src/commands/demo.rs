//! `demo`: the simulator and the daemon together, on a temporary file.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Exit, Failure, run, stop};
use crate::config::{
    Account, Alerts, Api, Config, CronExpression, Environment, Flags, Http, Masking, Retention, Schedule,
    Sends, Settings, Snapshots, Source, WithoutToken,
};
use crate::directory::AccountName;
use crate::output::print;
use crate::service::Service;
use crate::simulator::{AccountKeys, DirectorySpec, Options, Simulator};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror demo
  coupontools-mirror demo --registrations 100000 --seed 7

Keys, configuration and an existing mirror are not touched.";

/// Where `run` listens, too.
const PORT: u16 = 8787;

/// `demo`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How many people have registered when it starts
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(..=10_000_000))]
    pub registrations: u64,
    /// The same seed gives the same people
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// Runs until it is stopped.
///
/// # Errors
/// When it can't start.
pub async fn run(args: &Args) -> Result<Exit, Failure> {
    let stop = stop::on_signals().context("cannot listen for signals")?;
    stop::on_hangup(&stop).context("cannot listen for signals")?;
    let simulator = Simulator::start(world(args)).await.context("cannot simulate the API")?;
    let folder = Folder::make().context("cannot make a temporary folder")?;
    let listen = free_address().context("cannot listen")?;
    let config = config(&simulator, folder.database(), listen)?;
    let database = folder.database().display().to_string();
    let program = std::env::current_exe()
        .map_or_else(|_| "coupontools-mirror".into(), |path| path.display().to_string());
    print(format_args!(
        "look at http://{listen}/\n\n\
         the simulated API answers on {url}\n\
         the mirror is the file {database}; in another terminal, try\n\n  \
         {program} --database {database} status\n  \
         {program} --database {database} query \"SELECT * FROM registrations_by_day ORDER BY day DESC LIMIT 10\"\n  \
         sqlite3 -readonly {database} \"SELECT city, count(*) FROM registrations GROUP BY city ORDER BY 2 DESC LIMIT 5\"\n\n\
         people register every few seconds, and the mirror looks every ten; Ctrl-C ends it and deletes the file\n\n",
        url = simulator.base_url(),
    ))?;
    let ended = run::serve(&config, None, &Service::nobody(), &stop).await;
    simulator.stop().await;
    ended
}

/// Where the mirror is served: where it always is, or anywhere if that is taken.
fn free_address() -> std::io::Result<SocketAddr> {
    let usual = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT));
    usual.or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?.local_addr()
}

/// A few directories, most people in the first, and a life of their own.
fn world(args: &Args) -> Options {
    let total = u32::try_from(args.registrations).unwrap_or(u32::MAX);
    let sizes = [total / 10 * 7, total / 10 * 2, total / 20, total / 20];
    let mut directories: Vec<_> = sizes.into_iter().map(DirectorySpec::of).collect();
    directories.push(DirectorySpec::without_registration());
    Options { seed: args.seed, directories, ..Options::default() }
}

/// The defaults, towards the simulator, looking more often.
fn config(simulator: &Simulator, database: &Path, listen: SocketAddr) -> Result<Config, Failure> {
    let keys = AccountKeys::default();
    let api = Api { base_url: simulator.base_url(), requests_per_second: 200, ..Api::default() };
    let settings = Settings::load(&Flags::default(), &Environment::default())?;
    let cron = |text| CronExpression::parse(text).map_err(|error| anyhow::anyhow!(error));
    let http = Http {
        listen: Some(listen),
        tokens_file: database.with_extension("db-tokens"),
        // The people are invented.
        without_token: WithoutToken::Full,
        ..settings.http
    };
    let (incremental, full) = (cron("*/10 * * * * *")?, cron("30 * * * * *")?);
    Ok(Config {
        database: database.to_path_buf(),
        accounts: vec![Account {
            name: AccountName::new("demo"),
            client_id: keys.client_id.into(),
            client_secret: keys.client_secret.into(),
            api,
        }],
        schedule: Schedule { incremental, full, ..settings.schedule },
        sync: settings.sync,
        reports: settings.reports,
        http,
        masking: Masking::default(),
        snapshots: Snapshots::never(database),
        alerts: Alerts::default(),
        retention: Retention::default(),
        sends: Sends::default(),
        source: Source::default(),
    })
}

/// A folder of this demo's own, taken away with it.
struct Folder {
    path: PathBuf,
    database: PathBuf,
}

impl Folder {
    fn make() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("coupontools-mirror-demo-{}", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self { database: path.join("mirror.db"), path })
    }

    fn database(&self) -> &Path {
        &self.database
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be taken away lies in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
