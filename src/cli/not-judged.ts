/** Why btfprobe says nothing about a line that kernels understand; `undefined` when it does. */
export function whyNotJudged(definition: string): string | undefined {
  return /^[\s\xa0]*s:/.test(definition) ? 'synthetic events (s:) are not judged by btfprobe' : undefined;
}
