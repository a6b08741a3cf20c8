//! What a skill in local development needs to believe this simulator as it believes Amazon, without a change in its code.

use std::path::Path;

use crate::keep::{private_folder, write_private};

/// Loaded into a skill's process before its own code (`node --require`), it leads the official SDK to the simulator.
const FOR_NODE: &str = r"// Made by Sayso's simulator. Loaded before a skill's own code (node --require), it makes the process believe this simulator as
// it believes Amazon: the certificate chain is fetched from here, and the simulator's root is trusted. For local development only.
'use strict';
const http = require('node:http');
const https = require('node:https');
const tls = require('node:tls');
const Module = require('node:module');

const AMAZON = 'https://s3.amazonaws.com/echo.api/';
const HERE = $HERE;
const ROOT = $ROOT;

const get = https.get;
https.get = function (target, ...rest) {
  const url = String((target && target.href) || target);
  return url.startsWith(AMAZON) ? http.get(HERE + url.slice(AMAZON.length), ...rest) : get.call(https, target, ...rest);
};

const trusting = Object.create(tls, {
  rootCertificates: { enumerable: true, value: Object.freeze([...tls.rootCertificates, ROOT]) },
});
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === 'tls' || request === 'node:tls' ? trusting : load.call(this, request, ...rest);
};
";

/// Writes `trust/root.pem` and `trust/node.cjs` into the data folder.
pub(crate) fn write(folder: &Path, root_pem: &str, chain_prefix: &str) -> std::io::Result<()> {
    let folder = folder.join("trust");
    private_folder(&folder)?;
    write_private(&folder.join("root.pem"), root_pem.as_bytes())?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let script = FOR_NODE.replace("$HERE", &quoted(chain_prefix)).replace("$ROOT", &quoted(root_pem));
    write_private(&folder.join("node.cjs"), script.as_bytes())
}
