// The skill SDK beside Amazon's own for Node, in one run: the same skill, the same requests, the same core. Prints the table of
// docs/performance.md. `make sdk` builds what it needs; ROUNDS and REQUESTS change how much is measured.
//
//   node beside.mjs FOLDER      the folder with skill-server, skill-function, skill-signer and token-check
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { firstAnswer } from './function.mjs';
import { AMAZON } from './loopback.mjs';
import { Server } from './server.mjs';

const programs = process.argv[2];
if (!programs) throw new Error('name the folder with the programs of sayso-benches-skill');
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REQUESTS = Number(process.env.REQUESTS ?? 1500);
const STARTS = 9;
const CORE = 0;

const folder = mkdtempSync(join(tmpdir(), 'sayso-beside-'));
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/// Signed requests, fresh and each with an id of its own.
class Signer {
    constructor() {
        this.child = spawn(join(programs, 'skill-signer'), { stdio: ['pipe', 'pipe', 'inherit'] });
        this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    }

    async line() {
        return JSON.parse((await this.lines.next()).value);
    }

    async requests(count) {
        this.child.stdin.write(`${count}\n`);
        const requests = [];
        while (requests.length < count) requests.push(await this.line());
        return requests;
    }
}

function post(path, { body, signature }, chainUrl) {
    const head = [
        `POST ${path} HTTP/1.1`, 'host: skill.test', 'content-type: application/json;charset=UTF-8', 'accept: application/json',
        `content-length: ${Buffer.byteLength(body)}`, `signature-256: ${signature}`, `signaturecertchainurl: ${chainUrl}`,
    ];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function row(name, figure, measured, unit, demanded, met) {
    console.log(`| ${name} | ${figure} | ${measured.toFixed(2)}${unit} | ${demanded} | ${met ? 'yes' : '**no**'} |`);
}

/// At least so many times what Sayso takes.
function times(name, figure, measured, least) {
    row(name, figure, measured, ' times', `at least ${least}`, measured >= least);
}

async function costs(signer, sides) {
    for (const [path, name, least] of [['/', 'verified', 6], ['/unverified', 'unverified', 5]]) {
        const seen = { sayso: [], node: [], ratio: [] };
        // One round for the caches, which does not count.
        for (let round = -1; round < ROUNDS; round += 1) {
            const requests = await signer.requests(REQUESTS);
            const cost = {};
            for (const side of round % 2 === 0 ? ['sayso', 'node'] : ['node', 'sayso']) {
                const { server, chainUrl } = sides[side];
                cost[side] = await server.answers(requests.map((request) => post(path, request, chainUrl)));
            }
            if (round < 0) continue;
            seen.sayso.push(cost.sayso);
            seen.node.push(cost.node);
            seen.ratio.push(cost.node / cost.sayso);
        }
        const figure = `${median(seen.node).toFixed(0)} µs on Node, ${median(seen.sayso).toFixed(1)} µs`;
        times(`a request, ${name}, by CPU`, figure, median(seen.ratio), least);
    }
}

/// From the start of the process to its first verified answer, and what it holds then.
async function starts(signer, sides) {
    const seen = { sayso: [], node: [] };
    for (let start = 0; start < STARTS; start += 1) {
        const [request] = await signer.requests(1);
        for (const side of ['sayso', 'node']) {
            const { command, chainUrl } = sides[side];
            const server = await Server.start(command);
            await server.answers([post('/', request, chainUrl)]);
            seen[side].push({ wall: performance.now() - server.begun, cpu: server.cpu(), memory: server.memory() });
            await server.stop();
        }
    }
    const of = (side, what) => median(seen[side].map((found) => found[what]));
    const ratio = (what) => median(seen.node.map((found, start) => found[what] / seen.sayso[start][what]));
    const beside = (what, unit) => `${of('node', what).toFixed(1)} ${unit} on Node, ${of('sayso', what).toFixed(1)} ${unit}`;
    times('resident memory, idle after the first answer', beside('memory', 'MiB'), ratio('memory'), 8);
    times('start to first verified answer, by wall clock', beside('wall', 'ms'), ratio('wall'), 20);
    times('start to first verified answer, by CPU', beside('cpu', 'ms'), ratio('cpu'), 20);
}

async function lambda(signer) {
    const program = join(programs, 'skill-function');
    const size = statSync(program).size / 1e6;
    row('Lambda bootstrap', 'the file, not packed', size, ' MB', 'below 10 MB', size < 10);
    const [{ body }] = await signer.requests(1);
    const seen = [];
    for (let start = 0; start < STARTS; start += 1) seen.push(await firstAnswer(program, body));
    const wall = median(seen.map((found) => found.wall));
    const figure = `CPU ${median(seen.map((found) => found.cpu)).toFixed(1)} ms`;
    row('Lambda start to first answer, by wall clock', figure, wall, ' ms', 'below 20 ms', wall < 20);
}

const signer = new Signer();
let chains;
const sides = {};
try {
    const { root, chain } = await signer.line();
    writeFileSync(join(folder, 'root.pem'), root);
    writeFileSync(join(folder, 'node.json'), JSON.stringify({ root, chain }));
    chains = createServer((_request, response) => response.end(chain));
    await new Promise((resolve) => chains.listen(0, '127.0.0.1', resolve));
    const prefix = `http://127.0.0.1:${chains.address().port}/echo.api/`;
    sides.sayso = { command: [join(programs, 'skill-server'), join(folder, 'root.pem'), prefix], chainUrl: `${prefix}chain.pem` };
    const script = join(import.meta.dirname, 'skill.mjs');
    sides.node = { command: [process.execPath, script, join(folder, 'node.json')], chainUrl: AMAZON };

    const version = (name) => JSON.parse(readFileSync(join(import.meta.dirname, 'node_modules', name, 'package.json'))).version;
    const parts = ['ask-sdk-core', 'ask-sdk-express-adapter', 'express'].map((name) => `${name} ${version(name)}`);
    console.log(`${cpus().length} cores, ${cpus()[0].model}, Linux ${release()}; load before the run ${loadavg()[0].toFixed(1)}.`);
    console.log(`Node ${process.version}, ${parts.join(', ')}.\n`);
    console.log('| what | figure | measured | demanded | met |\n|---|---|---|---|---|');
    for (const side of Object.values(sides)) side.server = await Server.start(side.command, CORE);
    await costs(signer, sides);
    for (const side of Object.values(sides)) await side.server.stop();
    await starts(signer, sides);
    const { bare, checked, ratio } = JSON.parse(execFileSync(join(programs, 'token-check'), { encoding: 'utf8' }));
    const figure = `${(checked / 1e3).toFixed(1)} µs, the bare RSA verification ${(bare / 1e3).toFixed(1)} µs`;
    row('local token check', figure, ratio, '', 'at least 0.6', ratio >= 0.6);
    await lambda(signer);
} finally {
    for (const { server } of Object.values(sides)) server?.child.kill('SIGKILL');
    signer.child.kill();
    chains?.close();
    chains?.closeAllConnections();
    rmSync(folder, { recursive: true });
}
