// The rooms and the one direction of imports between them: docs/architecture.md.
const order = [
  'btf',
  'kernel',
  'language',
  'program',
  'records',
  'formats',
  'host',
  'backends',
  'plan',
  'cli',
];
const browser = '^src/(btf|kernel|language|program|records|formats|backends/sim)/';
// program and records are neighbours: neither knows the other; records are written through records/, run by program/.
const forbidden = order.slice(0, -1).map((room, index) => ({
  name: `${room}-looks-up-only`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${order.slice(index + 1).join('|')})/` },
}));
module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'program-and-records-are-neighbours',
      severity: 'error',
      from: { path: '^src/records/' },
      to: { path: '^src/program/' },
    },
    {
      name: 'no-backend-knows-another',
      severity: 'error',
      from: { path: '^src/backends/([^/]+)/' },
      to: { path: '^src/backends/[^/]+/', pathNot: '^src/backends/$1/' },
    },
    {
      name: 'no-node-in-browser-rooms',
      severity: 'error',
      from: { path: browser },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-has-no-packages',
      severity: 'error',
      from: { path: '^src/(btf|kernel|language|program|records)/' },
      to: { dependencyTypes: ['npm'] },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-room-from-inside-the-index',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/index\\.ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
