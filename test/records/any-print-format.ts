import fc from 'fast-check';

/** Fields of 64 bytes behind the common ones; `anyArgument` also asks for a `__data_loc` of the name `l`. */
export const fields = [
  ['unsigned char', 'a', 8, 1],
  ['s8', 'b', 9, 1, true],
  ['short', 'c', 10, 2, true],
  ['u16', 'd', 12, 2],
  ['int', 'e', 16, 4, true],
  ['u32', 'f', 20, 4],
  ['s64', 'g', 24, 8, true],
  ['u64', 'h', 32, 8],
  ['void *', 'i', 40, 8],
  ['u16', 'j', 48, 8, false, '4'],
  ['s64', 'k', 56, 16, true, '2'],
] as const;
const numbers = [0, 1, 2, 3, 7, 31, 32, 33, 40, 63, 64, 1000].map(String);
const large = ['0x7fffffff', '0x80000000', '0xffffffffU', '0x100000000', '0xffffffffffffffffUL', '-1L'];
const types = ['int', 'unsigned int', 'u8', 's8', 'short', 'u16', 'long', 'unsigned long', 'u64', 's64'];
const operators = '+ - * / % & | ^ << >> == != < > <= >= && ||'.split(' ');
const { expression } = fc.letrec<{ expression: string; leaf: string }>(tie => ({
  leaf: fc.oneof(
    fc.constantFrom(...fields.slice(0, 9)).map(([, name]) => `REC->${name}`),
    fc.constantFrom(...numbers, ...large),
    fc.constant('__get_dynamic_array_len(l)'),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc
      .tuple(tie('expression'), fc.constantFrom(...operators), tie('expression'))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(fc.constantFrom('-', '~', '!'), tie('expression'))
      .map(([operator, operand]) => `(${operator} ${operand})`),
    fc.tuple(fc.constantFrom(...types), tie('expression')).map(([type, operand]) => `((${type}) ${operand})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
    fc.tuple(fc.constantFrom('j', 'k'), tie('expression')).map(([name, index]) => `REC->${name}[${index}]`),
  ),
}));
const conversion = fc.constantFrom(
  ...'%d %u %x %ld %lu %llx %hd %hhu %5d %-6u| %08lx %#x %#lx %p %px %pS %ps %c %o %X %+d %06d %20p'.split(
    ' ',
  ),
);
const flags = ['{ 1, "ONE" }, { 6, "SIX" }, { 0x80000000U, "TOP" }', '{ -1, "ALL" }, { 1UL << 40, "FAR" }'];
/** A conversion with the argument it prints. */
export const anyArgument = fc.oneof(
  fc.tuple(conversion, expression).map(([format, value]) => ({ format, value })),
  fc
    .tuple(expression, fc.constantFrom(...flags), fc.constantFrom('%s', '%12s|', '%-9s|', '%.3s'))
    .map(([value, list, format]) => ({ format, value: `__print_flags(${value}, "|", ${list})` })),
  fc
    .tuple(expression, fc.constantFrom(...flags))
    .map(([value, list]) => ({ format: '%s', value: `__print_symbolic(${value}, ${list})` })),
  fc.tuple(expression, expression).map(([condition, value]) => ({
    format: '%s',
    value: `${condition} ? "yes" : __print_symbolic(${value}, { 0, "no" })`,
  })),
  fc.constant({ format: '%s', value: '__get_str(l)' }),
  fc.constant({ format: '%s', value: '(char *)REC->j' }),
  fc.constant({ format: '%s', value: 'REC->i' }),
);
