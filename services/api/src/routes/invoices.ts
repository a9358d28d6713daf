import { allocateOpen, proposals } from '@daybook/ledger/invoice-ledger/allocate-open';
import { openItemOf, undoAllocation } from '@daybook/ledger/invoice-ledger/allocations';
import { itemHistory } from '@daybook/ledger/invoice-ledger/detail';
import { editItem } from '@daybook/ledger/invoice-ledger/details';
import { listItems } from '@daybook/ledger/invoice-ledger/listing';
import { markReminderSent, remindersOf } from '@daybook/ledger/invoice-ledger/reminders';
import { allocateInvoice } from '@daybook/workers/allocate-invoice';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { givenDay, givenId, idText, instantText, minorText, nextCursor, type Route, route } from './route.ts';

const ofCompany = z.object({ company: z.string().min(1) });
const ofItem = z.object({ id: givenId });
/** Who does it: a person's name, kept with what they did. */
const by = z.string().trim().min(1).max(200);
const done = z.object({ done: z.boolean() });
const minor = z
  .string()
  .regex(/^\d{1,18}$/, 'is not an amount in minor units')
  .transform(BigInt);

const item = z.object({
  id: idText,
  account: z.string(),
  accountName: z.string(),
  side: z.string(),
  kind: z.number(),
  opening: z.boolean(),
  date: z.string(),
  postingDate: z.string(),
  dueDate: z.string(),
  voucherType: z.string(),
  voucher: z.string(),
  entryId: idText,
  party: z.string().nullable(),
  partyName: z.string().nullable(),
  document: z.string().nullable(),
  reference: z.string().nullable(),
  description: z.string(),
  additional: z.string().nullable(),
  pausedFor: z.string().nullable(),
  currency: z.string(),
  amount: minorText,
  settled: minorText,
  open: minorText,
  amountTc: minorText,
  openTc: minorText,
  state: z.string(),
});

const listInvoices = route({
  method: 'get',
  path: '/invoices',
  summary: 'The invoice ledger: what is open, invoices, payments or all, as a day saw it',
  query: ofCompany.extend({
    view: z.enum(['open', 'invoices', 'payments', 'all']).default('open'),
    from: givenDay.optional(),
    date: givenDay.default('9999-12-31'),
    side: z.enum(['receivable', 'payable']).optional(),
    account: z.string().optional(),
    party: z.string().optional(),
    cursor: givenId.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  answer: z.object({ items: z.array(item), cursor: z.string().nullable() }),
  async handle({ query: { company, cursor, ...filter } }, { sql }) {
    const after = cursor === undefined ? undefined : BigInt(cursor);
    const items = await listItems(sql, await companyNamed(sql, company), { ...filter, after });
    return { items, cursor: nextCursor(items, filter.limit) };
  },
});

const showInvoice = route({
  method: 'get',
  path: '/invoices/{id}',
  summary: 'An item of the invoice ledger with its allocations, edits and reminders',
  params: ofItem,
  query: ofCompany,
  answer: z.object({
    item,
    allocations: z.array(
      z.object({
        id: idText,
        date: z.string(),
        item: idText,
        document: z.string().nullable(),
        kind: z.number(),
        voucherType: z.string(),
        voucher: z.string(),
        amountTc: minorText,
        undoes: idText.nullable(),
        undoneBy: idText.nullable(),
        madeBy: z.string().nullable(),
      }),
    ),
    changes: z.array(
      z.object({
        field: z.string(),
        before: z.string().nullable(),
        after: z.string().nullable(),
        madeBy: z.string(),
        madeAt: instantText,
      }),
    ),
    reminders: z.array(
      z.object({
        level: z.number(),
        reachedOn: z.string(),
        sentAt: instantText.nullable(),
        sentBy: z.string().nullable(),
      }),
    ),
    linked: z.array(z.object({ id: idText, link: z.string() })),
  }),
  handle: async ({ params, query }, { sql }) =>
    itemHistory(sql, await companyNamed(sql, query.company), BigInt(params.id)),
});

const putDetails = route({
  method: 'put',
  path: '/invoices/{id}/details',
  summary: 'Edit name, reference, description or due date of an item, or let its reminders rest with a reason',
  params: ofItem,
  query: ofCompany,
  body: z.strictObject({
    partyName: z.string().min(1).optional(),
    reference: z.string().min(1).nullable().optional(),
    description: z.string().min(1).optional(),
    additional: z.string().min(1).nullable().optional(),
    dueDate: givenDay.nullable().optional(),
    pausedFor: z.string().min(1).nullable().optional(),
    by,
  }),
  answer: z.object({ changed: z.number() }),
  async handle({ params, query, body: { by: madeBy, ...edit } }, { sql, clock }) {
    const companyId = await companyNamed(sql, query.company);
    const changed = await sql.begin((tx) => editItem(tx, companyId, BigInt(params.id), edit, { madeBy, now: clock() }));
    return { changed };
  },
});

const named = z.strictObject({ id: givenId.optional(), document: z.string().min(1).optional() });

const addAllocation = route({
  method: 'post',
  path: '/invoices/allocations',
  summary: 'Settle an open invoice with a payment, or with what its customer has unallocated',
  query: ofCompany,
  body: z.strictObject({
    /** The invoice, by id or number. */
    invoice: named.refine((given) => given.id !== undefined || given.document !== undefined, 'needs id or document'),
    /** The payment or credit note; absent: what its party has unallocated, oldest first. */
    payment: givenId.optional(),
    /** Minor units of their currency; absent: as much as fits. */
    amount: minor.optional(),
    /** Writes off what is left of the invoice, up to the company's tolerance. */
    writeOffRest: z.boolean().default(false),
    by,
  }),
  answer: z.object({ allocations: z.array(idText), writtenOff: minorText }),
  async handle({ query, body }, { sql, deps }) {
    const companyId = await companyNamed(sql, query.company);
    const { id, document } = body.invoice;
    const against = id === undefined ? await openItemOf(sql, companyId, document as string, 0) : BigInt(id);
    const item = body.payment === undefined ? undefined : BigInt(body.payment);
    const asked = { against, item, amountTc: body.amount, writeOffRest: body.writeOffRest };
    return allocateInvoice(companyId, asked, body.by, deps);
  },
});

const undoAllocationRoute = route({
  method: 'post',
  path: '/invoices/allocations/{id}/undo',
  summary: 'Take an allocation back: both items are open again',
  params: ofItem,
  query: ofCompany,
  body: z.strictObject({ date: givenDay, by }),
  answer: done,
  async handle({ params, query, body }, { sql, clock }) {
    const companyId = await companyNamed(sql, query.company);
    const who = { madeBy: body.by, now: clock() };
    await sql.begin((tx) => undoAllocation(tx, companyId, BigInt(params.id), body.date, who));
    return { done: true };
  },
});

const listProposals = route({
  method: 'get',
  path: '/invoices/proposals',
  summary: 'What unallocated payments and credit notes would settle, for confirmation',
  query: ofCompany,
  answer: z.object({
    proposals: z.array(
      z.object({
        item: idText,
        document: z.string().nullable(),
        against: idText,
        againstDocument: z.string().nullable(),
        party: z.string().nullable(),
        currency: z.string(),
        amountTc: minorText,
      }),
    ),
  }),
  handle: async ({ query }, { sql }) => ({ proposals: await proposals(sql, await companyNamed(sql, query.company)) }),
});

const confirmProposals = route({
  method: 'post',
  path: '/invoices/proposals',
  summary: 'Confirm all proposals',
  query: ofCompany,
  body: z.strictObject({ by }),
  answer: z.object({ allocated: z.number() }),
  async handle({ query, body }, { sql, clock }) {
    const companyId = await companyNamed(sql, query.company);
    const who = { madeBy: body.by, now: clock() };
    return { allocated: await sql.begin((tx) => allocateOpen(tx, companyId, who)) };
  },
});

const listReminders = route({
  method: 'get',
  path: '/invoices/reminders',
  summary: 'Reminders that overdue invoices have reached: those to be sent, or all',
  query: ofCompany.extend({ all: z.enum(['true', 'false']).default('false') }),
  answer: z.object({
    reminders: z.array(
      z.object({
        item: idText,
        level: z.number(),
        reachedOn: z.string(),
        sentAt: instantText.nullable(),
        sentBy: z.string().nullable(),
        party: z.string().nullable(),
        partyName: z.string().nullable(),
        document: z.string().nullable(),
        dueDate: z.string().nullable(),
        currency: z.string(),
        openTc: minorText,
        pausedFor: z.string().nullable(),
      }),
    ),
  }),
  handle: async ({ query }, { sql }) => ({
    reminders: await remindersOf(sql, await companyNamed(sql, query.company), { all: query.all === 'true' }),
  }),
});

const sendReminder = route({
  method: 'put',
  path: '/invoices/{id}/reminders/{level}',
  summary: 'Note that a reminder was sent',
  params: ofItem.extend({ level: z.coerce.number().int().min(1).max(3) }),
  query: ofCompany,
  body: z.strictObject({ by }),
  answer: done,
  async handle({ params, query, body }, { sql, clock }) {
    const companyId = await companyNamed(sql, query.company);
    const reminder = { item: BigInt(params.id), level: params.level };
    await sql.begin((tx) => markReminderSent(tx, companyId, reminder, { madeBy: body.by, now: clock() }));
    return { done: true };
  },
});

/** The invoice ledger: views, allocation, edits and reminders (accounting.md E). */
export const invoiceRoutes: readonly Route[] = [
  listInvoices,
  listProposals,
  confirmProposals,
  listReminders,
  addAllocation,
  undoAllocationRoute,
  showInvoice,
  putDetails,
  sendReminder,
];
