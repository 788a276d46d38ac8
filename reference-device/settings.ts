/**
 * The choices that a specification leaves to a device, and the sizes of one. Settings never break a clause: what does is
 * a fault. None of them is a number of the layout.
 */

/** The three tables of a layout by the part they play, whatever the layout calls them. */
export type TableRole = 'entry' | 'mask' | 'pending';

export interface Settings {
  device: 'block' | 'entropy';
  queues: number;
  /** Descriptors; what QueueSizeMax reads. */
  queueSizeMax: number;
  /** N, the number of vectors. */
  vectors: number;
  /** `withheld`: implements the layout but does not offer it; `unknown`: never heard of it. */
  msi: 'offered' | 'withheld' | 'unknown';
  /** Whether VIRTIO_F_RING_RESET is offered. */
  ringReset: boolean;
  /** Without guest memory queues use no buffers; their events come from `raise`. */
  guestMemory: boolean;
  /** Where the tables are: in this order from the first free aligned place, `gap` units of alignment between them. */
  tables: { order: readonly TableRole[]; gap: number } | undefined;
  /** How many distinct vectors can be mapped at a time; further mappings are refused. */
  mappable: number;
  /** Whether the entry table is registers or plain memory, where any store takes effect. */
  entries: 'registers' | 'memory';
  /** Whether bits that are reserved, and may read anything, keep what is written. */
  keepsReserved: boolean;
  entriesAfterReset: 'zero' | 'keep' | 'garbage';
  /** Whether the bits of address low that may read 0 do so. */
  alignedAddresses: boolean;
  /** When a message's content is taken from the entry. `mixed`: the address when unmasked, the data when sent. */
  fetch: 'send' | 'unmask' | 'mixed';
  /** The order of messages that one write releases. */
  release: 'ascending' | 'descending';
  /** One notification for each used buffer, or one for all buffers that a kick let it use. */
  notifications: 'each' | 'batch';
  /** Whether VIRTQ_AVAIL_F_NO_INTERRUPT is looked at. */
  suppression: 'honoured' | 'ignored';
  /** Whether a vector's pending bit goes with the last event that is mapped to it. */
  unmapClears: boolean;
  /** How many reads of Status after a reset still show the old state. */
  resetReads: number;
  /** How many reads of QueueReset show a queue reset under way. */
  queueResetReads: number;
  /** Deferred: events and kicks take effect when settled; backwards: the youngest first. */
  backEnd: 'immediate' | 'deferred' | 'backwards';
  /** What becomes of a configuration change between FEATURES_OK and DRIVER_OK. */
  earlyConfig: 'drop' | 'send' | 'hold';
  /** What becomes of writes to the vector registers and tables before the feature is negotiated. */
  earlyWrites: 'ignore' | 'hold';
  /** Aligned 64-bit accesses. */
  wide: 'ignore' | 'split';
  /** What undefined offsets read. */
  undefinedReads: number;
  /** Whether QueueReady 0 clears a pending bit that only that queue set. */
  stopClears: boolean;
  /** What a queue reset does beside resetting the queue. */
  queueResetUnmaps: boolean;
  queueResetClears: boolean;
  /** Whether a queue that is enabled again starts from its first index; or from where its driver does, which the rings show. */
  readyRestarts: boolean | 'as the rings show';
  /** Whether QueueReady of a queue without a size stays 0. */
  refusesUnprepared: boolean;
  /** Looks for buffers at DRIVER_OK and when a queue is enabled, not only when it is notified. */
  eager: boolean;
  /** Uses no more buffers once DEVICE_NEEDS_RESET is set. */
  haltsWhenBroken: boolean;
}

export const defaults: Readonly<Settings> = {
  device: 'block',
  queues: 3,
  queueSizeMax: 64,
  vectors: 5,
  msi: 'offered',
  ringReset: false,
  guestMemory: true,
  tables: undefined,
  mappable: Number.POSITIVE_INFINITY,
  entries: 'registers',
  keepsReserved: false,
  entriesAfterReset: 'zero',
  alignedAddresses: false,
  fetch: 'send',
  release: 'ascending',
  notifications: 'each',
  suppression: 'honoured',
  unmapClears: false,
  resetReads: 0,
  queueResetReads: 0,
  backEnd: 'immediate',
  earlyConfig: 'drop',
  earlyWrites: 'ignore',
  wide: 'ignore',
  undefinedReads: 0,
  stopClears: false,
  queueResetUnmaps: false,
  queueResetClears: false,
  readyRestarts: false,
  refusesUnprepared: false,
  eager: false,
  haltsWhenBroken: false,
};
