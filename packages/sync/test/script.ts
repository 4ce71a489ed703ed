/**
 * The commands of testdata/*.txt over a model: what a script says, what a reader sees.
 *
 *   cluster 1 2 3 [spares=4,5] [arbitrator] [told=true] [quorum=2] [bytes=n] [messages=n]   a new group, nobody leads;
 *                              told: what the hosts are told of an arbitrator
 *   tick 1 2 [times=n]         time passes for these (0: the arbitrator)
 *   campaign 1                 ticks until 1 asks for pre-votes
 *   propose 1 a b c            writes, one by one
 *   persist 1                  1's log becomes durable
 *   deliver 2 [drop=3]         everything on the way to 2 arrives, but what comes from 3 is lost
 *   stabilize [quiet]          all logs become durable, all packets arrive, again and again
 *   cut 1 2 | cut 1>2 | heal   cables: 1 from all in the list and back, or one way
 *   lost 1 2                   1 notices that its connection to 2 broke
 *   crash 1 | boot 1           1 loses what is not durable; comes back
 *   full 1 | room 1            1's disk takes no entries of the group's own; takes them again
 *   compact 1 [keep=n]         what is committed goes into 1's files
 *   change 1 addLearner=4 | promote=4 | remove=2 | arbitrator=true
 *   transfer 1 to=2
 *   status | log 1 | arbitrator
 */
import type { ScriptCommand } from '@tdnode/testkit';
import type { Message } from '../src/messages/message.ts';
import { ARBITRATOR, type ConfigChange, type InSyncSet } from '../src/core/types.ts';
import { Model } from './model.ts';
import type { ModelReplica, Packet } from './model-replica.ts';

/** A runner of one script. */
export function scriptRunner(): (command: ScriptCommand) => string {
  let model = new Model({ voters: [1], core: { quorum: 1, applyOn: 'persisted' } });
  return (command) => {
    if (command.name !== 'cluster') return run(model, command);
    model = createModel(command);
    return status(model);
  };
}

function createModel({ words, options }: ScriptCommand): Model {
  const spares = options.get('spares')?.split(',').map(Number) ?? [];
  const quorum = options.get('quorum') ?? '2';
  return new Model({
    voters: words.filter((word) => word !== 'arbitrator').map(Number),
    spares,
    arbitrator: words.includes('arbitrator'),
    core: {
      quorum: quorum === 'majority' ? quorum : Number(quorum),
      applyOn: quorum === 'majority' ? 'committed' : 'persisted',
      appendBytesMax: Number(options.get('bytes') ?? 1000),
      inFlightMessagesMax: Number(options.get('messages') ?? 256),
      electionTicks: 6,
      ...(options.has('told') ? { hasArbitrator: options.get('told') === 'true' } : {}),
    },
  });
}

function run(model: Model, command: ScriptCommand): string {
  const { name, words, options } = command;
  const id = Number(words[0]);
  switch (name) {
    case 'tick':
      for (let i = 0; i < Number(options.get('times') ?? 1); i++)
        for (const word of words) model.tick(Number(word));
      return packets(model);
    case 'campaign':
      for (let i = 0; i < 20 && model.network.length === 0; i++) model.tick(id);
      return packets(model);
    case 'propose':
      return words
        .slice(1)
        .map((data) => propose(model.replica(id), data))
        .join('\n');
    case 'persist':
      model.replica(id).persist();
      return packets(model);
    case 'deliver':
      return deliver(model, id, options);
    case 'stabilize':
      return stabilize(model, words.includes('quiet'));
    case 'status':
      return status(model);
    case 'log':
      return logLine(model.replica(id));
    case 'arbitrator': {
      const { term, votedFor, inSync } = model.arbitrator.state;
      return `term ${term} vote ${votedFor} ${inSyncText(inSync)}`;
    }
    default:
      return disturb(model, command, model.replica(id));
  }
}

function disturb(model: Model, command: ScriptCommand, replica: ModelReplica | undefined): string {
  const { name, words, options } = command;
  switch (name) {
    case 'cut':
      cut(model, words);
      return '';
    case 'heal':
      model.cut.clear();
      return '';
    case 'lost':
      replica!.step({ kind: 'peerLost', peer: Number(words[1]) });
      return packets(model);
    case 'crash':
      replica!.crash({ next: () => 0.999 });
      return logLine(replica!);
    case 'boot':
      replica!.boot();
      return status(model);
    case 'full':
    case 'room':
      replica!.isFull = name === 'full';
      return packets(model);
    case 'compact':
      replica!.compact(Number(options.get('keep') ?? 0));
      return logLine(replica!);
    case 'change': {
      const { refused } = replica!.step({ kind: 'change', change: changeOf(options) });
      return refused === undefined ? packets(model) : `refused: ${refused.reason}`;
    }
    case 'transfer': {
      const { refused } = replica!.step({ kind: 'transfer', to: Number(options.get('to')) });
      return refused === undefined ? packets(model) : `refused: ${refused.reason}`;
    }
    default:
      throw new Error(`no command ${name}`);
  }
}

function changeOf(options: ReadonlyMap<string, string>): ConfigChange {
  const [kind, value] = [...options][0]!;
  if (kind === 'arbitrator') return { kind: 'setArbitrator', isUsed: value === 'true' };
  if (kind !== 'addLearner' && kind !== 'promote' && kind !== 'remove')
    throw new Error(`no change ${kind}`);
  return { kind, id: Number(value) };
}

function cut(model: Model, words: readonly string[]): void {
  if (words[0]!.includes('>')) {
    for (const word of words) model.cut.add(word);
    return;
  }
  for (const other of words.slice(1)) {
    model.cut.add(`${words[0]!}>${other}`);
    model.cut.add(`${other}>${words[0]!}`);
  }
}

function propose(replica: ModelReplica, data: string): string {
  const refusal = replica.core.refusal();
  if (refusal !== undefined) return `refused: ${refusal.reason}, master ${refusal.master}`;
  return `version ${replica.propose(data) ?? '?'}`;
}

function deliver(model: Model, to: number, options: ReadonlyMap<string, string>): string {
  const dropFrom = Number(options.get('drop') ?? -2);
  const lines: string[] = [];
  const waiting = model.network.filter((packet) => ends(packet).to === to);
  for (const packet of waiting) {
    const isDropped = ends(packet).from === dropFrom;
    lines.push(`${packetText(packet)}${isDropped ? ' (lost)' : ''}`);
    const at = model.network.indexOf(packet);
    if (isDropped) model.dropAt(at);
    else model.deliverAt(at);
  }
  return lines.join('\n');
}

function stabilize(model: Model, isQuiet: boolean): string {
  const lines: string[] = [];
  model.stabilize((packet) => {
    const { from, to } = ends(packet);
    lines.push(`${packetText(packet)}${model.cut.has(`${from}>${to}`) ? ' (lost)' : ''}`);
  });
  return isQuiet ? status(model) : [...lines, status(model)].join('\n');
}

function ends(packet: Packet): { readonly from: number; readonly to: number } {
  return packet.kind === 'message' ? packet.message : packet;
}

/** What is on the way. */
function packets(model: Model): string {
  return model.network.map(packetText).join('\n');
}

function packetText(packet: Packet): string {
  const { from, to } = ends(packet);
  const text =
    packet.kind === 'files'
      ? `files up to ${packet.version}`
      : `${packet.message.kind} t${packet.message.term}${fieldsText(packet.message)}`;
  return `${from}>${to} ${text}`;
}

function fieldsText(message: Message): string {
  switch (message.kind) {
    case 'append': {
      const { prevVersion, prevTerm, lastVersion, commit } = message;
      return ` after ${prevVersion}/t${prevTerm} to ${lastVersion}, commit ${commit}`;
    }
    case 'appendAck':
      return message.isRefused
        ? ` refuses ${message.version}, try ${message.hintVersion}/t${message.hintTerm}`
        : ` holds ${message.version}`;
    case 'heartbeat':
      return ` commit ${message.commit}, sent ${message.sentVersion}`;
    case 'heartbeatAck':
      return message.from === ARBITRATOR
        ? ` ${inSyncText(message.inSync)}`
        : ` accepted ${message.lastVersion} of ${message.sentVersion}`;
    case 'vote':
      return `${message.isPreVote ? ' pre' : ''}${message.isTransfer ? ' transfer' : ''} log ${message.lastVersion}/t${message.lastTerm}`;
    case 'voteAck':
      return `${message.isPreVote ? ' pre' : ''} ${message.isGranted ? 'yes' : 'no'}`;
    case 'inSync':
    case 'inSyncAck':
      return ` ${inSyncText(message.inSync)}`;
    case 'timeoutNow':
      return '';
  }
}

function inSyncText({ members, epoch, era }: InSyncSet): string {
  return `in-sync {${members.join(',')}} epoch ${epoch} era ${era}`;
}

function status(model: Model): string {
  return [...model.replicas.values()]
    .map((replica) => {
      const { id, isUp, core, log, last } = replica;
      if (!isUp) return `${id}: down`;
      const { voters, learners } = core.config.config;
      const members = `${voters.join(',')}${learners.length > 0 ? `+${learners.join(',')}` : ''}`;
      const acknowledged = core.role === 'master' ? ` acknowledged ${last?.acknowledged ?? 0}` : '';
      const term = `t${core.term} last ${log.lastVersion}`;
      return `${id}: ${core.role} ${term} commit ${core.commit}${acknowledged} of {${members}}`;
    })
    .join('\n');
}

function logLine({ log, files }: ModelReplica): string {
  const entries = log.entries.map(({ term, data }, i) => `${log.base + 1 + i}:${data}/t${term}`);
  return [files > 0 ? `files up to ${files};` : '', ...entries].filter(Boolean).join(' ');
}
