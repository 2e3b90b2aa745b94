//! Properties of the walk, judged by the upstream's truth: random histories, costs to the request,
//! crashes at every page. `README.md` says what is where and which test catches which planted bug;
//! `./plant-bugs` shows it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod answer;
mod costs;
mod disk;
mod drive;
mod histories;
mod newcomers;
mod order;
mod peers;
mod resume;
mod ties;
mod truth;
mod upstream;
mod weather;
