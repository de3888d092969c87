// The package in a page, in headless Chromium: page.html is served from this machine, and tells what it found.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {extname, join} from 'node:path';
import test from 'node:test';

const kChromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// Debian's node-yaml, or what npm installed: both have the build for browsers.
const kYaml = ['/usr/share/nodejs/yaml/browser', 'node_modules/yaml/browser'].find(existsSync);
const kTypes = {'.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm'};
const kWait = 120_000;  // on a busy machine the first start takes long

const skip = !kChromium ? 'skipped: no Chromium; scripts/setup --with-web installs it' :
    !kYaml ? 'skipped: no package yaml; scripts/setup --with-web installs it' : false;

function file_of(path) {
  const [, folder, rest] = /^\/(weir|yaml)\/([\w/.-]+)$/.exec(path) ?? [];
  if (folder && !rest.includes('..')) return join(folder === 'weir' ? process.env.WEIR_WEB : kYaml, rest);
  return path === '/' ? 'tests/web/page.html' : path === '/page.js' ? 'tests/web/page.js' : undefined;
}

// Serves the page; `reported` is settled with what it posts.
function serve() {
  let settle;
  const reported = new Promise((resolve) => settle = resolve);
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/report') {
      let body = '';
      request.on('data', (piece) => body += piece);
      request.on('end', () => {
        response.end();
        settle(JSON.parse(body));
      });
      return;
    }
    const file = file_of(request.url);
    if (!file || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': kTypes[extname(file)] ?? 'text/plain',
      // All that a page must allow for the package.
      'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    });
    response.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({server, reported})));
}

test('the package works in a page', {skip, timeout: kWait + 10_000}, async (context) => {
  const {server, reported} = await serve();
  const profile = mkdtempSync(join(tmpdir(), 'weir-page-'));
  const browser = spawn(kChromium, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`,
    `http://127.0.0.1:${server.address().port}/`,
  ], {stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  browser.stderr.on('data', (piece) => said += piece);
  const closed = new Promise((resolve) => browser.on('close', resolve));
  try {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`no report came:\n${said}`)), kWait).unref());
    const report = await Promise.race([reported, late]);
    assert.ok(report.length >= 8);
    for (const {name, error} of report) await context.test(name, () => assert.equal(error, undefined));
  } finally {
    browser.kill('SIGKILL');
    await closed;
    server.closeAllConnections();
    server.close();
    rmSync(profile, {recursive: true, force: true, maxRetries: 5});
  }
});
