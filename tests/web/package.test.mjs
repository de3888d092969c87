// The package as a page uses it, in Node.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import test from 'node:test';
import {pathToFileURL} from 'node:url';
import {inspect} from 'node:util';
import {gzipSync} from 'node:zlib';

const weir = await import(pathToFileURL(`${process.env.WEIR_WEB}/index.js`));

// Debian's node-yaml, or one that npm installed.
function find_yaml() {
  for (const name of ['yaml', '/usr/share/nodejs/yaml']) {
    try {
      return createRequire(import.meta.url)(name);
    } catch {
      // the next
    }
  }
  return undefined;
}
const yaml = find_yaml();
const without_yaml = yaml ? false : 'the package yaml is missing';

const kTriggers = {
  interval: '5m',
  config: [
    {url: 'https://a.example', headers: {Authorization: 'Bearer canary é😀'}, payloadTemplate: '{"a": 1}',
     maxAttempts: 7, name: 'first'},
    {url: 'https://b.example', payloadTemplate: '{}', timeout: '10s'},
  ],
};

test('the schema is the published one, as a plain object', () => {
  const schema = weir.get_trigger_config_schema();
  assert.equal(Object.getPrototypeOf(schema), Object.prototype);
  assert.deepEqual(schema.required, ['config']);
  assert.equal(schema.$defs.TriggerConfig.properties.headers.additionalProperties.secret, true);
  assert.equal('delivery' in schema.$defs.TriggerConfig.properties, false);
});

test('stripping leaves placeholders, and headers alone', () => {
  const {stripped, originals} = weir.strip_trigger_hmac_excluded_fields(JSON.stringify(kTriggers));
  const block = JSON.parse(stripped);
  assert.equal('interval' in block, false);
  for (const trigger of block.config) {
    assert.deepEqual([trigger.payloadTemplate, trigger.timeout, trigger.maxAttempts, trigger.method],
                     ['', '0s', 0, 'POST']);
  }
  assert.equal(block.config[0].headers.Authorization, 'Bearer canary é😀');
  assert.ok(Array.isArray(originals));
});

test('restoring puts the fields back into what was encrypted', () => {
  const {stripped, originals} = weir.strip_trigger_hmac_excluded_fields(JSON.stringify(kTriggers));
  const block = JSON.parse(stripped);
  block.config[0].headers = {Authorization_sops: 'ENC[…]'};
  block.sops = {mac: 'ENC[…]'};
  const text = weir.restore_trigger_hmac_excluded_fields(JSON.stringify(block), originals);
  assert.equal(typeof text, 'string');
  const restored = JSON.parse(text);
  assert.equal(restored.interval, '5m');
  assert.deepEqual(restored.sops, {mac: 'ENC[…]'});
  const [first, second] = restored.config;
  assert.deepEqual(first.headers, {Authorization_sops: 'ENC[…]'});
  assert.deepEqual([first.payloadTemplate, first.maxAttempts, first.name, first.timeout],
                   ['{"a": 1}', 7, 'first', '30s']);
  assert.deepEqual([second.payloadTemplate, second.maxAttempts, second.timeout], ['{}', 3, '10s']);
});

test('originals pair with triggers by position, and what has no partner is ignored', () => {
  const {stripped, originals} = weir.strip_trigger_hmac_excluded_fields(JSON.stringify(kTriggers));
  const restored = JSON.parse(weir.restore_trigger_hmac_excluded_fields(stripped, originals.slice(0, 1)));
  assert.equal(restored.config[0].payloadTemplate, '{"a": 1}');
  assert.equal(restored.config[1].payloadTemplate, '');
  const none = weir.restore_trigger_hmac_excluded_fields('{"config": []}', originals);
  assert.deepEqual(JSON.parse(none).config, []);
});

test('errors of the published functions are strings with their prefix', () => {
  const {strip_trigger_hmac_excluded_fields: strip, restore_trigger_hmac_excluded_fields: restore} = weir;
  const table = [
    [() => strip('{'), 'invalid triggers JSON: '],
    [() => strip(''), 'invalid triggers JSON: '],
    [() => strip('{"config": 1}'), 'invalid triggers JSON: '],
    [() => restore('[', []), 'invalid encrypted JSON: '],
    [() => restore('{}', []), 'invalid encrypted JSON: '],
    [() => restore('{"config": [{}]}', {}), 'invalid originals: '],
    [() => restore('{"config": [{}]}', undefined), 'invalid originals: '],
    [() => restore('{"config": [{}]}', [1]), 'invalid originals: '],
    [() => restore('{"config": [{}]}', [{maxAttempts: 1n}]), 'invalid originals: '],
  ];
  for (const [call, prefix] of table) {
    assert.throws(call, (error) => typeof error === 'string' && error.startsWith(prefix), `${call}`);
  }
});

test('a payload is rendered, or refused with its place', () => {
  assert.equal(weir.render_payload('{"who": "{{name}}", "n": {{json list}}}', {name: 'a"b', list: [1, 'ü']}),
               '{"who": "a\\"b", "n": [1,"ü"]}');
  const refused = (template, variables) => {
    try {
      weir.render_payload(template, variables);
    } catch (error) {
      assert.ok(error instanceof weir.TemplateError && error instanceof Error);
      return [error.line, error.column, error.message];
    }
    return assert.fail('it was rendered');
  };
  assert.deepEqual(refused('{\n "a": {{missing}}}', {}).slice(0, 2), [2, 9]);
  assert.equal(refused('{{#if a}}', {})[0], 1);
  assert.match(refused('x', undefined)[2], /^invalid variables: /);
});

test('a template is inspected without variables', () => {
  assert.deepEqual(weir.inspect_template('{{#each tables}}{{name}}{{/each}} {{headers.X}}'),
                   {paths: ['headers.X', 'tables', 'tables.name'], problems: []});
  const unknown = weir.inspect_template('\n {{nope 1}}');
  assert.deepEqual(unknown.problems.map(({line, column}) => [line, column]), [[2, 4]]);
  const broken = weir.inspect_template('{{#if');
  assert.equal(broken.paths.length, 0);
  assert.equal(broken.problems.length, 1);
});

const catalog = (pattern, extra = {}) => ({
  collections: {'shop/orders': {key: ['/id'], schema: {
    type: 'object', required: ['id'], properties: {id: {type: 'string', pattern}}}}},
  materializations: {'shop/tables': {
    endpoint: {sqlite: {path: 'shop.sqlite'}},
    bindings: [{source: 'shop/orders', resource: {table: 'orders'}}], ...extra}},
});

test('a catalog of JSON is checked', () => {
  assert.deepEqual(weir.validate_flow(JSON.stringify(catalog('^\\d+$'))), []);
  const [problem, ...more] = weir.validate_flow(JSON.stringify(catalog('('), null, 1));
  assert.deepEqual(more, []);
  assert.deepEqual([problem.severity, problem.file], ['error', 'flow.json']);
  assert.ok(problem.line > 1 && problem.message !== '' && problem.pointer.startsWith('/collections/'));
  const syntax = weir.validate_flow('{\n"a" 1}');
  assert.deepEqual(syntax.map(({line}) => line), [2]);
});

test('other files are read from what is given', () => {
  const main = JSON.stringify({import: ['orders.json']});
  assert.equal(weir.validate_flow(main).length, 1);
  assert.deepEqual(weir.validate_flow(main, {files: {'orders.json': JSON.stringify(catalog('.'))}}), []);
});

test('strict makes errors of warnings', () => {
  const text = JSON.stringify(catalog('.', {triggers: {config: [
    {url: 'https://a.example', payloadTemplate: '{"id": "{{run_id}}"}'}]}}));
  const severities = (options) =>
    new Set(weir.validate_flow(text, options).map(({severity}) => severity));
  assert.deepEqual(severities(), new Set(['warning']));
  assert.deepEqual(severities({strict: true}), new Set(['error']));
});

const kFlow = `# Orders.
collections:
  shop/orders: &orders
    key: [/id]
    schema: { type: object, required: [id], properties: { id: { type: integer }, note: { type: string } } }
  shop/more:
    <<: *orders
materializations:
  shop/tables:
    endpoint: { sqlite: { path: shop.sqlite } }
    bindings:
      - { source: shop/orders, resource: { table: orders } }
      - { source: "shop/more", resource: { table: !!str 17 } }
    triggers:
      interval: 5m
      config:
        - name: ci
          url: https://ci.example.com/build
          onExhausted: park
          delivery: background
          payloadTemplate: |
            {"tables": {{json tables}}}
`;

test('a catalog of YAML is checked, with its places', {skip: without_yaml}, () => {
  assert.deepEqual(weir.validate_flow(kFlow, {yaml}), []);
  const wrong = weir.validate_flow(kFlow.replace('shop/orders, ', 'shop/oders, '), {yaml});
  assert.equal(wrong.length, 1);
  assert.deepEqual([wrong[0].file, wrong[0].line, wrong[0].column, wrong[0].pointer],
                   ['flow.yaml', 12, 19, '/materializations/shop~1tables/bindings/0/source']);
  const template = weir.validate_flow(kFlow.replace('json tables', 'json'), {yaml});
  assert.equal(template.length, 1);
});

test('what is wrong with YAML is told as weir tells it', {skip: without_yaml}, () => {
  const table = [
    ['a: [1', 1], ['a: 1\na: 2', 2], ['a: &x [*x]', 1], ['a: *none', 1], ['a: !odd 1', 1],
    ['a: 1\n---\nb: 2', 2], ['? [1]\n: 2', 1], ['a: .inf', 1], ['['.repeat(200), 1],
    ['['.repeat(200) + ']'.repeat(200), 1],
  ];
  for (const [text, line] of table) {
    const problems = weir.validate_flow(text, {yaml});
    assert.equal(problems[0]?.line, line, `${text}: ${JSON.stringify(problems)}`);
    assert.equal(problems[0].severity, 'error');
  }
  assert.deepEqual(weir.validate_flow('', {yaml}).filter(({line}) => line > 1), []);
});

test('deep or large input is refused and leaves the module usable', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  assert.throws(() => weir.strip_trigger_hmac_excluded_fields(deep),
                (error) => typeof error === 'string' && error.startsWith('invalid triggers JSON: '));
  assert.throws(() => weir.render_payload('{{#if a}}'.repeat(7000) + '{{/if}}', {}), weir.TemplateError);
  assert.throws(() => weir.render_payload('x'.repeat(1 << 20), {}), weir.TemplateError);
  const long = 'x'.repeat(500_000);
  assert.equal(weir.render_payload('{{a}}', {a: long}), long);
  assert.equal(weir.render_payload('{{a}}', {a: 1}), '1');
});

test('the page shows what the package does', () => {
  const page = readFileSync('docs/web.md', 'utf8');
  const block = /```js run\n([^`]*)```/.exec(page)[1];
  const lines = block.split('\n').filter((line) => line.includes(';') && !line.startsWith('import'));
  assert.ok(lines.length >= 3);
  for (const line of lines) {
    const [code, shown] = line.split(/;\s+\/\/ /);
    const value = new Function('weir', `with (weir) { return ${code}; }`)(weir);
    assert.equal(typeof value === 'string' ? value : inspect(value), shown, code);
  }
});

test('the module stays small', () => {
  const size = gzipSync(readFileSync(`${process.env.WEIR_WEB}/weir.wasm`), {level: 9}).length;
  assert.ok(size <= 400 << 10, `${size} bytes with gzip`);
});

test('the types name what the module exports', () => {
  const types = readFileSync(`${process.env.WEIR_WEB}/index.d.ts`, 'utf8');
  const named = [...types.matchAll(/^export (?:function|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(weir).sort());
});
