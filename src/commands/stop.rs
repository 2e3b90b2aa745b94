//! SIGTERM and SIGINT: the first stops within the page in flight, a second one at once.

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
    let mut hangup = signal(SignalKind::hangup())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        hangup.recv().await;
        stop.cancel();
    });
    Ok(())
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = terminate.recv() => SignalKind::terminate(),
        _ = interrupt.recv() => SignalKind::interrupt(),
    }
}
