//! The wall clock jumps, in both directions: looks go on by the new time.

use crate::fast_clock::FastClock;
use crate::stage::{Mirror, Running, Upstream, until};
use coupontools_mirror::clock;

#[test]
fn a_clock_that_is_set_back_or_ahead_keeps_the_daemon_from_no_look() {
    let upstream = Upstream::of(&[30]);
    let mirror = Mirror::of(&upstream).with("[schedule]\nincremental = \"* * * * * *\"");
    let mut clock = FastClock::start(mirror.folder(), clock::now(), 1).unwrap();
    let mut command = mirror.command(&["run"]);
    clock.wind(&mut command);
    let daemon = Running::start(&mut command);
    let looks = || daemon.stderr().matches(" walk ").count();
    until("it looks", || looks() > 1);
    for seconds in [-3 * 3600, 26 * 3600, -30 * 86_400] {
        clock.jump(seconds).unwrap();
        let before = looks();
        until("it looks again and again", || looks() > before + 3);
    }
    assert!(daemon.stderr().contains("the clock was set back"), "{}", daemon.stderr());
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
}
