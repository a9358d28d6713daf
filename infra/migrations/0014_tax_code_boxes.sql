-- A tax code says in which boxes of the tax return its lines count, and whether the customer owes the tax.
ALTER TABLE "tax_codes" ADD COLUMN "reverse_charge" boolean;--> statement-breakpoint
ALTER TABLE "tax_codes" ADD COLUMN "boxes" jsonb;