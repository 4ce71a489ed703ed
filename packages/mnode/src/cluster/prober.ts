/**
 * Asks dnodes that should report and do not who they are, so that the log and `show dnodes` say why: the name cannot be
 * resolved here, nothing listens there, the secret differs, the name leads to another host, or the dnode founded a
 * cluster of its own and so never asks this one.
 *
 * Invariants: one question a dnode at a time, every `PROBE_MS`; an answer changes no more than the reason that is shown.
 */
import { TaosError } from '@tdnode/common';
import type { PingAnswer } from '@tdnode/rpc';
import type { DnodeState } from '../sdb/state.ts';
import { foreignCluster, type Mismatch } from './parameters.ts';

/** Time between two questions to one dnode, ms. */
const PROBE_MS = 5000;

/** Asks `fqdn:port` who is there; rejects with a TaosError whose detail is a sentence. */
export type AskWho = (endPoint: string) => Promise<PingAnswer>;

/** What an answer says of a dnode that does not report; without a reason `show dnodes` stays as it is. */
export interface Finding {
  readonly mismatch?: Mismatch;
  readonly sentence: string;
}

/** See the head of this file. */
export class Prober {
  readonly #askWho: AskWho;
  /** When a dnode may be asked again, by its id; Infinity while it is asked. */
  readonly #nextAt = new Map<number, number>();

  constructor(askWho: AskWho) {
    this.#askWho = askWho;
  }

  /** Asks a silent dnode unless that was done lately; `onFinding` hears what came of it. `now` is monotonic. */
  probe(
    { id, endPoint }: DnodeState,
    clusterId: string,
    now: number,
    onFinding: (finding: Finding) => void,
  ): void {
    if (now < (this.#nextAt.get(id) ?? -Infinity)) return;
    this.#nextAt.set(id, Infinity);
    void this.#ask(endPoint, clusterId).then((finding) => {
      this.#nextAt.set(id, now + PROBE_MS);
      return onFinding(finding);
    });
  }

  async #ask(endPoint: string, clusterId: string): Promise<Finding> {
    try {
      return findingOf(endPoint, clusterId, await this.#askWho(endPoint));
    } catch (error) {
      return { sentence: `${endPoint} does not report: ${reasonOf(error)}` };
    }
  }
}

/** What it means that a dnode which does not report answers so. */
export function findingOf(endPoint: string, clusterId: string, answer: PingAnswer): Finding {
  if (answer.clusterId !== '' && answer.clusterId !== clusterId) {
    const mismatch = foreignCluster(endPoint, answer.clusterId, clusterId);
    return { mismatch, sentence: mismatch.detail };
  }
  if (answer.endPoint.toLowerCase() !== endPoint.toLowerCase())
    return {
      sentence: `${endPoint} leads to a dnode that calls itself ${answer.endPoint}: spell its fqdn and serverPort as in create dnode, or correct DNS or the hosts file of this host`,
    };
  return {
    sentence: `${endPoint} runs and does not report to this cluster: set firstEp in its taos.cfg to a dnode of this cluster; its own log says whom it asks`,
  };
}

function reasonOf(error: unknown): string {
  return error instanceof TaosError ? (error.detail ?? error.message) : String(error);
}
