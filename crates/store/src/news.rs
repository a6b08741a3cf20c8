//! One number that says whether anything has changed that nodes keep in memory. It is written in the transaction of the
//! change, so that whoever sees it grow finds the change there.

use crate::backend::Statement;

pub(crate) const COUNT: &str = "SELECT count FROM counters WHERE name = 'news'";
const BUMP: &str = "INSERT INTO counters (name, count) VALUES ('news', 1) \
     ON CONFLICT (name) DO UPDATE SET count = counters.count + 1 RETURNING count";

pub(crate) fn bump() -> Statement {
    Statement::guarded(BUMP, [])
}
