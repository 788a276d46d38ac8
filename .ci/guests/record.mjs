// Starts a guest in QEMU and writes down what its drivers do to QEMU's virtio-mmio devices.
//
//   node .ci/guests/record.mjs --list
//   node .ci/guests/record.mjs NAME OUT CACHE
//
// OUT becomes the trace, OUT.console what the guest said. CACHE is what .ci/guests/fetch filled. Exit code 0 where the
// guest did all its work; else 1, with the end of its console.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GUESTS } from './guests.mjs';

const TIME_LIMIT = 120_000;
const EVENTS = ['memory_region_ops_*', 'virtio_mmio_*', 'virtio_set_status', 'virtio_queue_notify', 'virtio_notify'];
/** What is there beside the block device in slot 0. */
const OTHERS = [
  ...['-object', 'rng-builtin,id=random', '-device', 'virtio-rng-device,rng=random,bus=virtio-mmio-bus.1'],
  ...['-netdev', 'user,id=net,restrict=on', '-device', 'virtio-net-device,netdev=net,bus=virtio-mmio-bus.2'],
];
/** A guest touches much beside virtio, and the pattern of the events names no region. */
const OF_VIRTIO = /^virtio_|'virtio-mmio'$/;

const [name, out, cache] = process.argv.slice(2);
if (name === '--list') {
  console.log(Object.keys(GUESTS).join('\n'));
  process.exit(0);
}
const guest = GUESTS[name];
if (!guest || !out || !cache) {
  console.error(`usage: record.mjs NAME OUT CACHE, NAME one of ${Object.keys(GUESTS).join(', ')}`);
  process.exit(2);
}
const files = guest.files.map((file) => join(cache, file));
for (const file of files) {
  if (existsSync(file)) continue;
  console.error(`${file} is missing: .ci/guests/fetch ${cache} brings it, where Debian still has it`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'guest-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const monitor = join(folder, 'qmp');

const arguments_ = [
  ...guest.machine,
  ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
  ...['-qmp', `unix:${monitor},server=on,wait=off`, '-global', 'virtio-mmio.force-legacy=false'],
  ...['-drive', `if=none,id=disk,format=raw,file=${guest.disk(folder)}`],
  ...['-device', 'virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0,bootindex=1'],
  ...(guest.alone ? [] : OTHERS),
  ...guest.boot(files),
  ...EVENTS.flatMap((event) => ['-trace', event]),
];
const started = performance.now();
const qemu = spawn(guest.qemu, arguments_, { stdio: ['pipe', 'pipe', 'pipe'] });
qemu.on('error', (error) => {
  console.error(`${guest.qemu} cannot be started: ${error.message}`);
  process.exit(1);
});
process.on('exit', () => qemu.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const limit = setTimeout(() => qemu.kill('SIGKILL'), TIME_LIMIT);

/** Without a file of its own, QEMU's log is its standard error. */
const trace = createWriteStream(out);
const complaints = [];
let lines = 0;
createInterface({ input: qemu.stderr }).on('line', (line) => {
  if (/^(memory_region_ops|virtio)_/.test(line)) {
    if (guest.recorder || !OF_VIRTIO.test(line)) return;
    trace.write(`${line}\n`);
    lines++;
  } else complaints.push(line);
});

const heard = createWriteStream(`${out}.console`, 'latin1');
let said = '';
let judged = 0;
const dialogue = [...guest.dialogue];
qemu.stdout.setEncoding('latin1').on('data', (text) => {
  said += text;
  heard.write(text);
  for (let next = dialogue[0]; next; next = dialogue[0]) {
    const at = said.indexOf(next.seen, judged);
    if (at < 0) return;
    judged = at + next.seen.length;
    dialogue.shift();
    if (next.send) qemu.stdin.write(next.send);
    if (next.resize) command('block_resize', { device: 'disk', size: next.resize });
    if (next.quit) command('quit');
  }
});

function command(execute, args = {}) {
  const socket = connect(monitor);
  socket.on('error', () => {});
  socket.write(`{"execute":"qmp_capabilities"}${JSON.stringify({ execute, arguments: args })}`);
}

const code = await new Promise((resolve) => qemu.on('close', resolve));
clearTimeout(limit);
if (guest.recorder === 'mmiotrace') {
  for (const line of said.split(/\r?\n/)) {
    if (!/^(VERSION|PCIDEV|MAP|UNMAP|MARK|UNKNOWN|[RW]) /.test(line)) continue;
    trace.write(`${line}\n`);
    lines++;
  }
}
await Promise.all([trace, heard].map((file) => new Promise((resolve) => file.end(resolve))));
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (code !== 0 || dialogue.length > 0 || !said.includes(guest.done)) {
  const missing = dialogue[0]?.seen ?? guest.done;
  console.error(`${name}: QEMU ended with ${code} after ${seconds} s, and '${missing}' was never seen`);
  console.error([...complaints.slice(-10), ...said.split(/\r?\n/).slice(-40)].join('\n'));
  process.exit(1);
}
console.log(`${name}: ${lines} lines in ${seconds} s`);
