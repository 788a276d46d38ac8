/** What the entries of a trace hold, so that a message can be called by its vector. Whatever is not sure is forgotten. */

interface Entry {
  low: number;
  high: number;
  data: number;
}

const SET_UP = /^vector (\d+)\b.* to address (0x[0-9a-f]+) data (0x[0-9a-f]+)/;
const WRITE = /^write entry\[(\d+)\]\.([\w-]+) (0x[0-9a-f]+)(.*)$/;
const PARTS: Record<string, keyof Entry> = { 'address-low': 'low', 'address-high': 'high', data: 'data' };
const DWORD = 2n ** 32n;

export class Entries {
  private readonly entries = new Map<number, Entry>();
  private readonly rewritten = new Set<number>();

  forget(): void {
    this.entries.clear();
    this.rewritten.clear();
  }

  /** Takes the parts of a set-up: `vector 3 for queue 0 to address 0xfee00000 data 0x00000021`. */
  setUp(parts: readonly string[]): void {
    this.forget();
    for (const part of parts) {
      const [, vector, address, data] = SET_UP.exec(part) ?? [];
      if (vector === undefined || address === undefined || data === undefined) continue;
      const whole = BigInt(address);
      this.entries.set(Number(vector), {
        low: Number(whole % DWORD),
        high: Number(whole / DWORD),
        data: Number(data),
      });
    }
  }

  /** Takes a write to an entry, as the trace shows it; one of another width makes the entry unknown. */
  write(operation: string): void {
    const [, vector, field = '', value, rest = ''] = WRITE.exec(operation) ?? [];
    const part = PARTS[field];
    if (vector === undefined || part === undefined) return;
    const entry = this.entries.get(Number(vector));
    if (!entry) return;
    this.rewritten.add(Number(vector));
    if (rest.includes('bits')) this.entries.delete(Number(vector));
    else entry[part] = Number(value);
  }

  /** The one vector whose entry holds this message. */
  vectorOf(address: string, data: string): number | undefined {
    const whole = BigInt(address);
    const found = [...this.entries].filter(
      ([, entry]) => BigInt(entry.high) * DWORD + BigInt(entry.low) === whole && entry.data === Number(data),
    );
    return found.length === 1 ? found[0]?.[0] : undefined;
  }

  /** What set-up put into the vector's entry, as the trace writes messages; nothing where it was written since. */
  messageOf(vector: number): { address: string; data: string } | undefined {
    const entry = this.entries.get(vector);
    if (!entry || this.rewritten.has(vector)) return undefined;
    const hex = (value: bigint | number) => `0x${value.toString(16).padStart(8, '0')}`;
    return { address: hex(BigInt(entry.high) * DWORD + BigInt(entry.low)), data: hex(entry.data) };
  }
}
