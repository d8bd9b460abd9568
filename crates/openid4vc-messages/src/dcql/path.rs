//! Claims path pointers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Longest path that is read.
pub(crate) const MAX_PATH: usize = 16;
/// Most places one path may select: `null` over big nested arrays multiplies.
const MAX_SELECTED: usize = 4096;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathElement {
    /// A string: the member of that name.
    Name(String),
    /// A non-negative integer: the array element at that place, from 0.
    Index(u64),
    /// `null`: every element of the array.
    All,
}

impl PathElement {
    fn to_value(&self) -> Value {
        match self {
            Self::Name(name) => Value::String(name.clone()),
            Self::Index(at) => Value::from(*at),
            Self::All => Value::Null,
        }
    }
}

/// A claims path pointer: a non-empty array of strings, non-negative integers and nulls
/// ([OID4VP 1.0 §7](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-7)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimPath(Vec<PathElement>);

/// Why a path selected nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathMiss {
    /// A step met a value of the wrong kind, e.g. an index into an object.
    WrongKind,
    /// Nothing is there.
    Absent,
    /// More places than we look at.
    TooMany,
}

impl ClaimPath {
    /// The same path with every place in an array open. An SD-JWT shown in part has lost the
    /// elements that stay hidden (RFC 9901 section 7.1), so that the element asked for as the
    /// third may be the only one left: a verifier cannot hold the wallet to the number.
    #[must_use]
    pub fn with_open_places(&self) -> Self {
        let open = |element: &PathElement| match element {
            PathElement::Index(_) => PathElement::All,
            other => other.clone(),
        };
        Self(self.0.iter().map(open).collect())
    }

    /// A path of names, for code that writes queries.
    #[must_use]
    pub fn names(names: &[&str]) -> Self {
        Self(names.iter().map(|n| PathElement::Name((*n).to_owned())).collect())
    }

    /// Reads a path; the sentence says what is wrong.
    ///
    /// # Errors
    /// An English sentence.
    pub fn parse(json: &Value) -> Result<Self, &'static str> {
        let list = json.as_array().ok_or("a claims path is not an array")?;
        if list.is_empty() {
            return Err("a claims path is empty");
        }
        if list.len() > MAX_PATH {
            return Err("a claims path has more than 16 elements");
        }
        list.iter()
            .map(|element| match element {
                Value::String(name) => Ok(PathElement::Name(name.clone())),
                Value::Null => Ok(PathElement::All),
                Value::Number(number) => number
                    .as_u64()
                    .map(PathElement::Index)
                    .ok_or("a number in a claims path is negative or not an integer"),
                _ => Err("a claims path holds something other than strings, integers and null"),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The steps.
    #[must_use]
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// The path as JSON values, as selective disclosure takes it.
    #[must_use]
    pub fn to_values(&self) -> Vec<Value> {
        self.0.iter().map(PathElement::to_value).collect()
    }

    /// Every place the path selects in a credential, each as a path without `null`,
    /// together with the value there
    /// ([OID4VP 1.0 §7.1.1](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-7.1.1)).
    ///
    /// # Errors
    /// Why nothing is selected.
    pub fn select<'v>(&self, root: &'v Value) -> Result<Vec<(ClaimPath, &'v Value)>, PathMiss> {
        let mut selected: Vec<(Vec<PathElement>, &'v Value)> = vec![(Vec::new(), root)];
        for step in &self.0 {
            let mut next = Vec::new();
            for (path, value) in selected {
                let mut push = |element: PathElement, value: &'v Value| {
                    let mut longer = path.clone();
                    longer.push(element);
                    next.push((longer, value));
                };
                match step {
                    PathElement::Name(name) => {
                        let object = value.as_object().ok_or(PathMiss::WrongKind)?;
                        if let Some(member) = object.get(name) {
                            push(step.clone(), member);
                        }
                    }
                    PathElement::Index(at) => {
                        let array = value.as_array().ok_or(PathMiss::WrongKind)?;
                        if let Some(element) =
                            usize::try_from(*at).ok().and_then(|at| array.get(at))
                        {
                            push(step.clone(), element);
                        }
                    }
                    PathElement::All => {
                        let array = value.as_array().ok_or(PathMiss::WrongKind)?;
                        if array.len() > MAX_SELECTED {
                            return Err(PathMiss::TooMany);
                        }
                        for (at, element) in array.iter().enumerate() {
                            push(PathElement::Index(at as u64), element);
                        }
                    }
                }
                if next.len() > MAX_SELECTED {
                    return Err(PathMiss::TooMany);
                }
            }
            if next.is_empty() {
                return Err(PathMiss::Absent);
            }
            selected = next;
        }
        Ok(selected.into_iter().map(|(path, value)| (Self(path), value)).collect())
    }
}

/// `person.name`, `records[0]`, `records[]`: for logs and consent pages.
impl std::fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, element) in self.0.iter().enumerate() {
            match element {
                PathElement::Name(name) if at == 0 => f.write_str(name)?,
                PathElement::Name(name) => write!(f, ".{name}")?,
                PathElement::Index(index) => write!(f, "[{index}]")?,
                PathElement::All => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for ClaimPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_values().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::parse(&json).map_err(serde::de::Error::custom)
    }
}
