-- A sale that is paid at once, and money given back at once, can be one document in books that have receipts.
ALTER TABLE "documents" DROP CONSTRAINT "documents_kind";--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_kind" CHECK ("documents"."kind" in
    ('invoice', 'credit_note', 'sales_receipt', 'refund_receipt', 'payment', 'allocation', 'transfer', 'bank_entry',
     'journal'));