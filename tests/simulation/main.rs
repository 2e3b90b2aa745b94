//! Properties of the walk.
mod costs;
mod disk;
mod drive;
mod histories;
mod order;
mod peers;
mod resume;
mod ties;
mod truth;
mod upstream;
mod weather;
