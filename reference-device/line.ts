/**
 * InterruptStatus and the wired interrupt, which is high while a bit of it is set.
 */
export class Line {
  status = 0;
  level: 0 | 1 = 0;
  /** The level stays low whatever InterruptStatus says: events become messages. */
  muted = false;
  private readonly changed: (level: 0 | 1) => void;

  /** @param changed told each change of the level */
  constructor(changed: (level: 0 | 1) => void) {
    this.changed = changed;
  }

  /** An event with this bit of InterruptStatus happened. */
  raise(bit: number): void {
    this.status |= bit;
    this.update();
  }

  acknowledge(bits: number): void {
    this.status &= ~bits;
    this.update();
  }

  reset(): void {
    this.status = 0;
    this.update();
  }

  /** What the level should be. */
  wanted(): 0 | 1 {
    return this.muted || this.status === 0 ? 0 : 1;
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.update();
  }

  update(): void {
    this.drive(this.wanted());
  }

  drive(level: 0 | 1): void {
    if (level === this.level) return;
    this.level = level;
    this.changed(level);
  }
}
