//! Signals. SIGTERM and SIGINT: the first stops within the page in flight, a second one at once. SIGHUP: the
//! configuration is read again, or, where there is none, it stops.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Listens from now on.
///
/// # Errors
/// When the system does not let it.
pub fn on_signals() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stopped = stop.clone();
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping; a second signal stops at once");
        stopped.cancel();
        // As a shell reports a process that the signal ended.
        let code = 128 + either(&mut terminate, &mut interrupt).await.as_raw_value();
        std::process::exit(code);
    });
    Ok(stop)
}

/// A terminal that is closed stops, too: for what has something to clean up.
///
/// # Errors
/// When the system does not let it.
pub fn on_hangup(stop: &CancellationToken) -> io::Result<()> {
    let mut hangups = hangups()?;
    let stop = stop.clone();
    tokio::spawn(async move {
        hangups.recv().await;
        stop.cancel();
    });
    Ok(())
}

/// From now on, SIGHUP ends nothing: it is kept until it is asked for, and several are one.
///
/// # Errors
/// When the system does not let it.
pub fn hangups() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = terminate.recv() => SignalKind::terminate(),
        _ = interrupt.recv() => SignalKind::interrupt(),
    }
}
