import { ErrorCode, TaosError } from '@tdnode/common';
import { expect, test } from 'vitest';
import type { DnodeState } from '../sdb/state.ts';
import { Prober, findingOf, type Finding } from './prober.ts';

const dnode: DnodeState = {
  id: 2,
  endPoint: 'h2:6030',
  created: 0,
  role: 0,
  isDropping: false,
  hasJoined: false,
};

const answer = { dnodeId: 1, endPoint: 'h2:6030', clusterId: 'other', version: '2.1.2.0' };

test('who founded a cluster of its own is told apart from who merely asks elsewhere', () => {
  const foreign = findingOf('h2:6030', 'own', answer);
  expect(foreign.mismatch?.reason).toBe('clusterId not match');
  expect(foreign.sentence).toContain('h2:6030 belongs to cluster other, this one is own');
  for (const clusterId of ['', 'own']) {
    const { mismatch, sentence } = findingOf('H2:6030', 'own', { ...answer, clusterId });
    expect(mismatch).toBeUndefined();
    expect(sentence).toContain('set firstEp');
  }
  const { sentence } = findingOf('h3:6030', 'own', { ...answer, clusterId: '' });
  expect(sentence).toContain('h3:6030 leads to a dnode that calls itself h2:6030');
});

test('a dnode is asked once at a time, and again after a while; what fails is a sentence', async () => {
  const asked: string[] = [];
  const findings: Finding[] = [];
  const prober = new Prober(async (endPoint) => {
    asked.push(endPoint);
    throw new TaosError(ErrorCode.RPC_FQDN_ERROR, undefined, { detail: 'no such name' });
  });
  const probe = async (now: number): Promise<void> => {
    prober.probe(dnode, 'own', now, (finding) => findings.push(finding));
    prober.probe(dnode, 'own', now, (finding) => findings.push(finding));
    await new Promise((resolve) => setImmediate(resolve));
  };
  await probe(0);
  await probe(4999);
  expect(asked).toEqual(['h2:6030']);
  await probe(5000);
  expect(asked).toHaveLength(2);
  const sentence = 'h2:6030 does not report: no such name';
  expect(findings).toEqual([{ sentence }, { sentence }]);
});
