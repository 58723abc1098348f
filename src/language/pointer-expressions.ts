const longestExpression = 64;

/**
 * The expressions of an argument whose values are followed as pointers, in the order in which they are: of
 * `+8(file->f_path.dentry):u64` these are `file` and `file->f_path.dentry`.
 *
 * @param body the text after `NAME=`
 */
export function pointerExpressions(body: string): readonly string[] {
  if (body.startsWith('\\')) return [];
  const colon = body.lastIndexOf(':');
  const text = colon < 0 ? body : body.slice(0, colon);
  const outer: string[] = [];
  let inner = text;
  for (let level = 0; level < longestExpression; level++) {
    const [, inside] = /^[+-]u?[^(]*\((.*)\)[^)]*$/.exec(inner) ?? [];
    if (inside === undefined) break;
    outer.unshift(inside);
    inner = inside;
  }
  if (inner.startsWith('@')) return [inner, ...outer];
  const followed: string[] = [];
  for (let at = inner.indexOf('->'); at >= 0; at = inner.indexOf('->', at + 2))
    followed.push(inner.slice(0, at));
  // A chain that ends in a pointer to text is followed once more.
  if (outer.length === 0) outer.push(inner);
  return [...followed, ...outer];
}
