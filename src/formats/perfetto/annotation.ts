import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { TimelineValue } from '../timeline/sink.js';
import { Annotation } from './fields.js';

/** Writes the fields of a debug annotation; elements of arrays have no name. */
export function writeAnnotation(out: BinaryWriter, nameIid: number | undefined, value: TimelineValue): void {
  if (nameIid !== undefined) out.uint32(Annotation.nameIid).uint32(nameIid);
  switch (typeof value) {
    case 'number':
    case 'bigint':
      if (value < 0) out.uint32(Annotation.int).int64(BigInt(value));
      else out.uint32(Annotation.uint).uint64(BigInt(value));
      return;
    case 'string':
      out.uint32(Annotation.string).string(value);
      return;
    case 'boolean':
      out.uint32(Annotation.bool).bool(value);
      return;
    case 'object':
      writeObject(out, value);
      return;
    default:
      value satisfies never;
  }
}

function writeObject(out: BinaryWriter, value: Extract<TimelineValue, object | null>): void {
  if (value === null) {
    // An element that could not be read, as the kernel prints it.
    out.uint32(Annotation.string).string('(fault)');
  } else if ('pointer' in value) {
    if (value.symbol === undefined) out.uint32(Annotation.pointer).uint64(value.pointer);
    else out.uint32(Annotation.string).string(value.symbol);
  } else {
    for (const element of value) {
      out.uint32(Annotation.element).fork();
      writeAnnotation(out, undefined, element);
      out.join();
    }
  }
}
