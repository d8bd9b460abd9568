//! What happens without a request: lists are renewed, epochs anchored. Failures are logged and
//! tried again; issuing never waits for them.

use std::time::Duration;

use credential_issuance::anchor::AnchorError;

use crate::state::App;

/// Renews lists and forgets nonces this often.
const MAINTENANCE: Duration = Duration::from_secs(30);

/// Runs until dropped. First brings home what an earlier run left behind.
pub async fn run_background(app: App, anchor_every: Duration) {
    match app.issuer.finish_prepared().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "signed what an earlier run had prepared"),
        Err(error) => tracing::error!(code = error.code(), "prepared credentials not finished"),
    }
    tokio::join!(maintain(&app), anchor(&app, anchor_every), crate::jobs_worker::run(&app));
}

async fn maintain(app: &App) {
    loop {
        if let Err(error) = app.access.maintain().await {
            tracing::error!(code = error.code(), "sessions that are over stay for now");
        }
        if let Err(error) = app.issuer.maintain().await {
            tracing::error!(code = error.code(), "maintenance failed");
        }
        tokio::time::sleep(MAINTENANCE).await;
    }
}

async fn anchor(app: &App, every: Duration) {
    loop {
        match app.issuer.anchor(false).await {
            Ok(report) if report.anchored_now => {
                let batch = report.batch.map(|batch| batch.number).unwrap_or_default();
                tracing::info!(batch, "anchored");
            }
            Ok(_) => {}
            // Without a chain there is nothing to wait for.
            Err(AnchorError::NoChain) => return,
            Err(error) => tracing::warn!(code = error.code(), "not anchored, will be tried again"),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = app.anchor_soon.notified() => {}
        }
    }
}
