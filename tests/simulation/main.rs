//! Properties of the walk.
mod disk;
mod drive;
mod histories;
mod truth;
mod upstream;
mod weather;
