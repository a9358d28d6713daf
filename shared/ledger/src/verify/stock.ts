import { type Check, type Looked, one } from './check.ts';

const itemsAddUp: Check = {
  name: 'stock of every item is the sum of its movements, and each movement goes on from the one before',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with running as (
        select id, sku, on_hand, on_hand_value, sum(quantity) over item as quantity, sum(value) over item as value,
          row_number() over (partition by sku order by id desc) as from_last, kind
        from stock_movements where company_id = ${companyId} window item as (partition by sku order by id)
      ), bad as (
        select format('movement %s of %s leaves %s worth %s, but its movements come to %s worth %s', id, sku, on_hand,
          on_hand_value, quantity, value) as what, id
        from running where on_hand <> quantity or on_hand_value <> value
        union all
        select format('item %s says %s worth %s, but its movements come to %s worth %s', sku, i.quantity, i.value,
          coalesce(r.quantity, 0), coalesce(r.value, 0)), 0
        from (select * from items where company_id = ${companyId}) i
          full join (select * from running where from_last = 1) r using (sku)
        where coalesce(i.quantity, 0) <> coalesce(r.quantity, 0) or coalesce(i.value, 0) <> coalesce(r.value, 0)
      )
      select (select count(*) from stock_movements where company_id = ${companyId})::int as rows,
        (select what from bad order by id limit 1) as bad`),
};

const valuesAreSound: Check = {
  name: 'no stock is worth nothing, and what was sold short is worth less than nothing',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      select count(*)::int as rows, min(format('item %s: %s worth %s minor units', sku, quantity, value)) filter (
        where (quantity = 0 and value <> 0) or (quantity < 0 and value > 0) or (quantity > 0 and value < 0)) as bad
      from items where company_id = ${companyId}`),
};

const entriesBookMovements: Check = {
  name: 'every entry of type INV books its movements on the inventory accounts',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with moved as (
        select m.source_key, g.inventory as account, sum(m.value) as value from stock_movements m
          join inventory_groups g on g.company_id = m.company_id and g.number = m.group_number
        where m.company_id = ${companyId} and m.kind <> 'opening' group by 1, 2
      ), booked as (
        select e.source_key, l.account, sum(l.debit - l.credit) as value
        from journal_entries e join journal_lines l on l.entry_id = e.id
        where e.company_id = ${companyId} and e.entry_type = 'INV' and e.source_key not like 'inventory:switch:%'
          and exists (select from inventory_groups g where g.company_id = e.company_id and g.inventory = l.account)
        group by 1, 2
      ), bad as (
        select format('%s moved stock worth %s on account %s, but %s is booked (minor units)',
          coalesce(m.source_key, b.source_key), coalesce(m.value, 0), coalesce(m.account, b.account),
          coalesce(b.value, 0)) as what
        from booked b left join moved m using (source_key, account)
        where coalesce(m.value, 0) <> coalesce(b.value, 0) order by 1 limit 1
      )
      select (select count(*) from booked)::int as rows, (select what from bad) as bad`),
};

const accountsAgree: Check = {
  name: 'inventory accounts carry what their groups’ stock is worth',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with accounts as (
        select distinct g.inventory as account from inventory_groups g join companies c on c.id = g.company_id
        where g.company_id = ${companyId} and g.stock_tracked
          and c.settings->>'inventoryIntegration' is distinct from 'periodic'
      ), sums as (
        select a.account,
          (select coalesce(sum(m.value), 0) from stock_movements m join inventory_groups g
            on g.company_id = m.company_id and g.number = m.group_number
            where m.company_id = ${companyId} and g.inventory = a.account) as stock,
          (select coalesce(sum(l.debit - l.credit), 0) from journal_lines l
            where l.company_id = ${companyId} and l.account = a.account) as ledger
        from accounts a
      )
      select count(*)::int as rows, min(format('account %s: stock is worth %s, the ledger says %s (minor units)', account,
        stock, ledger)) filter (where stock <> ledger) as bad
      from sums`),
};

const goodsAgree: Check = {
  name: 'goods received not invoiced are what notes and invoices say',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with said as (
        select coalesce(sum(grni), 0) as value, count(*) as rows from goods_movements where company_id = ${companyId}
      ), booked as (
        select coalesce(sum(l.credit - l.debit), 0) as value from journal_entries e join journal_lines l on l.entry_id = e.id
        where e.company_id = ${companyId} and e.entry_type in ('INV', 'PUR') and l.role = 'grni'
      )
      select said.rows::int as rows, case when said.value <> booked.value then
        format('notes and invoices come to %s, the entries to %s (minor units)', said.value, booked.value) end as bad
      from said, booked`),
};

/** That stock and the ledger say the same (accounting.md T9, D6). */
export const stockChecks: readonly Check[] = [
  itemsAddUp,
  valuesAreSound,
  entriesBookMovements,
  accountsAgree,
  goodsAgree,
];
