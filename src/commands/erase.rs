//! `erase`: what the mirror holds of a person, and its erasure.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::ArgGroup;
use serde_json::json;

use super::{Context, Exit, Failure};
use crate::clock;
use crate::config::Settings;
use crate::daemon::snapshots::list;
use crate::directory::DirectoryId;
use crate::output::{Align, print, table, visible};
use crate::recipient::{Channel, Country, Recipient};
use crate::registration::RegistrationId;
use crate::store::erasure::{Dossier, Eraser, Person, Wiped};
use crate::store::list_copies;

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror erase --email ann@example.com
  coupontools-mirror erase --email ann@example.com --yes
  coupontools-mirror erase --phone 0470123456 --country BE --yes
  coupontools-mirror erase --registration dir_12345/reg_67890 --yes

Without --yes it only shows. Rows stay and count, with nothing of the person in them, also while the vendor goes on \
listing them: delete the person in the Coupontools dashboard, too. Snapshots (`mirror.db-before-…` among them) and exports are files of their \
own, named where they are known: delete those made before.";

/// `erase`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("person").args(["email", "phone", "registration"]).required(true))]
pub struct Args {
    /// Everything with this address, in every directory
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Everything with this number, in every directory
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// The country whose national numbers are understood, on the command line and in the mirror: BE
    #[arg(long, value_name = "CC")]
    pub country: Option<Country>,
    /// One registration, and what was sent to its address and number
    #[arg(long, value_name = "DIRECTORY/ID")]
    pub registration: Option<String>,
    /// Erase it; there is no way back
    #[arg(long)]
    pub yes: bool,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

impl Args {
    fn person(&self) -> Result<Person, Failure> {
        let wrong = |cause: &str, hint: &str| {
            Err(Failure::new(Exit::Usage, anyhow!("cannot erase: {cause}")).hint(hint))
        };
        let recipient = match (&self.email, &self.phone) {
            (Some(email), _) => Some(Recipient::named(Channel::Email, email, None)),
            (None, Some(phone)) => Some(Recipient::named(Channel::Sms, phone, self.country)),
            (None, None) => None,
        };
        match (recipient, &self.registration) {
            (Some(Ok(recipient)), _) => Ok(Person::Recipient(recipient)),
            (Some(Err(invalid)), _) => wrong(
                invalid.as_str(),
                &format!(
                    "{}; what can be nobody's is erased by --registration dir_12345/reg_67890",
                    invalid.hint()
                ),
            ),
            (None, named) => match named.as_deref().unwrap_or_default().split_once('/') {
                Some((directory, id)) if !directory.is_empty() && !id.is_empty() => {
                    Ok(Person::Registration(DirectoryId::new(directory), RegistrationId::new(id)))
                }
                _ => wrong("that is no registration", "write it as dir_12345/reg_67890"),
            },
        }
    }
}

/// Shows what is held; erases it, if `--yes` says so.
///
/// # Errors
/// When the mirror can't be read or written, or there is no such registration.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let person = args.person()?;
    let settings = Settings::load(&context.flags, &context.environment)?;
    let mut eraser = Eraser::open(&settings.database, settings.masking.key_file.as_deref())?;
    let dossier = if args.yes {
        eraser.erase(&person, args.country, clock::now())?
    } else {
        eraser.find(&person, args.country)?
    };
    let mentions = eraser.find_mentions(&dossier)?;
    let wiped = if args.yes { Some(eraser.wipe(&dossier)?) } else { None };
    let elsewhere = Elsewhere { mentions, copies: copies(&settings) };
    print(if args.json { json(&dossier, wiped, &elsewhere) } else { text(&dossier, wiped, &elsewhere) })?;
    if let Person::Registration(directory, id) = &person
        && dossier.registrations.is_empty()
    {
        let error = anyhow!("cannot erase: the mirror has no registration {id} in {directory}");
        return Err(Failure::new(Exit::Failed, error)
            .hint("`query` finds it: SELECT directory_id, registration_id FROM registrations WHERE …"));
    }
    if wiped == Some(Wiped::LogHeld) {
        let error =
            anyhow!("cannot wipe the log: a reader holds it, and with it what was erased from the tables");
        return Err(Failure::new(Exit::Failed, error)
            .hint("end what reads the mirror (fuser mirror.db-shm), and run the same command again"));
    }
    Ok(Exit::Done)
}

/// Where the person is to be found besides, and is not erased.
struct Elsewhere {
    /// Registrations of others, `dir_12345/reg_67890`.
    mentions: BTreeSet<String>,
    copies: Vec<PathBuf>,
}

/// Files that may hold the same people, as far as they are known here.
fn copies(settings: &Settings) -> Vec<PathBuf> {
    let mut copies = list_copies(&settings.database);
    copies.extend(list(&settings.snapshots.folder, &settings.database).into_iter().map(|found| found.path));
    copies
}

fn text(dossier: &Dossier, wiped: Option<Wiped>, elsewhere: &Elsewhere) -> String {
    let mut out = String::new();
    if dossier.is_empty() {
        out.push_str("the mirror holds nothing of this person\n");
    } else {
        if !dossier.registrations.is_empty() {
            let _ = writeln!(out, "{}\n", registrations(dossier));
        }
        let _ = writeln!(out, "sends: {}, opt-outs: {}", dossier.sends, dossier.opt_outs);
    }
    if dossier.unread_numbers > 0 {
        let _ = writeln!(
            out,
            "numbers in national form that were not compared: {}; --country BE reads them as Belgian ones",
            dossier.unread_numbers
        );
    }
    out.push_str(match wiped {
        None if dossier.is_empty() => "",
        None => "nothing was erased; --yes erases it\n",
        Some(Wiped::Nothing) => "",
        Some(Wiped::Done) if dossier.is_empty() => "what an earlier erasure had left in the file is wiped\n",
        Some(Wiped::Done) if elsewhere.mentions.is_empty() => {
            "erased: neither the file nor its log hold it any more\n"
        }
        Some(Wiped::Done) => "erased, and wiped from the file and its log\n",
        Some(Wiped::LogHeld) => "erased from the tables\n",
    });
    let mut list = |words: &str, places: Vec<String>| {
        if !places.is_empty() {
            let _ = writeln!(out, "{words}");
            places.iter().for_each(|place| writeln!(out, "  {}", visible(place)).unwrap_or_default());
        }
    };
    list(
        "registrations of others have this address or number, too, and stay:",
        elsewhere.mentions.iter().cloned().collect(),
    );
    if !dossier.is_empty() {
        list(
            "other files may hold this person, too; delete those made before the erasure:",
            elsewhere.copies.iter().map(|copy| copy.display().to_string()).collect(),
        );
    }
    out
}

fn registrations(dossier: &Dossier) -> String {
    let mut table = table(&[
        ("DIRECTORY", Align::Left),
        ("REGISTRATION", Align::Left),
        ("EMAIL", Align::Wrapped),
        ("PHONE", Align::Wrapped),
        ("NAME", Align::Wrapped),
        ("CHANGES", Align::Right),
        ("ERASED", Align::Left),
    ]);
    for held in &dossier.registrations {
        let names = [&held.first_name, &held.last_name].map(|name| name.as_deref().unwrap_or_default());
        table.add_row([
            visible(&held.directory_id),
            visible(&held.registration_id),
            visible(held.email.as_deref().unwrap_or_default()),
            visible(held.phone.as_deref().unwrap_or_default()),
            visible(names.join(" ").trim()).into_owned().into(),
            held.changes.to_string().into(),
            visible(held.erased_at.as_deref().unwrap_or_default()),
        ]);
    }
    table.trim_fmt()
}

fn json(dossier: &Dossier, wiped: Option<Wiped>, elsewhere: &Elsewhere) -> String {
    let registrations: Vec<_> = dossier
        .registrations
        .iter()
        .map(|held| {
            json!({
                "directory_id": held.directory_id, "registration_id": held.registration_id, "email": held.email,
                "phone": held.phone, "first_name": held.first_name, "last_name": held.last_name,
                "registered_at": held.registered_at, "removed_at": held.removed_at, "changes": held.changes,
                "erased_at": held.erased_at,
            })
        })
        .collect();
    let is_done = |wiped: Wiped| match wiped {
        Wiped::Nothing => None,
        Wiped::Done => Some(true),
        Wiped::LogHeld => Some(false),
    };
    let shown = json!({
        "registrations": registrations, "sends": dossier.sends, "opt_outs": dossier.opt_outs,
        "unread_numbers": dossier.unread_numbers,
        "mentioned_in": elsewhere.mentions,
        "copies": elsewhere.copies.iter().map(|copy| copy.display().to_string()).collect::<Vec<_>>(),
        "erased": wiped.is_some() && !dossier.is_empty(),
        "wiped": wiped.and_then(is_done),
    });
    format!("{shown:#}\n")
}
