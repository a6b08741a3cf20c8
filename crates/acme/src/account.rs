//! The account at the directory.

use instant_acme::{Account, AccountCredentials, ExternalAccountKey, NewAccount};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::directory::Directory;
use crate::failure::Failure;
use crate::keep::{Item, Keep};
use crate::settings::Settings;

/// An account as it is kept, with its key.
#[derive(Serialize, Deserialize)]
struct Kept {
    directory: String,
    contact: Option<String>,
    credentials: serde_json::Value,
}

/// The account that is kept, otherwise a new one. A contact that was changed is told to the authority.
pub(crate) async fn account(settings: &Settings, keep: &dyn Keep, directory: &Directory) -> Result<Account, Failure> {
    let Some((mut kept, credentials)) = kept(settings, keep).await? else {
        return new(settings, keep, directory).await;
    };
    let builder = Account::builder_with_http(Box::new(directory.clone()));
    let account = builder.from_credentials(credentials).await.map_err(|error| Failure::of(&error))?;
    if kept.contact != settings.contact {
        account.update_contacts(&contacts(settings)).await.map_err(|error| Failure::of(&error))?;
        kept.contact.clone_from(&settings.contact);
        save(&kept, keep).await?;
    }
    Ok(account)
}

async fn kept(settings: &Settings, keep: &dyn Keep) -> Result<Option<(Kept, AccountCredentials)>, Failure> {
    let Some(text) = keep.load(&Item::Account).await? else { return Ok(None) };
    let read = serde_json::from_slice::<Kept>(&text).and_then(|kept| {
        let credentials = serde_json::from_value(kept.credentials.clone())?;
        Ok((kept, credentials))
    });
    match read {
        Ok((kept, credentials)) if kept.directory == settings.directory => Ok(Some((kept, credentials))),
        Ok(_) => Ok(None),
        Err(_) => {
            // The error could quote what stands there.
            tracing::warn!("the account that is kept cannot be read; another one is made");
            Ok(None)
        }
    }
}

/// Makes an account, in place of one that may be kept.
pub(crate) async fn new(settings: &Settings, keep: &dyn Keep, directory: &Directory) -> Result<Account, Failure> {
    let external = settings.external_account.as_ref();
    let external = external.map(|account| ExternalAccountKey::new(account.id.clone(), &account.key));
    let contact = contacts(settings);
    let wanted = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let builder = Account::builder_with_http(Box::new(directory.clone()));
    let made = builder.create(&wanted, settings.directory.clone(), external.as_ref()).await;
    let (account, credentials) = made.map_err(|error| match Failure::of(&error) {
        // Whatever is refused here is the account.
        Failure::Refused(text) | Failure::Validation(text) => Failure::Account(text),
        other => other,
    })?;
    let credentials = serde_json::to_value(&credentials).map_err(|error| Failure::Keep(error.to_string()))?;
    let kept = Kept { directory: settings.directory.clone(), contact: settings.contact.clone(), credentials };
    save(&kept, keep).await?;
    tracing::info!(directory = settings.directory, account = account.id(), "an account was made for certificates");
    Ok(account)
}

fn contacts(settings: &Settings) -> Vec<&str> {
    settings.contact.iter().map(String::as_str).collect()
}

async fn save(kept: &Kept, keep: &dyn Keep) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(kept).map_err(|error| Failure::Keep(error.to_string()))?;
    Ok(keep.save(&Item::Account, &Zeroizing::new(text)).await?)
}
