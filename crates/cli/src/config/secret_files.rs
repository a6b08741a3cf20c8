//! Which files with secrets a configuration names.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use toml::{Table, Value};

use super::beside;

/// Whose secret a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileOf {
    /// Of the client with this id.
    Client(String),
    /// Somebody's first password.
    User,
}

/// A file that a configuration keeps a secret in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretFile {
    /// Whose it is.
    pub(crate) of: FileOf,
    /// Where it is, or would be.
    pub(crate) path: PathBuf,
}

/// The files with secrets of clients and people that the configuration at `file` names, whether they are there or not.
///
/// # Errors
/// The file cannot be read. What is wrong in it is said when it is read for use.
pub(crate) fn files_with_secrets(file: &Path) -> anyhow::Result<Vec<SecretFile>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let table: Table = toml::from_str(&text).unwrap_or_default();
    let clients = tables(table.get("authority")).flat_map(|authority| tables(authority.get("client")));
    let of_clients = clients.filter_map(|client| {
        let of = FileOf::Client(client.get("id")?.as_str()?.to_owned());
        Some(SecretFile { of, path: beside(file, client.get("secret_file")?.as_str()?) })
    });
    let of_users = tables(table.get("user")).filter_map(|user| {
        Some(SecretFile { of: FileOf::User, path: beside(file, user.get("password_file")?.as_str()?) })
    });
    Ok(of_clients.chain(of_users).collect())
}

fn tables(list: Option<&Value>) -> impl Iterator<Item = &Table> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_named_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sayso.toml");
        let text = r#"
            user = [{ username = "ada", password_file = "k/ada" }, { username = "eve", password = "in the clear" }]
            [[authority]]
            client = [{ id = "a", secret_file = "k/a" }, { id = "b", secret = "here" }]
            [[authority]]
            [[authority.client]]
            id = "c"
            secret_file = "/k/c"
        "#;
        std::fs::write(&file, text).unwrap();
        let found = files_with_secrets(&file).unwrap();
        let of = |id: &str| FileOf::Client(id.to_owned());
        let expected = [
            (of("a"), folder.path().join("k/a")),
            (of("c"), "/k/c".into()),
            (FileOf::User, folder.path().join("k/ada")),
        ];
        assert_eq!(found, expected.map(|(of, path)| SecretFile { of, path }));
        std::fs::write(&file, "no [toml").unwrap();
        assert_eq!(files_with_secrets(&file).unwrap(), []);
        assert!(files_with_secrets(&folder.path().join("nowhere")).is_err());
    }
}
