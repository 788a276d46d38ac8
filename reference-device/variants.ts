import type { Settings } from './settings.ts';

/** A conformant device that uses a freedom of the text. */
export interface Variant {
  id: string;
  /** One line. */
  summary: string;
  /** Which freedom of the text it uses, with clause ids. */
  justification: string;
  /** What differs from the default device. */
  settings: Partial<Settings>;
  /** SHOULD clauses that it does not meet, on purpose. */
  warns?: readonly string[];
}

const sizes: readonly Variant[] = [
  [1, 'everything shares one vector'],
  [2, 'the least that keeps configuration and queues apart'],
  [31, 'the last bit of a dword does not exist'],
  [32, 'a dword is full'],
  [33, 'the first bit of a second dword'],
  [64, 'two full dwords, eight bytes without rounding'],
  [2048, 'the most there can be, an entry table of several pages'],
].map(([n, why]) => ({
  id: `vectors-${n}`,
  summary: `${n} vector${n === 1 ? '' : 's'}: ${why}`,
  justification: 'HDR-COUNT allows 1 to 2048 vectors',
  settings: { vectors: n as number },
}));

const shapes: readonly Variant[] = [
  {
    id: 'one-queue',
    summary: 'a block device with a single queue',
    justification: "the number of queues is the device type's; VIRTIO_BLK_F_MQ is not offered (QUE-SELECT, MAP-ABSENT)",
    settings: { queues: 1 },
  },
  {
    id: 'eight-queues',
    summary: 'eight queues and fewer vectors than events',
    justification: 'HDR-COUNT asks for no vector for each event; MAP-SHARE lets them share',
    settings: { queues: 8 },
  },
  {
    id: 'entropy',
    summary: 'an entropy device: one queue, no configuration space',
    justification: 'any device type may have MSI; an empty configuration never changes torn (CFG-GENERATION)',
    settings: { device: 'entropy', queues: 1 },
  },
  {
    id: 'tables-backwards',
    summary: 'pending bit array first, then mask table, then entry table',
    justification: 'HDR-PLACE fixes alignment and separation, not the order',
    settings: { tables: { order: ['pending', 'mask', 'entry'], gap: 0 } },
  },
  {
    id: 'tables-apart',
    summary: 'tables far up, with unused pages between them',
    justification: 'HDR-PLACE fixes alignment and separation, not the distance',
    settings: { tables: { order: ['mask', 'entry', 'pending'], gap: 3 } },
  },
  {
    id: 'queue-size-odd',
    summary: 'QueueSizeMax is no power of two',
    justification:
      'QueueSizeMax is an upper bound; the driver chooses the size (QUE-READY speaks of a queue that was set up)',
    settings: { queueSizeMax: 24 },
  },
  {
    id: 'queue-size-one',
    summary: 'an entropy device whose queue has a single descriptor',
    justification: "QueueSizeMax is the device's to say (QUE-WORKS)",
    settings: { device: 'entropy', queues: 1, queueSizeMax: 1 },
  },
  {
    id: 'hooked',
    summary: 'no guest memory: queue events come from a hook',
    justification:
      "how a back end comes to use a buffer is not the transport's business (DLV-USED speaks of the event)",
    settings: { guestMemory: false },
  },
  {
    id: 'ring-reset',
    summary: 'offers VIRTIO_F_RING_RESET',
    justification: 'an optional feature (QRST-DONE); its effect on mapping and pending bits is open (OPEN-QRST-MAP)',
    settings: { ringReset: true },
  },
  {
    id: 'ring-reset-unmaps',
    summary: 'a queue reset also unmaps the queue and clears what only it made pending',
    justification: 'OPEN-QRST-MAP and OPEN-QRST-PENDING leave both ways open',
    settings: { ringReset: true, queueResetUnmaps: true, queueResetClears: true },
  },
  {
    id: 'ring-reset-slow',
    summary: 'a queue reset takes three reads of QueueReset',
    justification: 'QRST-DONE: QueueReset reads 1 while the device is busy with it',
    settings: { ringReset: true, queueResetReads: 3 },
  },
];

const fallbacks: readonly Variant[] = [
  {
    id: 'plain',
    summary: 'never heard of the layout: the base transport with its line',
    justification: 'the feature is optional; no clause of the layout applies',
    settings: { msi: 'unknown' },
  },
  {
    id: 'plain-ones',
    summary: 'never heard of the layout, undefined offsets read all ones',
    justification: 'what an undefined offset reads is not specified (ROB-RANGE asks only for no side effect)',
    settings: { msi: 'unknown', undefinedReads: 0xffffffff },
  },
  {
    id: 'withheld',
    summary: 'implements the layout and does not offer it',
    justification: 'the feature is optional (HDR-ABSENT)',
    settings: { msi: 'withheld' },
  },
  {
    id: 'undefined-ones',
    summary: "undefined offsets, and those beyond a table's end, read all ones",
    justification: 'ROB-RANGE asks only for no side effect',
    settings: { undefinedReads: 0xffffffff },
  },
];

const mappings: readonly Variant[] = [
  {
    id: 'maps-two',
    summary: 'has room for two mapped vectors and refuses more',
    justification: 'MAP-BACK: NO_VECTOR where the device could not map it',
    settings: { mappable: 2 },
  },
  {
    id: 'maps-one',
    summary: 'has room for one mapped vector, which events share',
    justification: 'MAP-BACK lets it refuse, MAP-SHARE lets events share what it has',
    settings: { mappable: 1 },
  },
  {
    id: 'maps-none',
    summary: 'refuses every mapping',
    justification: 'MAP-BACK: NO_VECTOR where the device could not map it, whatever the reason',
    settings: { mappable: 0 },
  },
  {
    id: 'unmap-clears',
    summary: "clears a vector's pending bit with the last event mapped to it, as QEMU does",
    justification: 'PBA-VECTOR is a SHOULD for exactly this',
    settings: { unmapClears: true },
    warns: ['PBA-VECTOR'],
  },
  {
    id: 'stop-clears',
    summary: 'QueueReady 0 clears a pending bit that only that queue set, and the queue starts anew when enabled again',
    justification: 'OPEN-READY-PENDING leaves it open; QUE-READY says nothing about indices',
    settings: { stopClears: true, readyRestarts: true },
  },
];

const entries: readonly Variant[] = [
  {
    id: 'entries-garbage',
    summary: 'entries hold garbage after a reset',
    justification: 'the reset value of the entry fields is unspecified (ENT-RW)',
    settings: { entriesAfterReset: 'garbage' },
  },
  {
    id: 'entries-kept',
    summary: 'entries keep their content across a reset',
    justification: 'the reset value of the entry fields is unspecified (ENT-RW)',
    settings: { entriesAfterReset: 'keep' },
  },
  {
    id: 'reserved-kept',
    summary: 'bits of an entry that have no meaning read back what was written',
    justification: 'what they read is unspecified (ENT-RSVD)',
    settings: { keepsReserved: true },
  },
  {
    id: 'entries-memory',
    summary: 'the entry table is plain memory: any store takes effect, the whole page holds what is written',
    justification: 'the page is direct: stores may behave as memory (ENT-RW, ENT-RSVD, ROB-WIDTH)',
    settings: { entries: 'memory', entriesAfterReset: 'keep' },
  },
  {
    id: 'addresses-aligned',
    summary: 'bits 1:0 of address low read 0',
    justification: 'ENT-RW exempts them',
    settings: { alignedAddresses: true },
  },
  {
    id: 'fetch-at-unmask',
    summary: "takes a message's content when its vector is unmasked",
    justification: 'ENT-FRESH: what was written since goes out old or new',
    settings: { fetch: 'unmask' },
  },
  {
    id: 'fetch-mixed',
    summary: 'takes the address when the vector is unmasked and the data when the message is sent',
    justification: 'ENT-FRESH speaks of each dword by itself',
    settings: { fetch: 'mixed' },
  },
  {
    id: 'early-writes-hold',
    summary: 'vector registers and tables hold what is written before the feature is negotiated',
    justification: 'MSK-RESET, MAP-RESET and ENT-RW hold from FEATURES_OK; before, writes may be held or ignored',
    settings: { earlyWrites: 'hold' },
  },
];

const deliveries: readonly Variant[] = [
  {
    id: 'one-per-batch',
    summary: 'one notification for all buffers that a kick let it use',
    justification: 'DLV-USED: 1 to n messages for n buffers',
    settings: { notifications: 'batch' },
  },
  {
    id: 'never-suppresses',
    summary: 'notifies although the driver asked it not to',
    justification: 'NTF-SUPPRESS is a SHOULD',
    settings: { suppression: 'ignored' },
    warns: ['NTF-SUPPRESS'],
  },
  {
    id: 'release-descending',
    summary: 'one write that unmasks several vectors releases the highest first',
    justification: 'the order of the messages that one write releases is free (PBA-FIRE, MSK-RW)',
    settings: { release: 'descending', vectors: 40 },
  },
  {
    id: 'deferred',
    summary: 'events and kicks take effect only when settled',
    justification: 'an event and an operation that are not settled in between are concurrent (PBA-SET, DLV-LOST)',
    settings: { backEnd: 'deferred' },
  },
  {
    id: 'deferred-backwards',
    summary: 'events and kicks take effect when settled, the youngest first',
    justification: 'concurrent events have no order among themselves (DLV-LOST)',
    settings: { backEnd: 'backwards' },
  },
  {
    id: 'early-config-sent',
    summary: 'notifies configuration changes from FEATURES_OK on',
    justification:
      'a change between FEATURES_OK and DRIVER_OK may be dropped, sent or held (DLV-CONFIG holds with DRIVER_OK)',
    settings: { earlyConfig: 'send' },
  },
  {
    id: 'early-config-held',
    summary: 'keeps a configuration change after FEATURES_OK until DRIVER_OK',
    justification:
      'a change between FEATURES_OK and DRIVER_OK may be dropped, sent or held (DLV-CONFIG holds with DRIVER_OK)',
    settings: { earlyConfig: 'hold' },
  },
  {
    id: 'eager',
    summary: 'looks for buffers at DRIVER_OK and when a queue is enabled, without a kick',
    justification: 'QUE-WORKS forbids no device to look by itself once DRIVER_OK is set',
    settings: { eager: true },
  },
];

const transports: readonly Variant[] = [
  {
    id: 'reset-slow',
    summary: 'a reset takes three reads of Status',
    justification: 'STAT-RESET speaks of a complete reset',
    settings: { resetReads: 3 },
  },
  {
    id: 'wide-split',
    summary: 'an aligned 64-bit access acts as its two halves',
    justification: 'ROB-WIDTH allows it; QEMU does it',
    settings: { wide: 'split' },
  },
  {
    id: 'refuses-unprepared',
    summary: 'QueueReady of a queue without a size stays 0',
    justification: 'QUE-READY speaks of a queue that was set up',
    settings: { refusesUnprepared: true },
  },
  {
    id: 'halts-when-broken',
    summary: 'uses no more buffers once DEVICE_NEEDS_RESET is set',
    justification: 'an error that only a reset ends; the driver cannot rely on requests being completed (STAT-NEEDS)',
    settings: { haltsWhenBroken: true },
  },
];

/** Conformant devices that differ from the default one, each in a way that the text allows. */
export const variants: readonly Variant[] = [
  ...sizes,
  ...shapes,
  ...fallbacks,
  ...mappings,
  ...entries,
  ...deliveries,
  ...transports,
];
