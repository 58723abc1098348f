// Compares what several ways of tracing read of the same hits.

/**
 * @typedef {{ time: bigint, comm: string, args: Record<string, string> }} Hit
 * @typedef {{ way: string, refusal: object | undefined, tasks: Map<number, Hit[]>, lost: number }} Side
 *
 * The first way that is not refused is what the others are compared with, task by task, in the order of the hits. Hits
 * that one side lacks are no difference as far as that side says that it lost so many of this event; a number that could
 * not be read, of which tracefs does not tell, is none either, and counted.
 * @param {readonly Side[]} sides
 */
export function compareHits(sides) {
  const taking = sides.filter(({ refusal }) => refusal === undefined);
  const [first, ...others] = taking;
  const refusals = Object.fromEntries(
    sides.filter(({ refusal }) => refusal !== undefined).map(({ way, refusal }) => [way, refusal]),
  );
  if (first === undefined) return { hits: 0, counts: {}, refusals, missed: {}, faults: 0, differences: [] };
  const missed = Object.fromEntries(taking.map(({ way }) => [way, 0]));
  const differences = [];
  let faults = 0;
  for (const pid of new Set(taking.flatMap(({ tasks }) => [...tasks.keys()]))) {
    const there = inOrder(first.tasks.get(pid));
    for (const { way, tasks } of others) {
      const here = inOrder(tasks.get(pid));
      const answer = alignHits(there, here);
      missed[first.way] += answer.onlyHere;
      missed[way] += answer.onlyThere;
      faults += answer.faults;
      for (const { at, names } of answer.differing) {
        const values = names.map(name => `${name}: ${there[at].args[name]}, ${way} ${here[at].args[name]}`);
        differences.push({ way, pid, at, comm: there[at].comm, values });
      }
    }
  }
  for (const { way, lost } of taking) {
    if (missed[way] > lost) differences.push({ way, lacks: missed[way], lost });
  }
  return {
    hits: Math.min(...taking.map(({ tasks }) => countOf(tasks))),
    counts: Object.fromEntries(taking.map(({ way, tasks }) => [way, countOf(tasks)])),
    refusals,
    missed,
    faults,
    differences,
  };
}

/**
 * One task's hits on two sides. As many: they are compared one by one. Otherwise the shorter list must be the longer one
 * with hits left out.
 */
function alignHits(there, here) {
  if (there.length === here.length) {
    const differing = there.flatMap((hit, at) => {
      const names = Object.keys(hit.args).filter(name => !isSame(hit, here[at], name));
      return names.length === 0 ? [] : [{ at, names }];
    });
    const faults = here.filter(({ args }, at) =>
      Object.keys(args).some(name => args[name] === 'fault' && there[at].args[name] !== 'fault'),
    ).length;
    return { onlyThere: 0, onlyHere: 0, faults, differing };
  }
  const isLonger = there.length > here.length;
  let next = 0;
  for (const hit of isLonger ? there : here) {
    const other = (isLonger ? here : there)[next];
    if (other === undefined) break;
    const [left, right] = isLonger ? [hit, other] : [other, hit];
    if (Object.keys(left.args).every(name => isSame(left, right, name))) next++;
  }
  const left = Math.abs(there.length - here.length);
  // What does not fit at all counts as lacking on both sides.
  const unfit = Math.min(there.length, here.length) - next;
  return {
    onlyThere: (isLonger ? left : 0) + unfit,
    onlyHere: (isLonger ? 0 : left) + unfit,
    faults: 0,
    differing: [],
  };
}

/** Only eBPF, never the first way, tells of numbers that could not be read; of texts all do. */
function isSame(there, here, name) {
  return here.args[name] === there.args[name] || here.args[name] === 'fault';
}

function inOrder(hits = []) {
  return hits.toSorted((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0));
}

function countOf(tasks) {
  return [...tasks.values()].reduce((sum, hits) => sum + hits.length, 0);
}
