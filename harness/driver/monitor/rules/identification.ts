/** What a driver does before it knows that there is a device for it: DRV-PROBE, DRV-MAGIC, DRV-VERSION, DRV-PLACEHOLDER. */
import { hex } from '../../../program.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

const FIRST = ['MagicValue', 'Version'];
const IDENTIFICATION = [...FIRST, 'DeviceID', 'VendorID'];

export class IdentificationRule implements Rule {
  private readonly seen = new Set<string>();
  private told = false;
  private ignored: { clause: string; because: string; allowed: readonly string[] } | undefined;

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    const name = view.register(entry)?.name ?? view.name(entry.offset);
    this.order(name, entry.kind === 'read', view, judge);
    if (this.ignored && !(entry.kind === 'read' && this.ignored.allowed.includes(name))) {
      const { clause, because } = this.ignored;
      judge.violate(clause, `the device is left alone: ${because}`, `the driver ${entry.kind}s ${name}`);
    }
    if (entry.kind === 'read') this.identify(name, Number(entry.value) >>> 0, view);
  }

  end(_view: DeviceView, judge: Judge): void {
    if (this.ignored) judge.hit(this.ignored.clause);
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
      this.ignored = { clause, because: `${name} reads ${hex(value)}, not ${hex(wanted)}`, allowed: IDENTIFICATION };
    } else if (name === 'DeviceID' && value === layout.constant('NO_DEVICE')) {
      this.ignored ??= { clause: 'DRV-PLACEHOLDER', because: 'DeviceID reads 0', allowed: [...FIRST, name] };
    }
  }
}
