//! A file that is sealed as a whole, piece by piece: whoever lacks the key reads nothing of it, and nobody can change,
//! cut, reorder or mix its pieces.
//!
//! The first line names format and file; each further line is one sealed piece, base64url. The purpose under which a
//! piece is sealed, and with it its key, names format, file, place, and whether it is the last.

use std::io::{self, BufRead, Read as _, Write};

use sayso_token::encoding::base64url;
use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;

const FORMAT: &str = "sayso export 1";
/// Plain bytes in a piece.
const PIECE: usize = 64 * 1024;
/// No sealed piece has more letters.
const LONGEST: u64 = 2 * PIECE as u64;
/// No line of what is inside is longer.
const LONGEST_INSIDE: usize = 16 * 1024 * 1024;

fn purpose(file: &str, number: u64, last: bool) -> String {
    format!("{FORMAT}/{file}/{number}/{}", if last { "last" } else { "more" })
}

/// Why such a file does not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadFile {
    #[error("it does not begin like an export")]
    Foreign,
    #[error(
        "it does not open under this master key, or it was changed or cut off; give the key of the installation it was made at"
    )]
    DoesNotOpen,
    #[error("it was changed behind its first {0} pieces")]
    Changed(u64),
    #[error("it is cut off behind its first {0} pieces; fetch it again")]
    CutOff(u64),
    #[error("there is more behind its end")]
    TooLong,
    #[error("a line in it is too long")]
    LongLine,
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Writes lines into a sealed file.
pub(crate) struct SealedWriter<'a, W: Write> {
    out: W,
    sealer: &'a Sealer,
    entropy: &'a mut dyn Entropy,
    file: String,
    number: u64,
    plain: Vec<u8>,
}

impl<'a, W: Write> SealedWriter<'a, W> {
    pub(crate) fn begin(mut out: W, sealer: &'a Sealer, entropy: &'a mut dyn Entropy) -> io::Result<Self> {
        let file = base64url(&entropy.bytes::<16>());
        writeln!(out, "{FORMAT} {file}")?;
        Ok(Self { out, sealer, entropy, file, number: 0, plain: Vec::with_capacity(2 * PIECE) })
    }

    /// Adds a line, which holds no line break.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        self.plain.extend_from_slice(line.as_bytes());
        self.plain.push(b'\n');
        while self.plain.len() > PIECE {
            let rest = self.plain.split_off(PIECE);
            let piece = std::mem::replace(&mut self.plain, rest);
            self.piece(&piece, false)?;
        }
        Ok(())
    }

    /// Writes the last piece and gives the medium back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let piece = std::mem::take(&mut self.plain);
        self.piece(&piece, true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn piece(&mut self, plain: &[u8], last: bool) -> io::Result<()> {
        let sealed = self.sealer.seal(&purpose(&self.file, self.number, last), plain, self.entropy);
        self.number += 1;
        writeln!(self.out, "{sealed}")
    }
}

/// Reads the lines of a sealed file.
pub(crate) struct SealedReader<'a, R: BufRead> {
    from: R,
    sealer: &'a Sealer,
    file: String,
    number: u64,
    plain: Vec<u8>,
    read: usize,
    ended: bool,
}

impl<'a, R: BufRead> SealedReader<'a, R> {
    pub(crate) fn begin(mut from: R, sealer: &'a Sealer) -> Result<Self, BadFile> {
        let first = outer_line(&mut from)?.ok_or(BadFile::Foreign)?;
        let file = first.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix(' ')).ok_or(BadFile::Foreign)?;
        let file = file.to_owned();
        Ok(Self { from, sealer, file, number: 0, plain: Vec::new(), read: 0, ended: false })
    }

    /// The next line; `None` at the end, once it is certain that it is the end.
    pub(crate) fn line(&mut self) -> Result<Option<String>, BadFile> {
        loop {
            let rest = self.plain.get(self.read..).unwrap_or_default();
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest.get(..length).unwrap_or_default().to_vec();
                self.read += length + 1;
                return String::from_utf8(line).map(Some).map_err(|_| BadFile::Changed(self.number));
            }
            if self.ended {
                return if rest.is_empty() { Ok(None) } else { Err(BadFile::Changed(self.number)) };
            }
            if rest.len() > LONGEST_INSIDE {
                return Err(BadFile::LongLine);
            }
            self.plain.drain(..self.read);
            self.read = 0;
            let piece = self.piece()?;
            self.plain.extend(piece);
        }
    }

    fn piece(&mut self) -> Result<Vec<u8>, BadFile> {
        let Some(sealed) = outer_line(&mut self.from)? else { return Err(BadFile::CutOff(self.number)) };
        let open = |last| self.sealer.open(&purpose(&self.file, self.number, last), &sealed);
        let (piece, last) = match open(false) {
            Some(piece) => (piece, false),
            None => match open(true) {
                Some(piece) => (piece, true),
                None if self.number == 0 => return Err(BadFile::DoesNotOpen),
                None if self.from.fill_buf()?.is_empty() => return Err(BadFile::CutOff(self.number)),
                None => return Err(BadFile::Changed(self.number)),
            },
        };
        self.number += 1;
        self.ended = last;
        if last && !self.from.fill_buf()?.is_empty() {
            return Err(BadFile::TooLong);
        }
        Ok(piece)
    }
}

fn outer_line(from: &mut impl BufRead) -> Result<Option<String>, BadFile> {
    let mut line = Vec::new();
    from.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    String::from_utf8(line).map(Some).map_err(|_| BadFile::Foreign)
}

#[cfg(test)]
mod tests {
    use sayso_testkit::SeededEntropy;

    use super::*;

    fn sealed(lines: &[String], seed: u64) -> Vec<u8> {
        let (sealer, mut entropy) = (Sealer::new([7; 32]), SeededEntropy::new(seed));
        let mut writer = SealedWriter::begin(Vec::new(), &sealer, &mut entropy).unwrap();
        for line in lines {
            writer.line(line).unwrap();
        }
        writer.finish().unwrap()
    }

    fn opened(bytes: &[u8], key: u8) -> Result<Vec<String>, BadFile> {
        let sealer = Sealer::new([key; 32]);
        let mut reader = SealedReader::begin(bytes, &sealer)?;
        let mut lines = Vec::new();
        while let Some(line) = reader.line()? {
            lines.push(line);
        }
        Ok(lines)
    }

    /// Four pieces and a line longer than one of them.
    fn long() -> Vec<String> {
        (0..5).map(|at| format!("{at}").repeat(if at == 2 { 2 * PIECE } else { PIECE / 3 })).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        for lines in [Vec::new(), vec![String::new()], vec!["one".to_owned(), "two".to_owned()], long()] {
            assert_eq!(opened(&sealed(&lines, 1), 7).unwrap(), lines);
        }
        let exact = vec!["x".repeat(PIECE - 1)];
        assert_eq!(opened(&sealed(&exact, 1), 7).unwrap(), exact);
        let clear = sealed(&["a secret of the tests".to_owned()], 1);
        assert!(!String::from_utf8(clear).unwrap().contains("secret"));
    }

    #[test]
    fn nothing_of_it_can_be_cut_changed_moved_or_mixed() {
        let whole = sealed(&long(), 1);
        let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        assert!(lines.len() > 4);
        let other = sealed(&long(), 2);
        let foreign: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
        let join = |places: &[usize]| places.iter().flat_map(|place| lines[*place].to_vec()).collect::<Vec<u8>>();
        let all: Vec<usize> = (0..lines.len()).collect();
        assert_eq!(join(&all), whole);

        assert!(matches!(opened(&whole, 8), Err(BadFile::DoesNotOpen)), "another key");
        assert!(matches!(opened(b"", 7), Err(BadFile::Foreign)));
        assert!(matches!(opened(b"SQLite format 3\0", 7), Err(BadFile::Foreign)));
        for cut in 1..lines.len() {
            assert!(matches!(opened(&join(&all[..cut]), 7), Err(BadFile::CutOff(_))), "{cut}");
        }
        for cut in lines[0].len()..whole.len() - 1 {
            if cut % 1013 == 0 {
                assert!(opened(&whole[..cut], 7).is_err(), "cut at {cut}");
            }
        }
        let last = lines.len() - 1;
        let mut swapped = all.clone();
        swapped.swap(1, 2);
        let mut without = all.clone();
        without.remove(2);
        for places in [swapped, without, vec![0, last], vec![0, 2, 3]] {
            assert!(opened(&join(&places), 7).is_err(), "{places:?}");
        }
        let twice = [whole.clone(), lines[last].to_vec()].concat();
        assert!(matches!(opened(&twice, 7), Err(BadFile::TooLong)));
        let mixed = [lines[0], lines[1], foreign[2]].concat();
        assert!(opened(&mixed, 7).is_err());
        let mut changed = whole.clone();
        let at = lines[0].len() + lines[1].len() + 100;
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(matches!(opened(&changed, 7), Err(BadFile::Changed(1))));
    }
}
