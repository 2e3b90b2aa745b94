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
use crate::directory::DirectoryId;
use crate::output::{Align, print, table, visible};
use crate::recipient::{Channel, Country, Recipient};
use crate::registration::RegistrationId;
use crate::store::erasure::{Dossier, Eraser, Person, Wiped};
use crate::store::list_copies;
use crate::store::place::folder_of;

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
    let is_unwiped = eraser.is_overdue();
    let wiped = if args.yes {
        Some(eraser.wipe(&dossier)?)
    } else {
        // Other files are looked at once it has let go of the mirror's.
        drop(eraser);
        None
    };
    let shown = Shown { person, dossier, wiped, is_unwiped, mentions, copies: copies(&settings) };
    print(if args.json { shown.json() } else { shown.text() })?;
    if let Person::Registration(directory, id) = &shown.person
        && shown.dossier.registrations.is_empty()
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

/// Files that may hold the same people, as far as they are known here.
fn copies(settings: &Settings) -> BTreeSet<PathBuf> {
    let folders = [folder_of(&settings.database), &settings.snapshots.folder];
    folders.into_iter().flat_map(|folder| list_copies(&settings.database, folder)).collect()
}

/// What is held, what became of it, and what is to be done besides.
struct Shown {
    person: Person,
    dossier: Dossier,
    /// `None`: nothing is erased, only shown.
    wiped: Option<Wiped>,
    /// An earlier erasure was not finished.
    is_unwiped: bool,
    /// Registrations of others that stay, `dir_12345/reg_67890`.
    mentions: BTreeSet<String>,
    copies: BTreeSet<PathBuf>,
}

impl Shown {
    fn text(&self) -> String {
        let dossier = &self.dossier;
        let mut out = String::new();
        if !dossier.registrations.is_empty() {
            let _ = writeln!(out, "{}\n", registrations(dossier));
        }
        if !dossier.is_empty() {
            let _ = writeln!(out, "sends: {}, opt-outs: {}", dossier.sends, dossier.opt_outs);
        }
        if dossier.unread_numbers > 0 {
            let _ = writeln!(
                out,
                "numbers in national form that were not compared: {}; --country BE reads them as Belgian ones",
                dossier.unread_numbers
            );
        }
        let addresses = dossier.count_addresses();
        if addresses > 1 {
            let _ = writeln!(
                out,
                "these have {addresses} different email addresses: they may be several people's"
            );
        }
        let had = dossier.registrations.iter().filter(|held| held.is_by_feed).count();
        if had > 0 {
            let _ = writeln!(out, "had it before and have it no more, as the feed tells: {had} of these");
        }
        let _ = write!(out, "{}", self.outcome());
        list(
            &mut out,
            "registrations of others have this address or number, too, and stay:",
            self.mentions.iter(),
        );
        let copies: Vec<_> = self.copies.iter().map(|copy| copy.display().to_string()).collect();
        list(
            &mut out,
            "other files that may hold this person; delete those made before the erasure:",
            copies.iter(),
        );
        out
    }

    fn outcome(&self) -> &'static str {
        let is_held = !self.dossier.is_empty();
        match self.wiped {
            None if is_held => "nothing was erased; --yes erases it\n",
            None if self.is_unwiped => {
                "the mirror's tables hold nothing of this person; an earlier erasure is not wiped from its file yet: --yes \
                 wipes it\n"
            }
            Some(Wiped::Nothing) if matches!(self.person, Person::Recipient(_)) => {
                "the mirror holds nothing of this person; who is listed later by this address or number, and registered \
                 before now, comes in empty\n"
            }
            None | Some(Wiped::Nothing) if matches!(self.person, Person::Registration(..)) => "",
            None | Some(Wiped::Nothing) => "the mirror holds nothing of this person\n",
            Some(Wiped::Done) if !is_held => {
                "the mirror holds nothing of this person; what an earlier erasure had left in the file is wiped\n"
            }
            Some(Wiped::Done) if self.dossier.registrations.iter().any(|held| held.removed_at.is_none()) => {
                "erased from the tables, and wiped from the file and its log\n\
                 the vendor goes on listing them: delete them in the Coupontools dashboard, too\n"
            }
            Some(Wiped::Done) => "erased from the tables, and wiped from the file and its log\n",
            Some(Wiped::LogHeld) => "erased from the tables\n",
        }
    }

    fn json(&self) -> String {
        let dossier = &self.dossier;
        let registrations: Vec<_> = dossier
            .registrations
            .iter()
            .map(|held| {
                json!({
                    "directory_id": held.directory_id, "registration_id": held.registration_id, "email": held.email,
                    "phone": held.phone, "first_name": held.first_name, "last_name": held.last_name,
                    "registered_at": held.registered_at, "removed_at": held.removed_at, "changes": held.changes,
                    "had_it_before": held.is_by_feed, "erased_at": held.erased_at,
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
            "unread_numbers": dossier.unread_numbers, "mentioned_in": self.mentions,
            "copies": self.copies.iter().map(|copy| copy.display().to_string()).collect::<Vec<_>>(),
            "erased": self.wiped.is_some() && !dossier.is_empty(),
            "wiped": self.wiped.and_then(is_done),
        });
        format!("{shown:#}\n")
    }
}

/// Lines under a line; nothing of nothing.
fn list<'l>(out: &mut String, words: &str, lines: impl ExactSizeIterator<Item = &'l String>) {
    if lines.len() == 0 {
        return;
    }
    let _ = writeln!(out, "{words}");
    for line in lines {
        let _ = writeln!(out, "  {}", visible(line));
    }
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
