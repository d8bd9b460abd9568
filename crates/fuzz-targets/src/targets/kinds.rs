//! Imported catalogues of qualification kinds.

use credential_model::kinds::{
    ImportError, ImportOutcome, KindCatalogue, import_csv, import_json, import_xml,
};

use crate::Seen;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "<item>",
    "</item>",
    "<items>",
    "<body>",
    "<response>",
    "<!DOCTYPE x [",
    "<!ENTITY a \"b\">",
    "&a;",
    "&#0;",
    "&#x10FFFF;",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\" encoding=\"EUC-KR\"?>",
    "<jmCd>",
    "<jmNm>",
    "qualgbCd",
    "qualgbNm",
    "seriesCd",
    "seriesNm",
    "obligfldCd",
    "mdobligFldCd",
    "jmcd",
    "jmfldnm",
    "resultCode",
    "response",
    "body",
    "items",
    "item",
    ",",
    "\t",
    "\"\"",
    "\r\n",
    "=1+1",
    "@SUM",
    "정보처리기사",
    "기술사",
    "1320",
    "T",
];

pub(super) fn xml(input: &[u8]) -> Seen {
    outcome(import_xml(input))
}

pub(super) fn json(input: &[u8]) -> Seen {
    outcome(import_json(input))
}

pub(super) fn csv(input: &[u8]) -> Seen {
    outcome(import_csv(input))
}

fn outcome(result: Result<ImportOutcome, ImportError>) -> Seen {
    match result {
        Err(error) => Seen::of(error.code()),
        Ok(outcome) => {
            let mut catalogue = KindCatalogue::new();
            let count = outcome.kinds.len();
            for kind in outcome.kinds {
                assert!(!kind.code.is_empty(), "a kind without a code");
                catalogue.insert(kind);
            }
            let found = catalogue.search("기사").len();
            Seen::of(magnitude(count)).and(magnitude(outcome.refused.len())).and(magnitude(found))
        }
    }
}
