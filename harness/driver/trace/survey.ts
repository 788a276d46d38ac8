/** The first pass over a recording: which devices are in it, and what can be told of each. */
import type { Layout } from '../../../spec/layout.ts';
import { hex } from '../../program.ts';
import type { Event, Recording, Region } from './recording.ts';

/** One device of a recording. */
export interface Candidate {
  region: Region;
  /** Address; undefined where the recording does not tell where the device begins. */
  base: number | undefined;
  accesses: number;
  firstLine: number;
  /** As the driver read them. */
  deviceId: number | undefined;
  version: number | undefined;
  /** It has seen a bit of InterruptStatus, or acknowledged one: a driver that polls leaves the line as it is. */
  takesInterrupts: boolean;
}

export class Survey {
  /** In the order of their first access. */
  readonly candidates: Candidate[] = [];
  /** Whose interrupt the line in that line of the file is, where only a later line tells. */
  readonly owners = new Map<number, Region>();
  /** Interrupts that nothing gives to a device. */
  strays = 0;
  private readonly layout: Layout;
  private readonly recording: Recording;
  private readonly byRegion = new Map<Region, Candidate>();
  private readonly waiting: number[] = [];

  constructor(layout: Layout, recording: Recording, events: Iterable<Event>) {
    this.layout = layout;
    this.recording = recording;
    for (const event of events) this.take(event);
    for (const candidate of this.candidates) candidate.base = recording.baseOf(candidate.region);
    const real = this.candidates.filter(({ deviceId }) => deviceId !== layout.constant('NO_DEVICE'));
    const [only] = real;
    if (only && real.length === 1) for (const line of this.waiting.splice(0)) this.owners.set(line, only.region);
    this.strays = this.waiting.length;
  }

  private take(event: Event): void {
    if (event.kind === 'line' && event.region === undefined && event.level === 1) this.waiting.push(event.line);
    if (event.kind !== 'read' && event.kind !== 'write') return;
    const { region, line } = event;
    let candidate = this.byRegion.get(region);
    if (!candidate) {
      candidate = {
        ...{ region, base: undefined, accesses: 0, firstLine: line },
        ...{ deviceId: undefined, version: undefined, takesInterrupts: false },
      };
      this.byRegion.set(region, candidate);
      this.candidates.push(candidate);
    }
    candidate.accesses++;
    const base = this.recording.baseOf(region);
    if (base !== undefined) this.learn(candidate, event.kind, event.address - base, Number(event.value));
  }

  private learn(candidate: Candidate, kind: 'read' | 'write', offset: number, value: number): void {
    const at = (name: string) => this.layout.register(name).offset === offset;
    if (kind === 'write') {
      if (at('InterruptACK')) candidate.takesInterrupts = true;
    } else if (at('DeviceID')) candidate.deviceId = value;
    else if (at('Version')) candidate.version = value;
    else if (at('InterruptStatus') && value !== 0) {
      candidate.takesInterrupts = true;
      // Only a device that has changed its configuration interrupts without a word of which device it is.
      if ((value & this.layout.bit('InterruptStatus', 'CONFIG_CHANGE')) === 0) return;
      for (const line of this.waiting.splice(0)) this.owners.set(line, candidate.region);
    }
  }

  /** The name of its type, as `device=` takes it. */
  typeOf({ deviceId }: Candidate): string | undefined {
    if (deviceId === this.layout.constant('NO_DEVICE')) return 'empty';
    return deviceId === undefined ? undefined : this.layout.deviceType(deviceId)?.name;
  }

  /** In a word or two, e.g. `block at 0x0a000000`. */
  describe(candidate: Candidate): string {
    const { base, deviceId } = candidate;
    const type = this.typeOf(candidate) ?? (deviceId === undefined ? 'unknown' : `type ${deviceId}`);
    return base === undefined ? type : `${type} at ${hex(base)}`;
  }

  /** Every device, a line each. */
  list(): string {
    const lines = this.candidates.map((candidate, index) => {
      const { accesses, firstLine } = candidate;
      const many = `${accesses} access${accesses === 1 ? '' : 'es'}`;
      return `  device=${index}  ${this.describe(candidate)}, ${many} from line ${firstLine} on`;
    });
    const shown = 12;
    if (lines.length > shown) lines.splice(shown, Infinity, `  and ${lines.length - shown} more`);
    return lines.join('\n');
  }
}
