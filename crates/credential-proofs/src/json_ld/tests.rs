use serde_json::{Value, json};

use super::*;
use crate::rdf_canon::{HashAlgorithm, Limits, canonicalize};

const INLINE: Options = Options { inline_contexts: true, nested_contexts: true };

fn nquads(document: &Value, options: Options) -> Result<String, JsonLdError> {
    let dataset = to_dataset(document, Library::pinned(), options)?;
    Ok(canonicalize(&dataset, HashAlgorithm::Sha256, &Limits::default()).unwrap().nquads)
}

/// The canonical N-Quads of a document under an inline context, without `<urn:s>` noise.
fn rdf(context: Value, mut members: Value) -> Result<String, JsonLdError> {
    members["@context"] = context;
    members["@id"] = json!("urn:s");
    nquads(&members, INLINE)
}

fn lines(context: Value, members: Value) -> Vec<String> {
    rdf(context, members).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn coercions() {
    let context = json!({
        "text": "urn:p:text",
        "link": {"@id": "urn:p:link", "@type": "@id"},
        "kind": {"@id": "urn:p:kind", "@type": "@vocab"},
        "day": {"@id": "urn:p:day", "@type": "http://www.w3.org/2001/XMLSchema#date"},
        "data": {"@id": "urn:p:data", "@type": "@json"},
        "ko": {"@id": "urn:p:ko", "@language": "ko"},
        "pre": "urn:p:",
    });
    let members = json!({
        "text": ["a\n", 1, 1.5, true],
        "link": "urn:o",
        "kind": "text",
        "day": "2026-11-23",
        "data": {"b": [1, 1.0], "a": null},
        "ko": "홍길동",
        "pre:compact": "c",
    });
    assert_eq!(
        lines(context, members),
        [
            "<urn:s> <urn:p:compact> \"c\" .",
            "<urn:s> <urn:p:data> \"{\\\"a\\\":null,\\\"b\\\":[1,1]}\"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .",
            "<urn:s> <urn:p:day> \"2026-11-23\"^^<http://www.w3.org/2001/XMLSchema#date> .",
            "<urn:s> <urn:p:kind> <urn:p:text> .",
            "<urn:s> <urn:p:ko> \"홍길동\"@ko .",
            "<urn:s> <urn:p:link> <urn:o> .",
            "<urn:s> <urn:p:text> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .",
            "<urn:s> <urn:p:text> \"1.5E0\"^^<http://www.w3.org/2001/XMLSchema#double> .",
            "<urn:s> <urn:p:text> \"a\\n\" .",
            "<urn:s> <urn:p:text> \"true\"^^<http://www.w3.org/2001/XMLSchema#boolean> .",
        ]
    );
}

#[test]
fn containers() {
    let context = json!({
        "list": {"@id": "urn:list", "@container": "@list"},
        "set": {"@id": "urn:set", "@container": "@set"},
        "names": {"@id": "urn:names", "@container": "@language"},
        "graph": {"@id": "urn:graph", "@container": "@graph"},
        "byId": {"@id": "urn:byId", "@container": "@id"},
        "byType": {"@id": "urn:byType", "@container": "@type", "@type": "@vocab"},
        "p": "urn:p",
        "T": "urn:T",
        "none": "@none",
    });
    let text = rdf(context.clone(), json!({"list": [], "set": [1, [2, 1]], "names": {"ko": "가", "en": ["a", "b"], "none": "c"}})).unwrap();
    assert_eq!(text.matches("<urn:set>").count(), 2);
    assert!(text.contains("<urn:list> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>"));
    assert!(
        text.contains("\"가\"@ko")
            && text.contains("\"b\"@en")
            && text.contains("<urn:names> \"c\" .")
    );

    let text = rdf(
        context.clone(),
        json!({"graph": [{"@id": "urn:a", "p": 1}, {"@id": "urn:b", "p": 2}]}),
    )
    .unwrap();
    assert_eq!(text.matches("<urn:s> <urn:graph> _:c14n").count(), 2);
    assert!(
        text.contains("<urn:a> <urn:p> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> _:c14n")
    );

    let text = rdf(
        context,
        json!({"byId": {"urn:a": {"p": 1}}, "byType": {"T": {"@id": "urn:b", "p": 1}}}),
    )
    .unwrap();
    assert!(text.contains("<urn:s> <urn:byId> <urn:a> ."));
    assert!(text.contains("<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:T> ."));
}

#[test]
fn lists_keep_order_and_repetition() {
    let context = json!({"list": {"@id": "urn:list", "@container": "@list"}});
    let one = rdf(context.clone(), json!({"list": ["a", "b", "a"]})).unwrap();
    let two = rdf(context.clone(), json!({"list": ["b", "a", "a"]})).unwrap();
    assert_ne!(one, two);
    assert_eq!(one.matches("\"a\"").count(), 2);
    assert_eq!(rdf(context.clone(), json!({"list": {"@list": ["a", "b", "a"]}})).unwrap(), one);
    assert_ne!(
        rdf(context.clone(), json!({"list": [["a"], ["b"]]})),
        rdf(context, json!({"list": ["a", "b"]}))
    );
}

#[test]
fn scoped_contexts() {
    let context = json!({
        "type": "@type",
        "Typed": {"@id": "urn:Typed", "@context": {"inner": "urn:typed:inner", "child": "urn:typed:child"}},
        "Other": {"@id": "urn:Other", "@context": {"extra": "urn:other:extra"}},
        "scoped": {"@id": "urn:scoped", "@context": {"inner": "urn:scoped:inner", "deep": "urn:scoped:deep"}},
        "node": "urn:node",
    });
    // Type-scoped terms end at the next node; several types add up; property-scoped terms go on.
    let text =
        rdf(context.clone(), json!({"type": ["Typed", "Other"], "inner": 1, "extra": 2})).unwrap();
    assert!(text.contains("<urn:typed:inner>") && text.contains("<urn:other:extra>"));
    let refused = rdf(context.clone(), json!({"type": "Typed", "child": {"inner": 1}}));
    assert_eq!(refused, Err(JsonLdError::UndefinedTerm("inner".to_owned())));
    let text = rdf(context.clone(), json!({"scoped": {"deep": {"inner": 1}}})).unwrap();
    assert!(text.contains("<urn:scoped:deep>") && text.contains("<urn:scoped:inner>"));
    let refused = rdf(context, json!({"node": {"inner": 1}}));
    assert_eq!(refused, Err(JsonLdError::UndefinedTerm("inner".to_owned())));
}

#[test]
fn protected_terms_hold() {
    let protect = json!({"@protected": true, "name": "urn:name", "scope": {"@id": "urn:scope", "@context": {"name": "urn:other"}}});
    for attack in [
        json!({"name": "urn:other"}),
        json!({"name": null}),
        json!(null),
        json!({"name": {"@id": "urn:name", "@type": "@id"}}),
    ] {
        let refused = rdf(json!([protect, attack]), json!({"name": "x"}));
        assert!(matches!(refused, Err(JsonLdError::ProtectedTerm(_))), "{attack}");
    }
    rdf(json!([protect, {"name": "urn:name"}]), json!({"name": "x"})).unwrap();
    // A property-scoped context may: that is what makes credentials in presentations possible.
    let text = rdf(protect, json!({"scope": {"name": "x"}})).unwrap();
    assert!(text.contains("<urn:other> \"x\""));
    // Our own pinned contexts cannot be overridden by an inline one either.
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let refused =
        rdf(json!([v2, {"description": "urn:other"}]), json!({"type": "VerifiableCredential"}));
    assert_eq!(refused, Err(JsonLdError::ProtectedTerm("description".to_owned())));
}

#[test]
fn what_would_be_lost_is_refused() {
    let context = || {
        json!({
            "p": "urn:p",
            "ref": {"@id": "urn:ref", "@type": "@id"},
            "gone": null,
            "index": {"@id": "urn:index", "@container": "@index"},
            "dir": {"@id": "urn:dir", "@direction": "rtl"},
            "graph": {"@id": "urn:graph", "@container": "@graph"},
            "back": {"@reverse": "urn:back"},
        })
    };
    let code =
        |members: Value| rdf(context(), members).map_or_else(|error| error.code(), |_| "accepted");
    for lost in [
        json!({"unheardOf": 1}),
        json!({"gone": 1}),
        json!({"_:b": 1}),
        json!({"@unknown": 1}),
        json!({"p": 1, "unheard/of": 1}),
    ] {
        assert_eq!(code(lost.clone()), "json_ld_undefined_term", "{lost}");
    }
    for relative in [
        json!({"ref": "relative"}),
        json!({"ref": ""}),
        json!({"@type": "Relative"}),
        json!({"ref": "a b:c"}),
        json!({"ref": "urn:a>b"}),
        json!({"ref": "@id"}),
    ] {
        assert_eq!(code(relative.clone()), "json_ld_relative_iri", "{relative}");
    }
    for lost in [
        json!({"p": null}),
        json!({"p": [1, null]}),
        json!({"p": {"@value": null}}),
        json!({"p": {"@value": "x", "@direction": "rtl"}}),
        json!({"p": {"@value": "x", "@index": "i"}}),
        json!({"index": {"a": 1}}),
        json!({"dir": "x"}),
        json!({"graph": "urn:x"}),
        json!({"graph": {"@id": "urn:x"}}),
        json!({"p": {"@language": "ko"}}),
        json!({"@graph": ["text"], "p": 1}),
        json!({"p": 9_007_199_254_740_993_i64}),
    ] {
        assert_eq!(code(lost.clone()), "json_ld_data_loss", "{lost}");
    }
    for unsupported in [
        json!({"@reverse": {"urn:p": 1}}),
        json!({"back": {"@id": "urn:x"}}),
        json!({"@nest": {"p": 1}}),
        json!({"@included": [{"p": 1}]}),
        json!({"p": {"@list": [[1]]}}),
    ] {
        assert_eq!(code(unsupported.clone()), "json_ld_unsupported", "{unsupported}");
    }
    for invalid in [
        json!({"p": {"@value": {}}}),
        json!({"p": {"@value": "x", "@type": "urn:t", "@language": "ko"}}),
        json!({"p": {"@value": 1, "@language": "ko"}}),
        json!({"p": {"@value": "x", "@language": "not a tag"}}),
        json!({"p": {"@value": "x", "p": 1}}),
        json!({"p": {"@list": [], "@set": []}}),
        json!({"p": {"@list": [], "@type": "urn:t"}}),
        json!({"p": {"@id": 7}}),
        json!({"@type": 7}),
        json!({"@type": [null]}),
    ] {
        assert_eq!(code(invalid.clone()), "json_ld_invalid_value", "{invalid}");
    }
    assert_eq!(nquads(&json!({"@id": "urn:s"}), INLINE).unwrap_err().code(), "json_ld_data_loss");
    assert_eq!(
        nquads(&json!({"@value": "x", "@type": "urn:t"}), INLINE).unwrap_err().code(),
        "json_ld_data_loss"
    );
    assert_eq!(nquads(&json!([]), INLINE).unwrap_err().code(), "json_ld_invalid_value");
}

#[test]
fn contexts_that_are_refused() {
    let code = |context: Value| {
        rdf(context, json!({"urn:p": 1})).map_or_else(|error| error.code(), |_| "accepted")
    };
    for invalid in [
        json!(7),
        json!([[]]),
        json!({"@version": 1.0}),
        json!({"@vocab": "relative"}),
        json!({"@vocab": 7}),
        json!({"@protected": "yes"}),
        json!({"a": 7}),
        json!({"a": {"@id": 7}}),
        json!({"a": {"@id": "relative"}}),
        json!({"a": {"@id": "b:x"}, "b": {"@id": "a:x"}}),
        json!({"a": {"@id": "urn:a", "@unknown": 1}}),
        json!({"a": {"@id": "urn:a", "@container": "@unknown"}}),
        json!({"a": {"@id": "urn:a", "@container": ["@list", "@set"]}}),
        json!({"a": {"@id": "urn:a", "@type": "relative"}}),
        json!({"a": {"@id": "@context"}}),
        json!({"@id": "urn:a"}),
        json!({"@type": "urn:a"}),
        json!({"": "urn:a"}),
        json!({"urn:a": "urn:b"}),
        json!({"a": {"@reverse": "urn:a", "@id": "urn:b"}}),
    ] {
        assert_eq!(code(invalid.clone()), "json_ld_invalid_context", "{invalid}");
    }
    for unsupported in [
        json!({"@import": "https://a.example"}),
        json!({"@base": "https://a.example"}),
        json!({"@direction": "rtl"}),
    ] {
        assert_eq!(code(unsupported.clone()), "json_ld_unsupported", "{unsupported}");
    }
    assert_eq!(code(json!("https://a.example/context")), "json_ld_unknown_context");
    assert_eq!(code(json!(vec![json!({}); 33])), "json_ld_too_complex");
    for fine in [
        json!({}),
        json!({"@version": 1.1, "@base": null}),
        json!({"@type": {"@container": "@set", "@protected": true}}),
        json!({"@futureKeyword": "urn:a"}),
    ] {
        assert_eq!(code(fine.clone()), "accepted", "{fine}");
    }
}

#[test]
fn inline_and_nested_contexts_need_leave() {
    let inline = json!({"@context": {"p": "urn:p"}, "@id": "urn:s", "p": 1});
    assert_eq!(nquads(&inline, Options::default()), Err(JsonLdError::InlineContext));
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let nested = json!({"@context": v2, "id": "urn:s", "type": "VerifiableCredential", "credentialSubject": {"@context": v2, "id": "urn:o"}});
    assert_eq!(nquads(&nested, Options::default()), Err(JsonLdError::NestedContext));
    nquads(&nested, Options { nested_contexts: true, ..Options::default() }).unwrap();
}

#[test]
fn depth_is_bounded() {
    let mut value = json!({"@id": "urn:leaf", "urn:p": 1});
    for _ in 0..200 {
        value = json!({"urn:p": value});
    }
    assert_eq!(nquads(&value, INLINE), Err(JsonLdError::TooComplex));
    let mut value = json!(1);
    for _ in 0..200 {
        value = json!([value]);
    }
    assert_eq!(nquads(&json!({"urn:p": value}), INLINE), Err(JsonLdError::TooComplex));
}

#[test]
fn memory_of_contexts_is_bounded_and_right() {
    // Many combinations in many orders: the answers stay the same as the first time.
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let examples = "https://www.w3.org/ns/credentials/examples/v2";
    let document = json!({"@context": [v2, examples], "id": "urn:s", "type": ["VerifiableCredential", "Mine"], "free": "x"});
    let first = nquads(&document, Options::default()).unwrap();
    for _ in 0..100 {
        assert_eq!(nquads(&document, Options::default()).unwrap(), first);
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(nquads(&document, Options::default()).unwrap(), first));
        }
    });
}

#[test]
fn language_tags_are_written_small() {
    let document = json!({
        "@context": [{"@vocab": "urn:v:", "map": {"@id": "urn:v:map", "@container": "@language"}, "said": {"@id": "urn:v:said", "@language": "EN-us"}}],
        "@id": "urn:s", "a": {"@value": "x", "@language": "ko-KR"}, "map": {"EN": "y"}, "said": "z",
    });
    let dataset = to_dataset(
        &document,
        Library::pinned(),
        Options { inline_contexts: true, nested_contexts: true },
    )
    .unwrap();
    let text = crate::rdf_canon::canonicalize(
        &dataset,
        crate::rdf_canon::HashAlgorithm::Sha256,
        &crate::rdf_canon::Limits::default(),
    )
    .unwrap()
    .nquads;
    assert_eq!(
        text,
        "<urn:s> <urn:v:a> \"x\"@ko-kr .\n<urn:s> <urn:v:map> \"y\"@en .\n<urn:s> <urn:v:said> \"z\"@en-us .\n"
    );
}

#[test]
fn a_bad_scoped_context_is_refused_where_it_is_defined() {
    for bad in [
        json!({"word": {"@id": ["urn:x"]}}),
        json!({"word": {"@type": "@id"}}),
        json!({"deeper": {"@id": "urn:d", "@context": {"word": {"@id": 1}}}}),
    ] {
        let document = json!({
            "@context": [{"inner": {"@id": "urn:inner", "@context": bad}, "word": "urn:word"}],
            "@id": "urn:s", "word": "x",
        });
        let open = Options { inline_contexts: true, nested_contexts: true };
        let refused = to_dataset(&document, Library::pinned(), open);
        assert!(matches!(refused, Err(JsonLdError::InvalidContext(_))), "{bad}: {refused:?}");
    }
}
