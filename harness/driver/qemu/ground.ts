/** What a guest lives on: its memory, and a private directory for the socket of the bridge. Neither outlives it. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { TargetConfigurationError } from '../../target.ts';
import { FileRam } from './file-ram.ts';
import type { GuestMachine } from './machines.ts';

/** Memory behind the file, not a disk, where the system has that. */
const SHARED_MEMORY = '/dev/shm';
/** A socket's path must fit into a `sockaddr_un`; bytes. */
const SOCKET_PATH_LIMIT = 107;

const left = new Set<Ground>();

function clearUpAtExit(): void {
  for (const ground of left) ground.removeFiles();
}

/** What of a firmware is also in RAM: from guest physical `address` on. */
export interface Shadow {
  address: number;
  bytes: Uint8Array;
}

export class Ground {
  readonly ram: FileRam;
  readonly ramFile: string;
  readonly socket: string;
  private readonly directory: string;

  /** @param mebibytes of memory @throws TargetConfigurationError */
  constructor(machine: GuestMachine, mebibytes: number, shadow: Shadow | undefined) {
    this.directory = mkdtempSync(join(tmpdir(), `qemu-${process.pid}-`));
    this.socket = join(this.directory, 'bridge');
    const folder = hasRoom(SHARED_MEMORY, mebibytes * 2 ** 20) ? SHARED_MEMORY : this.directory;
    this.ramFile = join(folder, `${basename(this.directory)}-ram`);
    if (left.size === 0) process.on('exit', clearUpAtExit);
    left.add(this);
    if (Buffer.byteLength(this.socket) > SOCKET_PATH_LIMIT) {
      this.remove();
      throw new TargetConfigurationError(
        `qemu: ${this.socket} is too long for a socket's path`,
        'set TMPDIR to a shorter directory',
      );
    }
    this.ram = new FileRam(this.ramFile, machine.ram, mebibytes * 2 ** 20);
    if (shadow) this.ram.write(shadow.address, shadow.bytes);
  }

  /** The names go; who has the files open keeps them. */
  removeFiles(): void {
    rmSync(this.ramFile, { force: true });
    rmSync(this.directory, { recursive: true, force: true });
  }

  remove(): void {
    this.removeFiles();
    this.ram?.close();
    left.delete(this);
    if (left.size === 0) process.off('exit', clearUpAtExit);
  }
}

/** A container's may be small: a guest that uses more of it than there is dies of that. */
function hasRoom(folder: string, bytes: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= bytes;
  } catch {
    return false;
  }
}
