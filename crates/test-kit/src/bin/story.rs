//! `story [drill | nation | bulk --rows N] [--once] [--lang ko|en] [--chain dev|anvil]`: the demo behind `cargo xtask demo`.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use localized_text::Locale;
use test_kit::employer::Asked;
use test_kit::pocket::Pocket;
use test_kit::stories::{self, Scene};
use test_kit::teller::Teller;
use test_kit::{ChainKind, Town};

struct Wishes {
    once: bool,
    locale: Locale,
    chain: ChainKind,
    drill: bool,
    nation: bool,
    bulk: bool,
    rows: u64,
    kills: u32,
}

fn wishes() -> Result<Wishes> {
    let environment =
        ["SINPYO_LANG", "LC_ALL", "LANG"].iter().find_map(|name| std::env::var(name).ok());
    let mut wishes = Wishes {
        once: false,
        locale: Locale::from_env(environment.as_deref().unwrap_or_default()),
        chain: ChainKind::Dev,
        drill: false,
        nation: false,
        bulk: false,
        rows: 3_000,
        kills: 5,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} wants a value"));
        match argument.as_str() {
            "--once" => wishes.once = true,
            "drill" => wishes.drill = true,
            "nation" => wishes.nation = true,
            "bulk" => wishes.bulk = true,
            "--rows" => wishes.rows = value()?.parse().context("--rows wants a number")?,
            "--kills" => wishes.kills = value()?.parse().context("--kills wants a number")?,
            "--lang" => {
                wishes.locale = match value()?.as_str() {
                    "ko" => Locale::Ko,
                    "en" => Locale::En,
                    other => bail!("--lang takes ko or en, not {other:?}"),
                };
            }
            "--chain" => {
                wishes.chain = match value()?.as_str() {
                    "dev" => ChainKind::Dev,
                    "anvil" => ChainKind::Anvil,
                    other => bail!("--chain takes dev or anvil, not {other:?}"),
                };
            }
            other => {
                bail!(
                    "unknown option {other:?}; there are drill, nation, bulk, --rows N, --kills N, --once, --lang ko|en, --chain dev|anvil"
                )
            }
        }
    }
    Ok(wishes)
}

#[tokio::main]
async fn main() -> ExitCode {
    match demo().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn demo() -> Result<bool> {
    let wishes = wishes()?;
    let teller = Teller::new(wishes.locale);
    if wishes.nation {
        return stories::tell_nation(teller).map(|()| true);
    }
    let start = Instant::now();
    let folder = std::env::temp_dir().join(format!("sinpyo-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    teller.title("demo-title-town");
    let mut town = Town::found_governed(&folder, wishes.chain, true).await?;
    town.language = teller.language();
    teller.step("demo-chain-started", &[("chain", &town.rpc)]);
    teller.step("demo-authority-founded", &[]);
    teller.step(
        "demo-services-started",
        &[("issuer", &town.issuer_url), ("verifier", &town.verifier_url)],
    );
    let scenes = if wishes.bulk {
        let pause = if wishes.rows < 20_000 { 900 } else { 8_000 };
        let pause = std::time::Duration::from_millis(pause);
        let bulk = stories::Bulk { rows: wishes.rows, kills: wishes.kills, pause };
        stories::play_bulk(&mut town, teller, bulk).await?
    } else if wishes.drill {
        stories::play_drill(&mut town, teller).await?
    } else {
        stories::play(&mut town, teller).await?
    };
    let seconds = start.elapsed().as_secs_f64();
    let good = scenes.iter().all(Scene::is_as_expected);
    for scene in scenes.iter().filter(|scene| !scene.is_as_expected()) {
        let what = format!("{}: {} ≠ {}", scene.name, scene.seen, scene.expected);
        teller.step("demo-failed", &[("what", &what)]);
    }
    if good {
        teller.step("demo-done", &[]);
    }
    teller.step("demo-took", &[("seconds", &format!("{seconds:.1}"))]);
    // After the drill there is nothing left up.
    if !wishes.once && !wishes.drill && !wishes.bulk {
        stay(&town, teller).await?;
    }
    println!("{}", stories::summary(&scenes, seconds));
    drop(town);
    std::fs::remove_dir_all(&folder)?;
    Ok(good)
}

/// Leaves the services up and says what to try, until Ctrl-C.
async fn stay(town: &Town, teller: Teller) -> Result<()> {
    let waiting: Asked = town.ask("badge-hiring", None).await?;
    let wallet = Pocket::at(&town.folder, "badge", &town.origins(), town.language)?
        .script(&town.folder.join("wallet"))?;
    teller.step("demo-left-up", &[]);
    teller.step(
        "demo-try-page",
        &[("url", &format!("{}/verify?lang={}", town.verifier_url, teller.language()))],
    );
    let metadata = format!("{}/.well-known/openid-credential-issuer", town.issuer_url);
    teller.step("demo-try-metadata", &[("url", &metadata)]);
    teller.step("demo-try-request", &[("url", &waiting.page)]);
    teller.step("demo-try-wallet", &[("command", &format!("{} list", wallet.display()))]);
    tokio::signal::ctrl_c().await?;
    Ok(())
}
