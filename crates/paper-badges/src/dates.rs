//! `xsd:date` and `xsd:dateTime` as seconds since 1970, where that loses nothing.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::cbor::Item;

const DAY: i64 = 86_400;

/// A date as the seconds of its midnight; any other text stays text.
pub(crate) fn write_date(text: &str) -> Option<Item> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    let item = Item::number(date.midnight().assume_utc().unix_timestamp());
    (read_date(&item).as_deref() == Some(text)).then_some(item)
}

pub(crate) fn read_date(item: &Item) -> Option<String> {
    let seconds = item.as_number().filter(|seconds| seconds % DAY == 0)?;
    let date = OffsetDateTime::from_unix_timestamp(seconds).ok()?.date();
    plain_year(date.year())?;
    date.format(format_description!("[year]-[month]-[day]")).ok()
}

/// A moment in UTC as its seconds, or as seconds and milliseconds.
pub(crate) fn write_date_time(text: &str) -> Option<Item> {
    if !text.ends_with('Z') || !text.contains('T') {
        return None;
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let seconds = Item::number(moment.unix_timestamp());
    let item = if text.contains('.') {
        Item::Array(vec![seconds, Item::Uint(u64::from(moment.millisecond()))])
    } else {
        seconds
    };
    (read_date_time(&item).as_deref() == Some(text)).then_some(item)
}

pub(crate) fn read_date_time(item: &Item) -> Option<String> {
    let (seconds, millisecond) = match item {
        Item::Array(parts) => match parts.as_slice() {
            [seconds, Item::Uint(ms)] if *ms < 1000 => (seconds.as_number()?, Some(*ms)),
            _ => return None,
        },
        one => (one.as_number()?, None),
    };
    let moment = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    plain_year(moment.year())?;
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let text = moment.format(whole).ok()?;
    Some(match millisecond {
        Some(ms) => format!("{text}.{ms:03}Z"),
        None => format!("{text}Z"),
    })
}

/// Years that are written with four digits.
fn plain_year(year: i32) -> Option<()> {
    (0..=9999).contains(&year).then_some(())
}
