/** Real guests: they need QEMU 7.2, a C compiler and firmware, and are skipped, with a word, where one is missing. */
import { describe, expect, it } from 'vitest';
import { profileOf } from '../../../harness/driver/device-profile.ts';
import { resolvePlace } from '../../../harness/places.ts';
import { hex } from '../../../harness/program.ts';
import { Device } from '../../../reference-device/device.ts';
import { Ram } from '../../../reference-device/memory.ts';
import { defaults } from '../../../reference-device/settings.ts';
import { loadLayout } from '../../../spec/load.ts';
import { DRIVER, negotiate, WITH_MSI } from '../support.ts';
import { boot, canBoot, SEABIOS, U_BOOT, U_BOOT_RISCV, uBoot, uBootRiscv } from './support.ts';

const hasUBoot = canBoot('qemu-system-aarch64', U_BOOT);
const hasRiscv = canBoot('qemu-system-riscv64', U_BOOT_RISCV);
const hasSeaBios = canBoot('qemu-system-x86_64', SEABIOS);

const READ = ['virtio scan', 'virtio read $loadaddr 0 8'];

describe.skipIf(!hasUBoot)('U-Boot', () => {
  it('finds the device, reads from it, and powers itself off', async () => {
    const { ending, log } = await boot(uBoot([...READ, 'md.l $loadaddr 1'], 'expect=8 blocks read: OK'));
    expect(ending).toMatchObject({ how: 'ended', didItsWork: true });
    expect(ending.console).toContain('40200000: 5a5a5a5a');
    expect(log.filter(({ kind }) => kind === 'used').length).toBeGreaterThan(0);
  });

  it('does the same in each boot', async () => {
    const words = uBoot(READ);
    expect((await boot(words)).log).toEqual((await boot(words)).log);
  });

  it('that does not find its device has not done its work', async () => {
    const { ending, log } = await boot(uBoot(READ, 'expect=8 blocks read: OK'), {
      scenario: {
        expects: 'leaves-alone',
        prepare: (device) => device.connect('DeviceID', { read: () => 0, write() {} }),
      },
    });
    expect(ending).toMatchObject({ how: 'ended', didItsWork: false });
    expect(log.every(({ kind }) => kind === 'read')).toBe(true);
  });

  it('meets a device whose work and reset take their time', async () => {
    const { ending, violations } = await boot(uBoot(READ, 'expect=8 blocks read: OK'), {
      scenario: { device: { backEnd: 'deferred', resetReads: 3 } },
    });
    expect(ending).toMatchObject({ how: 'ended', didItsWork: true });
    expect(violations.map(({ clause }) => clause)).toContain('DRV-RESET');
  });

  it('makes accesses of every width', async () => {
    const { log, ending } = await boot(
      uBoot([
        'md.b 0x0a000600 1',
        'md.w 0x0a000602 1',
        'md.l 0x0a000600 1',
        'md.q 0x0a000608 1',
        'mw.q 0x0a000608 1 1',
      ]),
    );
    const made = log.flatMap((entry) => (entry.kind === 'read' || entry.kind === 'write' ? [entry] : []));
    // Those that it makes when it looks for devices come first.
    expect(made.slice(-5).map(({ kind, offset, width }) => [kind, offset, width])).toEqual([
      ['read', 0, 8],
      ['read', 2, 16],
      ['read', 0, 32],
      ['read', 8, 64],
      ['write', 8, 64],
    ]);
    expect(ending.console).toContain('0a000600: 74726976');
  });
});

/**
 * Where the line of slot 3 shows in the interrupt controllers: address and bit of the word that has what is
 * pending; it stays there until the interrupt is taken where the controller latches it.
 */
const PENDING = [
  {
    machine: 'virt-aarch64',
    there: hasUBoot,
    base: 0x0a000600,
    address: 0x08000204,
    bit: 19,
    latches: false,
    script: uBoot,
  },
  {
    machine: 'virt-riscv64',
    there: hasRiscv,
    base: 0x10004000,
    address: 0x0c001000,
    bit: 4,
    latches: true,
    script: uBootRiscv,
  },
];
/** Of the GIC: what is pending of interrupts 64 to 95, and the configuration of 80 to 95. */
const GIC = { pending: 0x08000208, configuration: 0x08000c14 };
/** What GICv2m makes of a message with this number in it. */
const DOORBELL = { address: 0x08020040, data: 80 };

describe.each(PENDING)('the line on $machine', ({ there, base, address, bit, latches, script }) => {
  it.skipIf(!there)('goes up, and down again when it is acknowledged', async () => {
    const acknowledge = base + loadLayout('virtio-mmio').register('InterruptACK').offset;
    const look = `md.l ${hex(address)} 1`;
    const { ending, log } = await boot(script([look, ...READ, look, `mw.l ${hex(acknowledge)} 1`, look]), {
      // U-Boot polls, and asks for no interrupts.
      scenario: { device: { suppression: 'ignored' } },
    });
    const shown = [...(ending.console ?? '').matchAll(/^0[8c]00[0-9a-f]{4}: ([0-9a-f]{8})/gm)];
    expect(shown.map(([, word]) => Number.parseInt(word ?? '', 16))).toEqual([0, 1 << bit, latches ? 1 << bit : 0]);
    expect(log).toContainEqual({ kind: 'interrupt', interrupt: { kind: 'line', level: 1 } });
  });
});

describe.skipIf(!hasUBoot)("the guest's interrupt controller", () => {
  it('takes a message, and memory takes one that goes there', async () => {
    const layout = loadLayout('native');
    const profile = profileOf(new Device(layout, defaults, new Ram()));
    // A slot that begins with a page, so that there is room for the tables.
    const typed = (line: string) => {
      const [access, place = '', value = '0'] = line.split(' ');
      const address = hex(0x0a001000 + resolvePlace(place, profile).offset);
      return access === 'w' ? `mw.l ${address} ${hex(Number(value))}` : `md.l ${address} 1`;
    };
    const target = (vector: number, address: number, data: number) => [
      ...[`w entry[${vector}].address-low ${hex(address)}`, `w entry[${vector}].address-high 0`],
      `w entry[${vector}].data ${hex(data)}`,
    ];
    const lines = [
      ...[...DRIVER, ...negotiate(WITH_MSI)],
      ...[...target(0, DOORBELL.address, DOORBELL.data), ...target(1, 0x42000000, 0x12345678)],
      ...['w MsiConfigVector 0', 'w mask[0] 0x1c', 'w Status 0xf', 'w MsiConfigVector 1', 'w Status 0xf'],
    ].map(typed);
    const { ending, log } = await boot(
      uBoot(
        [`mw.l ${hex(GIC.configuration)} 2`, ...lines, ...[`md.l ${hex(GIC.pending)} 1`, 'md.l 0x42000000 1']],
        ...['slot=8', `size=${profile.regionSize}`],
      ),
      {
        layout,
        scenario: {
          meddle: (device) => ({
            after: ({ kind, offset, ...access }) => {
              const isStatus = kind === 'write' && offset === layout.register('Status').offset;
              if (isStatus && access.value === 0xf) device.raise({ source: 'config' });
            },
          }),
        },
      },
    );
    expect(ending.console).toContain('08000208: 00010000');
    expect(ending.console).toContain('42000000: 12345678');
    expect(log.flatMap((entry) => (entry.kind === 'interrupt' ? [entry.interrupt] : []))).toEqual([
      { kind: 'message', ...DOORBELL },
      { kind: 'message', address: 0x42000000, data: 0x12345678 },
    ]);
  });
});

describe.skipIf(!hasSeaBios)('SeaBIOS', () => {
  it('reads the first sector, which is nothing to boot, and is ended', async () => {
    const { ending, log } = await boot([
      ...['microvm', `bios=${SEABIOS}`],
      ...['expect=Boot failed: not a bootable disk', 'until=No bootable device.'],
    ]);
    expect(ending).toMatchObject({ how: 'ended', didItsWork: true });
    expect(log.filter(({ kind }) => kind === 'used')).toHaveLength(1);
  });
});
