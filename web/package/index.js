// Loads weir.wasm, which lies beside this file, in a browser or in Node. index.d.ts has the contract.

import {nodes_of} from './yaml.js';

const kNoSystem = 52;  // WASI's ENOSYS
const url = new URL('./weir.wasm', import.meta.url);
const compiled = await WebAssembly.compile(await bytes_of(url));

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let exports;         // of the instance; undefined after a trap, which leaves it in no known state
let patterns = new Map();
let last_pattern = 0;
let yaml_parser;     // of the call in hand

async function bytes_of(place) {
  if (place.protocol === 'file:') {
    const {readFile} = await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises');
    return readFile(place);
  }
  const response = await fetch(place);
  if (!response.ok) throw new Error(`${place}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

// Memory moves when it grows, so views of it are not kept.
const text_at = (at, size) => decoder.decode(new Uint8Array(exports.memory.buffer, at, size));

function put(text) {
  const bytes = encoder.encode(text);
  const at = exports.malloc(bytes.length || 1);
  if (at === 0) throw new RangeError('weir: out of memory');
  new Uint8Array(exports.memory.buffer).set(bytes, at);
  return [at, bytes.length];
}

function compiled_pattern(text) {
  for (const flags of ['u', '']) {  // without `u`, more escapes are allowed
    try {
      return new RegExp(text, flags);
    } catch {
      // the next
    }
  }
  return undefined;
}

const host = {
  compile_pattern(at, size) {
    const pattern = compiled_pattern(text_at(at, size));
    if (!pattern) return -1;
    patterns.set(++last_pattern, pattern);
    return last_pattern;
  },
  search: (pattern, at, size) => patterns.get(pattern).test(text_at(at, size)) ? 1 : 0,
  drop_pattern: (pattern) => void patterns.delete(pattern),
  parse_yaml(at, size, size_at) {
    if (!yaml_parser) return 0;
    const [answer, length] = put(JSON.stringify(nodes_of(yaml_parser, text_at(at, size))));
    new DataView(exports.memory.buffer).setUint32(size_at, length, true);
    return answer;
  },
};

// A failed check of the module writes why before it traps. There is nothing else to talk to.
function fd_write(_file, list, count, written_at) {
  const view = new DataView(exports.memory.buffer);
  let written = 0;
  for (let i = 0; i < count; ++i) {
    const size = view.getUint32(list + 8 * i + 4, true);
    if (size > 0) console.error(text_at(view.getUint32(list + 8 * i, true), size).trimEnd());
    written += size;
  }
  view.setUint32(written_at, written, true);
  return 0;
}

function start() {
  const system = {};
  for (const {module, name} of WebAssembly.Module.imports(compiled)) {
    if (module !== 'weir') system[name] = name === 'fd_write' ? fd_write : () => kNoSystem;
  }
  patterns = new Map();
  exports = new WebAssembly.Instance(compiled, {weir: host, wasi_snapshot_preview1: system}).exports;
  exports._initialize();
}

// The answer of an exported function to texts: {failed, text}.
function call(name, ...texts) {
  if (!exports) start();
  try {
    const given = texts.map(put);
    const at = exports[name](...given.flat());
    const [failed, size] = new Uint32Array(exports.memory.buffer, at, 2);
    const answer = {failed: failed !== 0, text: text_at(at + 8, size)};
    for (const place of [at, ...given.map(([begin]) => begin)]) exports.free(place);
    return answer;
  } catch (error) {
    exports = undefined;
    throw new Error(`weir: ${name} broke off`, {cause: error});
  }
}

// The published functions throw texts.
function published(name, ...texts) {
  const {failed, text} = call(name, ...texts);
  if (failed) throw text;
  return text;
}

export function get_trigger_config_schema() {
  return JSON.parse(published('get_trigger_config_schema'));
}

export function strip_trigger_hmac_excluded_fields(triggers) {
  return JSON.parse(published('strip_trigger_hmac_excluded_fields', triggers));
}

export function restore_trigger_hmac_excluded_fields(encrypted, originals) {
  let text;
  try {
    text = JSON.stringify(originals) ?? '';
  } catch {  // a circle, or a BigInt
    throw 'invalid originals: they are not what strip_trigger_hmac_excluded_fields gave';
  }
  return published('restore_trigger_hmac_excluded_fields', encrypted, text);
}

export function validate_flow(text, {yaml, files = {}, strict = false} = {}) {
  yaml_parser = yaml;
  try {
    const request = JSON.stringify({text, files, strict, yaml: yaml !== undefined});
    const answer = call('validate_flow', request);
    if (answer.failed) throw new TypeError(`validate_flow: ${answer.text}`);
    return JSON.parse(answer.text);
  } finally {
    yaml_parser = undefined;
  }
}

export class TemplateError extends Error {
  constructor({line, column, message}) {
    super(line > 0 ? `${line}:${column}: ${message}` : message);
    this.name = 'TemplateError';
    this.line = line;
    this.column = column;
  }
}

export function render_payload(template, variables) {
  const {failed, text} = call('render_payload', template, JSON.stringify(variables) ?? '');
  if (failed) throw new TemplateError(JSON.parse(text));
  return text;
}

export function inspect_template(template) {
  return JSON.parse(call('inspect_template', template).text);
}
