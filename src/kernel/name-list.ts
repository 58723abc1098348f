/** A name and the module that owns it, `undefined` for the kernel itself. */
export interface OwnedName {
  readonly name: string;
  readonly module: string | undefined;
}

/**
 * A long list of names, made when first asked for and kept. Names of modules that were unloaded are left out; the same
 * array is given as long as those are the same.
 */
export function createNameList(
  read: () => Iterable<OwnedName>,
  isUnloaded: (module: string) => boolean,
): () => readonly string[] {
  let all: readonly OwnedName[] | undefined;
  let modules: readonly string[] = [];
  let shown: { readonly gone: string; readonly names: readonly string[] } | undefined;
  return () => {
    if (all === undefined) {
      all = Array.from(read());
      modules = Array.from(new Set(all.flatMap(({ module }) => module ?? [])));
    }
    const gone = modules.filter(isUnloaded);
    const key = gone.join(' ');
    if (shown?.gone !== key) {
      const left = all.filter(({ module }) => module === undefined || !gone.includes(module));
      shown = { gone: key, names: left.map(({ name }) => name) };
    }
    return shown.names;
  };
}
