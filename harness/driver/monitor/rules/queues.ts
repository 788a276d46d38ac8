/** Setting up, stopping and resetting queues: the DRV-QUEUE clauses, DRV-SELQUEUE and DRV-POWER2. */
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

const SELECTOR = 'QueueSel';
/** What describes a queue to the device. */
const SET_UP = [
  'QueueSize',
  ...['QueueDescLow', 'QueueDescHigh', 'QueueDriverLow', 'QueueDriverHigh', 'QueueDeviceLow', 'QueueDeviceHigh'],
];

export class QueueRule implements Rule {
  /** Queues that were stopped, and whose QueueReady was not read since: at which entry. */
  private readonly stopped = new Map<number, number>();
  /** Queues that were reset and not set up since. */
  private readonly reset = new Set<number>();

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    const register = view.register(entry);
    if (!register) return;
    const value = Number(entry.value) >>> 0;
    if (register.name === 'Status' && entry.kind === 'write' && value === 0) this.unread(judge);
    if (register.selector !== SELECTOR) return;
    judge.hit('DRV-SELQUEUE');
    const { selected } = view;
    if (selected === undefined) {
      if (view.status !== undefined || view.facts.fromTheStart) {
        const actual = `the driver ${entry.kind}s ${register.name} without, since the device was reset`;
        judge.violate('DRV-SELQUEUE', `${SELECTOR} is written before ${register.name} is used`, actual);
      }
      return;
    }
    const queue = view.queue(selected);
    const { name } = register;
    if (SET_UP.includes(name)) {
      judge.hit('DRV-QUEUEORDER');
      if (queue.ready) {
        const actual = `the driver ${entry.kind}s ${name} of queue ${selected}, whose QueueReady is 1`;
        judge.violate('DRV-QUEUEORDER', `${name} is left alone while the queue is enabled`, actual);
      }
    }
    if (name === 'QueueReady' && entry.kind === 'read' && this.stopped.delete(selected)) judge.hit('DRV-QUEUESTOP');
    if (entry.kind === 'read') return;
    const isSetUp = SET_UP.includes(name) || (name === 'QueueReady' && value !== 0);
    if (isSetUp) {
      if (queue.resetting) {
        const actual = `the driver writes ${name} of queue ${selected} before`;
        judge.violate('DRV-QUEUERESET', 'QueueReset reads 0 before the queue is set up again', actual);
      } else if (this.reset.delete(selected)) judge.hit('DRV-QUEUERESET');
      this.unread(judge, selected);
    }
    if (name === 'QueueSize') this.size(value, selected, view, judge);
    if (name === 'QueueReset' && value === 1) this.resets(selected, view, judge);
    if (name !== 'QueueReady') return;
    if (value === 0) {
      if (queue.ready) this.stopped.set(selected, judge.index);
    } else if (!queue.ready) {
      judge.hit('DRV-QUEUESETUP');
      const missing = SET_UP.filter((one) => !queue.written.has(one));
      if (missing.length === 0) return;
      const actual = `queue ${selected} is enabled without`;
      judge.violate(
        'DRV-QUEUESETUP',
        `${missing.join(', ')} of the queue ${missing.length === 1 ? 'is' : 'are'} written first`,
        actual,
      );
    }
  }

  private resets(selected: number, view: DeviceView, judge: Judge): void {
    judge.hit('DRV-RINGRESET');
    this.reset.add(selected);
    const feature = 'VIRTIO_F_RING_RESET';
    // A log that begins later may not show what was negotiated.
    if (!view.facts.fromTheStart && view.accepted.size === 0) return;
    if (view.negotiated && view.accepts(feature)) return;
    const actual = `the driver resets queue ${selected} without`;
    judge.violate('DRV-RINGRESET', `QueueReset is written once ${feature} is negotiated`, actual);
  }

  end(_view: DeviceView, judge: Judge): void {
    this.unread(judge);
  }

  private size(value: number, selected: number, view: DeviceView, judge: Judge): void {
    const { sizeMax } = view.queue(selected);
    if (sizeMax !== undefined) {
      judge.hit('DRV-QUEUESIZE');
      if (value > sizeMax) {
        const actual = `${value} for queue ${selected}`;
        judge.violate('DRV-QUEUESIZE', `QueueSize is at most QueueSizeMax, ${sizeMax}`, actual);
        return;
      }
    }
    if (view.accepts('VIRTIO_F_RING_PACKED')) return;
    judge.hit('DRV-POWER2');
    if (value > 0 && Number.isInteger(Math.log2(value))) return;
    judge.violate('DRV-POWER2', 'the size of a split virtqueue is a power of 2', `${value} for queue ${selected}`);
  }

  /** It is too late to read the QueueReady of queues that were stopped. */
  private unread(judge: Judge, queue?: number): void {
    for (const [index, at] of this.stopped) {
      if (queue !== undefined && queue !== index) continue;
      const actual = `the driver wrote 0 for queue ${index} and did not`;
      judge.violate('DRV-QUEUESTOP', 'QueueReady is read back after 0 was written to it', actual, at);
      this.stopped.delete(index);
    }
  }
}
