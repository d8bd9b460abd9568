//! `dev-chain --data DIR --listen 127.0.0.1:8545 --chain-id 31337 --fund 0x…`

use std::{
    io::Write,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use alloy::primitives::Address;
use anyhow::{Context, ensure};
use clap::Parser;
use dev_chain::{Chain, serve, wall_clock};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// A crash-safe EVM chain for development. Its money is worth nothing and anybody who reaches it
/// can make more.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Folder that keeps the chain; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8545")]
    listen: SocketAddr,
    /// EIP-155 chain id.
    #[arg(long, default_value_t = 31337)]
    chain_id: u64,
    /// Give this account 10,000 ether if it has none; repeatable.
    #[arg(long, value_name = "ADDRESS")]
    fund: Vec<Address>,
    /// Allow listening beyond this machine.
    #[arg(long)]
    danger_listen_anywhere: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    ensure!(
        arguments.listen.ip().is_loopback() || arguments.danger_listen_anywhere,
        "{} is not a loopback address\nhint: the dev chain has no access control; use 127.0.0.1, or --danger-listen-anywhere if you mean it",
        arguments.listen
    );
    let mut chain = Chain::open(Some(&arguments.data), arguments.chain_id, wall_clock())
        .with_context(|| format!("cannot open the chain in {}", arguments.data.display()))?;
    let poor: Vec<_> = arguments
        .fund
        .into_iter()
        .filter(|account| chain.latest().balance(account).is_zero())
        .collect();
    if !poor.is_empty() {
        chain.fund(&poor).map_err(|error| anyhow::anyhow!("cannot fund: {}", error.message))?;
    }
    let listener = TcpListener::bind(arguments.listen).await.context("cannot listen")?;
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut stdout = std::io::stdout();
    writeln!(stdout, "ready http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    let shutdown = async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    };
    serve(Arc::new(Mutex::new(chain)), listener, shutdown).await?;
    Ok(())
}
