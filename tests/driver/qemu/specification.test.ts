import { describe, expect, it } from 'vitest';
import { parseGuest } from '../../../harness/driver/qemu/specification.ts';
import { TargetConfigurationError } from '../../../harness/target.ts';

describe('the words after qemu:', () => {
  it('place the device in a slot of the machine', () => {
    const plan = { slot: 3, size: 0x200, memory: 256, layout: 'virtio-mmio', dialogue: [], expect: [] };
    expect(parseGuest('virt-aarch64,bios=b')).toMatchObject({ ...plan, base: 0x0a000600, input: 19 });
    expect(parseGuest('machine=microvm,bios=b')).toMatchObject({ ...plan, base: 0xfeb00600, input: 19 });
    expect(parseGuest('microvm,bios=b,slot=0,size=0x10000')).toMatchObject({
      base: 0xfeb00000,
      size: 0x10000,
      input: 16,
    });
    expect(parseGuest('virt-aarch64,bios=b,base=0x0b000000,irq=50')).toMatchObject({ base: 0x0b000000, input: 50 });
  });

  it('name what is booted, with commas written twice', () => {
    expect(parseGuest('microvm,kernel=k,initrd=i,append=console=ttyS0 a=1,,2,,,,3').boot).toEqual({
      kernel: 'k',
      initrd: 'i',
      append: 'console=ttyS0 a=1,2,,3',
    });
    expect(parseGuest("microvm,bios=b,args=-smp 2 -name 'a b'").args).toEqual(['-smp', '2', '-name', 'a b']);
  });

  it('type each line when the prompt before it shows', () => {
    expect(
      parseGuest('microvm,bios=b,input=,prompt==> ,input=scan,input=read 0 8,prompt=$,input=off').dialogue,
    ).toEqual([
      { prompt: '', line: '' },
      { prompt: '=> ', line: 'scan' },
      { prompt: '=> ', line: 'read 0 8' },
      { prompt: '$', line: 'off' },
    ]);
  });

  it('say how one sees that the work is done', () => {
    const plan = parseGuest('microvm,bios=b,expect=one,expect=two,until=three,patience=7');
    expect(plan).toMatchObject({ expect: ['one', 'two'], until: 'three', patience: 7000 });
  });

  it.each([
    ['', 'which machine is missing'],
    ['bios=b', 'which machine is missing'],
    ['pc,bios=b', "machine 'pc' is not known"],
    ['microvm', 'there is nothing to boot'],
    ['microvm,initrd=i,bios=b', 'initrd goes with kernel=FILE'],
    ['microvm,bios=b,slot=8', 'slots 0 to 7'],
    ['microvm,bios=b,bios=c', 'bios is given twice'],
    ['microvm,bios=', 'bios has no value'],
    ['microvm,bios=b,disk=d', "'disk' is not known here; known are bios,"],
    ['microvm,bios=b,scan', "'scan' is not of the form key=value"],
    ['microvm,bios=b,memory=4', 'give 16 to 2048 MiB'],
    ['microvm,bios=b,size=0x100', 'size is 512 at least'],
    ['microvm,bios=b,base=0x1002', 'multiples of 4'],
    ['virt-aarch64,bios=b,size=0x10000', 'reaches into the page behind'],
    ['microvm,bios=b,patience=soon', 'expected a number'],
    ['microvm,bios=b,prompt=a', 'nothing is typed at prompt=a'],
    ['microvm,bios=b,prompt=a,prompt=b,input=c', 'nothing is typed at prompt=a'],
  ])('%s is refused', (rest, message) => {
    const parse = () => parseGuest(rest);
    expect(parse).toThrow(TargetConfigurationError);
    expect(parse).toThrow(message);
  });
});
