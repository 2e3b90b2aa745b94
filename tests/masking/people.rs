//! A mirror of two directories: people who are in both, edited, removed and restored.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use coupontools_mirror::directory::{AccountName, Directory, DirectoryId};
use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::registration::{Fingerprint, Registration, RegistrationId, Zone};
use coupontools_mirror::store::foreign::{Cell, ForeignError, ForeignReader};
use coupontools_mirror::store::{Absent, Access, Brake, Content, DirectoryKey, OpenOptions, Progress, Store};
use coupontools_mirror::walk::{Evidence, Finish, Interval, Kind, Learned, Outcome, Row, Save, SaveNumber};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

const BRAKE: Brake = Brake { max_removed_percent: 20, accept_removals: true };

/// A person's values: email, phone, first name, last name, birth date, address.
const PEOPLE: [[&str; 6]; 6] = [
    [
        "zuzanna.kwiatkowska@example.com",
        "+15005550111",
        "Zuzannamaria",
        "Kwiatkowska",
        "1984-03-17",
        "Długakrucza 41",
    ],
    [
        "thaddeus.quillfeather@example.com",
        "+15005550222",
        "Thaddeusjames",
        "Quillfeather",
        "1991-11-29",
        "Brackenmoor 7",
    ],
    [
        "oyelaran.adebayo@example.com",
        "+15005550333",
        "Oyelarantunde",
        "Adebayowale",
        "1979-07-04",
        "Ikoyicrescent 88",
    ],
    [
        "ximena.villagrossa@example.com",
        "+15005550444",
        "Ximenaluisa",
        "Villagrossa",
        "2001-12-24",
        "Callejuela 12b",
    ],
    [
        "margarethe.hinterhuber@example.com",
        "+15005550555",
        "Margaretheanna",
        "Hinterhuber",
        "1968-05-30",
        "Seitengasse 3",
    ],
    [
        "bartholomew.oakenshaw@example.com",
        "+15005550666",
        "Bartholomewian",
        "Oakenshaw",
        "1995-09-09",
        "Thistledown 19",
    ],
];

/// What stands in no column but custom ones and the raw row.
const HIDDEN: &str = "shoesizefortyseven";

pub struct World {
    pub folder: TempDir,
}

/// Every value that a masked reader must not see in any form.
pub fn secret_values() -> Vec<String> {
    let mut values: Vec<String> = PEOPLE.iter().flatten().map(|value| (*value).to_owned()).collect();
    values.extend(PEOPLE.iter().map(|person| edited(person[0])));
    values.extend(["customsecretone", HIDDEN, "innkeeperjocasta"].map(str::to_owned));
    values
}

fn edited(email: &str) -> String {
    email.replace("@example.com", ".moved@example.net")
}

fn minute(n: i64) -> UtcInstant {
    UtcInstant::from_unix_s(1_795_424_400 + n * 60).unwrap()
}

/// The person number `n`; some share a day, one has neither email nor phone.
fn person(n: usize, is_edited: bool) -> Registration {
    let [email, phone, first, last, birth, address] = PEOPLE[n];
    let email = if is_edited { edited(email) } else { email.to_owned() };
    let raw = format!(
        r#"{{"ID":"reg_{n}","email":"{email}","phone":"{phone}","first_name":"{first}","last_name":"{last}","birth_date":"{birth}","address":"{address}","custom_1":"customsecretone","shoe":"{HIDDEN}{is_edited}"}}"#
    );
    let text = |text: &str| Some(text.to_owned());
    let at = minute(n as i64 * 600);
    Registration {
        id: RegistrationId::new(format!("reg_{n}")),
        fingerprint: Fingerprint(xxhash_rust::xxh3::xxh3_64(raw.as_bytes()).cast_signed()),
        email: (n != 5).then_some(email),
        phone: (n != 5).then(|| phone.to_owned()),
        first_name: text(first),
        last_name: text(last),
        birth_date: text(birth),
        address: text(address),
        zip: text(["2000", "1000"][n % 2]),
        city: text(["Antwerpen", "Brussel"][n % 2]),
        custom_1: text("customsecretone"),
        custom_2: None,
        custom_3: text(HIDDEN),
        paid: Some(n.is_multiple_of(2)),
        paid_until: None,
        blocked: Some(false),
        registered_at: Some(at),
        registered_text: text(&at.to_string()),
        registered_zone: Some(Zone::Assumed),
        raw: raw.into(),
    }
}

impl World {
    /// Both directories loaded; then people of the first edited, and one of them removed.
    pub fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(world.fill());
        world
    }

    async fn fill(&self) {
        // Always the same: by chance, a mask may hold eight digits of somebody's phone number.
        let key_file = self.folder.path().join("masking-key");
        std::fs::write(&key_file, format!("{}\n", "5a".repeat(32))).unwrap();
        std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let options = OpenOptions {
            reports_time_zone: chrono_tz::UTC,
            masking_key_file: Some(key_file),
            snapshot_from_bytes: OpenOptions::SNAPSHOT_FROM_BYTES,
        };
        let store = Store::open(&self.path(), &options, minute(0)).await.unwrap();
        let account = store.save_account(&AccountName::new("default"), 1).await.unwrap();
        let directory = |id: &str| Directory {
            id: DirectoryId::new(id),
            name: Some("Main street".into()),
            url: None,
            status: None,
            raw: r#"{"owner":"innkeeperjocasta"}"#.into(),
        };
        let listed = [directory("dir_1"), directory("dir_2")];
        let saved = store.save_directories(account.key, &listed, Absent::AreGone, minute(0)).await.unwrap();
        let (first, second) = (saved.directories[0].key, saved.directories[1].key);
        walk(&store, first, &[5, 4, 3, 2, 1, 0].map(|n| person(n, false)), 1).await;
        walk(&store, second, &[5, 3, 2, 1].map(|n| person(n, false)), 2).await;
        for at in [3, 4] {
            walk(&store, first, &[5, 4, 3, 1, 0].map(|n| person(n, n != 3)), at).await;
        }
        store.close().await;
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mirror.db")
    }

    pub fn sql(&self) -> Connection {
        Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    pub fn reader(&self, access: Access) -> ForeignReader {
        ForeignReader::open(&self.path(), access, || false).unwrap()
    }
}

/// A full walk in one page that speaks of every date.
async fn walk(store: &Store, directory: DirectoryKey, list: &[Registration], at: i64) {
    let (handle, _) = store.begin_walk(directory, Kind::Full, 100, minute(at)).await.unwrap();
    let ids: Vec<_> = list.iter().map(|r| (r.id.clone(), r.fingerprint)).collect();
    let known = store.find_known(directory, &ids).await.unwrap();
    let rows = list.iter().zip(known).map(|(r, known)| Row {
        id: r.id.clone(),
        date: r.registered_at,
        stored: known.map(|known| known.stored),
        payload: Content::Decoded(Box::new(r.clone())),
    });
    let save = Save {
        number: SaveNumber(1),
        breaks_order: false,
        evidence: Some(Evidence {
            interval: Interval { after: None, before: None },
            page: ids.into_iter().map(|(id, _)| id).collect(),
        }),
        rows: rows.collect(),
        recovered: 0,
        joins: Vec::new(),
        settles: true,
        leaves_gap: false,
        learned: Learned::default(),
    };
    let saved = store.save(&handle, save, Progress::default(), minute(at)).await.unwrap();
    saved.await.unwrap().unwrap();
    let finish = Finish {
        outcome: Outcome::Complete,
        evidence: None,
        settles: true,
        seen: None,
        proves_order: false,
        learned: Learned::default(),
    };
    store.finish(&handle, finish, None, Progress::default(), BRAKE, minute(at)).await.unwrap();
}

/// Columns and rows, every cell as text; NULL is `-`.
pub type Table = (Vec<String>, Vec<Vec<String>>);

pub fn ask(reader: &ForeignReader, sql: &str) -> Result<Table, ForeignError> {
    let mut statement = reader.prepare(sql)?;
    statement.bind([])?;
    let columns = statement.columns().to_vec();
    let mut rows = statement.rows();
    let mut table = Vec::new();
    while let Some(row) = rows.next_row()? {
        table.push(row.cells().map(text).collect());
    }
    Ok((columns, table))
}

fn text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(bytes) | Cell::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
