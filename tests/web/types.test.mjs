// The package's types, as the compiler of TypeScript sees them from a folder where the package is installed.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import test from 'node:test';

const kYaml = ['/usr/share/nodejs/yaml', 'node_modules/yaml'].find(existsSync);
const kOptions = {
  noEmit: true, strict: true, target: 'es2022', lib: ['es2022', 'dom'], module: 'node16', moduleResolution: 'node16', types: [],
};
const found = spawnSync('tsc', ['--version']).status === 0;
const skip = !found ? 'skipped: no tsc; scripts/setup --with-web installs it' :
    !kYaml ? 'skipped: no package yaml; scripts/setup --with-web installs it' : false;

// The lines of the file with errors, and what the compiler said.
function compile(file) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-types-'));
  try {
    mkdirSync(join(folder, 'node_modules/@weir'), {recursive: true});
    symlinkSync(resolve(process.env.WEIR_WEB), join(folder, 'node_modules/@weir/web'));
    symlinkSync(resolve(kYaml), join(folder, 'node_modules/yaml'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    copyFileSync(join('tests/web/types', file), join(folder, file));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({files: [file], compilerOptions: kOptions}));
    const {stdout, status} = spawnSync('tsc', ['--pretty', 'false'], {cwd: folder, encoding: 'utf8'});
    const lines = [...stdout.matchAll(/^(\S+)\((\d+),/gm)].map(([, name, line]) => `${name}:${line}`);
    return {status, lines: [...new Set(lines)].sort(), stdout};
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

test('what users write compiles', {skip}, () => {
  const {status, stdout} = compile('right.ts');
  assert.equal(status, 0, stdout);
});

test('what is wrong does not', {skip}, () => {
  const wrong = readFileSync('tests/web/types/wrong.ts', 'utf8').split('\n')
      .flatMap((line, i) => line.endsWith('// wrong') ? [`wrong.ts:${i + 1}`] : []).sort();
  const {status, lines, stdout} = compile('wrong.ts');
  assert.notEqual(status, 0);
  assert.deepEqual(lines, wrong, stdout);
});
