// A server in a process of its own, what it uses, and callers in front of it.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const CALLERS = 8;

/// The CPU that the present threads of a process have used, in milliseconds.
export function cpuOf(pid) {
    const folder = `/proc/${pid}/task`;
    const nanos = readdirSync(folder).map((thread) =>
        Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]));
    return nanos.reduce((sum, used) => sum + used, 0) / 1e6;
}

export class Server {
    /// Starts it, on one core when one is named; ready when it has told its port.
    static async start(command, core) {
        const words = core === undefined ? command : ['taskset', '--cpu-list', String(core), ...command];
        const begun = performance.now();
        const env = { ...process.env, NODE_ENV: 'production' };
        const child = spawn(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], env });
        const server = new Server(child, begun);
        for await (const line of createInterface({ input: child.stdout })) {
            server.port = Number(line);
            return server;
        }
        throw new Error(`${command[0]} did not start`);
    }

    constructor(child, begun) {
        Object.assign(this, { child, begun });
    }

    cpu() {
        return cpuOf(this.child.pid);
    }

    /// Resident memory in MiB.
    memory() {
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
    }

    stop() {
        const ended = new Promise((resolve) => this.child.once('exit', resolve));
        this.child.kill('SIGKILL');
        return ended;
    }

    /// Posts all of the requests, several callers at a time; the CPU in microseconds for each.
    async answers(posts) {
        const before = this.cpu();
        let next = 0;
        const caller = async () => {
            const line = await Line.to(this.port);
            while (next < posts.length) await line.ask(posts[next++]);
            line.close();
        };
        await Promise.all(Array.from({ length: Math.min(CALLERS, posts.length) }, caller));
        return ((this.cpu() - before) * 1000) / posts.length;
    }
}

/// A kept connection, one request at a time.
class Line {
    static to(port) {
        return new Promise((resolve, reject) => {
            const socket = connect(port, '127.0.0.1', () => resolve(new Line(socket)));
            socket.setNoDelay(true);
            socket.once('error', reject);
        });
    }

    constructor(socket) {
        this.socket = socket;
        this.heard = '';
        socket.on('data', (bytes) => {
            this.heard += bytes.toString('latin1');
            this.read();
        });
        socket.on('close', () => this.turn?.reject(new Error('the server closed the connection')));
    }

    ask(bytes) {
        return new Promise((resolve, reject) => {
            this.turn = { resolve, reject };
            this.socket.write(bytes);
        });
    }

    read() {
        const end = this.heard.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = Number(/content-length: *(\d+)/i.exec(this.heard.slice(0, end))?.[1]);
        const whole = end + 4 + length;
        if (this.heard.length < whole) return;
        const answer = this.heard.slice(0, whole);
        this.heard = this.heard.slice(whole);
        const { resolve, reject } = this.turn;
        // Every answer counts, and must be the skill's.
        if (answer.startsWith('HTTP/1.1 200 ') && answer.includes('Your favorite color is teal.')) resolve();
        else reject(new Error(`not the skill's answer: ${answer.slice(0, 300)}`));
    }

    close() {
        this.turn = undefined;
        this.socket.destroy();
    }
}
