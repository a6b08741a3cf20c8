//! The skill as a Lambda function, built as it would be deployed: what `bootstrap` is.

use sayso_benches_skill::skill;
use sayso_skill::lambda::Error;
use sayso_skill::{Outside, Trust};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    sayso_skill::lambda::run(skill(Outside::system()?, Trust::Amazon)?).await
}
