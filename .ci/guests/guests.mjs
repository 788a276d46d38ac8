// The guests whose drivers are recorded: how each is started in QEMU, what is typed on its console, and how one sees
// that it did its work.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DISK_BYTES = 2 ** 20;

/** A disk of zero bytes that begins with these. */
const disk =
  (beginning = '') =>
  (folder) => {
    const file = join(folder, 'disk');
    const bytes = Buffer.alloc(DISK_BYTES);
    bytes.write(beginning, 'hex');
    writeFileSync(file, bytes);
    return file;
  };

/** A FAT file system that QEMU makes of a folder with these files. */
const fileSystem = (files) => (folder) => {
  const root = join(folder, 'files');
  mkdirSync(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return `fat:rw:${root}`;
};

/** Without the instruction counter about one boot in twelve hangs on a machine without KVM. */
const microvm = {
  qemu: 'qemu-system-x86_64',
  machine: ['-M', 'microvm,ioapic2=off,pic=off', '-cpu', 'qemu64', '-icount', 'shift=auto,sleep=off', '-m', '256'],
  disk: disk(),
};
const virt = { qemu: 'qemu-system-aarch64', machine: ['-M', 'virt', '-cpu', 'cortex-a57', '-m', '256'], disk: disk() };

/** What .ci/guests/init does; `words` ask it for more. */
const linux = (machine, name, console, words) => ({
  ...machine,
  files: [`${name}.kernel`, `${name}.initrd`],
  boot: ([kernel, initrd]) => [
    ...['-kernel', kernel, '-initrd', initrd],
    ...['-append', `console=${console} quiet reboot=t panic=-1 compare ${words}`],
  ],
  dialogue: words.includes('resize') ? [{ seen: 'waiting for /dev/vda to grow', resize: 2 ** 21 }] : [],
  done: 'guest: done',
});

/**
 * Has the firmware read sector 1 to 0x7e00 and write it back, then says "guest: done" on the serial line:
 * xor ax, ax; mov ds, es, ss = ax; mov sp, 0x7c00; mov ax, 0x0201; call disk; mov ax, 0x0301; call disk;
 * mov si, text; say: lodsb; test al, al; jz end; mov dx, 0x3f8; out dx, al; jmp say; end: hlt; jmp end;
 * disk: mov bx, 0x7e00; mov cx, 2; mov dx, 0x80; int 0x13; jc end; ret; text: ...
 */
const BOOT_SECTOR = [
  '31c08ed88ec08ed0bc007cb80102e81700b80103e81100be367cac84c07406baf803eeebf5f4ebfdbb007eb90200ba8000cd1372f0c3',
  Buffer.from('guest: done\0')
    .toString('hex')
    .padEnd(2 * (510 - 54), '0'),
  '55aa',
].join('');

/** Run by the UEFI shell, which finds it on the disk. */
const EDK2_SCRIPT = [
  'connect -r',
  'ifconfig -s eth0 static 10.0.2.15 255.255.255.0 10.0.2.2',
  'ping 10.0.2.2 -n 2',
  'reconnect -r',
  'echo guest: written > fs0:\\new.txt',
  'type fs0:\\new.txt',
  'reset -s',
  '',
].join('\r\n');

export const GUESTS = {
  'linux-6.1-x86': linux(microvm, 'linux-6.1-x86', 'ttyS0', 'resize'),
  'linux-6.12-x86': linux(microvm, 'linux-6.12-x86', 'ttyS0', 'resize'),
  'linux-6.1-arm64': linux(virt, 'linux-6.1-arm64', 'ttyAMA0', 'resize'),
  // The kernel's own record, which shows widths as the instructions have them, and no interrupts. It sees one device of
  // those in the same page.
  'linux-6.12-x86-mmiotrace': {
    ...linux(microvm, 'linux-6.12-x86', 'ttyS0', 'mmiotrace'),
    recorder: 'mmiotrace',
    alone: true,
  },
  'u-boot-arm64': {
    ...virt,
    files: ['u-boot-arm64.bin'],
    boot: ([firmware]) => ['-bios', firmware],
    dialogue: [
      { seen: 'Hit any key', send: '\n' },
      { seen: '=> ', send: 'virtio scan\n' },
      { seen: '=> ', send: 'virtio info\n' },
      { seen: '=> ', send: 'virtio read 0x42000000 0 8\n' },
      { seen: 'blocks read: OK', send: 'virtio write 0x42000000 8 8\n' },
      { seen: 'blocks written: OK', send: 'rng 64\n' },
      { seen: '=> ', send: 'setenv autoload no; dhcp\n' },
      { seen: 'DHCP client bound', send: 'echo guest: did-all | sed s/-/ /\n' },
      { seen: '=> ', send: 'poweroff\n' },
    ],
    done: 'poweroff',
  },
  'edk2-arm64': {
    ...virt,
    disk: fileSystem({ 'startup.nsh': EDK2_SCRIPT }),
    files: ['edk2-arm64.fd'],
    boot: ([firmware]) => ['-bios', firmware],
    dialogue: [{ seen: ' to skip ', send: ' ' }],
    done: '\nguest: written',
  },
  'seabios-x86': {
    ...microvm,
    disk: disk(BOOT_SECTOR),
    files: ['seabios-microvm.bin'],
    boot: ([firmware]) => ['-bios', firmware],
    dialogue: [{ seen: 'guest: done', quit: true }],
    done: 'guest: done',
  },
};
