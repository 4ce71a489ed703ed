/** Words that Tab completes: those of TDengine's statements, its functions, and the shell's own. */

/** Statements begin with these. */
export const firstWords: readonly string[] =
  'alter clear create delete describe drop exit explain help import insert kill quit reset select set show source use'.split(
    ' ',
  );

/** Where a statement goes on. */
export const keywords: readonly string[] = (
  'account accounts add all and apercentile as asc avg balance between binary bigint blocks bool bottom by cache cachelast ' +
  'ceil change column comp connection connections count create current databases database days desc diff distinct dnode dnodes ' +
  'double exists fill first float floor from fsync grants group having if in int interp interval into is keep last last_row ' +
  'leastsquares like limit linear max max_binary_display_width maxrows min minrows mnodes modify modules nchar next none not now ' +
  'null offset on or order pass percentile precision prev privilege queries query quorum replica round scores server_status() ' +
  'server_version() session set slimit sliding smallint soffset spread stable stables state_window stddev stream streams sum ' +
  'table tables tag tags tbname timestamp tinyint to top topic twa union unsigned update user users using value values variables ' +
  'vgroups vnodes wal walLevel where'
).split(' ');

/** What follows `show`. */
export const showWords: readonly string[] =
  'accounts connections create databases dnodes grants modules mnodes queries scores stables streams tables users variables vgroups vnodes'.split(
    ' ',
  );
