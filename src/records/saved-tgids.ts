/** Reads `saved_tgids`: the process of each thread, by the thread's number. Lines of another form are passed over. */
export function parseSavedTgids(text: string): Map<number, number> {
  const processes = new Map<number, number>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d{1,10}) (\d{1,10})$/.exec(line);
    if (match !== null) processes.set(Number(match[1]), Number(match[2]));
  }
  return processes;
}
