//! The three ports of the demo and the addresses on them.

/// The port in the demo's texts as they are built in.
pub(super) const BUILT_IN: Ports = Ports { first: 4000 };

/// Three ports in a row: authority, console, skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    first: u16,
}

impl Ports {
    /// Ports from `first` on; `first` is at most 65533.
    pub(crate) fn from(first: u16) -> Self {
        Self { first }
    }

    /// Authority, console, skills.
    pub(super) fn all(self) -> [u16; 3] {
        [0, 1, 2].map(|offset| self.first.saturating_add(offset))
    }

    /// Where the authorities are: `http://127.0.0.1:4000`.
    pub(super) fn authority(self) -> String {
        url(self.first)
    }

    /// Where the console is.
    pub(super) fn console(self) -> String {
        url(self.all()[1])
    }

    /// Where the skills are.
    pub(super) fn skills(self) -> String {
        url(self.all()[2])
    }

    /// Where a skill of the demo is.
    pub(super) fn skill(self, slug: &str) -> String {
        format!("{}/{slug}", self.skills())
    }

    /// The text with its addresses on these ports instead of those of `other`.
    pub(super) fn moved(self, text: &str, other: Self) -> String {
        let mut moved = String::with_capacity(text.len());
        let mut parts = text.split("127.0.0.1:");
        moved.push_str(parts.next().unwrap_or_default());
        for part in parts {
            moved.push_str("127.0.0.1:");
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (port, rest) = part.split_at(digits);
            let at = other.all().iter().position(|known| port.parse() == Ok(*known));
            match at.and_then(|at| self.all().get(at).copied()) {
                Some(own) => moved.push_str(&own.to_string()),
                None => moved.push_str(port),
            }
            moved.push_str(rest);
        }
        moved
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_demos_own_addresses_move() {
        let text = "a http://127.0.0.1:4000/x 127.0.0.1:4001 127.0.0.1:4002, 127.0.0.1:40001 127.0.0.1:4003 4000";
        let moved = "a http://127.0.0.1:4001/x 127.0.0.1:4002 127.0.0.1:4003, 127.0.0.1:40001 127.0.0.1:4003 4000";
        assert_eq!(Ports::from(4001).moved(text, BUILT_IN), moved);
        assert_eq!(BUILT_IN.moved(text, BUILT_IN), text);
        assert_eq!(BUILT_IN.moved("127.0.0.1:", Ports::from(9)), "127.0.0.1:");
    }
}
