/**
 * The choices that a specification leaves to a driver. Settings never break a clause: what does is a fault. None of them
 * is a number of the layout.
 */
export interface Settings {
  /** Whether it accepts the layout's MSI feature where that is offered. */
  msi: boolean;
  /** Whether it accepts VIRTIO_F_RING_RESET. */
  ringReset: boolean;
  /** Whether it accepts the feature of its device type that brings more queues. */
  multiQueue: boolean;
  /** Polling: vectors are mapped to nothing and buffers are not notified; the driver looks by itself. */
  learns: 'by interrupts' | 'by polling';
  /** How a driver that polls idles: it waits, whatever ends that, or reads what it looks for again. */
  idles: 'waiting' | 'looking';
  /** Whether a driver that polls asks for no notification of used buffers. */
  silences: boolean;
  /** What it does where messages cannot be had: it takes the line, or sets FAILED. */
  withoutMsi: 'line' | 'failed';
  /** What is begun anew after a queue was stopped by QueueReady: all of the device, the queue, or nothing. */
  restarts: 'the device' | 'the queue' | 'nothing';
  /** Writes NO_VECTOR for the configuration before it negotiates, where MSI is offered: firmware may have left a vector. */
  disarms: boolean;
  /** Compares ConfigGeneration with what it read last, and does not read it once more before the configuration. */
  keepsGeneration: boolean;
  /** Queues that it uses at most, as a driver for a machine of so many processors does. */
  queues: number;
  /** Entries of a ring at most; a power of two. */
  queueSize: number;
  /** How vectors are given where there are enough: one for each source, or shared. */
  sharing: 'each' | 'queues' | 'all' | 'config with a queue';
  /** Vectors are given from here: the lowest, or the highest that there are. */
  vectorsFrom: 'lowest' | 'highest';
  /** What is set up first after FEATURES_OK. */
  setUp: 'queues first' | 'interrupts first';
  /** Whether entries are written before or after events are mapped to them. */
  entries: 'after mapping' | 'before mapping';
  /** The order of the dwords of an entry. */
  entryOrder: 'address first' | 'data first';
  /** When vectors are unmasked first. */
  unmasks: 'before DRIVER_OK' | 'after DRIVER_OK';
  /** Whether one access changes the masks of as many vectors as it can. */
  maskAccess: 'together' | 'one by one';
  /** Where masks are changed from: what the table reads, or a copy. */
  maskState: 'read' | 'shadow';
  /** With an enable bit: whether it is set before the entries are written, under the function mask, or at last. */
  enables: 'first' | 'last';
  /** Queue vectors are unmasked only while buffers are under way. */
  lazyUnmask: boolean;
  /** A vector is masked while its interrupt is handled. */
  masksWhileHandling: boolean;
  /** While it takes back buffers it asks for no notification, and looks again afterwards. */
  suppresses: boolean;
  /** Whether the device is notified of each buffer, or once of all that were made available. */
  notifies: 'each' | 'batch';
  /** When InterruptACK is written: after what it is about was handled, or before. */
  acknowledges: 'after' | 'before';
  /** How bytes of the configuration that no known field has are read. */
  configRest: 'dwords' | 'bytes';
  /** Reads the features once more before it accepts some. */
  featuresTwice: boolean;
  /** How a queue's vector is silenced before the queue is stopped. */
  quiesces: 'masking' | 'unmapping';
}

export const defaults: Readonly<Settings> = {
  msi: true,
  ringReset: true,
  multiQueue: true,
  learns: 'by interrupts',
  queues: 8,
  queueSize: 16,
  sharing: 'each',
  vectorsFrom: 'lowest',
  setUp: 'queues first',
  entries: 'after mapping',
  entryOrder: 'address first',
  unmasks: 'before DRIVER_OK',
  maskAccess: 'together',
  maskState: 'read',
  enables: 'first',
  lazyUnmask: false,
  masksWhileHandling: false,
  suppresses: false,
  notifies: 'batch',
  acknowledges: 'after',
  configRest: 'dwords',
  featuresTwice: false,
  quiesces: 'masking',
  idles: 'waiting',
  silences: true,
  withoutMsi: 'line',
  restarts: 'the device',
  disarms: false,
  keepsGeneration: false,
};
