//! Expressions: what a claim says and a rule demands, in the Common Expression Language.
//!
//! An expression is text that an owner writes and that runs at each token. So it is bounded before it ever runs: parsed
//! within a length and a depth, walked for names that are not there, and its worst case counted from the greatest values
//! that its names can have ([`bounds`]). What passes cannot run long, grow large, or reach anything but its five roots.

mod bounds;
mod fault;
mod roots;
mod sample;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

use cel::common::ast::IdedExpr;
use cel::parser::PrattParser;
use cel::{Context, Env, ExecutionError, extensions};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub use fault::Fault;
use roots::Values;

pub use roots::{LONGEST_ITEM, LONGEST_VALUE, MOST_ITEMS, Roots};

/// The longest expression, in characters.
pub const LONGEST: usize = 1000;
/// How deep brackets, calls and alternatives may be nested.
const DEEPEST: u16 = 16;
/// Signs before one operand: nobody needs more, and each costs the parser a step down.
const MOST_PREFIXES: usize = 4;
/// The largest claim, as bytes of JSON: a token travels in a header.
pub const LARGEST_RESULT: usize = 4096;

/// The functions of the standard and those about texts; without the clock, regular expressions and types of its own.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Registering fails for names that are taken; the standard has none of these.
    let _ = env.add_extension(extensions::strings);
    Arc::new(env)
});

/// An expression that was read, and found to end soon whatever it is given.
#[derive(Clone)]
pub struct Expression {
    text: String,
    parsed: Arc<IdedExpr>,
    attributes: BTreeSet<String>,
}

/// Why an expression has no value for somebody. The claim is left out then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoValue {
    /// The profile has no such attribute, or the root no such field here.
    Missing(String),
    /// It said `null`.
    Null,
    /// It has more than [`LARGEST_RESULT`] bytes.
    TooLarge,
    /// It is no value of JSON: bytes, an infinite number, keys that are no texts.
    NotJson,
    /// What is put together does not fit together, such as a number and a text.
    Types(String),
    /// It went wrong otherwise: a division by zero, an entry that a list does not have.
    Failed(String),
}

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "{name} is not there"),
            Self::Null => f.write_str("the expression says null"),
            Self::TooLarge => write!(f, "the value is larger than {LARGEST_RESULT} bytes"),
            Self::NotJson => f.write_str("the value cannot be written as JSON"),
            Self::Types(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl Expression {
    /// Reads an expression, and makes sure that it can run.
    ///
    /// # Errors
    /// What is wrong with it; attributes of the profile are not looked at, see [`Expression::attributes`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(Fault::TooLong);
        }
        if longest_run_of_prefixes(text) > MOST_PREFIXES {
            return Err(Fault::TooDeep);
        }
        let parser = PrattParser::new().max_recursion_depth(DEEPEST).error_recovery_limit(4);
        let parsed = parser.parse(text).map_err(|errors| Fault::unreadable(&errors))?;
        let attributes = bounds::check(&parsed)?;
        Ok(Self { text: text.to_owned(), parsed: Arc::new(parsed), attributes })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The attributes of the profile that it names.
    pub fn attributes(&self) -> &BTreeSet<String> {
        &self.attributes
    }

    /// What it says of these roots.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn evaluate(&self, roots: &Roots<'_>) -> Result<Value, NoValue> {
        evaluate(&self.parsed, &context(roots.values()?))
    }

    /// Whether it says `true` of these roots; anything else, and nothing, is no.
    pub fn holds(&self, roots: &Roots<'_>) -> bool {
        matches!(self.evaluate(roots), Ok(Value::Bool(true)))
    }
}

fn context<'a>(values: Values) -> Context<'a, 'a> {
    let mut context = Context::with_env(Arc::clone(&ENV));
    values.bind(&mut context);
    context
}

fn evaluate(part: &IdedExpr, context: &Context<'_, '_>) -> Result<Value, NoValue> {
    value::to_json(&cel::Value::resolve(part, context).map_err(|error| no_value(&error))?)
}

fn no_value(error: &ExecutionError) -> NoValue {
    match error {
        ExecutionError::NoSuchKey(name) => NoValue::Missing(name.as_str().to_owned()),
        ExecutionError::NoSuchOverload(_)
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::UnsupportedBinaryOperator(..)
        | ExecutionError::UnsupportedIndex(..)
        | ExecutionError::UnsupportedKeyType(_)
        | ExecutionError::UnsupportedTargetType { .. }
        | ExecutionError::ValuesNotComparable(..) => NoValue::Types(error.to_string()),
        other => NoValue::Failed(other.to_string()),
    }
}

fn longest_run_of_prefixes(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for sign in text.chars().filter(|sign| !sign.is_whitespace()) {
        run = if matches!(sign, '!' | '-') { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.text)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|fault| serde::de::Error::custom(format!("{}; {}", fault.what(), fault.remedy())))
    }
}
