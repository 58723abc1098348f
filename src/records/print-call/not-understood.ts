/** Thrown where a `print fmt` uses what is not known here. */
export class NotUnderstood extends Error {}
