//! The worst that an expression can cost, counted before it runs.
//!
//! The language has no loops but those over a list, and no list is endless: `groups`, `scope` and the lists of a profile
//! are bounded, so each part of an expression has a greatest number of steps and a greatest size of its value. An
//! expression is refused when either is too much. Nothing has to be counted while it runs.

use std::collections::BTreeSet;

use cel::common::ast::operators::{ADD, CONDITIONAL, INDEX};
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

use super::fault::Fault;
use super::roots::{LONGEST_ITEM, LONGEST_VALUE, MOST_ITEMS, Root, fields_of};

/// Parts worked out in all. One takes less than a microsecond.
const MOST_STEPS: u64 = 8_000;
/// Characters read and written in all.
const MOST_CHARS: u64 = 512 * 1024;
/// The deepest tree: the parser bounds brackets, but `a + b + c` leans over without any.
const DEEPEST_TREE: usize = 48;

/// Functions, with the least and the most arguments, what they are called on among them.
const FUNCTIONS: [(&str, usize, usize); 20] = [
    ("bool", 1, 1),
    ("charAt", 2, 2),
    ("contains", 2, 2),
    ("double", 1, 1),
    ("endsWith", 2, 2),
    ("indexOf", 2, 2),
    ("int", 1, 1),
    ("join", 1, 2),
    ("lastIndexOf", 2, 2),
    ("lowerAscii", 1, 1),
    ("replace", 3, 3),
    ("size", 1, 1),
    ("split", 2, 3),
    ("startsWith", 2, 2),
    ("string", 1, 1),
    ("substring", 2, 3),
    ("trim", 1, 1),
    ("upperAscii", 1, 1),
    (operators::IN, 2, 2),
    (operators::NOT_STRICTLY_FALSE, 1, 1),
];

const OPERATORS: [&str; 17] = [
    ADD,
    CONDITIONAL,
    INDEX,
    operators::DIVIDE,
    operators::EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::LOGICAL_AND,
    operators::LOGICAL_NOT,
    operators::LOGICAL_OR,
    operators::MODULO,
    operators::MULTIPLY,
    operators::NEGATE,
    operators::NOT_EQUALS,
    operators::SUBSTRACT,
];

/// Names the attributes that the expression uses, or says what is wrong with it.
pub(super) fn check(expression: &IdedExpr) -> Result<BTreeSet<String>, Fault> {
    let mut walk = Walk::default();
    walk.size(expression, 0, 1)?;
    Ok(walk.attributes)
}

/// The greatest size of a value.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    /// Characters of all texts in it.
    chars: u64,
    /// Entries, if it is a list or a map.
    items: u64,
    /// Characters of the largest entry.
    item: u64,
    /// Entries of the largest entry.
    inner: u64,
}

/// Room for a number or a word of the language.
const SCALAR: Size = Size::text(20);

impl Size {
    const fn text(chars: u64) -> Self {
        Self { chars, items: 0, item: 0, inner: 0 }
    }

    /// A list that has gained an entry, or a map.
    fn with(self, entry: Self) -> Self {
        Self {
            chars: self.chars.saturating_add(entry.chars),
            items: self.items.saturating_add(1),
            item: self.item.max(entry.chars),
            inner: self.inner.max(entry.items).max(entry.inner),
        }
    }

    /// Two texts or lists, put together.
    fn plus(self, other: Self) -> Self {
        Self {
            chars: self.chars.saturating_add(other.chars),
            items: self.items.saturating_add(other.items),
            item: self.item.max(other.item),
            inner: self.inner.max(other.inner),
        }
    }

    fn most(self, other: Self) -> Self {
        Self {
            chars: self.chars.max(other.chars),
            items: self.items.max(other.items),
            item: self.item.max(other.item),
            inner: self.inner.max(other.inner),
        }
    }

    /// What it costs to read or write it.
    fn whole(self) -> u64 {
        self.chars.saturating_add(self.items.saturating_mul(self.inner.saturating_add(1)).saturating_mul(8))
    }
}

#[derive(Default)]
struct Walk {
    attributes: BTreeSet<String>,
    /// Names that macros bind, innermost last.
    bound: Vec<(String, Size)>,
    steps: u64,
    chars: u64,
}

impl Walk {
    /// The size of a part that is worked out `times` times.
    fn size(&mut self, part: &IdedExpr, depth: usize, times: u64) -> Result<Size, Fault> {
        if depth > DEEPEST_TREE {
            return Err(Fault::TooDeep);
        }
        let size = match &part.expr {
            Expr::Literal(LiteralValue::String(text)) => Size::text(to_u64(text.chars().count())),
            Expr::Literal(LiteralValue::Bytes(_)) => return Err(Fault::NotOffered("bytes")),
            Expr::Literal(_) => SCALAR,
            Expr::Ident(name) => self.name(name)?,
            Expr::Select(select) => self.select(select, depth, times)?,
            Expr::Call(call) => self.call(call, depth, times)?,
            Expr::List(list) => {
                let mut size = Size::default();
                for element in &list.elements {
                    size = size.with(self.size(element, depth + 1, times)?);
                }
                size
            }
            Expr::Map(map) => {
                let mut size = Size::default();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else { return Err(Fault::NotOffered("a structure")) };
                    let key = self.size(&entry.key, depth + 1, times)?;
                    size = size.with(key.plus(self.size(&entry.value, depth + 1, times)?));
                }
                size
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth, times)?,
            Expr::Struct(_) => return Err(Fault::NotOffered("a structure")),
            Expr::Unspecified => return Err(Fault::NotOffered("nothing")),
        };
        self.spend(times, size.whole())?;
        Ok(size)
    }

    /// Counts a step that reads or writes so many characters, `times` times.
    fn spend(&mut self, times: u64, chars: u64) -> Result<(), Fault> {
        self.steps = self.steps.saturating_add(times);
        self.chars = self.chars.saturating_add(times.saturating_mul(chars));
        if self.steps > MOST_STEPS || self.chars > MOST_CHARS { Err(Fault::TooCostly) } else { Ok(()) }
    }

    fn bound(&self, name: &str) -> Option<Size> {
        self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, size)| *size)
    }

    fn name(&self, name: &str) -> Result<Size, Fault> {
        if let Some(size) = self.bound(name) {
            return Ok(size);
        }
        match Root::named(name) {
            Some(root) if root.is_list() => {
                let (items, item) = (to_u64(MOST_ITEMS), to_u64(LONGEST_ITEM));
                Ok(Size { chars: items * item, items, item, inner: 0 })
            }
            Some(root) => Err(Fault::WholeRoot(root.name())),
            None => Err(Fault::UnknownName(name.to_owned())),
        }
    }

    fn select(&mut self, select: &SelectExpr, depth: usize, times: u64) -> Result<Size, Fault> {
        let size = match &select.operand.expr {
            Expr::Ident(name) if self.bound(name).is_none() => self.field(name, &select.field)?,
            _ => self.size(&select.operand, depth + 1, times)?,
        };
        Ok(if select.test { SCALAR } else { size })
    }

    /// A field of a root.
    fn field(&mut self, name: &str, field: &str) -> Result<Size, Fault> {
        let Some(root) = Root::named(name) else { return Err(Fault::UnknownName(name.to_owned())) };
        let fixed = fields_of(root.name()).any(|known| known == field);
        match root {
            Root::User if !fixed => {
                self.attributes.insert(field.to_owned());
                let item = to_u64(LONGEST_ITEM);
                Ok(Size { chars: to_u64(LONGEST_VALUE), items: to_u64(MOST_ITEMS), item, inner: 0 })
            }
            _ if fixed => Ok(Size::text(to_u64(LONGEST_ITEM))),
            root => Err(Fault::UnknownField { root: root.name(), field: field.to_owned() }),
        }
    }

    fn call(&mut self, call: &CallExpr, depth: usize, times: u64) -> Result<Size, Fault> {
        if let Some(size) = self.indexed_root(call)? {
            return Ok(size);
        }
        let name = call.func_name.as_str();
        let parts: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let is_operator = OPERATORS.contains(&name);
        let known = |known: &(&str, usize, usize)| known.0 == name && (known.1..=known.2).contains(&parts.len());
        if !is_operator && !FUNCTIONS.iter().any(known) {
            return Err(Fault::UnknownFunction(shown(name).to_owned()));
        }
        let sizes = parts.iter().map(|part| self.size(part, depth + 1, times)).collect::<Result<Vec<_>, _>>()?;
        let at = |place: usize| sizes.get(place).copied().unwrap_or_default();
        let size = match name {
            ADD => at(0).plus(at(1)),
            CONDITIONAL => at(1).most(at(2)),
            // An entry, or a field: no larger than the whole.
            INDEX | "charAt" | "lowerAscii" | "upperAscii" | "substring" | "trim" => at(0),
            "string" => at(0).most(SCALAR),
            // Every sign, and the end, could be one that is replaced.
            "replace" => {
                let added = at(0).chars.saturating_add(1).saturating_mul(at(2).chars);
                Size::text(at(0).chars.saturating_add(added))
            }
            "split" => {
                let items = parts.get(2).and_then(|part| literal(part)).unwrap_or(u64::MAX);
                Size {
                    chars: at(0).chars,
                    items: items.min(at(0).chars.saturating_add(1)),
                    item: at(0).chars,
                    inner: 0,
                }
            }
            "join" => Size::text(at(0).chars.saturating_add(at(0).items.saturating_mul(at(1).chars))),
            _ => SCALAR,
        };
        // These compare place by place.
        if matches!(name, "indexOf" | "lastIndexOf") {
            self.spend(times, at(0).chars.saturating_mul(at(1).chars) / 64)?;
        }
        self.spend(times, sizes.iter().map(|size| size.whole()).sum())?;
        Ok(size)
    }

    /// `user["firstName"]`: a root's field by its name. A name that is worked out could be any.
    fn indexed_root(&mut self, call: &CallExpr) -> Result<Option<Size>, Fault> {
        let [IdedExpr { expr: Expr::Ident(name), .. }, index] = &call.args[..] else { return Ok(None) };
        let root = Root::named(name).filter(|root| !root.is_list() && self.bound(name).is_none());
        let (INDEX, Some(root)) = (call.func_name.as_str(), root) else { return Ok(None) };
        match &index.expr {
            Expr::Literal(LiteralValue::String(field)) => self.field(root.name(), field.inner()).map(Some),
            _ => Err(Fault::WholeRoot(root.name())),
        }
    }

    /// A macro that goes through a list: `all`, `exists`, `exists_one`, `map`, `filter`.
    fn comprehension(&mut self, made: &ComprehensionExpr, depth: usize, times: u64) -> Result<Size, Fault> {
        let range = self.size(&made.iter_range, depth + 1, times)?;
        let begun = self.size(&made.accu_init, depth + 1, times)?;
        let rounds = times.saturating_mul(range.items.max(1));
        let outside = self.bound.len();
        let item = Size { chars: range.item, items: range.inner, item: range.item, inner: range.inner };
        self.bound.push((made.iter_var.clone(), item));
        if let Some(second) = &made.iter_var2 {
            self.bound.push((second.clone(), item));
        }
        // What is gathered grows by one step's worth a round; it is appended to in place, not copied each time.
        self.bound.push((made.accu_var.clone(), begun));
        self.size(&made.loop_cond, depth + 1, rounds)?;
        let step = self.size(&made.loop_step, depth + 1, rounds)?;
        let gathered = match made.accu_init.expr {
            Expr::List(_) => {
                let (chars, items) = (range.items.saturating_mul(step.chars), range.items.saturating_mul(step.items));
                Size { chars, items, item: step.item, inner: step.inner }
            }
            _ => SCALAR,
        };
        self.bound.pop();
        self.bound.push((made.accu_var.clone(), gathered));
        let size = self.size(&made.result, depth + 1, times)?;
        self.bound.truncate(outside);
        Ok(size)
    }
}

/// The number that stands there, if one does.
fn literal(part: &IdedExpr) -> Option<u64> {
    match &part.expr {
        Expr::Literal(LiteralValue::Int(number)) => u64::try_from(*number.inner()).ok(),
        _ => None,
    }
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// An operator as it is written.
fn shown(name: &str) -> &str {
    match name {
        operators::OPT_INDEX | operators::OPT_SELECT => "?",
        operators::SUBSTRACT => "-",
        name => name,
    }
}
