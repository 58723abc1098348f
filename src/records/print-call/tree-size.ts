import type { IntNode, PrintArgument, TextNode } from '../print-tree.js';

/** Who works on a tree calls itself for each level. The deepest of 6.12 has 8. */
const MOST_LEVELS = 200;
/** Of all arguments together. The largest of 6.12 has 54. */
const MOST_NODES = 4000;

/**
 * Whether trees are small enough to be worked on: long sums make deep ones, and what a variable stands for is in a tree as
 * often as it is used, which a few dozen variables could double again and again.
 */
export function areWorkable(args: readonly PrintArgument[]): boolean {
  let left = MOST_NODES;
  const fits = (node: IntNode | TextNode, level: number): boolean =>
    level <= MOST_LEVELS && --left >= 0 && operandsOf(node).every(operand => fits(operand, level + 1));
  return args.every(
    argument => argument.is === 'unknown' || argument.is === 'bytes' || fits(argument.node, 1),
  );
}

function operandsOf(node: IntNode | TextNode): readonly (IntNode | TextNode)[] {
  switch (node.kind) {
    case 'number':
    case 'field':
    case 'character':
    case 'length':
    case 'literal':
    case 'characters':
    case 'bitmask':
    case 'socketAddress':
      return [];
    case 'element':
      return [node.index];
    case 'arithmetic':
    case 'shift':
    case 'comparison':
    case 'logical':
      return [node.left, node.right];
    case 'not':
    case 'unary':
    case 'convert':
      return [node.operand];
    case 'choice':
    case 'textChoice':
      return [node.condition, node.yes, node.no];
    case 'joined':
      return node.parts;
    case 'pointed':
      return [node.address];
    case 'flags':
    case 'symbolic':
      return [node.value];
    case 'hex':
    case 'array':
      return [node.count];
    default:
      return node satisfies never;
  }
}
