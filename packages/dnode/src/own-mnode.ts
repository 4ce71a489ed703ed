/**
 * The mnode of this dnode as the others ask it: it answers by itself or says that it is not the master. It never asks
 * on, as `MnodeRouter` does for this dnode's own clients: whoever is asked might ask back, and both would do so for ever.
 */
import type { Mnode } from '@tdnode/mnode';
import type { MnodeService } from '@tdnode/rpc';
import type { MnodeRouter } from './mnode-router.ts';
import { notHere } from './not-here.ts';

/** See the head of this file. Changes are told as the router tells them. */
export function ownMnode(router: MnodeRouter): MnodeService {
  const own = (): Mnode => {
    if (router.local === undefined) throw notHere('mnode');
    return router.local;
  };
  return {
    execute: async (sql, session) => own().execute(sql, session),
    authenticate: async (user, password) => own().authenticate(user, password),
    user: async (name) => own().user(name),
    database: async (name) => own().database(name),
    tables: async (db, names) => own().tables(db, names),
    ensureChildTables: async (db, stable, tables, session) =>
      own().ensureChildTables(db, stable, tables, session),
    onChange: (listener) => router.onChange(listener),
  };
}
