//! What the file, the environment and flags make of each other.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{Config, ConfigError, Environment, Flags, Place, Retention, Settings};

/// A folder with a configuration in it, and nothing of this machine's.
struct Set {
    folder: TempDir,
    variables: Vec<(OsString, OsString)>,
    flags: Flags,
}

impl Set {
    fn up(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("coupontools-mirror.toml"), toml).unwrap();
        let set = Self { folder, variables: Vec::new(), flags: Flags::default() };
        let here = set.folder.path().to_owned();
        set.variable("CONFIGURATION_DIRECTORY", here)
    }

    fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn environment(&self) -> Environment {
        Environment::new(self.variables.clone())
    }

    fn settings(&self) -> Result<Settings, ConfigError> {
        Settings::load(&self.flags, &self.environment())
    }

    fn config(&self) -> Result<Config, ConfigError> {
        Config::load(&self.flags, &self.environment())
    }
}

fn keys(config: &Config) -> Vec<(&str, &str, &str)> {
    let exposed = config.accounts.iter().map(|account| {
        (account.name.as_str(), account.client_id.expose_secret(), account.client_secret.expose_secret())
    });
    exposed.collect()
}

#[test]
fn an_empty_file_and_no_file_give_the_documented_defaults() {
    let none = Set::up("");
    fs::remove_file(none.path("coupontools-mirror.toml")).unwrap();
    for set in [Set::up(""), none] {
        let settings = set.settings().unwrap();
        assert_eq!(settings.database, Path::new("mirror.db"));
        assert_eq!(settings.api.base_url, "https://api.coupontools.com");
        assert_eq!((settings.api.requests_per_second, settings.api.timeout.as_secs()), (4, 30));
        assert_eq!((settings.sync.directories_at_once, settings.sync.max_removed_percent), (4, 20));
        assert_eq!(settings.schedule.incremental.as_str(), "0 */5 * * * *");
        assert_eq!(settings.schedule.full.as_str(), "0 30 2 * * *");
        assert_eq!(settings.reports.time_zone, chrono_tz::UTC);
        assert_eq!(settings.reports.folder, None);
    }
}

#[test]
fn the_folder_of_reports_lies_beside_the_file_that_names_it() {
    let set = Set::up("[reports]\nfolder = 'reports'");
    assert_eq!(set.settings().unwrap().reports.folder, Some(set.path("reports")));
}

#[test]
fn every_mistake_in_the_file_is_told_with_its_line_and_column() {
    let mistakes = [
        (
            "[sync]\ndirectory_at_once = 4",
            2,
            1,
            "unknown key `directory_at_once`, expected one of `directories_at_once`",
        ),
        ("[synk]", 1, 2, "unknown key `synk`, expected one of `database`, `api`, `sync`"),
        ("[accounts.a]\nkey_file = 'x'", 2, 1, "unknown key `key_file`"),
        ("[api]\nrequests_per_second = 0", 2, 23, "must be 1 to 1000, and this is 0"),
        ("[api]\nrequests_per_second = 1001", 2, 23, "must be 1 to 1000"),
        ("[api]\nrequests_per_second = \"4\"", 2, 23, "expected i64"),
        ("[api]\ntimeout_s = 601", 2, 13, "must be 1 to 600"),
        ("[api]\nbase_url = 'ftp://example.com'", 2, 12, "no address of http or https"),
        ("[api]\nbase_url = 'api'", 2, 12, "it is no address"),
        ("[api]\nbase_url = 'http://example.com'", 2, 12, "travel in the clear"),
        ("[api]\nbase_url = 'http://localhost.example.com'", 2, 12, "travel in the clear"),
        ("[api]\nbase_url = 'https://u:p@example.com'", 2, 12, "user name or password"),
        ("[api]\nbase_url = 'https://example.com/?a=1'", 2, 12, "query or a fragment"),
        ("[api]\ntime_zone = 'brussels'", 2, 13, "no time zone has this name"),
        ("[sync]\ndirectories_at_once = 65", 2, 23, "must be 1 to 64"),
        ("[sync]\nmax_removed_percent = 101", 2, 23, "must be 0 to 100"),
        ("[sync]\ninclude = ['dir_1']\nexclude = ['dir_2', 'dir_1']", 3, 21, "both included and excluded"),
        ("[sync]\ninclude = ['a b']", 2, 12, "no directory's ID"),
        (
            "[schedule]\nincremental = '*/5 * * * *'",
            2,
            15,
            "six fields here, seconds first, and this has five",
        ),
        ("[schedule]\nfull = '@daily'", 2, 8, "six fields here, and this has 1"),
        ("[schedule]\nfull = '0 0 0 31 2 *'", 2, 8, "it never occurs"),
        ("[schedule]\nfull = '0 61 * * * *'", 2, 8, "no cron expression"),
        ("[accounts.a]\nclient_id_file = 'id'", 2, 18, "client_id_file stands without client_secret_file"),
        ("[accounts.'a b']\nclient_id_file = 'id'", 1, 1, "no name for an account"),
        ("[api]\nx =", 2, 4, ""),
        ("[api]\ntimeout_s = 1\ntimeout_s = 2", 3, 1, "duplicate key"),
        ("database = ''", 1, 12, "`database` is empty"),
        ("[masking]\nkey_file = ''", 2, 12, "`key_file` is empty"),
        ("[masking]\nkey = 'x'", 2, 1, "unknown key `key`, expected `key_file`"),
    ];
    for (toml, line, column, cause) in mistakes {
        let error = Set::up(toml).settings().expect_err(toml);
        let Place::Line { line: at_line, column: at_column, .. } = error.place else {
            panic!("{toml}: {error}")
        };
        assert_eq!((at_line, at_column), (line, column), "{toml}: {error}");
        assert!(error.cause.contains(cause), "{toml}: {error}");
        assert!(error.to_string().starts_with("cannot read /"), "{error}");
    }
}

#[test]
fn mistakes_that_people_make_get_a_hint() {
    let hints = [
        ("[schedule]\nincremental = '*/5 * * * *'", "\"0 */5 * * * *\""),
        ("[reports]\ntime_zone = 'brussels'", "Europe/Brussels"),
        ("[reports]\ntime_zone = 'Mars/Base'", "a name such as"),
        ("[reports]\nfolder = ''", "take the line out"),
        ("[api]\nbase_url = 'http://example.com'", "use https"),
        ("[accounts.a]\nclient_secret = 'x'", "client_secret_file"),
    ];
    for (toml, hint) in hints {
        let error = Set::up(toml).settings().expect_err(toml);
        assert!(error.hint.as_ref().is_some_and(|told| told.contains(hint)), "{toml}: {error:?}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_quoted() {
    let attempts = [
        "client_secret = 's3cr3t'",
        "[api]\nclient-id = 's3cr3t'",
        "[accounts.a]\nClientSecret = 's3cr3t'",
        "[accounts]\na = 's3cr3t'",
        "accounts = 's3cr3t'",
        "[api]\npassword = 's3cr3t",
        "[masking]\nkey = 's3cr3t'",
        "[accounts.a]\nclient_id_file = 'id'\nclient_secret_file = ['s3cr3t']",
    ];
    for toml in attempts {
        let error = Set::up(toml).settings().expect_err(toml);
        assert!(!format!("{error}{error:?}").contains("s3cr3t"), "{toml}: {error:?}");
    }
}

#[test]
fn the_flag_wins_over_the_environment_over_the_account_over_the_file() {
    let toml = "[api]\nbase_url = 'https://file.example.com'\nrequests_per_second = 5\n\
                [accounts.a]\nclient_id_file = 'id'\nclient_secret_file = 'secret'\n\
                base_url = 'https://account.example.com/'\ntimeout_s = 7";
    let addresses = |set: &Set| {
        let settings = set.settings().unwrap();
        assert_eq!(settings.accounts[0].api.requests_per_second, 5);
        assert_eq!(settings.accounts[0].api.timeout.as_secs(), 7);
        (settings.api.base_url, settings.accounts[0].api.base_url.clone(), settings.source.shadowed.len())
    };
    let said = |all: &str, account: &str, shadowed| (all.into(), account.into(), shadowed);
    let set = Set::up(toml);
    assert_eq!(addresses(&set), said("https://file.example.com", "https://account.example.com", 0));
    let set = set.variable("COUPONTOOLS_BASE_URL", "http://127.0.0.1:1");
    assert_eq!(addresses(&set), said("http://127.0.0.1:1", "http://127.0.0.1:1", 1));
    let mut set = set;
    set.flags.base_url = Some("http://[::1]:2/".into());
    assert_eq!(addresses(&set), said("http://[::1]:2", "http://[::1]:2", 2));
}

#[test]
fn the_database_is_where_the_last_source_says() {
    let database = |set: &Set| set.settings().unwrap().database;
    let set = Set::up("").variable("STATE_DIRECTORY", "/state/one:/state/two");
    assert_eq!(database(&set), Path::new("/state/one/mirror.db"));
    let set = Set::up("database = 'in-file.db'").variable("STATE_DIRECTORY", "/state");
    assert_eq!(database(&set), set.path("in-file.db"), "beside the file that names it");
    let set = set.variable("COUPONTOOLS_MIRROR_DATABASE", "in-environment.db");
    assert_eq!(database(&set), Path::new("in-environment.db"));
    let mut set = set;
    set.flags.database = Some("in-flag.db".into());
    assert_eq!(database(&set), Path::new("in-flag.db"));
}

#[test]
fn the_key_of_the_masks_lies_beside_the_mirror_or_where_the_file_says() {
    let masking = |set: &Set| set.config().unwrap().masking.key_file;
    let keyed = |toml| {
        Set::up(toml).variable("COUPONTOOLS_CLIENT_ID", "x").variable("COUPONTOOLS_CLIENT_SECRET", "y")
    };
    assert_eq!(masking(&keyed("")), None);
    let set = keyed("[masking]\nkey_file = 'masks.key'");
    assert_eq!(masking(&set), Some(set.path("masks.key")), "beside the file that names it");
    assert_eq!(masking(&keyed("[masking]\nkey_file = '/keys/masks'")), Some("/keys/masks".into()));
}

#[test]
fn snapshots_lie_beside_the_mirror_or_where_the_file_says_and_come_when_it_says() {
    let none = Set::up("database = 'state/mirror.db'").settings().unwrap().snapshots;
    assert!(none.schedule.is_none() && none.keep == 7);
    assert!(none.folder.ends_with("state/snapshots"), "{}", none.folder.display());
    let set = Set::up("[snapshots]\nschedule = '0 30 3 * * *'\nkeep = 30\nfolder = 'copies'");
    let said = set.settings().unwrap().snapshots;
    assert_eq!((said.schedule.unwrap().as_str(), said.keep), ("0 30 3 * * *", 30));
    assert_eq!(said.folder, set.path("copies"));
    for (section, why) in [
        ("keep = 0", "must be 1 to 1000, and this is 0"),
        ("keep = 1001", "must be 1 to 1000"),
        ("schedule = '30 3 * * *'", "six fields here"),
        ("schedule = 'daily'", "six fields here"),
        ("folder = ''", "`folder` is empty"),
        ("keeps = 3", "unknown key `keeps`"),
    ] {
        let error = Set::up(&format!("[snapshots]\n{section}")).settings().unwrap_err();
        assert!(error.to_string().contains(why), "{section}: {error}");
    }
}

#[test]
fn a_file_that_is_named_must_be_there_and_one_that_is_not_need_not() {
    let set = Set::up("").variable("COUPONTOOLS_MIRROR_CONFIG", "/nowhere/mirror.toml");
    assert_eq!(set.settings().unwrap_err().place, Place::File("/nowhere/mirror.toml".into()));
    let mut set = set;
    set.flags.config = Some(set.path("coupontools-mirror.toml"));
    assert!(set.settings().is_ok(), "the flag wins");
    set.flags.config = Some(set.folder.path().into());
    assert!(set.settings().is_err(), "a folder");
}

#[test]
fn a_file_that_is_no_configuration_is_refused_for_its_size_or_its_bytes() {
    for content in [vec![b'#'; (1 << 20) + 1], vec![0xff, 0xfe]] {
        let set = Set::up("").file("coupontools-mirror.toml", content);
        let error = set.settings().unwrap_err();
        assert_eq!(error.place, Place::File(set.path("coupontools-mirror.toml")), "{error}");
    }
}

#[test]
fn the_pair_of_the_environment_is_account_default_beside_the_others() {
    let toml = "[api]\nrequests_per_second = 9\n\
                [accounts.other]\nclient_id_file = 'id'\nclient_secret_file = 'secret'";
    let set = Set::up(toml)
        .file("id", "file-id\r\n")
        .file("secret", " file-secret\n")
        .variable("COUPONTOOLS_CLIENT_ID", "env-id")
        .variable("COUPONTOOLS_CLIENT_SECRET", "env-secret");
    let config = set.config().unwrap();
    let both = [("default", "env-id", "env-secret"), ("other", "file-id", "file-secret")];
    assert_eq!(keys(&config), both);
    assert_eq!(config.accounts[0].api.requests_per_second, 9);
    assert!(!format!("{config:?}{:?}", set.environment()).contains("-secret"));
}

#[test]
fn variables_win_over_credentials_over_files_and_the_losers_are_told() {
    let toml = "[accounts.default]\nclient_id_file = 'id'\nclient_secret_file = 'secret'\ntimeout_s = 7";
    let set = Set::up(toml).file("id", "file-id").file("secret", "file-secret");
    assert_eq!(keys(&set.config().unwrap()), [("default", "file-id", "file-secret")]);

    let credentials = set.path("credentials");
    fs::create_dir(&credentials).unwrap();
    let set = set.file("credentials/client_id", "cred-id").file("credentials/client_secret", "cred-secret");
    let set = set.variable("CREDENTIALS_DIRECTORY", credentials);
    assert_eq!(keys(&set.config().unwrap()), [("default", "cred-id", "cred-secret")]);

    let set =
        set.variable("COUPONTOOLS_CLIENT_ID", "env-id").variable("COUPONTOOLS_CLIENT_SECRET", "env-secret");
    let config = set.config().unwrap();
    assert_eq!(keys(&config), [("default", "env-id", "env-secret")]);
    assert_eq!(config.accounts[0].api.timeout.as_secs(), 7, "its other settings count");
    assert_eq!(set.settings().unwrap().list_shadowed_keys(&set.environment()).len(), 2);
}

#[test]
fn no_keys_half_a_pair_and_unreadable_keys_are_errors_only_for_who_needs_keys() {
    let named = "[accounts.a]\nclient_id_file = 'id'\nclient_secret_file = 'secret'";
    let sets = [
        (Set::up(""), "there are none"),
        (Set::up("").variable("COUPONTOOLS_CLIENT_ID", "x"), "COUPONTOOLS_CLIENT_SECRET is not"),
        (Set::up("").variable("COUPONTOOLS_CLIENT_SECRET", "x"), "COUPONTOOLS_CLIENT_ID is not"),
        (
            Set::up("").variable("COUPONTOOLS_CLIENT_ID", "x").variable("COUPONTOOLS_CLIENT_SECRET", ""),
            "COUPONTOOLS_CLIENT_SECRET is not",
        ),
        (
            Set::up("").variable("COUPONTOOLS_CLIENT_ID", "x").variable("COUPONTOOLS_CLIENT_SECRET", "y z"),
            "more than one key",
        ),
        (Set::up("[accounts.a]\ntimeout_s = 3"), "nobody says where they are"),
        (Set::up(named), "No such file"),
        (Set::up(named).file("id", "x").file("secret", "\n"), "is empty"),
        (Set::up(named).file("id", "x").file("secret", "one\ntwo"), "more than one key"),
        (Set::up(named).file("id", "x").file("secret", vec![b'x'; 5000]), "more than 4096 bytes"),
        (Set::up(named).file("id", "x").file("secret", [0xff]), "is not text"),
    ];
    for (set, cause) in sets {
        assert!(set.settings().is_ok(), "{cause}");
        let error = set.config().unwrap_err();
        assert!(error.cause.contains(cause), "{cause}: {error}");
    }
}

#[test]
fn half_a_pair_of_credentials_is_an_error() {
    let set = Set::up("").file("client_id", "x");
    let here = set.folder.path().to_owned();
    let error = set.variable("CREDENTIALS_DIRECTORY", here).config().unwrap_err();
    assert!(error.cause.contains("client_secret"), "{error}");
}

#[test]
fn names_that_look_like_ours_and_mean_nothing_are_kept_for_check() {
    let set = Set::up("").variable("COUPONTOOLS_CLIENTID", "s3cr3t").variable("PATH", "/bin");
    assert_eq!(set.environment().meaningless(), ["COUPONTOOLS_CLIENTID"]);
}

#[test]
fn retention_is_for_ever_unless_it_is_a_number_of_days() {
    assert_eq!(Set::up("").settings().unwrap().retention, Retention::default());
    let toml = "[retention]\nchanges_days = 1\nwalks_days = 36500\nsends_days = 365";
    let retention = Set::up(toml).settings().unwrap().retention;
    assert_eq!(
        (retention.changes_days, retention.removed_days, retention.walks_days, retention.sends_days),
        (Some(1), None, Some(36_500), Some(365))
    );
    for wrong in [
        "changes_days = 0",
        "removed_days = -1",
        "walks_days = 36501",
        "removed_days = 'a year'",
        "sends_days = 0",
        "sends_days = 36501",
        "sends_days = 1.5",
        "days = 3",
    ] {
        let error = Set::up(&format!("[retention]\n{wrong}")).settings().unwrap_err();
        assert!(matches!(error.place, Place::Line { line: 2, .. }), "{wrong}: {error}");
    }
}

#[test]
fn a_list_is_sent_to_once_a_second_unless_it_is_said_how_fast() {
    assert_eq!(Set::up("").settings().unwrap().sends.per_second, 1);
    for (said, per_second) in [("1", 1), ("1000", 1000), ("1_0", 10)] {
        let toml = format!("[sends]\nper_second = {said}");
        assert_eq!(Set::up(&toml).settings().unwrap().sends.per_second, per_second);
    }
    for wrong in
        ["per_second = 0", "per_second = 1001", "per_second = -1", "per_second = 0.5", "per_minute = 30"]
    {
        let error = Set::up(&format!("[sends]\n{wrong}")).settings().unwrap_err();
        assert!(matches!(error.place, Place::Line { line: 2, .. }), "{wrong}: {error}");
    }
    let error = Set::up("[sends]\nper_second = 1001").settings().unwrap_err();
    assert!(error.cause.contains("1 to 1000"), "{error}");
}
