import type { Decision } from '../../../mock-server/limiter/limiter.ts';
import type { Model } from './model.ts';

/** Later than anything ends. */
const FAR_US = 2n ** 80n;

/** Returns what is wrong with a decision, one sentence each, by what the model says of the request. Charges nothing. */
export function judge(model: Model, decision: Decision, nowUs: bigint, cost: bigint): string[] {
  const atUs = model.clamp(nowUs);
  const required = cost * model.partsPerUnit;
  const left = model.left(atUs, atUs);
  const passes = cost === 0n || left >= required;
  const after = passes ? left - required : left;
  const remaining = after > 0n ? after / model.partsPerUnit : 0n;
  const delayUs = (passes && cost > 0n && model.delayUs?.(atUs, cost)) || 0n;
  return [
    ...differs('admit', decision.admit, passes),
    ...differs('remaining', BigInt(decision.remaining), remaining),
    ...differs('delayUs', BigInt(decision.delayUs), delayUs),
    ...(passes
      ? differs('retryAfterUs', decision.retryAfterUs, 0)
      : judgeWait(model, decision.retryAfterUs, atUs, cost)),
  ];
}

/** A wait is right if the cost passes after it and not a microsecond earlier. */
function judgeWait(model: Model, waitUs: number, atUs: bigint, cost: bigint): string[] {
  const ever = model.everPasses?.(atUs, cost) ?? cost <= model.capacity;
  if (!ever) return differs('retryAfterUs', waitUs, Number.POSITIVE_INFINITY);
  const passes = (inUs: bigint): boolean => model.left(atUs + inUs, atUs) >= cost * model.partsPerUnit;
  return judgeFirst('retryAfterUs', waitUs, passes, model);
}

/** Returns what is wrong with the reset of a decision; `model` has charged what was admitted. */
export function judgeReset(model: Model, resetUs: number, nowUs: bigint): string[] {
  const atUs = model.clamp(nowUs);
  return judgeFirst('resetUs', resetUs, (inUs) => model.isOver(atUs + inUs, atUs), model);
}

/** Something that comes true and stays so is first true at an instant if it is true then and was not just before. */
function judgeFirst(
  name: string,
  claimedUs: number,
  isTrue: (inUs: bigint) => boolean,
  { unknownWaitUs }: Model,
): string[] {
  if (!Number.isSafeInteger(claimedUs)) return [`${name} is ${claimedUs}`];
  const inUs = BigInt(claimedUs);
  if (unknownWaitUs !== undefined && !isTrue(FAR_US)) return differs(name, inUs, unknownWaitUs);
  if (!isTrue(inUs)) return [`${name} ${claimedUs} is too early`];
  return inUs > 0n && isTrue(inUs - 1n) ? [`${name} ${claimedUs} is too late`] : [];
}

function differs<Value>(name: string, is: Value, ought: Value): string[] {
  return is === ought ? [] : [`${name} is ${is}, not ${ought}`];
}
