/**
 * The version of the wire on serverPort. Dnodes of different versions refuse each other with a sentence.
 *
 * 1  the first: signed calls, streams of frames, the shell's SQL
 */
export const PROTOCOL_VERSION = 1;
