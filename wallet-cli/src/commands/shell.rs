//! `wallet completions` and `wallet man`: made from the definition of the commands, so that they cannot differ from it.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use localized_text::Locale;
use serde_json::json;

use crate::Reply;
use crate::cli::{Cli, CompletionsArgs, ManArgs, ShellName, help};
use crate::failure::Failure;

const NAME: &str = "wallet";

/// The completion script of a shell.
pub(super) fn completions(locale: Locale, args: &CompletionsArgs) -> Reply {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut help::localized(Cli::command(), locale), NAME, &mut script);
    let script = String::from_utf8_lossy(&script).trim_end().to_owned();
    let json = json!({"ok": true, "shell": shell.to_string(), "script": script});
    Reply::done(script, json)
}

/// The manual page of the whole, or a page for each command in a folder.
pub(super) fn man(locale: Locale, args: &ManArgs) -> Result<Reply, Failure> {
    let command = help::localized(Cli::command(), locale);
    let unwritable = |path: &Path, error: std::io::Error| {
        Failure::unable("output_unwritable", format!("{}: {error}", path.display()))
    };
    let Some(folder) = &args.dir else {
        let page = page(&command);
        let json = json!({"ok": true, "page": page});
        return Ok(Reply::done(page, json));
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    let mut files = Vec::new();
    let mut open = vec![command.name(NAME)];
    while let Some(mut command) = open.pop() {
        command.build();
        let name = command.get_display_name().unwrap_or(command.get_name()).replace(' ', "-");
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            if inner.get_name() != "help" {
                let title = format!("{name}-{}", inner.get_name());
                open.push(inner.clone().display_name(title));
            }
        }
        let file = folder.join(format!("{name}.1"));
        std::fs::write(&file, page(&command)).map_err(|error| unwritable(&file, error))?;
        files.push(file.display().to_string());
    }
    files.sort();
    let json = json!({"ok": true, "files": files});
    Ok(Reply::done(files.join("\n"), json))
}

fn page(command: &clap::Command) -> String {
    let mut page = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}
