/** What a driver does before it knows that there is a device for it: DRV-PROBE, DRV-MAGIC, DRV-VERSION, DRV-PLACEHOLDER. */
import { hex } from '../../../program.ts';
import type { Access } from '../../bus.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

const FIRST = ['MagicValue', 'Version'];
const IDENTIFICATION = [...FIRST, 'DeviceID', 'VendorID'];

/** Registers that only legacy devices have, by the constants that say where. */
const LEGACY = ['LEGACY_GUEST_PAGE_SIZE', 'LEGACY_QUEUE_ALIGN', 'LEGACY_QUEUE_PFN'];
/** Registers that legacy devices do not have. */
const MODERN = [
  ...['QueueReady', 'QueueReset', 'ConfigGeneration'],
  ...['QueueDescLow', 'QueueDescHigh', 'QueueDriverLow', 'QueueDriverHigh', 'QueueDeviceLow', 'QueueDeviceHigh'],
];

interface Ignored {
  clause: string;
  because: string;
  allowed: readonly string[];
  /** A legacy device, which a transitional driver drives in another way. */
  isLegacy: boolean;
}

export class IdentificationRule implements Rule {
  private readonly seen = new Set<string>();
  private told = false;
  private ignored: Ignored | undefined;
  /** The first access of a legacy device, until it shows by which interface that is. */
  private undecided: { at: number; actual: string } | undefined;
  private usesLegacy = false;

  /** There is no device here for this driver: what it does with it breaks that one clause. */
  get isToBeIgnored(): boolean {
    return this.ignored !== undefined;
  }

  /** A transitional driver drives a legacy device by the legacy interface. */
  get drivesLegacy(): boolean {
    return this.usesLegacy;
  }

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    const name = view.register(entry)?.name ?? view.name(entry.offset);
    this.order(name, entry.kind === 'read', view, judge);
    if (this.ignored && !(entry.kind === 'read' && this.ignored.allowed.includes(name))) {
      this.use(entry, name, this.ignored, view, judge);
    }
    if (entry.kind === 'read') this.identify(name, Number(entry.value) >>> 0, view);
  }

  end(_view: DeviceView, judge: Judge): void {
    if (!this.ignored) return;
    judge.hit(this.ignored.clause);
    if (this.undecided && !this.usesLegacy) this.accuse(this.ignored, this.undecided, judge);
  }

  private use(access: Access, name: string, ignored: Ignored, view: DeviceView, judge: Judge): void {
    const use = { at: judge.index, actual: `the driver ${access.kind}s ${name}` };
    const { layout } = view;
    if (ignored.isLegacy && LEGACY.some((place) => access.offset === layout.constant(place))) this.usesLegacy = true;
    const setsFeaturesOk =
      name === 'Status' &&
      access.kind === 'write' &&
      (Number(access.value) & layout.bit('Status', 'FEATURES_OK')) !== 0;
    if (!ignored.isLegacy || MODERN.includes(name) || setsFeaturesOk) this.accuse(ignored, use, judge);
    else this.undecided ??= use;
  }

  private accuse({ clause, because }: Ignored, { at, actual }: { at: number; actual: string }, judge: Judge): void {
    judge.violate(clause, `the device is left alone: ${because}`, actual, at);
  }

  /** MagicValue and Version in either order, then DeviceID, then the rest; once, for a driver knows its device then. */
  private order(name: string, isRead: boolean, view: DeviceView, judge: Judge): void {
    if (!view.facts.fromTheStart || this.told) return;
    const before = FIRST.filter((register) => !this.seen.has(register));
    const isDue = isRead && (before.length > 0 ? before.includes(name) : [...FIRST, 'DeviceID'].includes(name));
    if (isRead) this.seen.add(name);
    if (!isDue) {
      this.told = true;
      const next = before.length > 0 ? before.join(' and ') : 'DeviceID';
      judge.violate(
        'DRV-PROBE',
        `${next} is read before anything else`,
        `the driver ${isRead ? 'reads' : 'writes'} ${name}`,
      );
    } else if (name === 'DeviceID') {
      this.told = true;
      judge.hit('DRV-PROBE');
    }
  }

  private identify(name: string, value: number, view: DeviceView): void {
    const { layout } = view;
    if (FIRST.includes(name)) {
      const wanted = layout.register(name).value ?? 0;
      if (value === wanted || this.ignored) return;
      const clause = name === 'MagicValue' ? 'DRV-MAGIC' : 'DRV-VERSION';
      const because = `${name} reads ${hex(value)}, not ${hex(wanted)}`;
      const isLegacy = clause === 'DRV-VERSION' && value === layout.constant('VERSION_LEGACY');
      this.ignored = { clause, because, allowed: IDENTIFICATION, isLegacy };
    } else if (name === 'DeviceID' && value === layout.constant('NO_DEVICE')) {
      const allowed = [...FIRST, name];
      this.ignored ??= { clause: 'DRV-PLACEHOLDER', because: 'DeviceID reads 0', allowed, isLegacy: false };
    }
  }
}
