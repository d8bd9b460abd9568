//! Help in the language asked for. The definition of the commands carries the English sentences; the catalogue has them
//! in both languages under `wallet-help-COMMAND` and `wallet-help-COMMAND-OPTION` (`wallet-help-all-OPTION` for options
//! that mean the same everywhere). A test keeps the two from drifting apart.

use clap::Command;
use localized_text::{Locale, has, say};

const ROOT: &str = "wallet-help";

/// The commands with their help in this language.
pub(crate) fn localized(command: Command, locale: Locale) -> Command {
    if locale == Locale::En { command } else { translated(command, locale, ROOT) }
}

fn translated(mut command: Command, locale: Locale, path: &str) -> Command {
    if has(locale, path) {
        command = command.about(say(locale, path));
        // The long form repeats the short one, and says more for the whole program only.
        let long = format!("{path}-long");
        if has(locale, &long) {
            command =
                command.long_about(format!("{}\n\n{}", say(locale, path), say(locale, &long)));
        }
    }
    let arguments: Vec<String> =
        command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    for id in arguments {
        if let Some(key) = key_of(locale, path, &id) {
            command = command.mut_arg(&id, |argument| argument.help(say(locale, &key)));
        }
    }
    let inner: Vec<String> =
        command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in inner {
        let path = format!("{path}-{name}");
        command = command.mut_subcommand(&name, |inner| translated(inner, locale, &path));
    }
    command
}

/// Under which key an argument's sentence stands.
fn key_of(locale: Locale, path: &str, id: &str) -> Option<String> {
    let id = id.replace('_', "-");
    [format!("{path}-{id}"), format!("{ROOT}-all-{id}")].into_iter().find(|key| has(locale, key))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// Every command that is shown has its sentence, and the English one is that of the definition. Options that the
    /// catalogue does not know keep their English sentence.
    fn check(command: &Command, path: &str, wrong: &mut Vec<String>) {
        let mut compare = |key: &str, expected: &str| {
            let said = say(Locale::En, key);
            if said != expected {
                wrong.push(format!("{key} = {expected} (the catalogue says: {said})"));
            }
        };
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        compare(path, about.trim_end_matches('.'));
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            if let Some(key) = key_of(Locale::En, path, argument.get_id().as_str()) {
                compare(&key, &argument.get_help().map(ToString::to_string).unwrap_or_default());
            }
        }
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            check(inner, &format!("{path}-{}", inner.get_name()), wrong);
        }
    }

    #[test]
    fn the_sentences_of_the_help_are_those_of_the_catalogue() {
        let mut wrong = Vec::new();
        check(&Cli::command(), ROOT, &mut wrong);
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }

    #[test]
    fn korean_help_is_korean() {
        let help = localized(Cli::command(), Locale::Ko).render_long_help().to_string();
        assert!(help.contains("발급 제안을 받아") && help.contains("지갑 폴더"), "{help}");
        let same = localized(Cli::command(), Locale::En).render_long_help().to_string();
        assert!(same.contains("Accept a credential offer"));
    }
}
