import type { Code, Label } from './code.js';
import {
  bodyEntry,
  layout,
  NO_BODY,
  NOT_WANTED,
  NOT_WRITTEN,
  OUT_SIZE,
  OVERSHOOT,
  state,
  streamEntry,
} from './layout.js';
import { lineType } from './line-code.js';
import { WasmModule } from './module.js';
import { Runtime } from './runtime.js';

/** How the loop goes on: what has become of the first stream since it stopped. */
export const Resume = {
  /** It stands where it stood. */
  same: 0,
  /** It stands on its next record. */
  moved: 1,
  /** It has no further record. */
  ended: 2,
} as const;
export type Resume = (typeof Resume)[keyof typeof Resume];

/** Why the loop stopped. What is asked for is about the first stream of the heap. */
export const Stop = {
  /** As many records as wanted were written. */
  done: 0,
  /** No stream has a record. */
  empty: 1,
  /** The next record is not before `until`. */
  until: 2,
  /** Events were lost before the record. */
  lost: 3,
  /** The record's line must be written by others. */
  record: 4,
  /** The next record is in another sub-buffer, or not of the usual kind. */
  advance: 5,
  /** The record's line may not fit behind those that were written. */
  full: 6,
} as const;

/** Kinds of texts from here on are senders, by CPU. */
export const SENDERS = 0x10_0000;

/** Kinds of what follows a header in a sub-buffer (spec 11 section 2): data of that many words of 4 bytes, with the length behind the header, a time's upper part. */
const MOST_WORDS = 28;
const LONG_DATA = 0;
const TIME_EXTEND = 30;
/** Where a sub-buffer says how many bytes of data it has. */
const COMMIT = 8;
const NEWLINE = 0x0a;

/**
 * The loop over records as a module: `run(resume)` answers a `Stop`. It finds the earliest record of all streams (spec 11
 * R11-44), writes its line and moves on within the sub-buffer, as `RecordReader` and `PageWalker` do; whatever is unusual it
 * leaves to them, with all as it was before.
 */
export function lineLoopModule(): Uint8Array {
  const module = new WasmModule();
  const runtime = new Runtime(module);
  const before = module.define({ parameters: ['i32', 'i32'], results: ['i32'] }, isBefore);
  const sink = module.define({ parameters: [], results: [] }, code => sinkFirst(code, before));
  const advance = module.define({ parameters: ['i32'], results: ['i32'] }, advanceStream);
  const open = module.define({ parameters: ['i32'], results: ['i32'] }, openNext);
  const body = module.type(lineType);
  const write = module.define({ parameters: ['i32'], results: ['i32'] }, code =>
    writeLine(code, runtime, body),
  );
  const run = module.define({ parameters: ['i32'], results: ['i32'] }, code =>
    runLoop(code, { sink, advance, open, write }),
  );
  module.export('run', run);
  return module.encode();
}

/** Is the record of one stream earlier than that of another, or of a lower CPU at the same time? */
function isBefore(code: Code): void {
  const [one, other] = [0, 1];
  code.get(one).at('i64.load', streamEntry.time).get(other).at('i64.load', streamEntry.time);
  code.op('i64.eq').if(
    () => {
      code.get(one).at('i32.load', streamEntry.cpu).get(other).at('i32.load', streamEntry.cpu).op('i32.lt_u');
    },
    () => {
      code.get(one).at('i64.load', streamEntry.time).get(other).at('i64.load', streamEntry.time);
      code.op('i64.lt_u');
    },
    'i32',
  );
}

/** Moves the heap's first stream down to where its time belongs. */
function sinkFirst(code: Code, before: number): void {
  const [stream, count, index, child, best] = [0, 1, 2, 3, 4].map(() => code.local('i32')) as [
    number,
    number,
    number,
    number,
    number,
  ];
  /** The address of a heap place whose number is in a local. */
  const heapPlace = (local: number) => code.get(local).i32(2).op('i32.shl');
  code.i32(layout.streams).at('i32.load').set(stream);
  code.i32(layout.state).at('i32.load', state.heap).set(count);
  code.block(done => {
    code.loop(again => {
      code.get(index).i32(1).op('i32.shl').i32(1).op('i32.add').tee(child);
      code.get(count).op('i32.ge_u').brIf(done);
      heapPlace(child).at('i32.load', layout.streams).set(best);
      code.get(child).i32(1).op('i32.add').get(count).op('i32.lt_u');
      code.if(() => {
        heapPlace(child)
          .at('i32.load', layout.streams + 4)
          .get(best)
          .call(before);
        code.if(() => {
          code.get(child).i32(1).op('i32.add').set(child);
          heapPlace(child).at('i32.load', layout.streams).set(best);
        });
      });
      code.get(best).get(stream).call(before).op('i32.eqz').brIf(done);
      heapPlace(index).get(best).at('i32.store', layout.streams);
      code.get(child).set(index).br(again);
    });
  });
  heapPlace(index).get(stream).at('i32.store', layout.streams);
}

/** Moves a stream to the next record of its sub-buffer; 0, and nothing is changed, where that is not a plain one. */
function advanceStream(code: Code): void {
  const stream = 0;
  const time = code.local('i64');
  const [position, room, word, kind, size] = [0, 1, 2, 3, 4].map(() => code.local('i32')) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const fail = () => code.i32(0).op('return');
  code.get(stream).at('i64.load', streamEntry.time).set(time);
  code.get(stream).at('i32.load', streamEntry.position).set(position);
  code.get(stream).at('i32.load', streamEntry.limit).get(position).op('i32.sub').set(room);
  code.loop(again => {
    code.get(room).i32(8).op('i32.lt_u').if(fail);
    code.get(position).at('i32.load').tee(word).i32(31).op('i32.and').set(kind);
    code.get(time).get(word).i32(5).op('i32.shr_u', 'i64.extend_i32_u', 'i64.add').set(time);
    code.get(kind).i32(1).op('i32.sub').i32(MOST_WORDS).op('i32.lt_u');
    code.if(
      () => {
        code.get(position).i32(4).op('i32.add').set(position);
        code.get(room).i32(4).op('i32.sub').set(room);
        code.get(kind).i32(2).op('i32.shl').set(size);
      },
      () => {
        code.get(kind).i32(TIME_EXTEND).op('i32.eq');
        code.if(() => {
          code.get(time).get(position).at('i32.load', 4).op('i64.extend_i32_u').i64(27n);
          code.op('i64.shl', 'i64.add').set(time);
          code.get(position).i32(8).op('i32.add').set(position);
          code.get(room).i32(8).op('i32.sub').set(room);
          code.br(again);
        });
        code.get(kind).i32(LONG_DATA).op('i32.ne').if(fail);
        code.get(position).at('i32.load', 4).tee(size).i32(4).op('i32.lt_u').if(fail);
        code.get(size).i32(4).op('i32.sub').set(size);
        code.get(position).i32(8).op('i32.add').set(position);
        code.get(room).i32(8).op('i32.sub').set(room);
      },
    );
  });
  code.get(size).get(room).op('i32.gt_u').if(fail);
  code.get(size).i32(layout.state).at('i32.load', state.smallestPayload).op('i32.lt_u').if(fail);
  code.get(stream).get(time).at('i64.store', streamEntry.time);
  code.get(stream).get(position).at('i32.store', streamEntry.start);
  code.get(stream).get(position).get(size).op('i32.add').tee(position).at('i32.store', streamEntry.end);
  code.get(stream).get(position).at('i32.store', streamEntry.position);
  code.i32(1);
}

/**
 * Opens the sub-buffer behind a stream's, whose records have all been read; 0, and nothing is changed, where it is not at hand or
 * not plain. The stream then stands before its first record.
 */
function openNext(code: Code): void {
  const stream = 0;
  const [page, length] = [code.local('i32'), code.local('i32')];
  const pageSize = () => code.i32(layout.state).at('i32.load', state.pageSize);
  const dataOffset = () => code.i32(layout.state).at('i32.load', state.dataOffset);
  const fail = () => code.i32(0).op('return');
  code.get(stream).at('i32.load', streamEntry.position);
  code.get(stream).at('i32.load', streamEntry.limit).op('i32.ne').if(fail);
  code.get(stream).at('i32.load', streamEntry.page);
  pageSize().op('i32.add').tee(page);
  pageSize().op('i32.add').get(stream).at('i32.load', streamEntry.window).op('i32.gt_u').if(fail);
  // Marks of lost events are above any length, too.
  code.get(page).at('i32.load', COMMIT).tee(length);
  pageSize();
  dataOffset().op('i32.sub', 'i32.gt_u').if(fail);
  code.get(stream).get(page).at('i32.store', streamEntry.page);
  code.get(stream).get(page).at('i64.load').at('i64.store', streamEntry.time);
  code.get(page);
  dataOffset().op('i32.add').set(page);
  for (const place of [streamEntry.position, streamEntry.start, streamEntry.end])
    code.get(stream).get(page).at('i32.store', place);
  code.get(stream).get(page).get(length).op('i32.add').at('i32.store', streamEntry.limit);
  code.i32(1);
}

/** Writes the line of a stream's record; answers a `Stop`, or -1 when there is none. */
function writeLine(code: Code, runtime: Runtime, bodyFunction: number): void {
  const stream = 0;
  const [start, end, body, place, pid] = [0, 1, 2, 3, 4].map(() => code.local('i32')) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const stop = (why: number) => code.i32(why).op('return');
  code.get(stream).at('i32.load', streamEntry.start).set(start);
  code.get(stream).at('i32.load', streamEntry.end).set(end);
  code.get(start).i32(layout.state).at('i32.load', state.typeOffset).op('i32.add').at('i32.load16_u');
  code.i32(2).op('i32.shl').at('i32.load', layout.types).tee(body).i32(NO_BODY).op('i32.le_u');
  code.if(() => {
    code.get(body).i32(NOT_WANTED).op('i32.eq');
    code.if(() => {
      code.i32(layout.state).i32(layout.state).at('i32.load', state.unknown).i32(1).op('i32.add');
      code.at('i32.store', state.unknown);
      stop(NOT_WRITTEN);
    });
  });
  code
    .get(stream)
    .at('i32.load', streamEntry.lost)
    .if(() => stop(Stop.lost));
  code
    .get(body)
    .i32(NO_BODY)
    .op('i32.eq')
    .if(() => stop(Stop.record));
  code.get(end).get(start).op('i32.sub').get(body).at('i32.load', bodyEntry.fixedSize).op('i32.lt_u');
  code.if(() => stop(Stop.record));
  // The sender's text is counted in the body's room.
  code.i32(layout.state).at('i32.load', state.place).tee(place);
  code.get(body).at('i32.load', bodyEntry.room).op('i32.add', 'i64.extend_i32_u');
  // Many texts of a long record are more than 32 bits hold.
  code.get(body).at('i32.load', bodyEntry.strings).op('i64.extend_i32_u');
  code.get(end).get(start).op('i32.sub', 'i64.extend_i32_u', 'i64.mul', 'i64.add');
  code.i64(BigInt(layout.out + OUT_SIZE - OVERSHOOT)).op('i64.gt_u');
  code.if(() => {
    // Alone it is too long.
    code
      .get(place)
      .i32(layout.out)
      .op('i32.eq')
      .if(() => stop(Stop.record));
    stop(Stop.full);
  });
  code.get(start).i32(layout.state).at('i32.load', state.pidOffset).op('i32.add').at('i32.load').set(pid);
  code.get(pid).get(stream).at('i32.load', streamEntry.pid).op('i32.ne');
  code.get(stream).at('i32.load', streamEntry.sender).op('i32.eqz', 'i32.or');
  code.if(() => {
    code.get(stream).i32(SENDERS).get(stream).at('i32.load', streamEntry.cpu).op('i32.add');
    code.get(pid).op('i64.extend_i32_s').call(runtime.findText).at('i32.store', streamEntry.sender);
    code.get(stream).get(pid).at('i32.store', streamEntry.pid);
    code
      .get(stream)
      .at('i32.load', streamEntry.sender)
      .op('i32.eqz')
      .if(() => stop(Stop.record));
  });
  code.get(start).get(end).get(place);
  code.get(stream).at('i64.load', streamEntry.time);
  code.get(stream).at('i32.load', streamEntry.sender);
  code.get(body).at('i32.load', bodyEntry.place).callIndirect(bodyFunction).tee(place);
  code
    .i32(0)
    .op('i32.lt_s')
    .if(() => stop(Stop.record));
  code.get(place).i32(NEWLINE).at('i32.store8');
  code.i32(layout.state).get(place).i32(1).op('i32.add').at('i32.store', state.place);
  code.i32(layout.state).i32(layout.state).at('i32.load', state.left).i32(1).op('i32.sub');
  code.at('i32.store', state.left);
  code.i32(NOT_WRITTEN);
}

interface LoopParts {
  readonly sink: number;
  readonly advance: number;
  readonly open: number;
  readonly write: number;
}

function runLoop(code: Code, { sink, advance, open, write }: LoopParts): void {
  const resume = 0;
  const [stream, why] = [code.local('i32'), code.local('i32')];
  const isResumed = (how: number) => code.get(resume).i32(how).op('i32.eq');
  const stop = (reason: number) => code.i32(reason).op('return');
  const heapCount = () => code.i32(layout.state).at('i32.load', state.heap);
  isResumed(Resume.moved).if(() => code.call(sink));
  isResumed(Resume.ended).if(() => {
    // The last one takes the first one's place.
    code.i32(layout.state);
    heapCount().i32(1).op('i32.sub').at('i32.store', state.heap);
    code.i32(layout.streams);
    heapCount().i32(2).op('i32.shl').at('i32.load', layout.streams).at('i32.store');
    heapCount().if(() => code.call(sink));
  });
  code.loop((again: Label) => {
    code.i32(layout.streams).at('i32.load').set(stream);
    code
      .i32(layout.state)
      .at('i32.load', state.left)
      .op('i32.eqz')
      .if(() => stop(Stop.done));
    heapCount()
      .op('i32.eqz')
      .if(() => stop(Stop.empty));
    code.i32(layout.state).at('i32.load', state.hasUntil);
    code.if(() => {
      code.get(stream).at('i64.load', streamEntry.time);
      code
        .i32(layout.state)
        .at('i64.load', state.until)
        .op('i64.ge_u')
        .if(() => stop(Stop.until));
    });
    code
      .get(stream)
      .call(write)
      .tee(why)
      .i32(0)
      .op('i32.ge_s')
      .if(() => code.get(why).op('return'));
    code.block(moved => {
      code.loop(next => {
        code.get(stream).call(advance).brIf(moved);
        code.get(stream).call(open).brIf(next);
      });
      stop(Stop.advance);
    });
    heapCount()
      .i32(1)
      .op('i32.gt_u')
      .if(() => code.call(sink));
    code.br(again);
  });
  code.op('unreachable');
}
