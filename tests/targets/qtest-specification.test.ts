import { describe, expect, it } from 'vitest';
import { TargetConfigurationError } from '../../harness/target.ts';
import { parseSpecification } from '../../harness/targets/qtest/specification.ts';

describe('the words after qtest:', () => {
  it('default to an entropy device on microvm', () => {
    const expected = { mode: 'spawn', slot: 3, emulator: 'qemu-system-x86_64', memory: 128 };
    expect(parseSpecification('')).toMatchObject({ ...expected, device: { model: 'virtio-rng-device' } });
    expect(parseSpecification('microvm')).toEqual(parseSpecification(''));
  });

  it('place the slot', () => {
    expect(parseSpecification('virt-aarch64,slot=31').location).toMatchObject({ base: 0x0a003e00, irq: 47 });
    expect(parseSpecification('virt-riscv64,slot=1').location).toMatchObject({ base: 0x10002000, irq: 2 });
  });

  it('know devices by model and by what they are', () => {
    for (const [name, model] of [
      ['virtio-blk-device', 'virtio-blk-device'],
      ['block', 'virtio-blk-device'],
      ['network', 'virtio-net-device'],
      ['console', 'virtio-serial-device'],
    ]) {
      expect(parseSpecification(`device=${name}`)).toMatchObject({ device: { model } });
    }
  });

  it('attach to a machine that the table does not know', () => {
    expect(
      parseSpecification(
        'unix=/q,base=0x1000,irq=7,controller=/machine/unattached/device[3],ram=0x2000+4096,qmp=/m,config=link:net0',
      ),
    ).toEqual({
      mode: 'attach',
      socket: '/q',
      qmp: '/m',
      configEvent: { kind: 'link', name: 'net0' },
      location: {
        base: 0x1000,
        irq: 7,
        controller: { name: '/machine/unattached/device[3]' },
        ram: { base: 0x2000, size: 4096 },
      },
    });
    expect(parseSpecification('unix=/q,base=0x1000').location).toEqual({ base: 0x1000 });
  });

  it.each([
    ['toaster', "machine 'toaster' is not known; known are microvm, virt-aarch64, virt-riscv64"],
    ['constructor', "machine 'constructor' is not known"],
    ['device=toaster', "device 'toaster' is not known"],
    ['microvm,block', "'block' is not of the form key=value"],
    ['microvm,irq=3', "'irq' is not known here"],
    ['slot=8', 'slots 0 to 7'],
    ['slot=-1', 'slot=-1: expected a number'],
    ['slot=', 'slot has no value'],
    ['slot=1,slot=2', 'slot is given twice'],
    ['queues=2', 'virtio-rng-device has as many queues as it has'],
    ['device=block,queues=0', 'give 1 to 1024'],
    ['memory=1', 'give 24 to 2048 MiB'],
    ['unix=/q', 'needs machine=.. or base=..'],
    ['unix=/q,base=0,slot=1', 'slot goes with machine'],
    ['unix=/q,base=0,irq=1', 'irq needs controller='],
    ['unix=/q,machine=virt-aarch64', 'has no fixed name'],
    ['unix=/q,base=0,irq=1,controller=a b', 'not the name or path of an object'],
    ['unix=/q,base=0,ram=0x10', 'write BASE+SIZE'],
    ['unix=/q,base=0,ram=0x10+0x1000', 'BASE 4096-byte aligned'],
    ['unix=/q,base=0,config=balloon', 'config needs qmp='],
    ['unix=/q,base=0,qmp=/m,config=link', 'write link:NETDEV'],
  ])('refuse %s', (rest, words) => {
    expect(() => parseSpecification(rest)).toThrow(TargetConfigurationError);
    expect(() => parseSpecification(rest)).toThrow(words);
  });
});
