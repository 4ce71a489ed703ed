/**
 * One taosd per dataDir. The lock is an abstract unix socket named after the folder's device and inode: the
 * kernel gives it to one process only and takes it back when that ends, however it ends. `dnode/.running` names
 * the holder for the message and, where processes do not share a network namespace, is a lock of its own: it
 * holds while its process lives (same pid and same start time in /proc).
 */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { StartupError, errnoOf } from './startup-error.ts';

/** A held lock. */
export interface DataLock {
  release(): void;
}

/** Takes the lock of a folder that exists; throws a StartupError that names the holder. */
export async function lockDataDir(dataDir: string): Promise<DataLock> {
  const file = path.join(dataDir, 'dnode', '.running');
  const { dev, ino } = fs.statSync(dataDir, { bigint: true });
  const socket = process.platform === 'linux' ? await bind(`\0tdnode-${dev}-${ino}`) : undefined;
  const holder = readHolder(file);
  if (socket === 'taken' || (holder !== undefined && isAlive(holder))) {
    if (socket !== 'taken') socket?.close();
    const who = holder === undefined ? '' : ` (process ${holder.pid})`;
    throw new StartupError(`another taosd${who} runs on the data folder ${dataDir}`);
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${process.pid} ${startTimeOf(process.pid)}\n`);
  return {
    release: () => {
      fs.rmSync(file, { force: true });
      socket?.close();
    },
  };
}

interface Holder {
  readonly pid: number;
  readonly startTime: string;
}

function readHolder(file: string): Holder | undefined {
  try {
    const [pid, startTime = ''] = fs.readFileSync(file, 'utf8').trim().split(' ');
    return Number.isInteger(Number(pid)) && Number(pid) > 0
      ? { pid: Number(pid), startTime }
      : undefined;
  } catch {
    return undefined; // no file: nobody
  }
}

function isAlive({ pid, startTime }: Holder): boolean {
  return pid !== process.pid && startTime !== '' && startTimeOf(pid) === startTime;
}

/** Ticks since boot at which a process began; empty when there is none, or when it has ended and nobody asked how. */
function startTimeOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3, behind the name
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

function bind(name: string): Promise<net.Server | 'taken'> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((peer) => peer.destroy());
    server.once('error', (error) => {
      if (errnoOf(error) === 'EADDRINUSE') resolve('taken');
      else reject(error);
    });
    server.listen({ path: name }, () => {
      server.unref();
      resolve(server);
    });
  });
}
