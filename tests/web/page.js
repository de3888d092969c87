// What the page does, and what is checked of it: each check throws where something is not as it must be. The test that
// serves the page gets the list by POST /report.
import * as weir from '/weir/index.js';
import * as yaml from '/yaml/index.js';

const kTriggers = JSON.stringify({
  interval: '5m',
  config: [{url: 'https://a.example', headers: {Authorization: 'Bearer é😀'}, payloadTemplate: '{"a": 1}', maxAttempts: 7}],
});

const kCatalog = `collections:
  shop/orders:
    key: [/id]
    schema: { type: object, required: [id], properties: { id: { type: integer, pattern: "^(?<n>a)$" } } }
materializations:
  shop/tables:
    endpoint: { sqlite: { path: shop.sqlite } }
    bindings:
      - { source: shop/orders, resource: { table: orders } }
    triggers:
      config:
        - name: ci
          url: https://ci.example.com/build
          interval: 0s
          onExhausted: park
          delivery: background
          payloadTemplate: '{"tables": {{json tables}}}'
`;

function same(actual, expected, what = '') {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`);
}

function thrown(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error(`${call} threw nothing`);
}

// The page itself: problems are listed as the text changes.
const catalog = document.querySelector('#catalog');
catalog.addEventListener('input', () => {
  const items = weir.validate_flow(catalog.value, {yaml}).map(({line, column, code, message}) => {
    const item = document.createElement('li');
    item.textContent = `${line}:${column}: ${message} [${code}]`;
    return item;
  });
  document.querySelector('#problems').replaceChildren(...items);
});

function type(text) {
  catalog.value = text;
  catalog.dispatchEvent(new InputEvent('input'));
  return [...document.querySelectorAll('#problems li')].map((item) => item.textContent);
}

const checks = {
  'the schema is a plain object'() {
    const schema = weir.get_trigger_config_schema();
    same(Object.getPrototypeOf(schema) === Object.prototype, true);
    same(schema.required, ['config']);
  },
  'strip and restore are inverse'() {
    const {stripped, originals} = weir.strip_trigger_hmac_excluded_fields(kTriggers);
    const [trigger] = JSON.parse(stripped).config;
    same([trigger.payloadTemplate, trigger.timeout, trigger.maxAttempts], ['', '0s', 0]);
    same(trigger.headers, {Authorization: 'Bearer é😀'});
    const block = JSON.parse(weir.restore_trigger_hmac_excluded_fields(stripped, originals));
    same([block.interval, block.config[0].payloadTemplate, block.config[0].maxAttempts], ['5m', '{"a": 1}', 7]);
  },
  'published errors are strings'() {
    const error = thrown(() => weir.strip_trigger_hmac_excluded_fields('{'));
    same([typeof error, error.startsWith('invalid triggers JSON: ')], ['string', true]);
  },
  'a catalog is checked while it is typed'() {
    same(type(kCatalog), []);
    const [problem, ...others] = type(kCatalog.replace('source: shop/orders', 'source: shop/oders'));
    same([problem.startsWith('9:19: '), others.length], [true, 0], problem);
    same(type('a: [1')[0].startsWith('1:'), true);
  },
  'payloads are rendered, or refused with their place'() {
    same(weir.render_payload('{"who": "{{name}}"}', {name: 'a"ü'}), '{"who": "a\\"ü"}');
    const error = thrown(() => weir.render_payload('{\n{{missing}}}', {}));
    same([error instanceof weir.TemplateError, error.line, error.column], [true, 2, 3]);
  },
  'templates are inspected'() {
    same(weir.inspect_template('{{#each tables}}{{name}}{{/each}}').paths, ['tables', 'tables.name']);
  },
  'deep and large input leaves the module usable'() {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    same(typeof thrown(() => weir.strip_trigger_hmac_excluded_fields(deep)), 'string');
    same(type('['.repeat(5000)).length > 0, true);
    thrown(() => weir.render_payload('{{#if a}}'.repeat(7000) + '{{/if}}', {}));
    const long = 'x'.repeat(500_000);
    same(weir.render_payload('{{a}}', {a: long}).length, long.length);
  },
  'nothing but this page and its files was asked for'() {
    const asked = performance.getEntriesByType('resource').map(({name}) => new URL(name));
    same(asked.filter(({origin}) => origin !== location.origin).map(String), []);
    same(asked.some(({pathname}) => pathname === '/weir/weir.wasm'), true);
  },
};

const report = Object.entries(checks).map(([name, check]) => {
  try {
    check();
    return {name};
  } catch (error) {
    return {name, error: error?.stack ?? String(error)};
  }
});
document.querySelector('#done').textContent = `${report.filter(({error}) => !error).length} of ${report.length}`;
await fetch('/report', {method: 'POST', body: JSON.stringify(report)});
