//! Writes every sample page in every language, with the style sheet, into a folder, to be looked at in a browser:
//! `cargo run -p sayso-server --example sample_pages -- target/pages`.

use std::fs;
use std::path::{Path, PathBuf};

use sayso_server::pages::{
    self, AccountPage, ConsentPage, ErrorPage, HomePage, LinkedPage, LoginPage, LogoutPage, SignedOutPage,
};
use sayso_web::pages::{Page, Pages};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    fs::create_dir_all(&folder)?;
    let pages = pages::load(None)?;
    write::<AccountPage>(&pages, &folder)?;
    write::<ConsentPage>(&pages, &folder)?;
    write::<ErrorPage>(&pages, &folder)?;
    write::<HomePage>(&pages, &folder)?;
    write::<LinkedPage>(&pages, &folder)?;
    write::<LoginPage>(&pages, &folder)?;
    write::<LogoutPage>(&pages, &folder)?;
    write::<SignedOutPage>(&pages, &folder)?;
    for name in pages.assets().names() {
        if let Some(content) = pages.assets().content(name) {
            fs::write(folder.join(name), content)?;
        }
    }
    println!("pages written to {}", folder.display());
    Ok(())
}

fn write<P: Page>(pages: &Pages, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for locale in pages.texts().locales() {
        for (number, sample) in P::samples().iter().enumerate() {
            let mut html = pages.render(sample, locale)?;
            // Files have no server: let them find the assets beside them.
            for name in pages.assets().names() {
                if let Some(url) = pages.assets().url(name) {
                    html = html.replace(&url, name);
                }
            }
            let file = format!("{}-{number}-{}.html", P::TEMPLATE.trim_end_matches(".html"), locale.tag());
            fs::write(folder.join(file), html)?;
        }
    }
    Ok(())
}
