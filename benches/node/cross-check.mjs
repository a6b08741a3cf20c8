// Gives a hundred odd requests, good ones and the kit's bad ones, to Amazon's own verifier (ask-sdk-express-adapter) and compares its verdicts with ours.
//
//   cargo run --package sayso-skill --example odd_requests --features kit > /tmp/requests.json
//   cd benches/node && npm install && node cross-check.mjs /tmp/requests.json
//
// Nothing leaves the process: the chain comes from the file, the root of the tests stands in for the public ones, and it is the
// time of the tests.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { AMAZON, standIn } from './loopback.mjs';

const require = createRequire(import.meta.url);
const { now, root, address, posts } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const RealDate = Date;
globalThis.Date = class extends RealDate {
    constructor(...parts) {
        super(...(parts.length === 0 ? [now] : parts));
    }
    static now() {
        return now;
    }
};
let served;
standIn(root, () => served);
const { SkillRequestSignatureVerifier, TimestampVerifier } = require('ask-sdk-express-adapter');

let agree = 0;
const differences = [];
for (const post of posts) {
    served = post;
    // Headers that are there twice are joined, as Node's own HTTP server does.
    const headers = {};
    if (post.signatures.length > 0) headers['Signature-256'] = post.signatures.join(', ');
    const addresses = post.chainUrls.map((url) => (url === address ? AMAZON : url));
    if (addresses.length > 0) headers.SignatureCertChainUrl = addresses.join(', ');
    const body = Buffer.from(post.body, 'base64').toString('utf8');
    let amazon = 200;
    let said = '';
    try {
        await new SkillRequestSignatureVerifier().verify(body, headers);
        await new TimestampVerifier().verify(body);
    } catch (error) {
        amazon = 400;
        said = error.message;
    }
    if (amazon === post.sayso) agree += 1;
    else differences.push({ why: post.why.slice(0, 70), sayso: post.sayso, amazon, said: said.slice(0, 60) });
}
console.log(`${posts.length} requests, the same verdict on ${agree}; the good one: ${posts[0].sayso}`);
console.table(differences);
// RFC 8259 lets a reader pass over it; JSON.parse does not.
const isKnown = (found) => found.sayso === 400 || found.why === 'a byte order mark';
process.exitCode = posts[0].sayso === 200 && differences.every(isKnown) ? 0 : 1;
