// A Lambda function in front of a stand-in of the platform's runtime API.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { cpuOf } from './server.mjs';

const ENVIRONMENT = {
    AWS_LAMBDA_FUNCTION_NAME: 'skill',
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    AWS_LAMBDA_LOG_GROUP_NAME: 'group',
};

/// Starts the function, hands it one event, and tells how long it took from its start to its answer, and the CPU it used, in milliseconds.
export async function firstAnswer(program, event) {
    let answered;
    const answer = new Promise((resolve) => (answered = resolve));
    let handedOut = false;
    const api = createServer((request, response) => {
        if (request.url.endsWith('/invocation/next')) {
            // The second call waits for its event until the function is ended.
            if (handedOut) return;
            handedOut = true;
            response.setHeader('lambda-runtime-aws-request-id', '1');
            response.setHeader('lambda-runtime-deadline-ms', String(Date.now() + 8_000));
            response.setHeader('lambda-runtime-invoked-function-arn', 'arn:aws:lambda:eu-west-1:1:function:skill');
            response.setHeader('content-type', 'application/json');
            response.end(event);
            return;
        }
        const at = performance.now();
        const pieces = [];
        request.on('data', (piece) => pieces.push(piece));
        request.on('end', () => {
            response.statusCode = 202;
            response.end();
            answered({ at, url: request.url, body: Buffer.concat(pieces).toString() });
        });
    });
    await new Promise((resolve) => api.listen(0, '127.0.0.1', resolve));
    const env = { ...ENVIRONMENT, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api.address().port}` };
    const begun = performance.now();
    const child = spawn(program, [], { stdio: ['ignore', 'ignore', 'inherit'], env });
    const ended = new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
    const { at, url, body } = await answer;
    const cpu = cpuOf(child.pid);
    child.kill('SIGKILL');
    await ended;
    api.closeAllConnections();
    api.close();
    if (!url.endsWith('/response') || !body.includes('Your favorite color is teal.')) throw new Error(`${url}: ${body}`);
    return { wall: at - begun, cpu };
}
