// A program for pods of tests: says over HTTP what it has been given. GET /env, /who, /file/PATH;
// PUT /file/PATH writes; GET /ready is 503 until the file of READY_FILE says "yes".
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const facts = {
  '/env': () => JSON.stringify({ ...process.env, argv: process.argv.slice(2).join(' ') }),
  '/who': () => readFileSync('/proc/self/status', 'utf8'),
  '/ready': () => {
    if (readFileSync(process.env.READY_FILE, 'utf8') !== 'yes') throw new Error('not yet');
    return 'ready';
  },
};

const server = createServer((request, response) => {
  try {
    const file = /^\/file(\/.*)$/.exec(request.url)?.[1];
    if (request.method === 'PUT') writeFileSync(file, 'written');
    response.end(file === undefined ? facts[request.url]() : readFileSync(file));
  } catch (error) {
    response.writeHead(503).end(String(error));
  }
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));

process.on('SIGTERM', () => {
  console.log('asked to go');
  process.exit(3);
});
