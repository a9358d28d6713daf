import { sum } from '@daybook/domain';
import type { Location } from './cafe.ts';
import { uuid } from './ids.ts';
import type { Stage } from './stage.ts';
import { usd } from './wire.ts';
import type { CashDrawerEvent, CashDrawerShift } from './wire-money.ts';

/** The shift that is open at a location, if there is one. */
export function openShift(on: Stage, locationId: string): CashDrawerShift | undefined {
  return on.list('shifts').find((shift) => shift.location_id === locationId && shift.state === 'OPEN');
}

/** Starts a shift with the float in the drawer. */
export function startShift(on: Stage, location: Location, float: bigint): CashDrawerShift {
  const at = on.tick();
  const worker = on.chance.pick(location.team);
  return on.keep('shifts', {
    id: uuid(on.chance).toUpperCase(),
    state: 'OPEN',
    opened_at: at,
    description: '',
    opened_cash_money: usd(float),
    cash_payment_money: usd(0n),
    cash_refunds_money: usd(0n),
    cash_paid_in_money: usd(0n),
    cash_paid_out_money: usd(0n),
    expected_cash_money: usd(float),
    device: location.device,
    created_at: at,
    updated_at: at,
    location_id: location.id,
    team_member_ids: [worker],
    opening_team_member_id: worker,
  });
}

/** Cash goes in or out of the drawer; amounts are positive. Without an open shift nothing is written down. */
export function cashMoves(
  on: Stage,
  locationId: string,
  type: CashDrawerEvent['event_type'],
  amount: bigint,
  description = '',
): void {
  const shift = openShift(on, locationId);
  if (shift === undefined) return;
  const created_at = on.tick(shift.updated_at);
  on.keep('drawerEvents', {
    id: uuid(on.chance).toUpperCase(),
    event_type: type,
    event_money: usd(amount),
    created_at,
    description,
    team_member_id: shift.opening_team_member_id,
    shift_id: shift.id,
  });
  on.keep('shifts', { ...counted(on, shift), updated_at: created_at });
}

/** The sums of a shift from its events; money that went out is negative. */
function counted(on: Stage, shift: CashDrawerShift): CashDrawerShift {
  const events = on.list('drawerEvents').filter((event) => event.shift_id === shift.id);
  const of = (type: CashDrawerEvent['event_type']) =>
    sum(events.filter((event) => event.event_type === type).map(({ event_money }) => event_money.amount));
  const [taken, back] = [of('CASH_TENDER_PAYMENT'), -of('CASH_TENDER_REFUND')];
  const [put, out] = [of('PAID_IN'), -of('PAID_OUT')];
  return {
    ...shift,
    cash_payment_money: usd(taken),
    cash_refunds_money: usd(back),
    cash_paid_in_money: usd(put),
    cash_paid_out_money: usd(out),
    expected_cash_money: usd(shift.opened_cash_money.amount + taken + back + put + out),
  };
}

/** The shift ends and somebody counts the drawer; `difference` = counted less expected. */
export function closeShift(on: Stage, shift: CashDrawerShift, difference: bigint): CashDrawerShift {
  const ended_at = on.tick(shift.updated_at);
  const closed_at = on.tick(ended_at);
  return on.keep('shifts', {
    ...shift,
    state: 'CLOSED',
    ended_at,
    closed_at,
    updated_at: closed_at,
    description: difference === 0n ? '' : 'Miscounted change',
    closed_cash_money: usd(shift.expected_cash_money.amount + difference),
    ending_team_member_id: shift.opening_team_member_id,
    closing_team_member_id: shift.opening_team_member_id,
  });
}
