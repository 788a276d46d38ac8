/** A 32-bit register as an access sees it. */
export interface Port {
  /** Unsigned. */
  read(): number;
  /** @param value unsigned */
  write(value: number): void;
}

/** Ports by register name. */
export type Ports = Map<string, Port>;

/** A register that writes do not change. */
export function readOnly(read: () => number): Port {
  return { read, write() {} };
}

/** A register that reads 0. */
export function writeOnly(write: (value: number) => void): Port {
  return { read: () => 0, write };
}

/** A stretch of the device's region that is no register: a table, the configuration space. */
export interface Area {
  /** Bytes from the device's base: from the first to behind the last. */
  readonly start: number;
  readonly end: number;
  /** Aligned 32-bit accesses; `at` is in bytes from `start`. */
  read32(at: number): number;
  write32(at: number, value: number): void;
  /** Whether accesses of other widths and alignments mean something here. */
  readonly narrow: boolean;
  /** An access of `size` bytes that is not an aligned dword; only where `narrow`. */
  readBytes(at: number, size: number): number | bigint;
  writeBytes(at: number, size: number, value: number | bigint): void;
}
