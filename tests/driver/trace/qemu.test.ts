import { describe, expect, it } from 'vitest';
import { layout, read, refusal, short } from './support.ts';

const at = (name: string) => layout.register(name).offset;
const hex = (value: number) => `0x${value.toString(16)}`;

/** What QEMU 7.2 says of a device with this base; `id` tells the pointers of devices apart. */
class Device {
  private readonly base: number;
  private readonly id: string;
  constructor(base: number, id = 'a') {
    this.base = base;
    this.id = id;
  }
  private access(direction: string, offset: number, value: string, size: number): string {
    return `memory_region_ops_${direction} cpu 0 mr 0x${this.id}1 addr ${hex(this.base + offset)} value ${value} size ${size} name 'virtio-mmio'`;
  }
  reads(place: string | number, value: number | string, size = 4): string[] {
    const offset = typeof place === 'string' ? at(place) : place;
    const shown = typeof value === 'string' ? value : hex(value);
    return [`virtio_mmio_read virtio_mmio_read offset ${hex(offset)}`, this.access('read', offset, shown, size)];
  }
  writes(place: string | number, value: number, ...consequences: string[]): string[] {
    const offset = typeof place === 'string' ? at(place) : place;
    const told = `virtio_mmio_write_offset virtio_mmio_write offset ${hex(offset)} value ${hex(value)}`;
    return [this.access('write', offset, hex(value), 4), told, ...consequences];
  }
  status(value: number): string {
    return `virtio_set_status vdev 0x${this.id}2 val ${value}`;
  }
  setsStatus(value: number): string[] {
    return this.writes('Status', value, this.status(value), ...(value === 0 ? [this.status(0), irq(0)] : []));
  }
  kicked = (queue = 0): string[] =>
    this.writes('QueueNotify', queue, `virtio_queue_notify vdev 0x${this.id}2 n ${queue} vq 0x${this.id}3`);
  notifies(): string[] {
    return [`virtio_notify vdev 0x${this.id}2 vq 0x${this.id}3`, irq(1)];
  }
  probed(type: number, version = 2): string[] {
    const magic = layout.register('MagicValue').value ?? 0;
    return [...this.reads('MagicValue', magic), ...this.reads('Version', version), ...this.reads('DeviceID', type)];
  }
}

const irq = (level: 0 | 1) => `virtio_mmio_setting_irq virtio_mmio setting IRQ ${level}`;
const block = new Device(0xa000000);
const net = new Device(0xa000200, 'b');
const empty = new Device(0xa000400, 'c');
const START = [block.status(0), irq(0), block.status(0)];
const PROBED = ['r MagicValue 0x74726976', 'r Version 0x2', 'r DeviceID 0x2'];

describe("QEMU's log", () => {
  it('becomes accesses, and the line interrupts', async () => {
    const { driver, entries, log } = await read([
      ...START,
      ...block.probed(2),
      ...block.setsStatus(0),
      ...block.setsStatus(1),
      ...block.kicked(),
      ...block.notifies(),
      ...block.reads('InterruptStatus', 1),
      ...block.writes('InterruptACK', 1, irq(0)),
    ]);
    expect(short(entries)).toEqual([
      ...PROBED,
      'w Status 0x0',
      'w Status 0x1',
      'w QueueNotify 0x0',
      'interrupt',
      'r InterruptStatus 0x1',
      'w InterruptACK 0x1',
    ]);
    expect(driver).toMatchObject({
      kind: 'trace',
      name: expect.stringMatching(/^block at 0x0a000000 in trace-/),
      facts: { interrupts: true, used: false, widths: true, fromTheStart: true },
    });
    expect(log).toEqual([]);
  });

  it('shows more of a value than was read', async () => {
    const { entries } = await read([
      ...block.probed(2),
      ...block.reads('DeviceFeatures', '0x10130006e54'),
      ...block.reads(layout.data.config.offset + 4, '0xffffffffffffff80', 1),
    ]);
    expect(short(entries).slice(3)).toEqual(['r DeviceFeatures 0x30006e54', 'r Config+4/8 0x80']);
  });

  it('may have stamps, other regions and other words in it', async () => {
    const lines = [
      'qemu-system-x86_64: warning: something',
      ...block.probed(2).map((line) => `123@17.000001:${line}`),
      "memory_region_ops_write cpu 0 mr 0x9 addr 0xfee00000 value 0x1 size 4 name 'apic-msi'",
      'Trace 0: 0x7f [0000000/0000]',
    ];
    expect(short((await read(lines)).entries)).toEqual(PROBED);
  });

  it('interrupts once while the line is high, and again after an acknowledgement that leaves it high', async () => {
    const { entries } = await read([
      ...block.probed(2),
      ...block.kicked(),
      ...block.notifies(),
      ...block.notifies(),
      ...block.reads('InterruptStatus', 3),
      ...block.writes('InterruptACK', 1, irq(1)),
      ...block.reads('InterruptStatus', 2),
      ...block.writes('InterruptACK', 2, irq(0)),
    ]);
    const kinds = entries.map(({ kind }) => kind).slice(3);
    expect(kinds).toEqual(['write', 'interrupt', 'read', 'write', 'interrupt', 'read', 'write']);
  });

  it('has no interrupts of a driver that polls', async () => {
    const { driver, entries } = await read([
      ...block.probed(2),
      ...block.kicked(),
      ...block.notifies(),
      ...block.reads('InterruptStatus', 0),
    ]);
    expect(driver.facts.interrupts).toBe(false);
    expect(entries.map(({ kind }) => kind)).not.toContain('interrupt');
  });

  it('tells devices apart, interrupts included', async () => {
    const lines = [
      ...block.probed(2),
      ...net.probed(1),
      ...empty.probed(0),
      ...block.kicked(),
      ...net.kicked(),
      ...net.notifies(),
      ...block.notifies(),
      ...net.reads('InterruptStatus', 1),
      ...block.reads('InterruptStatus', 1),
      ...block.writes('InterruptACK', 1, irq(0)),
      ...net.writes('InterruptACK', 1, irq(0)),
      // A change of the configuration: nothing but who reads it says whose.
      irq(1),
      ...net.reads('InterruptStatus', 2),
      ...net.writes('InterruptACK', 2, irq(0)),
    ];
    const used = ['w QueueNotify 0x0', 'interrupt', 'r InterruptStatus 0x1', 'w InterruptACK 0x1'];
    const changed = ['interrupt', 'r InterruptStatus 0x2', 'w InterruptACK 0x2'];
    for (const which of ['0', 'block', '0xa000000']) {
      expect(short((await read(lines, `,device=${which}`)).entries).slice(3)).toEqual(used);
    }
    expect(short((await read(lines, ',device=network')).entries).slice(3)).toEqual([...used, ...changed]);
    expect(short((await read(lines, ',device=empty')).entries)).toEqual([...PROBED.slice(0, 2), 'r DeviceID 0x0']);
  });

  it('leaves out an interrupt that could be of any device, and says so', async () => {
    const { log } = await read(
      [...block.probed(2), ...net.probed(1), ...block.writes('InterruptACK', 1, irq(0)), ...net.probed(1), irq(1)],
      ',device=block',
    );
    expect(log).toEqual([expect.stringMatching(/^trace-\d+: 1 interrupts could be of any of its devices/)]);
  });

  it('is over where the machine was reset', async () => {
    const { entries, log } = await read([
      ...block.probed(2),
      ...block.setsStatus(1),
      ...block.kicked(),
      block.status(0),
      irq(0),
      ...block.probed(2),
    ]);
    expect(short(entries)).toEqual([...PROBED, 'w Status 0x1', 'w QueueNotify 0x0']);
    expect(log).toEqual([
      expect.stringMatching(/^trace-\d+:\d+: the machine was reset; nothing after that is judged$/),
    ]);
  });

  it.each([0, 15])('has no interrupts while the machine does not run, Status %i', async (status) => {
    const { entries, log } = await read([
      ...block.probed(2),
      ...block.setsStatus(status),
      ...block.writes('InterruptACK', 1, irq(0)),
      block.status(status),
      irq(1),
      ...block.reads('InterruptStatus', 1),
    ]);
    const kinds = entries.map(({ kind }) => kind).slice(3);
    expect(kinds).toEqual(['write', 'write', 'read']);
    expect(log).toEqual([]);
  });

  it('begins in the middle where nothing says that QEMU started, and the first access is none that is first', async () => {
    const { driver, entries } = await read([...block.setsStatus(0), ...block.probed(2)]);
    expect(driver.facts.fromTheStart).toBe(false);
    expect(short(entries)).toEqual(['w Status 0x0', ...PROBED]);
    // The consequences of a write that is not in the log any more.
    const cut = [block.setsStatus(0).slice(1), block.setsStatus(0).slice(2), block.setsStatus(15).slice(2)];
    for (const rest of cut) {
      const later = await read([...rest, ...block.reads('Status', 0)]);
      expect(later.driver.facts.fromTheStart).toBe(false);
    }
    expect((await read([...START, ...block.reads('Status', 0)])).driver.facts.fromTheStart).toBe(true);
    expect((await read(block.probed(2))).driver.facts.fromTheStart).toBe(true);
  });

  it('needs no lines beside the accesses where the driver reads MagicValue', async () => {
    const accesses = [...block.setsStatus(1), ...block.probed(2)].filter((line) => line.startsWith('memory'));
    expect(short((await read(accesses)).entries)).toEqual(['w Status 0x1', ...PROBED]);
  });
});

describe('a log of QEMU that cannot be used', () => {
  const text = async (...args: Parameters<typeof refusal>) => (await refusal(...args)).text;

  it('a broken line is told with its place', async () => {
    const lines = [...block.probed(2), 'memory_region_ops_read cpu 0 mr 0xa1 addr', ...block.setsStatus(0)];
    expect(await refusal(lines)).toEqual({
      name: 'TargetFault',
      text: expect.stringMatching(
        /^trace-\d+:7: expected a line such as "memory_region_ops_read .*", found 'memory_region_ops_read cpu 0 mr 0xa1 addr'$/,
      ),
    });
    expect(await text([...block.probed(2), 'virtio_mmio_setting_irq virtio_mmio setting IRQ'])).toMatch(
      /:7: expected the rest of a line of virtio_mmio_setting_irq, found /,
    );
  });

  it('a last line that is cut off is left out', async () => {
    const { entries, log } = await read(`${block.probed(2).join('\n')}\nmemory_region_ops_read cpu 0 mr 0xa1 ad`);
    expect(short(entries)).toEqual(PROBED);
    expect(log).toEqual([expect.stringMatching(/^trace-\d+:7: the last line is cut off, and is left out: 'memory/)]);
  });

  it('no access to a device', async () => {
    const other = "memory_region_ops_read cpu 0 mr 0x9 addr 0xfee00000 value 0x1 size 4 name 'apic-msi'";
    expect(await text([other])).toMatch(
      /no access to a virtio-mmio device in it\nQEMU names the region .*'virtio-mmio'/,
    );
    const offsets = block.probed(2).filter((line) => line.startsWith('virtio_'));
    expect(await text(offsets)).toMatch(/values are in lines of -trace 'memory_region_ops_\*'/);
  });

  it('more than one device', async () => {
    const problem = await text([...block.probed(2), ...net.probed(1), ...net.probed(1), ...empty.probed(0)]);
    expect(problem).toMatch(/2 devices are in it; say which:/);
    expect(problem).toContain('device=0  block at 0x0a000000, 3 accesses from line 2 on');
    expect(problem).toContain('device=1  network at 0x0a000200, 6 accesses from line 8 on');
    expect(problem).toContain('device=2  empty at 0x0a000400, 3 accesses');
    expect(await text(empty.probed(0))).toMatch(/only empty slots are in it, 1 of them; say which:/);
  });

  it('a device that is not there', async () => {
    const lines = [...block.probed(2), ...net.probed(1)];
    expect(await text(lines, ',device=entropy')).toMatch(/no device is 'entropy'; there are:\n {2}device=0 {2}block/);
    expect(await text(lines, ',device=2')).toMatch(/there is no device 2; there are:/);
    expect(await text(lines, ',device=0xa000100')).toMatch(
      /no device is at 0xa000100; there are:.*\n[\s\S]*first register/,
    );
    const twice = [...block.probed(2), ...net.probed(2)];
    expect(await text(twice, ',device=block')).toMatch(
      /2 devices are 'block'; there are:[\s\S]*by its number or its addr/,
    );
  });

  it('a device of which nothing says where it begins', async () => {
    const lines = [...block.setsStatus(0), ...block.setsStatus(1)].filter((line) => line.startsWith('memory'));
    expect(await text(lines)).toMatch(/nothing tells where the device begins[\s\S]*device=0x/);
  });

  it('a legacy device', async () => {
    expect(await text(block.probed(2, 1))).toMatch(/is a legacy device \(Version 1\).*\n.*force-legacy=false$/);
  });
});
