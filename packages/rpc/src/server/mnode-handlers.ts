/** Shows the mnode of this dnode to the others. A mnode that is not the master throws RedirectError by itself. */
import type { MnodeService } from '../services/mnode-service.ts';
import {
  mnodeAuthenticate,
  mnodeChanges,
  mnodeDatabase,
  mnodeEnsureChildTables,
  mnodeExecute,
  mnodeTables,
  mnodeUser,
} from '../messages/mnode-calls.ts';
import { ChangeLog } from './change-log.ts';
import type { RpcServer } from './rpc-server.ts';

/** What else decides about a call before it reaches the mnode. */
export interface MnodeGate {
  /** Throws RedirectError when the mnode here is not the master; asked also before waiting for changes. */
  readonly demandMaster: () => void;
}

/** Answers every call of MnodeService by `mnode`; returns the way to stop listening to its changes. */
export function registerMnodeCalls(
  server: RpcServer,
  mnode: MnodeService,
  gate: MnodeGate = { demandMaster: () => {} },
): () => void {
  const changes = new ChangeLog();
  const stop = mnode.onChange((change) => changes.add(change));
  server.handle(mnodeExecute, async ({ sql, session, place }) => {
    gate.demandMaster();
    const value = await mnode.execute(sql, session);
    return { value, news: changes.since(place) };
  });
  server.handle(mnodeEnsureChildTables, async ({ db, stable, tables, session, place }) => {
    gate.demandMaster();
    const value = await mnode.ensureChildTables(db, stable, tables, session);
    return { value, news: changes.since(place) };
  });
  server.handle(mnodeAuthenticate, async ({ user, password }) => {
    gate.demandMaster();
    return mnode.authenticate(user, password);
  });
  server.handle(mnodeUser, async ({ name }) => {
    gate.demandMaster();
    return mnode.user(name);
  });
  server.handle(mnodeDatabase, async ({ name }) => {
    gate.demandMaster();
    return mnode.database(name);
  });
  server.handle(mnodeTables, async ({ db, names }) => {
    gate.demandMaster();
    return mnode.tables(db, names);
  });
  server.handle(mnodeChanges, async (place, { signal }) => {
    gate.demandMaster();
    const news = await changes.wait(place, signal);
    gate.demandMaster();
    return news;
  });
  return () => {
    stop();
    changes.close();
  };
}
