//! `erase`: what the mirror holds of a person, and its erasure.

use std::fmt::Write as _;

use anyhow::anyhow;
use serde_json::json;

use super::{Context, Exit, Failure};
use crate::clock;
use crate::config::Settings;
use crate::directory::DirectoryId;
use crate::output::{Align, print, table, visible};
use crate::recipient::{Country, Recipient};
use crate::registration::RegistrationId;
use crate::store::erasure::{Dossier, Eraser, Person, Traces};

const EXAMPLES: &str = "\
Examples:
  coupontools-mirror erase --email ann@example.com
  coupontools-mirror erase --email ann@example.com --yes
  coupontools-mirror erase --phone 0470123456 --country BE --yes
  coupontools-mirror erase --registration dir_12345/reg_67890 --yes

Without --yes it only shows. Rows stay and count, with nothing of the person in them, also while the vendor goes on \
listing them: delete the person in the Coupontools dashboard, too. Snapshots (`mirror.db-before-…` among them) and exports are files of their \
own: delete those made before.";

/// `erase`'s arguments.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Everything with this address, in every directory
    #[arg(long, value_name = "ADDRESS", required_unless_present_any = ["phone", "registration"],
          conflicts_with_all = ["phone", "registration"])]
    pub email: Option<String>,
    /// Everything with this number, in every directory
    #[arg(long, value_name = "NUMBER", conflicts_with = "registration")]
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
            (Some(email), _) => Some(Recipient::email(email)),
            (None, Some(phone)) => Some(Recipient::phone(phone, self.country)),
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
/// When the mirror can't be read or written, or holds nothing of the person.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let person = args.person()?;
    let settings = Settings::load(&context.flags, &context.environment)?;
    let mut eraser = Eraser::open(&settings.database, settings.masking.key_file.as_deref())?;
    if !args.yes {
        let dossier = eraser.find(&person, args.country)?;
        print(if args.json { json(&dossier, None) } else { text(&dossier, None) })?;
        return Ok(Exit::Done);
    }
    let dossier = eraser.erase(&person, args.country, clock::now())?;
    let traces = eraser.wipe(&dossier)?;
    print(if args.json { json(&dossier, Some(traces)) } else { text(&dossier, Some(traces)) })?;
    match traces {
        Traces::Gone => Ok(Exit::Done),
        Traces::InFile => Err(Failure::new(
            Exit::Failed,
            anyhow!("cannot wipe the file: something of what was erased from the tables still stands in it"),
        )
        .hint("run the same command again while no daemon runs; please report it")),
        Traces::InLog => Err(Failure::new(
            Exit::Failed,
            anyhow!("cannot wipe the log: a reader holds it, and with it what was erased from the tables"),
        )
        .hint("end what reads the mirror (fuser mirror.db), and run the same command again")),
    }
}

fn text(dossier: &Dossier, erased: Option<Traces>) -> String {
    if dossier.registrations.is_empty() && dossier.sends + dossier.opt_outs == 0 {
        return "the mirror holds nothing of this person\n".into();
    }
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
    let mut out = String::new();
    if !dossier.registrations.is_empty() {
        let _ = writeln!(out, "{}\n", table.trim_fmt());
    }
    let _ = writeln!(out, "sends: {}, opt-outs: {}", dossier.sends, dossier.opt_outs);
    out.push_str(match erased {
        None => "nothing was erased; --yes erases it\n",
        Some(Traces::Gone) => "erased: neither the file nor its log hold it any more\n",
        Some(Traces::InLog | Traces::InFile) => "erased from the tables\n",
    });
    out
}

fn json(dossier: &Dossier, erased: Option<Traces>) -> String {
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
    let shown = json!({
        "registrations": registrations, "sends": dossier.sends, "opt_outs": dossier.opt_outs,
        "erased": erased.is_some(),
        "wiped": erased.map(|traces| traces == Traces::Gone),
    });
    format!("{shown:#}\n")
}
