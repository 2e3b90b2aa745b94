//! `directory/list` and `directory/info`.

use std::sync::Arc;

use crate::simulator::behaviour::Behaviour;
use crate::simulator::directory::Directory;
use crate::simulator::fault::{Fault, FaultKind};
use crate::simulator::render::{ApiError, DirectoryRow, RowWriter, Shape, success, write_list};
use crate::simulator::variant::{DirectoryContainer, Info};
use crate::simulator::world::World;

use super::request::Incoming;

/// The account's directories.
pub fn list(world: &World, behaviour: &Behaviour, account: usize, fault: Option<&Fault>) -> String {
    let directories = world.directories();
    let own = directories.iter().filter(|directory| directory.account == account);
    success(behaviour, shape(behaviour, fault), |out| {
        write_list(out, behaviour, own, |out, directory| write(out, behaviour, directory));
    })
}

/// The account's directory that the call names.
pub(super) fn named(world: &World, account: usize, incoming: &Incoming) -> Result<Arc<Directory>, ApiError> {
    let id = incoming.parameter("directory").ok_or(ApiError::new(301, "Directory is missing."))?;
    world
        .directory(id)
        .filter(|directory| directory.account == account)
        .ok_or(ApiError::new(507, "Directory not found."))
}

/// One directory.
pub fn info(
    world: &World,
    behaviour: &Behaviour,
    account: usize,
    incoming: &Incoming,
    fault: Option<&Fault>,
) -> Result<String, ApiError> {
    let directory = named(world, account, incoming)?;
    Ok(success(behaviour, shape(behaviour, fault), |out| match behaviour.info {
        Info::Object => write(out, behaviour, &directory),
        Info::List => {
            write_list(out, behaviour, [&directory], |out, directory| write(out, behaviour, directory));
        }
    }))
}

fn shape(behaviour: &Behaviour, fault: Option<&Fault>) -> Shape {
    if fault.is_some_and(|fault| fault.kind == FaultKind::UnknownShape) {
        return Shape::Unknown;
    }
    Shape::Under(match behaviour.directory_container {
        DirectoryContainer::DirectoryInfo => "directory_info",
        DirectoryContainer::Directory => "directory",
        DirectoryContainer::Directories => "directories",
        DirectoryContainer::DirectoryList => "directory_list",
        DirectoryContainer::Data => "data",
        DirectoryContainer::List => "list",
        DirectoryContainer::UnknownName => "vitrines",
        DirectoryContainer::UnknownShape => return Shape::Unknown,
    })
}

fn write(out: &mut String, behaviour: &Behaviour, directory: &Directory) {
    let row = DirectoryRow {
        id: &directory.id,
        name: &directory.name,
        url: &directory.url,
        takes_registrations: directory.takes_registrations,
        registrations: directory.list().len(),
    };
    RowWriter::new(behaviour, directory.seed).write_directory(out, &row);
}
