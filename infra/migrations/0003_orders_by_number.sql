-- Support looks sales up by the number on the receipt or by the provider's id; without these a search reads every event.
-- The expression is the one `routes/sales.ts` searches by.
CREATE INDEX "events_order" ON "events" USING btree ("company_id",(payload->'order'->>'number'));--> statement-breakpoint
CREATE INDEX "events_source" ON "events" USING btree ("company_id","source_id");