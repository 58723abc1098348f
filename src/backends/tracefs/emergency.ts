import type { Attachment } from './attachment.js';

const living = new Set<Attachment>();

/** Registers an attachment to be taken down when the process exits, an uncaught exception included. */
export function protectAtExit(attachment: Attachment): void {
  if (living.size === 0) process.on('exit', takeDownAll);
  living.add(attachment);
}

/** To be called when an attachment was taken down. */
export function unprotect(attachment: Attachment): void {
  living.delete(attachment);
  if (living.size === 0) process.removeListener('exit', takeDownAll);
}

function takeDownAll(): void {
  // Nobody is left to tell of failures; the next run finds what remains.
  for (const attachment of living) attachment.takeDown();
  living.clear();
}
