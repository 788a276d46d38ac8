import type { Settings } from './settings.ts';

/** A conformant driver that uses a freedom of the text. */
export interface Variant {
  id: string;
  /** One line. */
  summary: string;
  /** Which freedom of the text it uses, with clause ids. */
  justification: string;
  /** What differs from the default driver. */
  settings: Partial<Settings>;
}

const sharing: readonly Variant[] = [
  {
    id: 'one-vector',
    summary: 'shares one vector for all',
    justification: 'DRV-COUNT names sharing first; one message may be for several sources (DRV-SPURIOUS)',
    settings: { sharing: 'all' },
  },
  {
    id: 'two-vectors',
    summary: 'one vector for the configuration, one for all queues',
    justification: 'as DRV-COUNT has it: any number of vectors below the count',
    settings: { sharing: 'queues' },
  },
  {
    id: 'config-with-queue',
    summary: 'a vector for each queue, and the configuration shares that of the first',
    justification: 'which sources share is free (DRV-COUNT)',
    settings: { sharing: 'config with a queue' },
  },
  {
    id: 'highest-vectors',
    summary: 'uses the highest vectors there are',
    justification: 'any vector below the count may be used (DRV-COUNT)',
    settings: { vectorsFrom: 'highest' },
  },
];

const orders: readonly Variant[] = [
  {
    id: 'interrupts-first',
    summary: 'sets up vectors before queues',
    justification: 'DRV-INIT fixes no order within the set-up between FEATURES_OK and DRIVER_OK',
    settings: { setUp: 'interrupts first' },
  },
  {
    id: 'entries-first',
    summary: 'writes entries before it maps anything to their vectors',
    justification: 'entries must be written before a vector is unmasked, no more (DRV-COMPLETE)',
    settings: { entries: 'before mapping' },
  },
  {
    id: 'data-first',
    summary: 'writes the data of an entry first and address low last',
    justification: 'the dwords of an entry have no order (DRV-COMPLETE)',
    settings: { entryOrder: 'data first' },
  },
  {
    id: 'unmasks-late',
    summary: 'unmasks its vectors after DRIVER_OK',
    justification: 'what comes meanwhile is pending (PBA-SET); no clause says when a vector is to be unmasked',
    settings: { unmasks: 'after DRIVER_OK' },
  },
  {
    id: 'enables-last',
    summary: 'where there is an enable bit, sets it after everything else, without the function mask',
    justification: 'entries may be written while enable is 0 (DRV-MASKED of the msix layout)',
    settings: { enables: 'last' },
  },
  {
    id: 'reads-features-twice',
    summary: 'reads the features once more before it accepts some',
    justification: 'reading has no effect, and the selector is written each time (DRV-SELFEATURES)',
    settings: { featuresTwice: true },
  },
];

const masks: readonly Variant[] = [
  {
    id: 'masks-one-by-one',
    summary: 'changes one mask bit with each access',
    justification: 'a dword of masks may be written with any change (MSK-RW)',
    settings: { maskAccess: 'one by one' },
  },
  {
    id: 'masks-from-shadow',
    summary: 'never reads the mask table but keeps a copy',
    justification: 'only the driver changes masks, so that a copy says what the table does (MSK-RW)',
    settings: { maskState: 'shadow' },
  },
  {
    id: 'lazy-unmask',
    summary: 'unmasks the vectors of queues only while buffers are under way',
    justification: 'a vector may be masked at any time; its event is pending then (PBA-SET)',
    settings: { lazyUnmask: true },
  },
  {
    id: 'masks-while-handling',
    summary: 'masks a vector when its interrupt comes and unmasks it when that is handled',
    justification: 'as lazy-unmask',
    settings: { masksWhileHandling: true },
  },
  {
    id: 'unmaps-to-stop',
    summary: "maps a queue to no vector before it stops it, and leaves the vector's mask alone",
    justification: 'DRV-QUIESCE: masks or unmaps',
    settings: { quiesces: 'unmapping' },
  },
];

const learning: readonly Variant[] = [
  {
    id: 'line',
    summary: 'does not accept the feature and works with the line',
    justification: 'a driver accepts the features that it wants (DRV-FALLBACK)',
    settings: { msi: false },
  },
  {
    id: 'line-acknowledges-first',
    summary: 'works with the line, and acknowledges a bit before it does what the bit is about',
    justification:
      'Linux does; a bit that is set anew meanwhile interrupts again, and nothing is lost (DRV-ACK, DRV-WORK)',
    settings: { msi: false, acknowledges: 'before' },
  },
  {
    id: 'polling',
    summary: 'accepts the feature, maps nothing and looks by itself',
    justification: 'what is mapped to NO_VECTOR sends nothing (MAP-OFF), and nobody has to be notified',
    settings: { learns: 'by polling' },
  },
  {
    id: 'polling-line',
    summary: 'does not accept the feature and looks by itself; where it is interrupted all the same, it acknowledges',
    justification: 'as polling, with VIRTQ_AVAIL_F_NO_INTERRUPT',
    settings: { msi: false, learns: 'by polling' },
  },
  {
    id: 'polling-on-sight',
    summary: 'accepts the feature, maps nothing and reads the used rings until they show something; it never waits',
    justification: 'nothing obliges a driver to take interrupts, nor to ask for none (NTF-SUPPRESS)',
    settings: { learns: 'by polling', idles: 'looking', silences: false },
  },
  {
    id: 'polling-line-on-sight',
    summary: 'the same without the feature: the line may be high for ever',
    justification: 'DRV-STATUS and DRV-ACK are about interrupts that are taken',
    settings: { msi: false, learns: 'by polling', idles: 'looking', silences: false },
  },
  {
    id: 'polling-line-loudly',
    summary: 'waits for whatever comes, looks by itself then, and asks the line nothing',
    justification: 'as polling-line-on-sight',
    settings: { msi: false, learns: 'by polling', silences: false },
  },
  {
    id: 'needs-msi',
    summary: 'sets FAILED where it cannot have messages',
    justification: 'DRV-FALLBACK and DRV-READBACK name that way out',
    settings: { withoutMsi: 'failed' },
  },
  {
    id: 'suppresses',
    summary: 'asks for no notification while it takes back buffers, and looks again after it has allowed them',
    justification: 'VIRTQ_AVAIL_F_NO_INTERRUPT is for that; the device may notify all the same (DRV-SPURIOUS)',
    settings: { suppresses: true },
  },
];

const others: readonly Variant[] = [
  {
    id: 'notifies-each',
    summary: 'notifies the device of each buffer',
    justification: 'a notification is needed after the last buffer (QUE-WORKS); more are allowed',
    settings: { notifies: 'each' },
  },
  {
    id: 'restarts-queue',
    summary: 'resets no queue; one that it has stopped by QueueReady begins at its first index',
    justification: 'the text says where a queue goes on after a queue reset (QRST-AGAIN), and not after QueueReady',
    settings: { ringReset: false, restarts: 'the queue' },
  },
  {
    id: 'resumes-queue',
    summary: 'resets no queue; one that it has stopped by QueueReady goes on where it was',
    justification: 'as restarts-queue',
    settings: { ringReset: false, restarts: 'nothing' },
  },
  {
    id: 'unmaps-early',
    summary: 'maps the configuration to no vector before it negotiates',
    justification: 'DRV-OFFERED: maps and unmasks after negotiating, and this does neither',
    settings: { disarms: true },
  },
  {
    id: 'keeps-generation',
    summary: 'compares ConfigGeneration with what it read last time',
    justification: 'DRV-CONFIGREAD: between two equal readings, however long ago the first one was',
    settings: { keepsGeneration: true },
  },
  {
    id: 'config-bytes',
    summary: 'reads what it does not know of the configuration byte by byte',
    justification: 'DRV-WIDTH speaks of the width of fields',
    settings: { configRest: 'bytes' },
  },
  {
    id: 'single-queue',
    summary: 'accepts no feature that brings more queues, and no queue reset',
    justification: 'a driver accepts the features that it wants (DRV-FEATURES)',
    settings: { multiQueue: false, ringReset: false },
  },
  {
    id: 'two-entries',
    summary: 'rings of two entries, in which a request takes both',
    justification: 'QueueSizeMax is an upper bound (DRV-QUEUESIZE)',
    settings: { queueSize: 2 },
  },
];

/** Conformant drivers that differ from the default one, each in a way that the text allows. */
export const variants: readonly Variant[] = [...sharing, ...orders, ...masks, ...learning, ...others];
