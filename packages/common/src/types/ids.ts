/** Ids that must not be swapped carry a brand; at run time they are plain numbers. */
declare const brand: unique symbol;
type Branded<B extends string> = number & { readonly [brand]: B };

/** A vgroup's id, from 2 up; 1 is the mnode's own. */
export type VgId = Branded<'VgId'>;
/** Number of one write in a vgroup: 1, 2, 3, … without gaps; below 2⁵³. */
export type Version = Branded<'Version'>;
/** The election number that a version was written under. */
export type Term = Branded<'Term'>;
/** A table's id in the whole cluster: allotted by the mnode, below 2⁵³, never reused. */
export type TableUid = Branded<'TableUid'>;
/** A table's dense id in one vgroup: allotted by the vnode in log order, from 1, never reused. */
export type Tid = Branded<'Tid'>;
