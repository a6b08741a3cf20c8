//! Whether a value is one that an attribute may have.

use super::kind::Kind;
use super::value::AttributeValue;
use super::{Attribute, LONGEST_ENTRY, MOST_CHARS, MOST_ENTRIES};

/// Why a value is none that the attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It holds a line break or another control character.
    ControlCharacter,
    /// It is not of the attribute's kind at all: a number for a text.
    OtherKind,
    /// It is no whole number.
    NotANumber,
    /// It is neither yes nor no.
    NotABoolean,
    /// It is no e-mail address.
    NotAnEmail,
    /// It is no telephone number with its country's code.
    NotAPhone,
    /// It is no day.
    NotADate,
    /// It is no address of the web.
    NotAUrl,
    /// It is none of those that can be chosen.
    NotAChoice,
    /// It does not match the pattern.
    Pattern,
    /// It has fewer characters than this.
    TooShort(usize),
    /// It has more characters than this.
    TooLong(usize),
    /// The number is smaller than this.
    TooSmall(i64),
    /// The number is larger than this.
    TooLarge(i64),
    /// The list has more entries than this.
    TooMany(usize),
}

impl Misfit {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ControlCharacter => "value_control_character",
            Self::OtherKind => "value_of_another_kind",
            Self::NotANumber => "value_not_a_number",
            Self::NotABoolean => "value_not_a_boolean",
            Self::NotAnEmail => "value_not_an_email",
            Self::NotAPhone => "value_not_a_phone",
            Self::NotADate => "value_not_a_date",
            Self::NotAUrl => "value_not_a_url",
            Self::NotAChoice => "value_not_a_choice",
            Self::Pattern => "value_pattern",
            Self::TooShort(_) => "value_too_short",
            Self::TooLong(_) => "value_too_long",
            Self::TooSmall(_) => "value_too_small",
            Self::TooLarge(_) => "value_too_large",
            Self::TooMany(_) => "value_too_many",
        }
    }

    /// What is wrong, in a sentence.
    pub fn meaning(self) -> String {
        match self {
            Self::ControlCharacter => "a line break or another control character stands in it".to_owned(),
            Self::OtherKind => "it is not of the attribute's type".to_owned(),
            Self::NotANumber => "it is no whole number".to_owned(),
            Self::NotABoolean => "it is neither true nor false".to_owned(),
            Self::NotAnEmail => "it is no e-mail address".to_owned(),
            Self::NotAPhone => "it is no telephone number that begins with + and its country's code".to_owned(),
            Self::NotADate => "it is no day, such as 2026-11-25".to_owned(),
            Self::NotAUrl => "it is no http or https address".to_owned(),
            Self::NotAChoice => "it is none of the attribute's choices".to_owned(),
            Self::Pattern => "it does not match the attribute's pattern".to_owned(),
            Self::TooShort(bound) => format!("this is shorter than {bound} characters"),
            Self::TooLong(bound) => format!("this is longer than {bound} characters"),
            Self::TooSmall(bound) => format!("this is smaller than {bound}"),
            Self::TooLarge(bound) => format!("this is larger than {bound}"),
            Self::TooMany(bound) => format!("these are more than {bound}"),
        }
    }

    /// The bound that was broken, if it is one.
    pub fn bound(self) -> Option<i64> {
        match self {
            Self::TooShort(bound) | Self::TooLong(bound) | Self::TooMany(bound) => i64::try_from(bound).ok(),
            Self::TooSmall(bound) | Self::TooLarge(bound) => Some(bound),
            _ => None,
        }
    }
}

impl Attribute {
    /// Reads what was typed into a form; nothing typed is no value.
    ///
    /// # Errors
    /// Why it is none that the attribute may have.
    pub fn read(&self, typed: &str) -> Result<Option<AttributeValue>, Misfit> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let value = match self.kind {
            Kind::Integer => AttributeValue::Integer(typed.parse().map_err(|_| Misfit::NotANumber)?),
            Kind::Boolean => AttributeValue::Boolean(match typed {
                "true" | "on" => true,
                "false" => false,
                _ => return Err(Misfit::NotABoolean),
            }),
            Kind::List => {
                let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
                AttributeValue::List(lines.map(str::to_owned).collect())
            }
            _ => AttributeValue::Text(typed.to_owned()),
        };
        self.checked(value).map(Some)
    }

    /// The value as it is kept, if it is one that the attribute may have: a telephone number loses its blanks.
    ///
    /// # Errors
    /// Why it is none.
    pub fn checked(&self, value: AttributeValue) -> Result<AttributeValue, Misfit> {
        match (&self.kind, value) {
            (Kind::Boolean, AttributeValue::Boolean(value)) => Ok(value.into()),
            (Kind::Integer, AttributeValue::Integer(number)) => self.in_range(number).map(AttributeValue::from),
            (Kind::List, AttributeValue::List(entries)) => self.list(entries),
            (Kind::Boolean | Kind::Integer | Kind::List, _) => Err(Misfit::OtherKind),
            (_, AttributeValue::Text(text)) => self.one_text(&text).map(AttributeValue::from),
            (_, _) => Err(Misfit::OtherKind),
        }
    }

    fn in_range(&self, number: i64) -> Result<i64, Misfit> {
        match (self.constraints.min, self.constraints.max) {
            (Some(min), _) if number < min => Err(Misfit::TooSmall(min)),
            (_, Some(max)) if number > max => Err(Misfit::TooLarge(max)),
            _ => Ok(number),
        }
    }

    fn list(&self, entries: Vec<String>) -> Result<AttributeValue, Misfit> {
        if entries.len() > MOST_ENTRIES {
            return Err(Misfit::TooMany(MOST_ENTRIES));
        }
        if entries.iter().map(|entry| entry.chars().count()).sum::<usize>() > MOST_CHARS {
            return Err(Misfit::TooLong(MOST_CHARS));
        }
        entries.iter().try_for_each(|entry| self.shape(entry, self.max_chars.min(LONGEST_ENTRY)))?;
        Ok(AttributeValue::List(entries))
    }

    fn one_text(&self, text: &str) -> Result<String, Misfit> {
        let text = if self.kind == Kind::Phone { without_blanks(text) } else { text.to_owned() };
        self.shape(&text, self.max_chars)?;
        let (is_kind, misfit) = match &self.kind {
            Kind::Email => (is_email(&text), Misfit::NotAnEmail),
            Kind::Phone => (is_phone(&text), Misfit::NotAPhone),
            Kind::Date => (is_date(&text), Misfit::NotADate),
            Kind::Url => (is_url(&text), Misfit::NotAUrl),
            Kind::Choice(choices) => (choices.iter().any(|choice| choice.value == text), Misfit::NotAChoice),
            _ => (true, Misfit::OtherKind),
        };
        if is_kind { Ok(text) } else { Err(misfit) }
    }

    fn shape(&self, text: &str, longest: usize) -> Result<(), Misfit> {
        let length = text.chars().count();
        if length > longest {
            return Err(Misfit::TooLong(longest));
        }
        if text.chars().any(char::is_control) {
            return Err(Misfit::ControlCharacter);
        }
        if let Some(shortest) = self.constraints.min_chars.filter(|shortest| length < *shortest) {
            return Err(Misfit::TooShort(shortest));
        }
        match &self.constraints.pattern {
            Some(pattern) if !pattern.matches(text) => Err(Misfit::Pattern),
            _ => Ok(()),
        }
    }
}

/// As people write numbers: with blanks, hyphens, dots, brackets.
fn without_blanks(text: &str) -> String {
    text.chars().filter(|sign| !matches!(sign, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')).collect()
}

/// E.164. The country's code belongs to it: a number without one leads elsewhere in each country.
fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What an HTML form takes for an address: whether somebody reads mail there, only a mail tells.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let in_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.bytes().all(in_local)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A day of the calendar, from the year 1 on.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, length| {
        if part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()) {
            part.parse::<u32>().ok()
        } else {
            None
        }
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    year >= 1 && (1..=longest).contains(&day)
}

fn is_url(text: &str) -> bool {
    let plain = !text.chars().any(char::is_whitespace);
    plain && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
