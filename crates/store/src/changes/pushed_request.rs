//! Changes of pushed authorization requests.

use sayso_authority::record::pushed_request::PushedRequest;
use sayso_token::digest::Digest;

use crate::backend::Statement;

const ADD: &str = "INSERT INTO pushed_requests (digest, authority, client, parameters, pushed_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING digest";
const SPEND: &str = "DELETE FROM pushed_requests WHERE digest = $1 RETURNING digest";

pub(super) fn add(request: &PushedRequest) -> Statement {
    Statement::guarded(
        ADD,
        [
            (&request.digest).into(),
            (&request.authority).into(),
            (&request.client).into(),
            (&request.parameters).into(),
            request.pushed_at.into(),
            request.expires_at.into(),
        ],
    )
}

pub(super) fn spend(request: &Digest) -> Statement {
    Statement::guarded(SPEND, [request.into()])
}
