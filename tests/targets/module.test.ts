import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, configurationErrorOf, faultOf, fixture, open, repository } from './support.ts';

afterEach(closeAll);

const cwd = mkdtempSync(join(tmpdir(), 'module-'));
writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }');
let count = 0;

/** Writes a module and returns the specification that names it. */
function module(source: string, extension = '.ts'): string {
  const name = `adapter-${count++}${extension}`;
  writeFileSync(join(cwd, name), source);
  return `./${name}`;
}

const ADAPTER = '{ read: (offset) => offset + 1, write() {} }';

describe('a module', () => {
  it.each([
    ['.ts', `const adapter: { read(o: number): number; write(): void } = ${ADAPTER}; export default adapter;`],
    ['.mts', `export default ${ADAPTER};`],
    ['.cts', `module.exports = ${ADAPTER};`],
    ['.js', `export default ${ADAPTER};`],
    ['.mjs', `export default ${ADAPTER};`],
    ['.cjs', `module.exports = ${ADAPTER};`],
    ['.cjs', `exports.default = ${ADAPTER}; Object.defineProperty(exports, '__esModule', { value: true });`],
  ])('%s: %s', async (extension, source) => {
    const specification = module(source, extension);
    const target = await open(specification, { cwd });
    expect(target).toMatchObject({ specification, local: true, cheapPowerCycle: false });
    expect(target.restart).toBeUndefined();
    // Synchronous stays synchronous.
    expect(target.adapter.read(4, 32)).toBe(5);
  });

  it('by an absolute path, or without a dot', async () => {
    const specification = module(`export default ${ADAPTER};`);
    await open(join(cwd, specification));
    await open(specification.slice(2), { cwd });
  });

  it('may say more, and keeps its own this', async () => {
    const source = `class Own { #value = 7; read() { return this.#value; } write(o: number, w: number, v: number) { this.#value = v; }
      captures = ['line']; interrupts() { return []; } powerCycle() { this.#value = 0; } }
      export default new Own();`;
    const { adapter, cheapPowerCycle } = await open(module(source), { cwd });
    adapter.write(0, 32, 9);
    expect(adapter.read(0, 32)).toBe(9);
    adapter.powerCycle?.();
    expect(adapter.read(0, 32)).toBe(0);
    expect(cheapPowerCycle).toBe(true);
  });

  it('with a batch of its own is not local', async () => {
    const source = 'export default { read: () => 0, write() {}, batch: async (list) => list.map(() => 1) };';
    const { adapter, local } = await open(module(source), { cwd });
    expect(local).toBe(false);
    expect(await adapter.batch?.([{ kind: 'settle' }])).toEqual([1]);
  });
});

describe('a factory', () => {
  const FACTORY = `let made = 0;
    export default () => {
      const own = ++made; let closed = false;
      return { name: 'made', read: (o) => (o === 0 ? own : Number(closed)), write() {}, close() { closed = true; },
        memory: { base: 0, size: 4096, read: () => new Uint8Array([own]), write() {} } };
    };`;

  it('is called again for a power cycle and a restart, behind the same adapter', async () => {
    const target = await open(module(FACTORY), { cwd });
    const { adapter } = target;
    expect(target.cheapPowerCycle).toBe(true);
    expect(adapter.read(0, 32)).toBe(1);
    await adapter.powerCycle?.();
    expect(adapter.read(0, 32)).toBe(2);
    await target.restart?.();
    expect(adapter.read(0, 32)).toBe(3);
    expect(adapter.read(4, 32)).toBe(0);
    expect(adapter.memory?.read(0, 1)).toEqual(Uint8Array.of(3));
    expect(adapter.name).toBe('made');
  });

  it('may be asynchronous, and then is not cheap', async () => {
    const target = await open(module(FACTORY.replace('() => {', 'async () => {')), { cwd });
    expect(target.cheapPowerCycle).toBe(false);
    await target.restart?.();
    expect(target.adapter.read(0, 32)).toBe(2);
  });

  it('keeps the power cycle of its adapter', async () => {
    const source = `let n = 0; export default () => ({ read: () => n, write() {}, powerCycle() { n = 50; } });`;
    const { adapter } = await open(module(source), { cwd });
    adapter.powerCycle?.();
    expect(adapter.read(0, 32)).toBe(50);
  });

  it('that fails later is a fault', async () => {
    const source = `let n = 0; export default () => { if (n++) throw new Error('only once'); return ${ADAPTER}; };`;
    const target = await open(module(source), { cwd });
    const fault = await faultOf(target.restart?.());
    expect(fault.reason).toBe('start');
    expect(fault.message).toContain('only once');
  });

  it('that comes back with less is a fault', async () => {
    const source = `let n = 0; export default () => n++ ? ${ADAPTER} : { ...${ADAPTER}, settle() {} };`;
    const target = await open(module(source), { cwd });
    const fault = await faultOf(target.restart?.());
    expect(fault.message).toContain('the next adapter has no settle');
  });
});

describe('a module that does not load', () => {
  it.each([
    ['.ts', 'export default {\n  read( { };', /adapter-\d+\.ts:2:\d+: Expected/],
    [
      '.ts',
      "export default {};\nconst a = 1;\nthrow new TypeError('no device here');",
      /\.ts:\d+:\d+: TypeError: no device here/,
    ],
    ['.ts', "import 'no-such-package';\nexport default {};", /Cannot find package 'no-such-package'/],
    ['.ts', "import './no-such-file.ts';\nexport default {};", /Cannot find module .*no-such-file/],
    ['.ts', "throw 'a string';", /threw 'a string' while it was loaded/],
    ['.mjs', "const a = 1;\nthrow new TypeError('no device here');", /\.mjs:2:\d+: TypeError: no device here/],
  ])('%s: %s', async (extension, source, message) => {
    const error = await configurationErrorOf(open(module(source, extension), { cwd }));
    expect(error.message).toMatch(message);
    expect(error.message).toContain('adapter-');
  });

  it.each([
    ['./nothing.ts', 'no such file', 'paths count from the working directory'],
    ['./folder.ts', 'that is no file', 'name the module itself'],
    ['./other.js', 'no such file', "did you mean 'other.ts'?"],
  ])('%s', async (specification, message, hint) => {
    mkdirSync(join(cwd, 'folder.ts'), { recursive: true });
    writeFileSync(join(cwd, 'other.ts'), '');
    const error = await configurationErrorOf(open(specification, { cwd }));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});

describe('an export that is no adapter', () => {
  const adapter = (more: string) => `export default { read: () => 0, write() {}, ${more} };`;
  it.each([
    ['export const adapter = {};', 'no default export, only adapter'],
    ['export default 7;', 'expected an adapter, found 7'],
    ['export default null;', 'expected an adapter, found null'],
    ['export default {};', 'read: expected a function, found nothing'],
    ['export default { read() {}, write: 1 };', 'write: expected a function, found 1'],
    [adapter('settle: true'), 'settle: expected a function, found true'],
    [adapter('name: 5'), 'name: expected a string, found 5'],
    [adapter('powercycle() {}'), 'powercycle: is not a property of an adapter'],
    [adapter('interrupts: () => []'), 'captures: missing, but interrupts is there'],
    [adapter("captures: ['line']"), 'captures: says what interrupts can do, but there is no interrupts'],
    [adapter("captures: ['lines'], interrupts: () => []"), "captures[0]: expected one of message, line, found 'lines'"],
    [adapter('captures: [], interrupts: () => []'), 'captures: is empty'],
    [adapter('raise() {}'), 'events: missing, but raise is there'],
    [
      adapter("raise() {}, events: 'queue'"),
      "events: expected a list of 'queue', 'config', 'needs-reset', found 'queue'",
    ],
    [adapter('regionSize: 0'), 'regionSize: expected a positive number'],
    [adapter('regionSize: 0x80'), 'regionSize: 128 bytes do not hold'],
    [adapter('configSize: -1'), 'configSize: expected a number of bytes, found -1'],
    [adapter('messages: []'), undefined],
    [adapter('messages: { addresses: [] }'), 'messages.addresses: an empty list'],
    [adapter('messages: { addresses: [{ from: 2, to: 8 }] }'), 'messages.addresses[0].from: 0x2 is not 4-byte aligned'],
    [adapter('messages: { addresses: [{ from: 8, to: 4 }] }'), 'messages.addresses[0]: from 0x8 is above to 0x4'],
    [
      adapter('messages: { data: [{ from: 0, to: 2 ** 32 }] }'),
      'messages.data[0].to: 0x100000000 does not fit 32 bits',
    ],
    [
      adapter('messages: { data: [{ from: 0.5, to: 2 }] }'),
      'messages.data[0].from: expected an unsigned integer, found 0.5',
    ],
    [adapter('messages: { data: [{ from: 0, to: 2, step: 0 }] }'), 'messages.data[0].step: a step of 0'],
    [adapter('memory: { base: 0x100, size: 4096 }'), 'memory.base: 0x100 is not 4096-byte aligned'],
    [adapter('memory: { base: 0, size: 5 }'), 'memory.size: expected at least 4096 bytes, found 5'],
    [adapter('memory: { base: 0, size: 4096 }'), 'memory.read: expected a function'],
    ["export default () => { throw new Error('no hardware'); };", ':1:', 'threw Error: no hardware'],
    ['export default () => 5;', 'what the exported function made: expected an adapter, found 5'],
    ['export default async () => ({ read() {} });', 'what the exported function made: write: expected a function'],
  ])('%s', async (source, ...messages) => {
    const specification = module(source);
    const [first] = messages;
    if (first === undefined) {
      await open(specification, { cwd });
      return;
    }
    const error = await configurationErrorOf(open(specification, { cwd }));
    expect(error.message).toContain(specification);
    for (const message of messages) expect(error.message).toContain(message);
  });
});

describe('the examples in TypeScript', () => {
  it('load without the package being built', async () => {
    const minimal = await open('examples/typescript/minimal.ts', { cwd: repository });
    expect(Object.keys(minimal.adapter)).toEqual(['read', 'write']);
    const full = await open('./examples/typescript/adapter.ts', { cwd: repository });
    expect(full).toMatchObject({ local: true, cheapPowerCycle: true });
  });

  it('a fixture is no adapter', async () => {
    await configurationErrorOf(open(fixture('empty.mjs')));
  });
});
