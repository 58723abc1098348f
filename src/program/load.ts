import type { EventField } from '../kernel/index.js';
import { type FetchOp, textPlace } from '../language/index.js';
import type { AttachedRecord, Machine } from './machine.js';
import { addressPlus, commToken } from './memory.js';

/**
 * Stage 1 of a fetch program: the value of a load operation as an unsigned word; `undefined` when the operation
 * is none that loads. Spec 04 section 1.
 */
export function load(op: FetchOp, machine: Machine): bigint | undefined {
  switch (op.op) {
    case 'REG':
      return machine.register(op.register);
    case 'STACK':
      return machine.stackWord(op.index);
    case 'STACKP':
      return machine.stackPointer();
    case 'RETVAL':
      return machine.returnValue();
    case 'IMM':
      return BigInt.asUintN(64, op.value);
    case 'COMM':
      return machine.userSpace ? commToken : machine.commAddress();
    case 'ARG':
      return machine.argument(op.index);
    case 'FOFFS':
      return BigInt.asUintN(64, machine.fileBase + op.offset);
    case 'DATA':
      return machine.textAddress(op.text);
    case 'EDATA':
      return machine.entryData?.getBigUint64(op.offset, true) ?? 0n;
    case 'TP_ARG':
      return machine.attachedRecord && loadField(op.field, machine.attachedRecord);
    default:
      return undefined;
  }
}

/** Bytes of a `__data_loc` or `__rel_loc`. */
const locationBytes = 4;

/** Value of a field of the attached event: the address of a text, else the integer (spec 02 section 1). */
function loadField(field: EventField, record: AttachedRecord): bigint | undefined {
  const { bytes } = record;
  if (field.offset + field.size > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const place = textPlace(field);
  if (place === 'inside') return addressPlus(record.address, field.offset);
  if (place === 'located' || place === 'relative') {
    if (field.offset + locationBytes > bytes.length) return undefined;
    const from = place === 'relative' ? field.offset + locationBytes : 0;
    return addressPlus(record.address, from + (view.getUint32(field.offset, true) & 0xffff));
  }
  return BigInt.asUintN(64, loadInteger(view, field));
}

function loadInteger(view: DataView, field: EventField): bigint {
  switch (field.size) {
    case 1:
      return BigInt(field.signed ? view.getInt8(field.offset) : view.getUint8(field.offset));
    case 2:
      return BigInt(field.signed ? view.getInt16(field.offset, true) : view.getUint16(field.offset, true));
    case 4:
      return BigInt(field.signed ? view.getInt32(field.offset, true) : view.getUint32(field.offset, true));
    default:
      // Fields wider than a word (arrays) give their first word; narrower odd ones what is left of the record.
      if (field.offset + 8 > view.byteLength) return 0n;
      return view.getBigUint64(field.offset, true);
  }
}
