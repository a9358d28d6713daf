import type { Json } from './answer.ts';
import { notFound, Refused } from './refusal.ts';
import { renderDocument, renderRow } from './render.ts';
import { renderCompany, renderPreferences, renderTaxCode, renderTaxRate } from './settings.ts';
import {
  type Company,
  DOCUMENT_ENTITIES,
  type DocumentEntity,
  LIST_ENTITIES,
  type ListEntity,
  rowKey,
} from './world.ts';

/** The entity of that name, in any case, as addresses spell it; undefined for none that can be written. */
export function entityNamed(name: string): DocumentEntity | ListEntity | undefined {
  return [...DOCUMENT_ENTITIES, ...LIST_ENTITIES].find((entity) => entity.toLowerCase() === name.toLowerCase());
}

/** One entity by id, under its name. Null when the address means none; throws 610 and 2030. */
export function readEntity(company: Company, name: string, id: string | undefined): Json | null {
  const wanted = name.toLowerCase();
  if (wanted === 'preferences' && id === undefined) return { Preferences: renderPreferences(company) };
  if (id === undefined) return null;
  if (wanted === 'companyinfo') {
    if (id !== company.realm) throw notFound();
    return { CompanyInfo: renderCompany(company) };
  }
  const entity = entityNamed(name);
  if (!entity) return readTax(company, wanted, id);
  if (!/^\d{1,18}$/.test(id)) throw new Refused('2030', `Id should be a valid number. Supplied value:${id}`, 'Id');
  const row = company.rows.get(rowKey(entity as ListEntity, id));
  if (row) return { [entity]: renderRow(company, row) };
  const document = company.documents.get(id);
  if (document?.entity !== entity || document.state === 'deleted') throw notFound();
  return { [entity]: renderDocument(company, document) };
}

function readTax({ taxes }: Company, wanted: string, id: string): Json | null {
  if (wanted === 'taxcode') {
    const code = taxes.codes.find((each) => each.id === id);
    if (!code) throw notFound();
    return { TaxCode: renderTaxCode(taxes)(code) };
  }
  if (wanted !== 'taxrate') return null;
  const rate = taxes.rates.find((each) => each.id === id);
  if (!rate) throw notFound();
  return { TaxRate: renderTaxRate(rate) };
}
