//! A client's secrets: written in the file, in a file of their own, or as the digests that are kept of them.

use std::fs::{self, File};
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use sayso_token::digest::Digest;
use sayso_token::encoding::from_base64url;
use sayso_token::secret::Secret;
use toml::Spanned;

use super::finding::Findings;
use super::{beside, shape};

/// The shortest secret, in characters.
const SHORTEST: usize = 32;
/// While one secret is being replaced by another, both are good.
const MOST: usize = 2;
/// No file of secrets is larger.
const LARGEST_FILE: u64 = 4096;
const WHY_LONG: &str = "write at least 32 random characters: it is kept as a plain digest, which only a long random \
                        secret survives being guessed from";

/// The digests of the client's secrets.
pub(super) fn digests(table: &shape::Client, findings: &mut Findings<'_>) -> Vec<Digest> {
    if let (None, Some(old)) = (&table.secret, &table.old_secret) {
        let fix = "write the secret that replaces it as secret; in secret_file, the two stand on lines of their own";
        findings.error(old.span(), "old_secret", "old_secret stands without secret", fix);
    }
    match (&table.secret, &table.secret_file, &table.secret_digests) {
        (Some(secret), None, None) => {
            let mut digests = Vec::from_iter(one(secret.get_ref().expose(), secret.span(), "secret", findings));
            if let Some(old) = &table.old_secret {
                digests.extend(one(old.get_ref().expose(), old.span(), "old_secret", findings));
            }
            digests
        }
        (None, Some(file), None) => from_file(file, "secret_file", findings),
        (None, None, Some(digests)) => written_out(digests, "secret_digests", findings),
        (None, None, None) => Vec::new(),
        _ => {
            let what = "only one of secret, secret_file and secret_digests can be there";
            findings.error(table.id.span(), "secret", what, "keep one of them");
            Vec::new()
        }
    }
}

/// Digests as `sayso export` writes them.
pub(super) fn written_out(digests: &Spanned<Vec<shape::Text>>, key: &str, findings: &mut Findings<'_>) -> Vec<Digest> {
    if digests.get_ref().is_empty() || digests.get_ref().len() > MOST {
        let what = format!("{} secrets stand in it", digests.get_ref().len());
        let fix = "write the digest of one secret, or of two while one is being replaced";
        findings.error(digests.span(), key, what, fix);
    }
    let mut one = |written: &shape::Text| {
        let digest = from_base64url(written.get_ref()).and_then(|bytes| Digest::from_bytes(&bytes));
        if digest.is_none() {
            // It is not quoted: somebody may have put the secret itself here.
            let fix = "take it from `sayso export`: the SHA-256 of the secret in base64url, 43 letters";
            findings.error(written.span(), key, "this is no digest", fix);
        }
        digest
    };
    digests.get_ref().iter().filter_map(&mut one).collect()
}

fn one(secret: &str, span: Range<usize>, key: &str, findings: &mut Findings<'_>) -> Option<Digest> {
    if secret.chars().count() < SHORTEST {
        findings.error(span, key, format!("the secret is shorter than {SHORTEST} characters"), WHY_LONG);
        return None;
    }
    if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        let what = "the secret holds a blank, a control character or a letter beyond ASCII";
        findings.error(span, key, what, "use visible ASCII characters: it travels in headers and forms");
        return None;
    }
    Some(Digest::of(secret.as_bytes()))
}

/// The digests of the secrets in a file, one a line.
pub(super) fn from_file(written: &shape::Text, key: &str, findings: &mut Findings<'_>) -> Vec<Digest> {
    let (span, path) = (written.span(), beside(findings.file(), written.get_ref()));
    let text = match text_of(written, findings) {
        Ok(text) => text,
        Err((what, fix)) => {
            findings.error(span, key, what, fix);
            return Vec::new();
        }
    };
    let secrets: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if secrets.is_empty() || secrets.len() > MOST {
        let what = format!("{}: {} secrets stand in it", path.display(), secrets.len());
        let fix = "write one secret, or two on lines of their own while one is being replaced";
        findings.error(span.clone(), key, what, fix);
    }
    secrets.into_iter().filter_map(|secret| one(secret, span.clone(), key, findings)).collect()
}

/// What stands in the file with a secret, or what is wrong with it and what to do.
pub(super) fn text_of(written: &shape::Text, findings: &Findings<'_>) -> Result<String, (String, &'static str)> {
    let path = beside(findings.file(), written.get_ref());
    read(&path).map_err(|(what, fix)| (format!("{}: {what}", path.display()), fix))
}

/// The one secret in the file at `path`, or what is wrong with it.
pub(crate) fn read_secret(path: &Path) -> Result<Secret, (String, &'static str)> {
    let text = read(path)?;
    let mut secrets = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (secrets.next(), secrets.next()) {
        (Some(secret), None) if secret.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Secret::new(secret)),
        (Some(_), None) => {
            Err(("the secret in it holds more than visible ASCII".into(), "take it anew from the provider"))
        }
        _ => Err(("not one secret stands in it".into(), "write the secret that the provider gave, and nothing else")),
    }
}

fn read(path: &Path) -> Result<String, (String, &'static str)> {
    let broken =
        |error: std::io::Error| (error.to_string(), "give the path of a text file, from this file's folder on");
    let file = File::open(path).map_err(broken)?;
    if read_by_others(&file.metadata().map_err(broken)?) {
        return Err(("others on this machine can read it".into(), "chmod 600 it"));
    }
    let mut text = String::new();
    file.take(LARGEST_FILE).read_to_string(&mut text).map_err(broken)?;
    Ok(text)
}

/// Whether everyone on this machine may read the file.
pub(crate) fn read_by_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o004 != 0
}
