//! `send/email` and `send/sms`. Nothing is sent; what would have been is kept (`journal`).

use crate::simulator::behaviour::Behaviour;
use crate::simulator::fault::{Fault, FaultKind};
use crate::simulator::journal::{self, Channel, Send};
use crate::simulator::render::{ApiError, Shape, success};
use crate::simulator::world::World;

use super::request::Incoming;

/// Sends a directory by email.
pub fn email(
    world: &World,
    behaviour: &Behaviour,
    account: usize,
    incoming: &Incoming,
    fault: Option<&Fault>,
) -> Result<String, ApiError> {
    let campaign = required(incoming, "campaign", "Campaign is missing.")?;
    let email = required(incoming, "email", "Email is missing.")?;
    if !behaviour.email_connected {
        return Err(ApiError::new(104, "No email platform connected."));
    }
    find(world, account, campaign)?;
    if !is_email(email) || behaviour.invalid_recipients.contains(email) {
        return Err(ApiError::new(305, "Email not valid."));
    }
    if behaviour.opted_out.contains(email)
        || behaviour.refused_recipients.contains(email)
        || is_refusal(fault)
    {
        return Err(ApiError { code: 604, text: format!("Email to {email} not sent: mailbox full.").into() });
    }
    Ok(keep(world, behaviour, account, Channel::Email, campaign, email, incoming.parameter("subject")))
}

/// Sends a directory by text message.
pub fn sms(
    world: &World,
    behaviour: &Behaviour,
    account: usize,
    incoming: &Incoming,
    fault: Option<&Fault>,
) -> Result<String, ApiError> {
    let campaign = required(incoming, "campaign", "Campaign is missing.")?;
    let phone = required(incoming, "phone", "Phone is missing.")?;
    if !behaviour.sms_connected {
        return Err(ApiError::new(103, "No SMS platform connected."));
    }
    find(world, account, campaign)?;
    if !is_phone(phone) || behaviour.invalid_recipients.contains(phone) {
        return Err(ApiError::new(301, "Phone number not valid"));
    }
    if behaviour.opted_out.contains(phone) {
        let text = format!("{phone} is on the blacklist or opt-out list.").into();
        return Err(ApiError { code: 605, text });
    }
    if behaviour.refused_recipients.contains(phone) || is_refusal(fault) {
        return Err(ApiError { code: 602, text: format!("SMS to {phone} not sent: unreachable.").into() });
    }
    Ok(keep(world, behaviour, account, Channel::Sms, campaign, phone, incoming.parameter("body")))
}

fn required<'a>(incoming: &'a Incoming, name: &str, missing: &'static str) -> Result<&'a str, ApiError> {
    incoming.parameter(name).ok_or(ApiError::new(200, missing))
}

fn find(world: &World, account: usize, campaign: &str) -> Result<(), ApiError> {
    if !campaign.starts_with("dir_") {
        return Err(ApiError::new(301, "Campaign is wrong."));
    }
    match world.directory(campaign) {
        Some(directory) if directory.account == account => Ok(()),
        _ => Err(ApiError::new(502, "Directory not found.")),
    }
}

fn is_refusal(fault: Option<&Fault>) -> bool {
    fault.is_some_and(|fault| fault.kind == FaultKind::ProviderRefuses)
}

fn keep(
    world: &World,
    behaviour: &Behaviour,
    account: usize,
    channel: Channel,
    campaign: &str,
    recipient: &str,
    text: Option<&str>,
) -> String {
    world.add_send(Send {
        send_id: 0,
        channel,
        account: world.accounts()[account].client_id.clone(),
        directory: campaign.to_owned(),
        recipient: journal::keep(recipient),
        text: text.map(journal::keep),
    });
    success(behaviour, Shape::Nothing, |_| ())
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && !text.contains(char::is_whitespace)
    })
}

/// E.164: `+`, country code without a leading 0, digits only.
fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}
