/**
 * What is known of QEMU's machines and devices: where a machine puts its virtio-mmio transports and memory, and what
 * back end a device needs. Measured on QEMU 7.2; addresses are guest physical, sizes are bytes.
 */
/** How `irq_intercept_in` is told the interrupt controller: by its name, or by its QOM type, looked up over QMP. */
export type Controller = { name: string } | { type: string };

export interface Machine {
  /** The emulator's command. */
  emulator: string;
  /** The Debian package that has it. */
  debianPackage: string;
  /** Options that select the machine, without anything that would raise interrupts by itself. */
  options: string[];
  /** Address of the transport in slot 0. */
  base: number;
  /** Bytes from one transport to the next. */
  step: number;
  /** How many there are. */
  slots: number;
  /** Where RAM begins; firmware and device tree lie in its first megabytes. */
  ram: number;
  /** Input of the interrupt controller that slot 0 is wired to; slot N has the Nth after it. */
  irq: number;
  controller: Controller;
  /** Firmware that halts the processor and enables no interrupt: `code` (hex) in a zeroed file of `size` bytes. */
  firmware: { size: number; at: number; code: string };
}

export const MACHINES: Record<string, Machine> = {
  microvm: {
    emulator: 'qemu-system-x86_64',
    debianPackage: 'qemu-system-x86',
    // A second I/O APIC would take the transports' lines away; timer and clock would raise lines of their own.
    options: ['-M', 'microvm,ioapic2=off,pit=off,pic=off,rtc=off'],
    base: 0xfeb00000,
    step: 0x200,
    slots: 8,
    ram: 0,
    irq: 16,
    controller: { name: 'ioapic' },
    // cli; hlt; jmp to the hlt, at the reset vector
    firmware: { size: 0x10000, at: 0xfff0, code: 'faf4ebfd' },
  },
  'virt-aarch64': {
    emulator: 'qemu-system-aarch64',
    debianPackage: 'qemu-system-arm',
    options: ['-M', 'virt,gic-version=2', '-cpu', 'cortex-a57'],
    base: 0x0a000000,
    step: 0x200,
    slots: 32,
    ram: 0x40000000,
    irq: 16,
    controller: { type: 'arm_gic' },
    // wfi; b to the wfi
    firmware: { size: 8, at: 0, code: '7f2003d5ffffff17' },
  },
  'virt-riscv64': {
    emulator: 'qemu-system-riscv64',
    debianPackage: 'qemu-system-misc',
    options: ['-M', 'virt'],
    base: 0x10001000,
    step: 0x1000,
    slots: 8,
    ram: 0x80000000,
    irq: 1,
    controller: { type: 'riscv.sifive.plic' },
    // wfi; j to the wfi
    firmware: { size: 8, at: 0, code: '730050106ff0dfff' },
  },
};

/** What belongs to one transport, on every machine, whatever lies between it and the next. */
export const TRANSPORT_SIZE = 0x200;
/** Slot 0 is the one that machines with several interrupt controllers treat specially. */
export const DEFAULT_SLOT = 3;
/** MiB. */
export const DEFAULT_MEMORY = 128;
/** From the start of RAM to what the suite may use: beyond firmware and device tree. */
export const RAM_OFFSET = 0x1000000;
/** How much of RAM the suite is given: 64 KiB for each of 64 queues, and some. */
export const RAM_SIZE = 0x800000;

/** What QMP can change so that a device tells its driver of a new configuration. */
export type ConfigEvent = { kind: 'link'; name: string } | { kind: 'resize'; node: string } | { kind: 'balloon' };

export interface Device {
  /** As QEMU calls it. */
  model: string;
  /** Other names for it. */
  aliases: string[];
  /** Options before the device's own, e.g. its back end; `directory` is private to this QEMU. */
  backend(directory: string): string[];
  /** Properties of the device. */
  properties: string[];
  /** The property that says how many queues it has, where that can be chosen. */
  queuesProperty?: string;
  /** Devices on top of it. */
  children: string[];
  configEvent?: ConfigEvent;
  /** Bytes of configuration space, where the device type of the layout does not say. */
  configSize?: number;
}

export const DISK_FILE = 'disk';
/** Bytes. */
const DISK_SIZE = 0x100000;

/** An empty disk as a qcow2 image (version 2; one cluster each for header, refcount table, refcounts, L1 table). */
export function emptyDisk(): Uint8Array {
  const clusterBits = 16;
  const cluster = 2 ** clusterBits;
  const [refcountTable, refcounts, l1Table, end] = [cluster, 2 * cluster, 3 * cluster, 4 * cluster];
  const image = Buffer.alloc(end);
  image.writeUInt32BE(0x514649fb, 0); // "QFI\xfb"
  image.writeUInt32BE(2, 4);
  image.writeUInt32BE(clusterBits, 20);
  image.writeBigUInt64BE(BigInt(DISK_SIZE), 24);
  image.writeUInt32BE(1, 36); // entries of the L1 table
  image.writeBigUInt64BE(BigInt(l1Table), 40);
  image.writeBigUInt64BE(BigInt(refcountTable), 48);
  image.writeUInt32BE(1, 56); // clusters of the refcount table
  image.writeBigUInt64BE(BigInt(refcounts), refcountTable);
  for (let index = 0; index < end / cluster; index++) image.writeUInt16BE(1, refcounts + 2 * index);
  return image;
}

export const DEVICES: Device[] = [
  {
    model: 'virtio-rng-device',
    aliases: ['entropy', 'rng'],
    backend: () => ['-object', 'rng-builtin,id=backend'],
    properties: ['rng=backend'],
    children: [],
  },
  {
    model: 'virtio-blk-device',
    aliases: ['block', 'blk'],
    // An empty qcow2 image: unlike null-co it can be resized, and unlike a raw file its unwritten sectors are read
    // without a thread of the host's, so that a read is complete after one turn of the main loop.
    backend: (directory) => [
      '-blockdev',
      `driver=qcow2,node-name=backend,file.driver=file,file.filename=${directory}/${DISK_FILE}`,
    ],
    properties: ['drive=backend'],
    queuesProperty: 'num-queues',
    children: [],
    configEvent: { kind: 'resize', node: 'backend' },
  },
  {
    model: 'virtio-net-device',
    aliases: ['network', 'net'],
    // No peer: what is sent is dropped, and nothing arrives.
    backend: () => [],
    properties: [],
    children: [],
    configEvent: { kind: 'link', name: 'device' },
    configSize: 12,
  },
  {
    model: 'virtio-serial-device',
    aliases: ['console', 'serial'],
    backend: () => ['-chardev', 'null,id=backend'],
    properties: ['max_ports=1'],
    children: ['virtconsole,chardev=backend'],
  },
  {
    model: 'virtio-balloon-device',
    aliases: ['balloon'],
    backend: () => [],
    properties: [],
    children: [],
    configEvent: { kind: 'balloon' },
    configSize: 8,
  },
];
